using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>A transaction that passes everything on to another, for one that changes some of it.</summary>
internal abstract class PassingTransaction(ITransaction tx) : ITransaction
{
    public long Now => tx.Now;

    public virtual bool MadeGarbage => tx.MadeGarbage;

    public IReadOnlyCollection<BlobChange> Changes => tx.Changes;

    public IReadOnlyList<LandedPart> Replaced => tx.Replaced;

    public long? FindBucket(BucketName bucket) => tx.FindBucket(bucket);

    public long EnsureBucket(BucketName bucket) => tx.EnsureBucket(bucket);

    public bool IsEmpty(long bucket) => tx.IsEmpty(bucket);

    public void DeleteBucket(long bucket) => tx.DeleteBucket(bucket);

    public BlobRow? FindBlob(long bucket, BlobId blob) => tx.FindBlob(bucket, blob);

    public virtual void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part) =>
        tx.PutBlob(bucket, blob, replaced, row, part);

    public void PutMerged(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, IReadOnlyList<ManifestEntry> manifest) =>
        tx.PutMerged(bucket, blob, replaced, row, manifest);

    public Durability Durability => tx.Durability;

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) => tx.WaitingBeside(bucket, blob, total, position);

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) => tx.FindSpent(bucket, blob, nonce);

    public void Spend(BucketName bucket, BlobId blob, string nonce, SpentLink spent) => tx.Spend(bucket, blob, nonce, spent);

    public int ForgetSpent(UnixSeconds before, int limit) => tx.ForgetSpent(before, limit);

    public long Revoke(BucketName bucket) => tx.Revoke(bucket);

    public void DeleteBlob(long bucket, BlobRow row) => tx.DeleteBlob(bucket, row);

    public UploadRow? FindUpload(long bucket, BlobId blob, int total) => tx.FindUpload(bucket, blob, total);

    public UploadRow? FindUpload(long upload) => tx.FindUpload(upload);

    public IReadOnlyList<UploadRow> FindUploads(long bucket, BlobId blob) => tx.FindUploads(bucket, blob);

    public IReadOnlyList<ChunkRow> FindChunks(long upload) => tx.FindChunks(upload);

    public virtual void PutChunk(long bucket, BlobId blob, int total, int position, LandedPart part) =>
        tx.PutChunk(bucket, blob, total, position, part);

    public virtual void DeleteUpload(long upload) => tx.DeleteUpload(upload);

    public bool IsDamaged(long part) => tx.IsDamaged(part);

    public void MarkSynced(long part) => tx.MarkSynced(part);

    public void MarkDamaged(PartRow part) => tx.MarkDamaged(part);

    public void ClearDamage(PartRow part) => tx.ClearDamage(part);

    public void Renew(PartRow part, LandedPart bytes) => tx.Renew(part, bytes);

    public void MendBooks(bool onlyRaise) => tx.MendBooks(onlyRaise);

    public virtual bool DeleteGarbage(GarbagePart part) => tx.DeleteGarbage(part);

    public virtual bool Names(LandedPart part) => tx.Names(part);

    public void GiveBack(int pages) => tx.GiveBack(pages);
}
