using System.Globalization;
using System.Text.RegularExpressions;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Borderless.Web.Start;

/// <summary>Settings from a TOML file.</summary>
internal static partial class TomlFile
{
    /// <summary>Reads the file's top-level keys as raw settings.</summary>
    /// <returns>The settings, or what is wrong with the file: with line and column where it is the syntax.</returns>
    public static Validation<SettingProblem, Seq<RawSetting>> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new SettingProblem("--config", path, $"cannot be read: {error.Message}");
        }
    }

    /// <summary>Reads TOML text.</summary>
    public static Validation<SettingProblem, Seq<RawSetting>> Parse(string text, string source)
    {
        // The syntax tree is judged first: it knows every error, and keys that stand there twice, which reading alone lets pass.
        var errors = toSeq(SyntaxParser.Parse(text, source, validate: true).Diagnostics.ToArray());
        return errors.IsEmpty
            ? toSeq(TomlSerializer.Deserialize<TomlTable>(text) ?? [])
                .Map(entry => new RawSetting(entry.Key, entry.Key is "cors_origins" or "trusted_proxies" ? List(entry.Value) : Text(entry.Value), source))
            : Fail<SettingProblem, Seq<RawSetting>>(errors.Map(error => Problem(source, error)));
    }

    private static SettingProblem Problem(string source, DiagnosticMessage error) =>
        new("--config", source, $"line {error.Span.Start.Line + 1}, column {error.Span.Start.Column + 1}: {WithoutValues(error.Message)}");

    /// <summary>What the parser quotes may be a part of a secret; only the sign that it misses is shown.</summary>
    private static string WithoutValues(string message) => Quoted().Replace(message, quoted => quoted.Groups[1].Success ? quoted.Value : "…");

    private static string List(object value) => value is TomlArray array ? string.Join(',', array.Select(item => Text(item!))) : Text(value);

    /// <summary>A value of a type that no key has becomes an empty text, which no key takes, so that its key is named with the others.</summary>
    private static string Text(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    [GeneratedRegex("(`=`)|`.*`|(?<= instead of ).*", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
