namespace Borderless.Core;

/// <summary>How a file that a setting names is told of: what the file holds may stand where its name should.</summary>
public static class FileNames
{
    private const int LongestPlain = 80;

    /// <summary>
    /// The name, if it may be shown. Base64 (RFC 4648, section 4) has no dot, and of any length but a short one capital letters too, so what is
    /// left of a private key without its armour is not.
    /// </summary>
    /// <param name="name">The name, as the setting has it.</param>
    /// <returns>It, if it holds a dot, or else at most 80 characters and no capital ASCII letter; None for all others.</returns>
    public static Option<string> Shown(string name) =>
        name.Contains('.', StringComparison.Ordinal) || (name.Length <= LongestPlain && !name.Any(char.IsAsciiLetterUpper)) ? name : None;

    /// <summary>Words that stand for the file in a sentence.</summary>
    /// <param name="name">The name, as the setting has it.</param>
    /// <returns><c>the file</c> and its name, or why that is not shown.</returns>
    public static string Told(string name) => Shown(name).Match(
        Some: shown => $"the file {shown}",
        None: () => "the file (its name is not shown, for it does not look like a path)");
}
