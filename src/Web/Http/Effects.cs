using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>The current time.</summary>
internal delegate UnixSeconds Clock();

/// <summary>The keys as they are now. They may be others at the next call, so a request asks once.</summary>
internal delegate AccessSettings CurrentAccess();

/// <summary>Reads and verifies the signed URL of a request.</summary>
internal delegate Either<StoreError, Grant> VerifyLink(HttpContext http);

/// <summary>Tells early, before a body is read or the committer asked, that a write will be refused. It is decided again when it is done.</summary>
internal delegate Either<StoreError, Unit> RefuseEarly(Grant grant, WriteRules rules);

/// <summary>
/// Tells early that a body will not be stored as what it is meant to be. Where a URL that stores once has stored, it may be the same body
/// again, as far as its length does not tell otherwise.
/// </summary>
internal delegate Either<StoreError, Unit> RefuseBodyEarly(Grant grant, WriteRules rules, UploadIntent intent, long? announced);

/// <summary>How often the URLs of a bucket were revoked.</summary>
internal delegate long EpochOf(BucketName bucket);

/// <summary>Kills all URLs of a bucket that were minted before, at once.</summary>
/// <returns>How often they were revoked.</returns>
internal delegate Task<Either<StoreError, long>> RevokeLinks(BucketName bucket);

/// <summary>Stores a part as a blob. On a Left the blob is as it was and nothing of the part is left behind.</summary>
internal delegate Task<Either<StoreError, StoredBlob>> WriteBlob(Grant grant, WriteRules rules, ContentHeaders headers, ReceivedPart part);

/// <summary>Stores a part as a chunk that waits. On a Left nothing of it is left behind.</summary>
internal delegate Task<Either<StoreError, Stored>> WriteChunk(Grant grant, WriteRules rules, UploadIntent.Chunk chunk, ReceivedPart part);

/// <summary>Makes a blob of the chunks that wait.</summary>
internal delegate Task<Either<StoreError, StoredBlob>> MergeChunks(Grant grant, UploadIntent.Merge merge, MergeRequest request);

/// <summary>Says that a chunk is on its way, until the result is disposed. When it is stored, the result is told so.</summary>
internal delegate ArrivingChunk BeginChunk(Grant grant, UploadIntent.Chunk chunk);

/// <summary>Deletes a blob, or where there is none the chunks that wait under its id.</summary>
internal delegate Task<Either<StoreError, Deleted>> DeleteBlob(Grant grant, ConditionHeaders conditions);

/// <summary>Tells early that a bucket will not be deleted. It is decided again when it is.</summary>
internal delegate Either<StoreError, Unit> RefuseBucketEarly(BucketName bucket);

/// <summary>Deletes an empty bucket.</summary>
internal delegate Task<Either<StoreError, Unit>> DeleteBucket(BucketName bucket);

/// <summary>Finds a blob and keeps its parts until the reading is disposed.</summary>
internal delegate Either<StoreError, BlobReading> FindBlob(Grant grant);

/// <summary>The digest of a blob, if it exists.</summary>
internal delegate Option<Digest> FindDigest(BucketName bucket, BlobId blob);

/// <summary>What keeps the store from taking writes now; empty when nothing does.</summary>
internal delegate Seq<Ailment> FindAilments();

/// <summary>The keys that verify receipts now. Only the public ones among them are ever shown.</summary>
internal delegate ReceiptKeys PublishKeys();

/// <summary>Signs what was stored, for the client to hand to its back end; null while no key signs.</summary>
internal delegate string? SignReceipt(Grant grant, StoredBlob stored);

/// <summary>What an upload needs; they always travel together.</summary>
internal sealed record UploadEffects(
    VerifyLink Verify, RefuseBodyEarly RefuseEarly, ReceivePart Receive, BeginChunk BeginChunk, WriteBlob WriteBlob, WriteChunk WriteChunk, MergeChunks Merge,
    SignReceipt SignReceipt);

/// <summary>The capabilities of an open store, as the handlers see them.</summary>
internal static class Effects
{
    public static RefuseEarly Early(Store store, TimeProvider time) => (grant, rules) =>
        rules.Judge(store.Index.FindBlob(grant.Bucket, grant.Blob)?.Blob, time.GetUtcNow().ToUnixTimeMilliseconds());

    public static RefuseBodyEarly BodyEarly(Store store, RefuseEarly early) => (grant, rules, intent, announced) =>
        Decisions.Spent(store.Index.FindSpent, grant.Bucket, grant.Blob, rules) is { } spent
            ? Pipeline.Require(
                intent is UploadIntent.Single && spent.MergedTotal is null && (announced ?? spent.Blob.Size) == spent.Blob.Size,
                () => new StoreError.LinkUsed())
            : from free in early(grant, rules)
              from fits in intent is UploadIntent.Chunk chunk && rules.Link.MaxSize < long.MaxValue
                  ? rules.Link.JudgeWaiting((announced ?? 0) + store.Index.WaitingBeside(grant.Bucket, grant.Blob, chunk.Total, chunk.Index))
                  : unit
              select unit;

    public static RevokeLinks Revocations(Store store) => bucket =>
        store.Committer.Commit<long>(tx => tx.Revoke(bucket), frees: true);

    public static SignReceipt Receipts(Func<ReceiptSigner?> signer) => (grant, stored) =>
        signer() is { } current
            ? Core.Receipts.Sign(current, new Receipt(
                grant.Bucket, grant.Blob, stored.Size, stored.Sha256, stored.ContentType, new UnixSeconds(stored.StoredAt / 1000), stored.Durability))
            : null;

    public static UploadEffects Uploads(Store store, VerifyLink verify, RefuseBodyEarly refuseEarly, ReceivePart receive, SignReceipt receipts) =>
        new(
            verify,
            refuseEarly,
            receive,
            BeginChunk: (grant, chunk) =>
                new ArrivingChunk(store.InProgress, store.Prefixes, new MergeKey(grant.Bucket, grant.Blob, chunk.Total), chunk.Index),
            WriteBlob: (grant, rules, headers, part) => store.Committer.Commit(
                part, (tx, landed) => Decisions.StoreBlob(tx, grant.Bucket, grant.Blob, rules, headers, landed)),
            WriteChunk: (grant, rules, chunk, part) => store.Committer.Commit(
                part, (tx, landed) => Decisions.StoreChunk(tx, grant.Bucket, grant.Blob, rules, chunk.Index, chunk.Total, landed)),
            Merge: (grant, merge, request) => store.Merger.Merge(new MergeKey(grant.Bucket, grant.Blob, merge.Total), request),
            receipts);

    public static DeleteBlob Deletes(Store store) => async (grant, conditions) =>
    {
        var deleted = await store.Committer.Commit(tx => Decisions.Delete(tx, grant.Bucket, grant.Blob, conditions), frees: true);
        if (deleted.Case is Deleted.Chunks)
        {
            store.Prefixes.Forget(upload => upload.Bucket == grant.Bucket && upload.Blob == grant.Blob);
        }

        return deleted;
    };

    public static FindAilments Ailments(Store store, Func<bool> isStopping) => () => toSeq(
        store.Health.Ailments
            .Concat(OfRoom(store.Space))
            .Concat(isStopping() ? [Ailment.ShuttingDown] : [])
            .Distinct().Order().ToArray());

    /// <summary>A file system that cannot even be asked has failed.</summary>
    private static IEnumerable<Ailment> OfRoom(Space space)
    {
        try
        {
            return space.IsFull() ? [Ailment.DiskFull] : [];
        }
        catch (IOException)
        {
            return [Ailment.DiskFailed];
        }
    }

    public static RefuseBucketEarly BucketEarly(Store store) => bucket =>
        Decisions.JudgeBucket(isEmpty: store.Index.FindBucket(bucket) is { } row ? row.ObjectCount == 0 : null);

    public static DeleteBucket BucketDeletes(Store store) => bucket =>
        store.Committer.Commit(tx => Decisions.DeleteBucket(tx, bucket), frees: true);
}
