using System.Globalization;

namespace Borderless.Web.Start;

/// <summary>Text for a terminal.</summary>
internal static class Printable
{
    /// <summary>Names are a stranger's: none may move a terminal's cursor or begin a line.</summary>
    public static string Text(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? $"\\u{(int)c:x4}" : $"{c}"));
}
