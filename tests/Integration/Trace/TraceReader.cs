namespace Borderless.Tests.Integration.Trace;

/// <summary>Reads what <c>strace -f -ttt -y</c> wrote: one call a line, or two lines where calls of other threads came between.</summary>
internal static class TraceReader
{
    private const string Unfinished = "<unfinished ...>";
    private const string Resumed = " resumed>";

    /// <summary>Of arguments that are kept where they are not pages of the index's log: of bodies nobody asks.</summary>
    private const int Kept = 1000;

    /// <summary>All calls that returned, in the order of their beginning.</summary>
    public static IReadOnlyList<SystemCall> Read(IEnumerable<string> lines)
    {
        var calls = new List<SystemCall>();
        var open = new Dictionary<string, (int Line, string Text)>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries) is not [var thread, _, var text])
            {
                continue;
            }

            text = text.TrimStart();
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (number, text[..^Unfinished.Length]);
            }
            else if (!text.StartsWith("<... ", StringComparison.Ordinal))
            {
                Call(number, number, text).Iter(calls.Add);
            }
            else if (open.Remove(thread, out var begun))
            {
                Call(begun.Line, number, begun.Text + text[(text.IndexOf(Resumed, StringComparison.Ordinal) + Resumed.Length)..]).Iter(calls.Add);
            }
        }

        return [.. calls.OrderBy(call => call.Begun)];
    }

    /// <summary>None for what is no call: signals and ends of threads.</summary>
    private static Option<SystemCall> Call(int begun, int done, string text)
    {
        var arguments = text.IndexOf('(', StringComparison.Ordinal);
        var end = text.LastIndexOf(')', Math.Max(0, text.LastIndexOf(" = ", StringComparison.Ordinal)));
        return arguments > 0 && end > arguments
            ? new SystemCall(
                begun, done, text[..arguments], Shortened(text[(arguments + 1)..end]), text[(text.LastIndexOf(" = ", StringComparison.Ordinal) + 3)..])
            : None;
    }

    private static string Shortened(string arguments) =>
        arguments.Length <= Kept || arguments[..Kept].Contains("-wal>", StringComparison.Ordinal) ? arguments : arguments[..Kept];
}
