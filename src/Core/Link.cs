using System.Globalization;

namespace Borderless.Core;

/// <summary>What a pre-signed URL permits.</summary>
public enum BlobAction
{
    /// <summary>Create a blob; never overwrite (POST).</summary>
    Upload,

    /// <summary>Create or replace a blob (PUT).</summary>
    Update,

    /// <summary>Read a blob (GET, HEAD).</summary>
    Download,

    /// <summary>Delete a blob (DELETE).</summary>
    Delete,

    /// <summary>Ask which chunks of an unfinished upload have arrived (GET).</summary>
    Status,
}

/// <summary>A request target of the signed routes, taken apart: which blob, in which bucket, under which first segment.</summary>
/// <param name="Raw">The path, byte for byte as received.</param>
/// <param name="First">The first segment as received: <c>upload</c>, <c>files</c> or a bucket's name.</param>
/// <param name="Second">The second segment as received.</param>
/// <param name="IsStatus">Whether it asks for the chunks of an unfinished upload: <c>/{bucket}/{id}/chunks</c>.</param>
public sealed record BlobPath(string Raw, string First, string Second, bool IsStatus)
{
    /// <summary>The third segment of a path that asks for chunks.</summary>
    public const string Chunks = "chunks";

    /// <summary>The bucket that the path names.</summary>
    /// <returns>
    /// The bucket; or <see cref="StoreError.NoSuchRoute"/> for any other reserved word; or <see cref="StoreError.InvalidBucket"/>:
    /// <c>/Upload/…</c> is a bucket whose name is reserved.
    /// </returns>
    public Either<StoreError, BucketName> Bucket() => First switch
    {
        "upload" or "files" => BucketName.Default,
        _ when BucketName.Reserved.Contains(First) => new StoreError.NoSuchRoute(),
        _ => BucketName.Parse(First),
    };

    /// <summary>
    /// Judges any request's target before it is routed, for the router takes more spellings than were signed:
    /// <c>/FILES/…</c>, <c>/%66iles/…</c>, <c>/x/../files/…</c> and <c>/files/…/</c> are all one to it.
    /// </summary>
    /// <returns>
    /// Nothing, or <see cref="StoreError.NoSuchRoute"/> for a path that is not canonical, or
    /// <see cref="StoreError.InvalidBucket"/> for a first segment that is a reserved word only once it is lowered.
    /// </returns>
    public static Either<StoreError, Unit> Judge(string target) =>
        target.Split('?', 2)[0].Split('/') is ["", .. { Length: > 0 } segments]
        && !segments.Any(segment => segment.Contains('%', StringComparison.Ordinal) || segment.Length == 0 || IsDots(segment))
            ? (segments, BucketName.Reserved.Contains(segments[0].ToLowerInvariant()), BucketName.Reserved.Contains(segments[0])) switch
            {
                ([var first, .. [_] or [_, Chunks]], true, false) => BucketName.Parse(first).Map(_ => unit),
                (_, true, false) => new StoreError.NoSuchRoute(),
                _ => unit,
            }
            : new StoreError.NoSuchRoute();

    /// <summary>Takes a path apart.</summary>
    /// <returns>
    /// The parts, or <see cref="StoreError.NoSuchRoute"/> when it is not canonical: exactly two segments (or a third that is
    /// <c>chunks</c>, but under <c>upload</c> and <c>files</c>), no <c>%</c>, none of them empty or made of dots, no trailing slash.
    /// </returns>
    public static Either<StoreError, BlobPath> Parse(string path) => path.Split('/') switch
    {
        _ when path.Contains('%', StringComparison.Ordinal) => new StoreError.NoSuchRoute(),
        ["", var first, var second] when IsSegment(first) && IsSegment(second) => new BlobPath(path, first, second, IsStatus: false),
        ["", var first, var second, Chunks] when IsSegment(first) && IsSegment(second) && first is not ("upload" or "files") =>
            new BlobPath(path, first, second, IsStatus: true),
        _ => new StoreError.NoSuchRoute(),
    };

    private static bool IsSegment(string segment) => segment.Length > 0 && !IsDots(segment);

    private static bool IsDots(string segment) => segment is "." or "..";
}

/// <summary>A pre-signed URL as received: read, but not yet verified.</summary>
/// <param name="Action">What it asks for.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">Which blob.</param>
/// <param name="Claim">What its own signature must cover.</param>
/// <param name="Levels">What narrows it, level by level, as received and percent-decoded once.</param>
/// <param name="Signature">The signature as received, percent-decoded.</param>
public sealed record Link(BlobAction Action, BucketName Bucket, BlobId Blob, Claim Claim, Seq<string> Levels, string Signature)
{
    /// <summary>Which key it names, of whatever text; empty where it means the default key.</summary>
    public string KeyId => Claim.Parameters.Find(parameter => parameter.Name == LinkQuery.KeyId).Map(parameter => parameter.Value).IfNone("");

    /// <summary>Never the signature.</summary>
    public override string ToString() => $"Link({Action}, {Bucket}, {Blob})";

    /// <summary>The largest number of digits of <c>expires</c>.</summary>
    public const int MaxExpiresDigits = 12;

    /// <summary>The latest expiry that a URL can have, in Unix seconds.</summary>
    public const long LastExpiry = 999_999_999_999;

    /// <summary>The longest name of a query parameter, in characters.</summary>
    public const int MaxNameLength = 32;

    /// <summary>Reads a method and a request target. The path is judged first, then whether there is a signature at all.</summary>
    /// <param name="method">The HTTP method in upper case.</param>
    /// <param name="target">The request target, byte for byte as received, with its query.</param>
    /// <returns>
    /// The link, or <see cref="StoreError.NoSuchRoute"/>, <see cref="StoreError.InvalidBucket"/>,
    /// <see cref="StoreError.MethodNotAllowed"/>, <see cref="StoreError.InvalidBlobId"/>,
    /// <see cref="StoreError.MissingSignature"/>, or <see cref="StoreError.InvalidSignature"/> when the query is malformed.
    /// </returns>
    public static Either<StoreError, Link> Read(string method, string target) =>
        target.Split('?', 2) is [var path, .. var rest]
            ? from parts in BlobPath.Parse(path)
              from bucket in parts.Bucket()
              from action in ActionOf(method, parts)
              from blob in BlobId.Parse(parts.Second)
              from query in LinkQuery.Read(rest is [var text] ? text : "")
              from signature in query.Find(LinkQuery.Signature)
              from expires in query.Find(LinkQuery.Expires).Bind(ParseExpires)
              select new Link(action, bucket, blob, new Claim(SignedMethod(method), path, expires, query.Signed), query.Levels, signature)
            : new StoreError.NoSuchRoute();

    internal static Either<StoreError, BlobAction> ActionOf(string method, BlobPath path) => (method, path.First, path.IsStatus) switch
    {
        ("GET" or "HEAD", "upload", _) or ("GET" or "HEAD", _, true) => BlobAction.Status,
        (_, _, true) => new StoreError.MethodNotAllowed("GET, HEAD"),
        ("POST", not "files", _) => BlobAction.Upload,
        ("PUT", not "files", _) => BlobAction.Update,
        ("GET" or "HEAD", _, _) => BlobAction.Download,
        ("DELETE", not "upload", _) => BlobAction.Delete,
        (_, "upload", _) => new StoreError.MethodNotAllowed("POST, PUT, GET, HEAD"),
        (_, "files", _) => new StoreError.MethodNotAllowed("GET, HEAD, DELETE"),
        _ => new StoreError.MethodNotAllowed("POST, PUT, GET, HEAD, DELETE"),
    };

    private static string SignedMethod(string method) => method == "HEAD" ? "GET" : method;

    /// <summary>1 to 12 digits without a leading zero, but for <c>0</c> itself.</summary>
    internal static Either<StoreError, UnixSeconds> ParseExpires(string text) =>
        text.Length is > 0 and <= MaxExpiresDigits && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0')
            ? new UnixSeconds(long.Parse(text, CultureInfo.InvariantCulture))
            : new StoreError.InvalidSignature();
}
