using System.Globalization;
using Tomlyn;
using Tomlyn.Model;

namespace Borderless.Web.Start;

/// <summary>Settings from a TOML file.</summary>
internal static class TomlFile
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
        try
        {
            return toSeq(TomlSerializer.Deserialize<TomlTable>(text) ?? [])
                .Map(entry => new RawSetting(entry.Key, Text(entry.Value), source));
        }
        catch (TomlException error)
        {
            return new SettingProblem("--config", source, error.Message);
        }
    }

    /// <summary>A value of a type that no key has becomes a text that no key takes, so that its key is named with the others.</summary>
    private static string Text(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        TomlArray array => string.Join(',', array.Select(item => Text(item!))),
        TomlTable => "{table}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
