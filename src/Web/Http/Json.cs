using System.Text.Json;
using System.Text.Json.Serialization;

namespace Borderless.Web.Http;

/// <summary>What the server answers in JSON; a field that is null is left out.</summary>
internal sealed record ErrorBody(
    bool Success, string Code, string Message, string RequestId, IEnumerable<int>? MissingChunks, IEnumerable<string>? Reasons, long? Epoch);

internal sealed record UploadBody(bool Success, string Message, string BlobId, long BytesWritten, string Sha256Hash, string? Receipt);

internal sealed record MessageBody(bool Success, string Message, string? BlobId = null);

internal sealed record PresignBody(
    bool Success, string Action, string Bucket, string BlobId, string Url, string Method, long ExpiresIn, string? Sha256Hash);

internal sealed record StatusBody(bool Success, IEnumerable<ChunkDetail> Chunks, int Total, IEnumerable<int> MissingChunks);

internal sealed record ChunkDetail(int Index, long Size, string Sha256Hash);

internal sealed record StatsBody(bool Success, StatsNumbers Stats);

internal sealed record StatsNumbers(
    IEnumerable<BucketShare> Buckets, long TotalObjects, long TotalLogicalSize, string TotalLogicalSizeHuman, long UniqueContentCount,
    long ActualStorageSize, string ActualStorageSizeHuman, long TotalReferences, double DeduplicationRatio, string DeduplicationPercentage,
    long SpaceSaved, string SpaceSavedHuman, long PendingChunks, long PendingSize);

internal sealed record BucketShare(string Name, long ObjectCount, long LogicalSize, string LogicalSizeHuman);

internal sealed record BucketsBody(bool Success, IEnumerable<BucketDetail> Buckets);

internal sealed record BucketBody(bool Success, BucketDetail Bucket);

internal sealed record BucketDetail(string Name, string CreatedAt, long ObjectCount, long TotalSize, string TotalSizeHuman, long Epoch);

internal sealed record RevokedBody(bool Success, string Message, string Bucket, long Epoch);

internal sealed record ObjectsBody(bool Success, IEnumerable<ObjectDetail> Objects, long Total, int Limit, long Offset, string? Next);

internal sealed record ObjectDetail(
    string Bucket, string BlobId, string? ContentType, string? ContentDisposition, long FileSize, string FileSizeHuman, string Sha256Hash,
    string CreatedAt, string UpdatedAt);

[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(UploadBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(PresignBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(StatsBody))]
[JsonSerializable(typeof(BucketsBody))]
[JsonSerializable(typeof(BucketBody))]
[JsonSerializable(typeof(RevokedBody))]
[JsonSerializable(typeof(ObjectsBody))]
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
