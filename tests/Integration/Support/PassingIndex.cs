using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>An index that passes everything on to another, for one that changes some of it.</summary>
internal abstract class PassingIndex(IIndex index) : IIndex
{
    public virtual T Commit<T>(Func<ITransaction, T> work) => index.Commit(work);

    public virtual void Reopen() => index.Reopen();

    public void ReserveLog(long bytes) => index.ReserveLog(bytes);

    public virtual bool ReuseLog() => index.ReuseLog();

    public long EpochOf(BucketName bucket) => index.EpochOf(bucket);

    public bool AnySpentBefore(UnixSeconds time) => index.AnySpentBefore(time);

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) => index.WaitingBeside(bucket, blob, total, position);

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) => index.FindSpent(bucket, blob, nonce);

    public virtual FoundBlob? FindBlob(BucketName bucket, BlobId blob) => index.FindBlob(bucket, blob);

    public IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts) => index.FindParts(parts);

    public PartRow? NextPart(long after) => index.NextPart(after);

    public IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total) => index.FindChunks(bucket, blob, total);

    public (int Total, IReadOnlyList<WaitingChunk> Chunks)? FindUpload(BucketName bucket, BlobId blob, int? total) =>
        index.FindUpload(bucket, blob, total);

    public IReadOnlyList<BucketRow> Buckets() => index.Buckets();

    public BucketRow? FindBucket(BucketName bucket) => index.FindBucket(bucket);

    public (IReadOnlyList<BucketRow> Buckets, Totals Totals) Counts() => index.Counts();

    public IReadOnlyList<ListedBlob> List(BucketName? bucket, ListPosition? after, int limit, long offset) =>
        index.List(bucket, after, limit, offset);

    public (IReadOnlyList<ListedBlob> Page, long Total) ListById(
        BucketName? bucket, BlobId from, BlobId to, ListPosition? after, int limit, long offset) =>
        index.ListById(bucket, from, to, after, limit, offset);

    public bool NamesFile(Digest sha256, string nonce) => index.NamesFile(sha256, nonce);

    public IReadOnlyList<StaleUpload> UploadsUntouchedSince(long time) => index.UploadsUntouchedSince(time);

    public IReadOnlyList<GarbagePart> Garbage(long after, int limit) => index.Garbage(after, limit);

    public (long Free, long All) Pages() => index.Pages();

    public virtual void Dispose() => index.Dispose();
}
