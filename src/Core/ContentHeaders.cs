namespace Borderless.Core;

/// <summary>The headers of an upload that are kept with the blob and given back on download, byte for byte.</summary>
public sealed record ContentHeaders
{
    /// <summary>The content type of a blob that was uploaded without one.</summary>
    public const string DefaultType = "application/octet-stream";

    /// <summary>
    /// The longest value, in characters: enough for a file's longest name in both forms of a disposition, and so short that a URL
    /// which carries two stays under <see cref="Presign.MaxRequestLine"/>, whatever must be encoded in them.
    /// </summary>
    public const int MaxLength = 2048;

    /// <summary>Neither.</summary>
    public static readonly ContentHeaders None = new(Option<string>.None, Option<string>.None);

    private ContentHeaders(Option<string> type, Option<string> disposition) => (Type, Disposition) = (type, disposition);

    /// <summary><c>content-type</c>, as sent.</summary>
    public Option<string> Type { get; }

    /// <summary><c>content-disposition</c>, as sent.</summary>
    public Option<string> Disposition { get; }

    /// <summary>Checks both values; null or empty means absent.</summary>
    /// <returns>
    /// The headers, or <see cref="StoreError.InvalidHeader"/> where a value has a character outside 0x20-0x7E and tab, or more than
    /// <see cref="MaxLength"/> of them.
    /// </returns>
    public static Either<StoreError, ContentHeaders> Read(string? type, string? disposition) =>
        from keptType in Kept("header", "content-type", type, Visible)
        from keptDisposition in Kept("header", "content-disposition", disposition, VisibleName)
        select new ContentHeaders(keptType, keptDisposition);

    /// <summary>Checks the values that a URL's signed parameters put in the place of a blob's own; null or empty means absent.</summary>
    /// <returns>
    /// The headers, or <see cref="StoreError.InvalidHeader"/> as for <see cref="Read"/>, and where a value begins or ends with a
    /// space or tab: whoever receives a header takes these away, so that it could not come back byte for byte.
    /// </returns>
    public static Either<StoreError, ContentHeaders> ReadOverrides(string? type, string? disposition) =>
        from keptType in Override("response_content_type", type, Visible)
        from keptDisposition in Override("response_content_disposition", disposition, VisibleName)
        select new ContentHeaders(keptType, keptDisposition);

    /// <summary>These where they are set, else the others.</summary>
    public ContentHeaders Or(ContentHeaders others) => new(Type || others.Type, Disposition || others.Disposition);

    private const string Visible = "may hold visible ASCII characters, spaces and tabs only";
    private const string VisibleName = Visible + "; write a file name with others as filename*=UTF-8''<percent-encoded UTF-8> (RFC 8187)";

    private static Either<StoreError, Option<string>> Override(string name, string? value, string rule) =>
        from kept in Kept("field", name, value, rule)
        from bare in Pipeline.Require(
            kept.ForAll(text => text.Trim(' ', '\t') == text),
            () => new StoreError.InvalidHeader(name, "may not begin or end with a space or tab, which would be lost on the way", "field"))
        select kept;

    private static Either<StoreError, Option<string>> Kept(string noun, string name, string? value, string rule) =>
        string.IsNullOrEmpty(value)
            ? Option<string>.None
            : from shortEnough in Pipeline.Require(
                  value.Length <= MaxLength, () => new StoreError.InvalidHeader(name, $"may have {MaxLength} characters at the most", noun))
              from visible in Pipeline.Require(value.All(c => c is (>= ' ' and <= '~') or '\t'), () => new StoreError.InvalidHeader(name, rule, noun))
              select Some(value);
}
