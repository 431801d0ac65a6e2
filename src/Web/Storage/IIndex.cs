namespace Borderless.Web.Storage;

/// <summary>Where the bytes of a part are.</summary>
internal abstract record PartPlace
{
    private PartPlace()
    {
    }

    /// <summary>In the index row itself.</summary>
    public sealed record Inline(byte[] Bytes) : PartPlace;

    /// <summary>In the file <c>parts/{Directory:D4}/{digest}-{Nonce}</c>.</summary>
    public sealed record File(int Directory, string Nonce) : PartPlace;
}

/// <summary>Bytes that are durable (when strict) and that no row names yet.</summary>
internal sealed record LandedPart(Digest Sha256, long Size, PartPlace Place, bool Synced);

/// <summary>A part as the index knows it.</summary>
internal sealed record PartRow(long Id, Digest Sha256, long Size, PartPlace Place, bool Synced, bool Damaged);

/// <summary>A part's place in a manifest.</summary>
internal readonly record struct ManifestEntry(long Part, long Size);

/// <summary>What a blob is made of and called; times in Unix milliseconds.</summary>
internal sealed record BlobRow(
    long Id, long Size, Digest Sha256, string? ContentType, string? ContentDisposition, long CreatedAt, long UpdatedAt,
    int? MergedTotal, IReadOnlyList<ManifestEntry> Manifest);

/// <summary>A blob, with its part when it has only one, so that a small download is one look-up.</summary>
internal sealed record FoundBlob(BlobRow Blob, PartRow? Only);

/// <summary>A chunk that waits for its merge.</summary>
internal readonly record struct ChunkRow(int Position, long Part, long Size);

/// <summary>An unfinished upload; the time of its last chunk in Unix milliseconds.</summary>
internal readonly record struct UploadRow(long Id, int Total, long TouchedAt);

/// <summary>A part that no blob and no chunk names any more.</summary>
internal readonly record struct GarbagePart(long Id, Digest Sha256, PartPlace Place);

/// <summary>What can be read of the index. Each call sees one committed state and keeps nothing open.</summary>
internal interface IIndexReader
{
    FoundBlob? FindBlob(BucketName bucket, BlobId blob);

    /// <summary>The parts in the order asked for; null where one is gone.</summary>
    IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts);

    /// <summary>The chunks that wait under this total, by position.</summary>
    IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total);

    /// <summary>Whether a row names the part's file of this digest and nonce.</summary>
    bool NamesFile(Digest sha256, string nonce);

    /// <summary>Uploads without a chunk since then.</summary>
    IReadOnlyList<long> UploadsUntouchedSince(long time);

    /// <summary>Parts without a reference, at most so many, with higher ids than <paramref name="after"/>.</summary>
    IReadOnlyList<GarbagePart> Garbage(long after, int limit);

    /// <summary>How many pages of the index's file are free, of how many.</summary>
    (long Free, long All) Pages();
}

/// <summary>
/// One transaction of the one writer. Counts of references change in the same call as what they count. Nothing here decides:
/// the decisions are in <see cref="Decisions"/>.
/// </summary>
internal interface ITransaction
{
    /// <summary>The time of the transaction, in Unix milliseconds.</summary>
    long Now { get; }

    long? FindBucket(BucketName bucket);

    long EnsureBucket(BucketName bucket);

    BlobRow? FindBlob(long bucket, BlobId blob);

    /// <summary>
    /// Puts a blob of one part in place of the one that is there, if any. Where a part with the same digest and length exists,
    /// that one is named and the new bytes stay without a row; one that is damaged or (when strict) not synced is never taken.
    /// </summary>
    void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part);

    /// <summary>Puts a blob of parts that have rows already in place of the one that is there, if any.</summary>
    void PutMerged(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, IReadOnlyList<ManifestEntry> manifest);

    void DeleteBlob(long bucket, BlobRow row);

    UploadRow? FindUpload(long bucket, BlobId blob, int total);

    UploadRow? FindUpload(long upload);

    /// <summary>The unfinished uploads of a blob, whatever their total.</summary>
    IReadOnlyList<UploadRow> FindUploads(long bucket, BlobId blob);

    IReadOnlyList<ChunkRow> FindChunks(long upload);

    /// <summary>Puts a chunk in place of the one that is there, if any; makes the upload where it is new.</summary>
    void PutChunk(long bucket, BlobId blob, int total, int position, LandedPart part);

    void DeleteUpload(long upload);

    void MarkSynced(long part);

    /// <summary>Deletes the part's row when nothing names it.</summary>
    bool DeleteGarbage(long part);

    /// <summary>Whether a row of this transaction names these very bytes, and not older ones that are equal.</summary>
    bool Names(LandedPart part);

    /// <summary>Whether a part lost its last reference in this transaction.</summary>
    bool MadeGarbage { get; }

    /// <summary>Gives at most so many free pages back to the file system.</summary>
    void GiveBack(int pages);
}

/// <summary>The truth about what exists: rows, changed in transactions by one writer.</summary>
internal interface IIndex : IIndexReader, IDisposable
{
    /// <summary>Runs the function in one transaction and commits it.</summary>
    /// <returns>
    /// The function's result once the commit is durable (when strict). After an exception the outcome is unknown until
    /// <see cref="Reopen"/> returned.
    /// </returns>
    T Commit<T>(Func<ITransaction, T> work);

    /// <summary>Closes the index and reads it again from the disk, so that what it answers is what a crash would leave.</summary>
    void Reopen();
}
