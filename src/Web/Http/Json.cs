using System.Text.Json;
using System.Text.Json.Serialization;

namespace Borderless.Web.Http;

/// <summary>What the server answers in JSON; a field that is null is left out.</summary>
internal sealed record ErrorBody(bool Success, string Code, string Message, string RequestId, IEnumerable<int>? MissingChunks);

internal sealed record UploadBody(bool Success, string Message, string BlobId, long BytesWritten, string Sha256Hash);

internal sealed record MessageBody(bool Success, string Message, string? BlobId = null);

internal sealed record PresignBody(
    bool Success, string Action, string Bucket, string BlobId, string Url, string Method, long ExpiresIn, string? Sha256Hash);

[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(UploadBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(PresignBody))]
internal sealed partial class Json : JsonSerializerContext
{
    /// <summary>Snake case; and signatures hold + and =, which the default encoder would write as escapes, for HTML that is not here.</summary>
    public static readonly Json Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
