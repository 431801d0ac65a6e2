using System.Globalization;

namespace Borderless.Core;

/// <summary>
/// Something that a URL demands of its use, beside its expiry. The union is closed. Rules bind the blob, not the request: what is
/// said of size, digest and type holds for the whole, also where it comes in chunks.
/// </summary>
public abstract record Rule
{
    private const int MaxDigits = 18;
    private const int MinNonce = 16;
    private const int MaxNonce = 64;

    private Rule(string name, string value) => (Name, Value) = (name, value);

    /// <summary>The name of its query parameter.</summary>
    public string Name { get; }

    /// <summary>The value of its query parameter, not encoded.</summary>
    public string Value { get; }

    /// <summary>The blob has at least so many bytes.</summary>
    /// <param name="Bytes">At least 0.</param>
    public sealed record MinSize(long Bytes) : Rule("min_size", Text(Bytes));

    /// <summary>The blob, or all chunks that wait to become it, have at most so many bytes.</summary>
    /// <param name="Bytes">At least 0.</param>
    public sealed record MaxSize(long Bytes) : Rule("max_size", Text(Bytes));

    /// <summary>The blob's content type is one of these.</summary>
    /// <param name="Types">Which ones.</param>
    public sealed record ContentType(ContentTypeRange Types) : Rule("content_type", Types.Text);

    /// <summary>The blob's bytes are those of this digest and no others.</summary>
    /// <param name="Digest">The digest.</param>
    public sealed record Sha256(Digest Digest) : Rule("sha256", Digest.ToString());

    /// <summary>It is not used before this second.</summary>
    /// <param name="From">The first second in which it is valid.</param>
    public sealed record NotBefore(UnixSeconds From) : Rule("not_before", From.ToString());

    /// <summary>It is not used after this second: the expiry of a narrower URL.</summary>
    /// <param name="At">The last second in which it is valid.</param>
    public sealed record Expires(UnixSeconds At) : Rule("expires", At.ToString());

    /// <summary>Its client has one of these addresses.</summary>
    /// <param name="Range">Which ones.</param>
    public sealed record ClientIp(ClientRange Range) : Rule("client_ip", Range.Text);

    /// <summary>It takes chunks of this range only, and neither a whole blob nor a merge.</summary>
    /// <param name="First">The lowest index, from 1.</param>
    /// <param name="Last">The highest index, at most <see cref="UploadIntent.MaxChunks"/>.</param>
    public sealed record Chunks(int First, int Last)
        : Rule("chunks", string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}"));

    /// <summary>It stores once: the same bytes again get the same answer, others are refused.</summary>
    /// <param name="Nonce">What tells this URL from others of the same blob: 16 to 64 characters of <c>A-Z a-z 0-9 - _</c>.</param>
    public sealed record Once(string Nonce) : Rule("once", Nonce);

    /// <summary>The names of all rules that a URL can carry as parameters of its own.</summary>
    public static readonly Seq<string> Names = Seq("min_size", "max_size", "content_type", "sha256", "not_before", "client_ip", "once", "chunks");

    /// <summary>Whether a parameter of a URL that has this name is a rule.</summary>
    internal static bool IsName(string name) => Names.Exists(known => known == name);

    /// <summary>Whether it means anything for this action.</summary>
    public bool Fits(BlobAction action) => this is NotBefore or Expires or ClientIp || action is BlobAction.Upload or BlobAction.Update;

    /// <summary>Whether a level of a narrowed URL may hold it.</summary>
    public bool FitsLevel => this is not Once;

    /// <summary>Reads a rule.</summary>
    /// <returns>The rule, or None for a name that is none, or <see cref="StoreError.InvalidRule"/> for a value that is none.</returns>
    public static Either<StoreError, Option<Rule>> Read(string name, string value) => name switch
    {
        "min_size" => Number(name, value).Map(bytes => Some<Rule>(new MinSize(bytes))),
        "max_size" => Number(name, value).Map(bytes => Some<Rule>(new MaxSize(bytes))),
        "not_before" => Number(name, value).Map(at => Some<Rule>(new NotBefore(new UnixSeconds(at)))),
        "expires" => Number(name, value).Map(at => Some<Rule>(new Expires(new UnixSeconds(at)))),
        "content_type" => Parsed(name, "must be a media type such as text/plain, or all of a type such as image/*",
            ContentTypeRange.Parse(value).Map<Rule>(types => new ContentType(types))),
        "sha256" => Parsed(name, "must be the 64 hexadecimal digits of a SHA-256 digest", Digest.Parse(value).Map<Rule>(digest => new Sha256(digest))),
        "client_ip" => Parsed(name, "must be an address or a CIDR block without further bits, such as 192.0.2.7 or 192.0.2.0/24",
            ClientRange.Parse(value).Map<Rule>(range => new ClientIp(range))),
        "chunks" => Parsed(name, $"must be an index or a range of indices from 1 to {UploadIntent.MaxChunks}, such as 3-7", ReadChunks(value)),
        "once" => Parsed(name, $"must be {MinNonce} to {MaxNonce} characters of A-Z a-z 0-9 - _", IsNonce(value) ? Some<Rule>(new Once(value)) : None),
        _ => Option<Rule>.None,
    };

    /// <summary>Whether a text can make a URL one that stores once.</summary>
    public static bool IsNonce(string text) =>
        text.Length is >= MinNonce and <= MaxNonce && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Digits without a leading zero, 18 at the most.</summary>
    internal static Option<long> ReadNumber(string text) =>
        text.Length is > 0 and <= MaxDigits && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0')
            ? long.Parse(text, CultureInfo.InvariantCulture)
            : None;

    private static Either<StoreError, long> Number(string name, string text) =>
        ReadNumber(text).ToEither<StoreError>(new StoreError.InvalidRule(name, "must be a whole number of at most 18 digits"));

    private static Option<Rule> ReadChunks(string text) =>
        from first in ReadNumber(text.Split('-', 2)[0])
        from last in ReadNumber(text.Split('-', 2)[^1])
        from inBounds in first >= 1 && first <= last && last <= UploadIntent.MaxChunks ? Some(unit) : None
        select (Rule)new Chunks((int)first, (int)last);

    private static Either<StoreError, Option<Rule>> Parsed(string name, string demand, Option<Rule> rule) =>
        rule.Map(Some).ToEither<StoreError>(new StoreError.InvalidRule(name, demand));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
