namespace Borderless.Web.Storage;

/// <summary>Whether a write may take the place of an existing blob.</summary>
internal enum WriteMode
{
    Create,
    Replace,
}

/// <summary>Under which conditions a write is done. They are judged early, and again in its transaction, which decides.</summary>
internal sealed record WriteRules(WriteMode Mode, ConditionHeaders Conditions)
{
    /// <summary>What the URL demands of the blob.</summary>
    public LinkRules Link { get; init; } = LinkRules.None;

    /// <summary>The last second in which anybody can come with a URL that stores once.</summary>
    public UnixSeconds SpentUntil { get; init; }

    /// <summary>Those of a delete: what is there may go.</summary>
    public static WriteRules OfDelete(ConditionHeaders conditions) => new(WriteMode.Replace, conditions);

    /// <summary>Judges against what is there, or is not.</summary>
    public Either<StoreError, Unit> Judge(BlobRow? existing, long nowMilliseconds) =>
        from conditions in Core.Conditions.JudgeWrite(Conditions, Optional(existing).Map(row => row.Validators), new UnixSeconds(nowMilliseconds / 1000))
        from free in Pipeline.Require(existing is null || Mode == WriteMode.Replace, () => new StoreError.DuplicateBlob())
        select unit;
}

/// <summary>What was stored as a chunk.</summary>
internal sealed record Stored(long Size, Digest Sha256);

/// <summary>What a delete did.</summary>
internal abstract record Deleted
{
    private Deleted()
    {
    }

    public sealed record Blob : Deleted;

    public sealed record Chunks(int Count) : Deleted;
}

/// <summary>What an import's transaction found.</summary>
internal enum ImportResult
{
    Imported,

    /// <summary>The blob was there with the same bytes, and stays as it is.</summary>
    AlreadyThere,
}

/// <summary>How a merge's transaction ended.</summary>
internal abstract record MergeResult
{
    private MergeResult()
    {
    }

    public sealed record Done(StoredBlob Blob) : MergeResult;

    /// <summary>A chunk was replaced since it was hashed: the chunks as they are now.</summary>
    public sealed record Changed(IReadOnlyList<ChunkRow> Chunks) : MergeResult;
}

/// <summary>The chunks as they were when they were hashed.</summary>
/// <param name="Chunks">All of them, by position.</param>
/// <param name="Whole">The digest of their bytes in this order.</param>
/// <param name="SyncedNow">Parts that a relaxed store had left to the kernel and that were synced for this merge.</param>
internal sealed record HashedChunks(IReadOnlyList<ChunkRow> Chunks, Digest Whole, IReadOnlyList<long> SyncedNow);

/// <summary>
/// What each kind of write does to the index, decided inside its transaction. Each judges first and writes last, so that a Left
/// has changed nothing.
/// </summary>
internal static class Decisions
{
    /// <summary>A whole body becomes a blob.</summary>
    public static Either<StoreError, StoredBlob> StoreBlob(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, ContentHeaders headers, LandedPart part)
    {
        if (Spent(tx.FindSpent, name, blob, rules) is { } spent)
        {
            return JudgeAgain(spent, part.Size, part.Sha256);
        }

        var existing = Existing(tx, name, blob);
        var row = Row(tx, existing, headers, part.Size, part.Sha256, null);
        return
            from living in JudgeUse(rules, tx.Now)
            from free in rules.Judge(existing, tx.Now)
            from fits in rules.Link.JudgeBlob(row.Size, row.Sha256, row.ContentType)
            select Put();

        StoredBlob Put()
        {
            tx.PutBlob(tx.EnsureBucket(name), blob, existing, row, part);
            return Spend(tx, name, blob, rules, row);
        }
    }

    /// <summary>What a URL that stores once stored, if this is one and it did.</summary>
    /// <param name="find">Looks it up.</param>
    /// <param name="name">The bucket.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="rules">The rules of the URL.</param>
    public static SpentLink? Spent(Func<BucketName, BlobId, string, SpentLink?> find, BucketName name, BlobId blob, WriteRules rules) =>
        rules.Link.Nonce is { } nonce ? find(name, blob, nonce) : null;

    /// <summary>
    /// What a URL stored is forgotten when it has expired, so that none that stores once may store from then on, also not when its body
    /// began to come before.
    /// </summary>
    private static Either<StoreError, Unit> JudgeUse(WriteRules rules, long nowMilliseconds) =>
        Pipeline.Require(
            rules.Link.Nonce is null || nowMilliseconds / 1000 <= rules.SpentUntil.Value, () => new StoreError.LinkExpired(rules.SpentUntil));

    /// <summary>The same bytes again get the same answer, whatever became of the blob; others get none.</summary>
    private static Either<StoreError, StoredBlob> JudgeAgain(SpentLink spent, long size, Digest sha256) =>
        spent.MergedTotal is null && spent.Blob.Size == size && spent.Blob.Sha256.Equals(sha256) ? spent.Blob : new StoreError.LinkUsed();

    /// <summary>In the transaction that stores: what is used has stored, and what has stored is used.</summary>
    private static StoredBlob Spend(ITransaction tx, BucketName name, BlobId blob, WriteRules rules, BlobRow row)
    {
        if (rules.Link.Nonce is { } nonce)
        {
            tx.Spend(name, blob, nonce, new SpentLink(row.Stored, row.MergedTotal, rules.SpentUntil));
        }

        return row.Stored;
    }

    /// <summary>
    /// Bytes of another store become a blob with the times that it had there (Unix milliseconds; null where they are not known).
    /// A blob that is there is never replaced; one whose bytes were found <paramref name="lost"/> gets equal ones again and is else as
    /// it was.
    /// </summary>
    public static Either<StoreError, ImportResult> ImportBlob(
        ITransaction tx, BucketName name, BlobId blob, ContentHeaders headers, long? createdAt, long? updatedAt, LandedPart part, bool lost)
    {
        var bucket = tx.EnsureBucket(name);
        var existing = tx.FindBlob(bucket, blob);
        if (existing is not null && !existing.Sha256.Equals(part.Sha256))
        {
            return new StoreError.DuplicateBlob();
        }

        if (existing is not null && !lost)
        {
            return ImportResult.AlreadyThere;
        }

        var fresh = Row(tx, null, headers, part.Size, part.Sha256, null) with { CreatedAt = createdAt ?? tx.Now, UpdatedAt = updatedAt ?? tx.Now };
        tx.PutBlob(bucket, blob, existing, existing ?? fresh, part);
        return ImportResult.Imported;
    }

    /// <summary>
    /// A body becomes a chunk that waits, in place of one with the same index and total. None comes to a URL that has stored: nothing
    /// could be made of it.
    /// </summary>
    public static Either<StoreError, Stored> StoreChunk(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, int index, int total, LandedPart part) =>
        from unused in Pipeline.Require(Spent(tx.FindSpent, name, blob, rules) is null, () => new StoreError.LinkUsed())
        from free in rules.Judge(Existing(tx, name, blob), tx.Now)
        from fits in rules.Link.MaxSize == long.MaxValue ? unit : rules.Link.JudgeWaiting(tx.WaitingBeside(name, blob, total, index) + part.Size)
        select PutChunk(tx, name, blob, index, total, part);

    private static Stored PutChunk(ITransaction tx, BucketName name, BlobId blob, int index, int total, LandedPart part)
    {
        tx.PutChunk(tx.EnsureBucket(name), blob, total, index, part);
        return new Stored(part.Size, part.Sha256);
    }

    /// <summary>The chunks that were hashed become the blob: exactly these, in this order.</summary>
    public static Either<StoreError, MergeResult> Merge(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, int total, ContentHeaders headers, HashedChunks hashed)
    {
        var bucket = tx.FindBucket(name);
        var existing = bucket is null ? null : tx.FindBlob(bucket.Value, blob);
        var upload = bucket is null ? null : tx.FindUpload(bucket.Value, blob, total);
        return
            from repeated in JudgeMerge(existing, Spent(tx.FindSpent, name, blob, rules), rules, total, anyWaiting: upload is not null, tx.Now)
            from result in repeated.Match(
                Some: stored => Right<StoreError, MergeResult>(new MergeResult.Done(stored)),
                None: () => upload is null
                    ? new StoreError.ChunksMissing(Chunking.Missing(total, []))
                    : MergeChunks(tx, name, blob, rules, existing, upload.Value, headers, hashed))
            select result;
    }

    /// <summary>
    /// What an existing blob means for a merge. One that came of a merge of this total, with no chunk waiting, makes it a
    /// repetition, which answers the same again, as far as the rules permit what is there; any other is judged as for every write. To a
    /// URL that stores once, only what it stored itself is a repetition, whatever became of the blob.
    /// </summary>
    public static Either<StoreError, Option<StoredBlob>> JudgeMerge(
        BlobRow? existing, SpentLink? spent, WriteRules rules, int total, bool anyWaiting, long nowMilliseconds) =>
        spent is not null
            ? spent.MergedTotal == total ? Some(spent.Blob) : new StoreError.LinkUsed()
            : rules.Link.Nonce is null && existing is not null && existing.MergedTotal == total && !anyWaiting
                ? rules.Link.JudgeBlob(existing.Size, existing.Sha256, existing.ContentType).Map(_ => Some(existing.Stored))
                : rules.Judge(existing, nowMilliseconds).Map(_ => Option<StoredBlob>.None);

    private static Either<StoreError, MergeResult> MergeChunks(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, BlobRow? existing, UploadRow upload, ContentHeaders headers, HashedChunks hashed)
    {
        var chunks = tx.FindChunks(upload.Id);
        if (!chunks.SequenceEqual(hashed.Chunks))
        {
            return new MergeResult.Changed(chunks);
        }

        if (toSeq(chunks).Find(chunk => tx.IsDamaged(chunk.Part)).Case is ChunkRow damaged)
        {
            return new StoreError.BlobDamaged(damaged.Position);
        }

        var row = Row(tx, existing, headers, chunks.Sum(chunk => chunk.Size), hashed.Whole, upload.Total);
        if (JudgeUse(rules, tx.Now).Bind(_ => rules.Link.JudgeBlob(row.Size, row.Sha256, row.ContentType)).Case is StoreError refused)
        {
            return refused;
        }

        ManifestEntry[] manifest = [.. chunks.Select(chunk => new ManifestEntry(chunk.Part, chunk.Size))];
        hashed.SyncedNow.Iter(tx.MarkSynced);
        tx.PutMerged(tx.EnsureBucket(name), blob, existing, row, manifest);
        tx.DeleteUpload(upload.Id);
        return new MergeResult.Done(Spend(tx, name, blob, rules, row));
    }

    /// <summary>The blob goes; where there is none, the chunks that wait under its id do.</summary>
    public static Either<StoreError, Deleted> Delete(ITransaction tx, BucketName name, BlobId blob, ConditionHeaders conditions) =>
        WriteRules.OfDelete(conditions).Judge(Existing(tx, name, blob), tx.Now).Bind(_ => Delete(tx, name, blob));

    /// <summary>An empty bucket goes, with the uploads in it that nobody finished.</summary>
    public static Either<StoreError, Unit> DeleteBucket(ITransaction tx, BucketName name)
    {
        var bucket = tx.FindBucket(name);
        return JudgeBucket(isEmpty: bucket is { } found ? tx.IsEmpty(found) : null).Map(_ =>
        {
            tx.DeleteBucket(bucket!.Value);
            return unit;
        });
    }

    /// <summary>Whether a bucket may go, of which is known whether it has no blobs, or which is not there (null).</summary>
    public static Either<StoreError, Unit> JudgeBucket(bool? isEmpty) => isEmpty switch
    {
        null => new StoreError.NoSuchBucket(),
        false => new StoreError.BucketNotEmpty(),
        true => unit,
    };

    private static BlobRow? Existing(ITransaction tx, BucketName name, BlobId blob) =>
        tx.FindBucket(name) is { } bucket ? tx.FindBlob(bucket, blob) : null;

    private static Either<StoreError, Deleted> Delete(ITransaction tx, BucketName name, BlobId blob)
    {
        if (tx.FindBucket(name) is not { } bucket)
        {
            return new StoreError.NoSuchBlob();
        }

        if (tx.FindBlob(bucket, blob) is { } row)
        {
            tx.DeleteBlob(bucket, row);
            return new Deleted.Blob();
        }

        var uploads = tx.FindUploads(bucket, blob);
        var count = uploads.Sum(upload => tx.FindChunks(upload.Id).Count);
        uploads.Iter(upload => tx.DeleteUpload(upload.Id));
        return count == 0 ? new StoreError.NoSuchBlob() : new Deleted.Chunks(count);
    }

    /// <summary>The chunks of an upload go, unless one arrived meanwhile, is on its way, or they are being merged.</summary>
    public static Either<StoreError, int> DropUpload(
        ITransaction tx, StaleUpload upload, long untouchedSince, Func<MergeKey, bool> isInProgress)
    {
        if (tx.FindUpload(upload.Id) is not { } row || row.TouchedAt >= untouchedSince || isInProgress(upload.Key))
        {
            return 0;
        }

        var count = tx.FindChunks(upload.Id).Count;
        tx.DeleteUpload(upload.Id);
        return count;
    }

    /// <summary>The rows of parts go that nobody names and nobody holds. What they occupied may be removed after the commit.</summary>
    public static Either<StoreError, Seq<GarbagePart>> Reap(ITransaction tx, IReadOnlyList<GarbagePart> parts, Func<long, bool> isHeld) =>
        toSeq(parts.Where(part => !isHeld(part.Id) && tx.DeleteGarbage(part)).ToArray());

    private static BlobRow Row(
        ITransaction tx, BlobRow? existing, ContentHeaders headers, long size, Digest digest, int? mergedTotal) =>
        new(
            existing?.Id ?? 0,
            size,
            digest,
            headers.Type.MatchUnsafe(type => type, () => null!),
            headers.Disposition.MatchUnsafe(disposition => disposition, () => null!),
            existing?.CreatedAt ?? tx.Now,
            tx.Now,
            mergedTotal,
            [],
            tx.Durability);
}
