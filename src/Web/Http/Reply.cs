using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>What an answer consists of.</summary>
internal abstract record ReplyBody
{
    private ReplyBody()
    {
    }

    /// <summary>A JSON text.</summary>
    public sealed record JsonText(byte[] Utf8) : ReplyBody;

    /// <summary>Any other text.</summary>
    public sealed record Text(byte[] Utf8, string ContentType) : ReplyBody;

    /// <summary>A blob's bytes as planned. The sender disposes the reading.</summary>
    public sealed record Blob(BlobReading Reading, BodyPlan Plan) : ReplyBody;

    /// <summary>No body at all.</summary>
    public sealed record Nothing : ReplyBody;
}

/// <summary>An answer as data. Handlers return it; <see cref="Sender"/> alone writes it.</summary>
internal sealed record Reply(int Status, IReadOnlyList<(string Name, string Value)> Headers, ReplyBody Body)
{
    public static Reply Json<T>(T body, JsonTypeInfo<T> type, params (string, string)[] headers) =>
        new(StatusCodes.Status200OK, headers, new ReplyBody.JsonText(Line(body, type)));

    /// <summary>The one mapping of errors to answers.</summary>
    public static Reply Error(StoreError error, string requestId) =>
        new(
            StatusOf(error.Kind),
            HeadersOf(error),
            new ReplyBody.JsonText(Line(
                new ErrorBody(
                    false, error.Code, error.Message, requestId, (error as StoreError.ChunksMissing)?.Missing, (error as StoreError.NotReady)?.Reasons,
                    (error as StoreError.NoSuchBucket)?.Epoch is > 0 and var epoch ? epoch : null),
                Http.Json.Readable.ErrorBody)));

    /// <summary>JSON and an end of line, for those who read it in a terminal.</summary>
    private static byte[] Line<T>(T body, JsonTypeInfo<T> type) => [.. JsonSerializer.SerializeToUtf8Bytes(body, type), (byte)'\n'];

    /// <summary>No discard arm on purpose: a kind without a status does not compile.</summary>
    public static int StatusOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => 400,
        ErrorKind.Unauthorized => 401,
        ErrorKind.Forbidden => 403,
        ErrorKind.NotFound => 404,
        ErrorKind.MethodNotAllowed => 405,
        ErrorKind.Timeout => 408,
        ErrorKind.Conflict => 409,
        ErrorKind.PreconditionFailed => 412,
        ErrorKind.TooLarge => 413,
        ErrorKind.UnsupportedMediaType => 415,
        ErrorKind.RangeNotSatisfiable => 416,
        ErrorKind.Unprocessable => 422,
        ErrorKind.Broken => 500,
        ErrorKind.Unavailable => 503,
        ErrorKind.OutOfSpace => 507,
    };

    private static (string, string)[] HeadersOf(StoreError error) => error switch
    {
        StoreError.MissingApiKey or StoreError.InvalidApiKey => [("cache-control", Caching.NoStore), ("www-authenticate", "Bearer")],
        StoreError.InvalidRange range => [("cache-control", Caching.NoStore), ("content-range", $"bytes */{range.Size}")],
        { Kind: ErrorKind.Unavailable or ErrorKind.OutOfSpace } => [("cache-control", Caching.NoStore), ("retry-after", "5")],
        _ => [("cache-control", Caching.NoStore)],
    };
}
