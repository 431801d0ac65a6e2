using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>The current time.</summary>
internal delegate UnixSeconds Clock();

/// <summary>Reads and verifies the signed URL of a request.</summary>
internal delegate Either<StoreError, Grant> VerifyLink(HttpContext http);

/// <summary>
/// Tells early, before a body is read, that a blob exists and may not be overwritten. It is decided again when it is stored.
/// </summary>
internal delegate Either<StoreError, Unit> RefuseDuplicate(Grant grant);

/// <summary>Stores a part as a blob. On a Left the blob is as it was and nothing of the part is left behind.</summary>
internal delegate Task<Either<StoreError, Stored>> WriteBlob(Grant grant, ContentHeaders headers, ReceivedPart part);

/// <summary>Stores a part as a chunk that waits. On a Left nothing of it is left behind.</summary>
internal delegate Task<Either<StoreError, Stored>> WriteChunk(Grant grant, UploadIntent.Chunk chunk, ReceivedPart part);

/// <summary>Makes a blob of the chunks that wait.</summary>
internal delegate Task<Either<StoreError, Stored>> MergeChunks(Grant grant, UploadIntent.Merge merge, ContentHeaders headers);

/// <summary>Finds a blob and keeps its parts until the reading is disposed.</summary>
internal delegate Either<StoreError, BlobReading> FindBlob(Grant grant);

/// <summary>The digest of a blob, if it exists.</summary>
internal delegate Option<Digest> FindDigest(BucketName bucket, BlobId blob);

/// <summary>What an upload needs; they always travel together.</summary>
internal sealed record UploadEffects(
    VerifyLink Verify, RefuseDuplicate RefuseDuplicate, ReceivePart Receive, WriteBlob WriteBlob, WriteChunk WriteChunk, MergeChunks Merge);

/// <summary>The capabilities of an open store, as the handlers see them.</summary>
internal static class Effects
{
    public static UploadEffects Uploads(Store store, VerifyLink verify, ReceivePart receive) =>
        new(
            verify,
            RefuseDuplicate: grant => ModeOf(grant) == WriteMode.Replace
                ? unit
                : Pipeline.Require(store.Index.FindBlob(grant.Bucket, grant.Blob) is null, () => new StoreError.DuplicateBlob()),
            receive,
            WriteBlob: (grant, headers, part) => store.Committer.Commit(
                part, (tx, landed) => Decisions.StoreBlob(tx, grant.Bucket, grant.Blob, ModeOf(grant), headers, landed)),
            WriteChunk: (grant, chunk, part) => store.Committer.Commit(
                part, (tx, landed) => Decisions.StoreChunk(tx, grant.Bucket, grant.Blob, ModeOf(grant), chunk.Index, chunk.Total, landed)),
            Merge: (grant, merge, headers) => store.Merger.Merge(new MergeKey(grant.Bucket, grant.Blob, merge.Total), ModeOf(grant), headers));

    private static WriteMode ModeOf(Grant grant) => grant.Action == BlobAction.Update ? WriteMode.Replace : WriteMode.Create;
}
