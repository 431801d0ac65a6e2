using System.Globalization;
using System.Text;

namespace Borderless.Tests.Integration.Trace;

/// <summary>
/// A system call that returned. The lines are those of the trace at which it began and at which it had returned: what has
/// returned at a line is done before anything that begins at a later one, whatever threads they are of.
/// </summary>
internal sealed record SystemCall(int Begun, int Done, string Name, string Arguments, string Result)
{
    private IReadOnlyList<string>? texts;

    public bool Succeeded => Result.Length > 0 && char.IsAsciiDigit(Result[0]);

    /// <summary>How many bytes were moved, or which descriptor was opened.</summary>
    public long Number => long.Parse(string.Concat(Result.TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);

    /// <summary>What the first argument, a descriptor, stands for.</summary>
    public string Target => Arguments.IndexOf('<', StringComparison.Ordinal) is var from and >= 0
        ? Arguments[(from + 1)..Arguments.IndexOf('>', from)]
        : "";

    /// <summary>The quoted arguments, one character a byte.</summary>
    public IReadOnlyList<string> Texts => texts ??= Quoted(Arguments);

    /// <summary>All that was written or read, as far as the trace holds it.</summary>
    public string Data => string.Concat(Texts);

    private static List<string> Quoted(string arguments)
    {
        var all = new List<string>();
        for (var at = arguments.IndexOf('"', StringComparison.Ordinal); at >= 0; at = arguments.IndexOf('"', at))
        {
            all.Add(Unescaped(arguments, ref at));
            if (at >= arguments.Length)
            {
                break;
            }
        }

        return all;
    }

    /// <summary>Reads from an opening quote, and ends behind the closing one.</summary>
    private static string Unescaped(string text, ref int at)
    {
        var bytes = new StringBuilder();
        for (at++; at < text.Length && text[at] != '"';)
        {
            _ = bytes.Append(text[at] == '\\' ? Escape(text, ref at) : text[at++]);
        }

        at++;
        return bytes.ToString();
    }

    private static char Escape(string text, ref int at)
    {
        at++;
        if (at == text.Length)
        {
            // The text was cut within the escape.
            return '\\';
        }

        if (!char.IsBetween(text[at], '0', '7'))
        {
            return text[at++] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', 'f' => '\f', var other => other };
        }

        var value = 0;
        for (var digits = 0; digits < 3 && at < text.Length && char.IsBetween(text[at], '0', '7'); digits++)
        {
            value = (value * 8) + (text[at++] - '0');
        }

        return (char)value;
    }
}
