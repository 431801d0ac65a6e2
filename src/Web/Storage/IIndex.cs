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

/// <summary>Bytes that are durable (when strict) and that no row names, yet or any more.</summary>
internal sealed record LandedPart(Digest Sha256, long Size, PartPlace Place, bool Synced);

/// <summary>A part as the index knows it.</summary>
internal sealed record PartRow(long Id, Digest Sha256, long Size, PartPlace Place, bool Synced, bool Damaged);

/// <summary>A part's place in a manifest.</summary>
internal readonly record struct ManifestEntry(long Part, long Size);

/// <summary>What a blob is made of and called; times in Unix milliseconds.</summary>
internal sealed record BlobRow(
    long Id, long Size, Digest Sha256, string? ContentType, string? ContentDisposition, long CreatedAt, long UpdatedAt,
    int? MergedTotal, IReadOnlyList<ManifestEntry> Manifest, Durability Durability)
{
    /// <summary>What preconditions are judged against.</summary>
    public Validators Validators => new(Sha256, new UnixSeconds(UpdatedAt / 1000));

    /// <summary>What whoever stored it is told.</summary>
    public StoredBlob Stored => new(Size, Sha256, ContentType, UpdatedAt, Durability);
}

/// <summary>What was stored as a blob, as its receipt tells: the time in Unix milliseconds, and what the acknowledgement means.</summary>
internal sealed record StoredBlob(long Size, Digest Sha256, string? ContentType, long StoredAt, Durability Durability);

/// <summary>A URL that stores once and has: what it stored, and until when anybody could come with it again.</summary>
/// <param name="Blob">What it stored.</param>
/// <param name="MergedTotal">The total of the chunks that it merged; null for a whole body.</param>
/// <param name="Until">The last second in which the URL is valid.</param>
internal sealed record SpentLink(StoredBlob Blob, int? MergedTotal, UnixSeconds Until);

/// <summary>A blob, with its part when it has only one, so that a small download is one look-up.</summary>
internal sealed record FoundBlob(BlobRow Blob, PartRow? Only);

/// <summary>A chunk that waits for its merge.</summary>
internal readonly record struct ChunkRow(int Position, long Part, long Size);

/// <summary>An unfinished upload; the time of its last chunk in Unix milliseconds.</summary>
internal readonly record struct UploadRow(long Id, int Total, long TouchedAt);

/// <summary>An unfinished upload that nothing was added to for a while.</summary>
internal readonly record struct StaleUpload(long Id, MergeKey Key);

/// <summary>A part that no blob and no chunk names any more; of one in a row the bytes themselves are not read.</summary>
internal readonly record struct GarbagePart(long Id, Digest Sha256, long Size, PartPlace Place);

/// <summary>A bucket with what is counted in it; the time in Unix milliseconds.</summary>
internal sealed record BucketRow(string Name, long CreatedAt, long ObjectCount, long TotalSize);

/// <summary>What is counted over all buckets. Contents are parts that blobs name, each once.</summary>
internal sealed record Totals(long Contents, long ContentBytes, long BlobRefs, long Chunks, long ChunkBytes);

/// <summary>A blob in a list.</summary>
internal sealed record ListedBlob(string Bucket, BlobId Blob, BlobRow Row);

/// <summary>Where a page of a list begins: after this blob. Lists are ordered by (created_at, id, bucket), newest first.</summary>
internal sealed record ListPosition(long CreatedAt, BlobId Blob, string Bucket);

/// <summary>A chunk that waits, with its digest.</summary>
internal sealed record WaitingChunk(int Position, long Size, Digest Sha256);

/// <summary>A blob that was stored, replaced or deleted; without a blob, a bucket that was deleted.</summary>
internal readonly record struct BlobChange(BucketName Bucket, BlobId? Blob);

/// <summary>What can be read of the index. Each call sees one committed state and keeps nothing open.</summary>
internal interface IIndexReader
{
    FoundBlob? FindBlob(BucketName bucket, BlobId blob);

    /// <summary>The parts in the order asked for; null where one is gone.</summary>
    IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts);

    /// <summary>The part with the next higher id, or null.</summary>
    PartRow? NextPart(long after);

    /// <summary>The chunks that wait under this total, by position.</summary>
    IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total);

    /// <summary>The chunks that wait, by position, of this total, or of the one last written to; null when none does.</summary>
    (int Total, IReadOnlyList<WaitingChunk> Chunks)? FindUpload(BucketName bucket, BlobId blob, int? total);

    IReadOnlyList<BucketRow> Buckets();

    /// <summary>All that is counted, of one moment, so that its numbers fit each other.</summary>
    (IReadOnlyList<BucketRow> Buckets, Totals Totals) Counts();

    BucketRow? FindBucket(BucketName bucket);

    /// <summary>The bytes of all chunks that wait under an id, whatever their total, but for the one of this total and position.</summary>
    long WaitingBeside(BucketName bucket, BlobId blob, int total, int position);

    /// <summary>What the URL with this nonce stored, if it stores once and did.</summary>
    SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce);

    /// <summary>Whether a URL that stores once did, and nobody can come with it any more.</summary>
    bool AnySpentBefore(UnixSeconds time);

    /// <summary>A page of all blobs or of one bucket's, newest first.</summary>
    IReadOnlyList<ListedBlob> List(BucketName? bucket, ListPosition? after, int limit, long offset);

    /// <summary>A page of the blobs whose ids lie in a range, ends included, by id, the highest first, and how many there are.</summary>
    (IReadOnlyList<ListedBlob> Page, long Total) ListById(BucketName? bucket, BlobId from, BlobId to, ListPosition? after, int limit, long offset);

    /// <summary>Whether a row names the part's file of this digest and nonce.</summary>
    bool NamesFile(Digest sha256, string nonce);

    /// <summary>Uploads without a chunk since then.</summary>
    IReadOnlyList<StaleUpload> UploadsUntouchedSince(long time);

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

    /// <summary>Whether a bucket has no blobs; unfinished uploads do not count.</summary>
    bool IsEmpty(long bucket);

    /// <summary>Deletes a bucket with its unfinished uploads.</summary>
    void DeleteBucket(long bucket);

    BlobRow? FindBlob(long bucket, BlobId blob);

    /// <summary>
    /// Puts a blob of one part in place of the one that is there, if any. Where a part with the same digest and length exists,
    /// that one is named and the new bytes stay without a row; one that is (when strict) not synced is never taken, and in one that
    /// is damaged the new bytes take the place of the old, so that every blob that names it is whole again.
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

    bool IsDamaged(long part);

    /// <summary>
    /// The part's bytes were found missing or rotten: it is adopted no more, until equal bytes take its place. Where they did so
    /// already, nothing is damaged.
    /// </summary>
    void MarkDamaged(PartRow part);

    /// <summary>The part's bytes were found whole although it is marked damaged: it is not any more.</summary>
    void ClearDamage(PartRow part);

    /// <summary>Puts bytes in place of those of a part, which they are equal to, and clears its mark.</summary>
    void Renew(PartRow part, LandedPart bytes);

    /// <summary>
    /// Makes rows that name one another and all that is counted agree, deleting nothing that leads to bytes.
    /// </summary>
    /// <param name="onlyRaise">Whether no part may count less than before, because not all that names parts can be read.</param>
    void MendBooks(bool onlyRaise);

    /// <summary>The bytes of all chunks that wait under an id, whatever their total, but for the one of this total and position.</summary>
    long WaitingBeside(BucketName bucket, BlobId blob, int total, int position);

    /// <summary>What the URL with this nonce stored, if it stores once and did. It is the name's, and outlives the bucket.</summary>
    SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce);

    /// <summary>Notes what a URL that stores once stored.</summary>
    void Spend(BucketName bucket, BlobId blob, string nonce, SpentLink spent);

    /// <summary>Forgets so many at the most that nobody can come with any more.</summary>
    /// <returns>How many.</returns>
    int ForgetSpent(UnixSeconds before, int limit);

    /// <summary>Counts the revocations of a bucket's URLs up by one. The count is the name's, and outlives the bucket.</summary>
    /// <returns>How often they were revoked.</returns>
    long Revoke(BucketName bucket);

    /// <summary>What an acknowledgement of this transaction means.</summary>
    Durability Durability { get; }

    /// <summary>Deletes the part's row when nothing names it and its bytes are still where they were.</summary>
    bool DeleteGarbage(GarbagePart part);

    /// <summary>Whether a row of this transaction names these very bytes, and not older ones that are equal.</summary>
    bool Names(LandedPart part);

    /// <summary>The files of damaged parts in whose place equal bytes came: no row names them once this is committed.</summary>
    IReadOnlyList<LandedPart> Replaced { get; }

    /// <summary>Whether a part lost its last reference in this transaction.</summary>
    bool MadeGarbage { get; }

    /// <summary>The blobs that were stored, replaced or deleted in this transaction, and the buckets that were deleted.</summary>
    IReadOnlyCollection<BlobChange> Changes { get; }

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

    /// <summary>How often the URLs of a bucket were revoked, from memory; also of a bucket that is not there.</summary>
    long EpochOf(BucketName bucket);

    /// <summary>
    /// Takes so many bytes of room ahead, where it has a log, to write the log back and to go on behind its end; where there is no
    /// room, it goes on without.
    /// </summary>
    void ReserveLog(long bytes)
    {
    }

    /// <summary>Writes its log back, where it has one, so that the next commits take the log's room and no other.</summary>
    /// <returns>False when readers hold the log, or it cannot be written back.</returns>
    bool ReuseLog() => false;

    /// <summary>Closes the index and reads it again from the disk, so that what it answers is what a crash would leave.</summary>
    void Reopen();
}
