namespace Borderless.Core;

/// <summary>Content types: exactly one, or all of a type such as <c>image/*</c>.</summary>
public sealed record ContentTypeRange
{
    private const int MaxLength = 255;

    /// <summary>The type with its slash where all subtypes are meant; null for an exact value.</summary>
    private readonly string? prefix;

    private ContentTypeRange(string text, string? prefix) => (Text, this.prefix) = (text, prefix);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>
    /// Reads <c>type/*</c>, or a value that is to be met exactly, with its parameters if it has any. Names are those of RFC 6838
    /// section 4.2; a <c>~</c>, which no media type needs, would separate the levels of a narrowed URL.
    /// </summary>
    /// <returns>The range, or None for anything else and for more than 255 characters.</returns>
    public static Option<ContentTypeRange> Parse(string text) => text.Split('/', 2) switch
    {
        [var type, "*"] when text.Length <= MaxLength && IsName(type) => new ContentTypeRange(text, type + "/"),
        [var type, _] when text.Length <= MaxLength && IsName(type) && IsMediaType(text) && text.All(c => c is >= ' ' and < '~') && text.Trim(' ') == text =>
            new ContentTypeRange(text, null),
        _ => None,
    };

    /// <summary>
    /// Whether a blob of this content type is meant, without regard to upper and lower case. One of a range must be one media type: a
    /// list, of which readers take the last, is none.
    /// </summary>
    /// <param name="contentType">The value as it was sent; null or empty means <see cref="ContentHeaders.DefaultType"/>, as which the blob would be served.</param>
    public bool Contains(string? contentType) =>
        (string.IsNullOrEmpty(contentType) ? ContentHeaders.DefaultType : contentType) is var value && prefix is null
            ? value.Equals(Text, StringComparison.OrdinalIgnoreCase)
            : value.StartsWith(prefix!, StringComparison.OrdinalIgnoreCase) && IsMediaType(value) && !value.Contains(',', StringComparison.Ordinal);

    /// <summary>As it was written.</summary>
    public override string ToString() => Text;

    /// <summary>Type and subtype, and then nothing or parameters, which are not looked into.</summary>
    private static bool IsMediaType(string text) =>
        text.Split(';', 2)[0].TrimEnd(' ', '\t').Split('/') is [var type, var subtype] && IsName(type) && IsName(subtype);

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 127 && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '!' or '#' or '$' or '&' or '-' or '^' or '_' or '.' or '+');
}
