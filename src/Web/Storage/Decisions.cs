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
    /// <summary>Those of a delete: what is there may go.</summary>
    public static WriteRules OfDelete(ConditionHeaders conditions) => new(WriteMode.Replace, conditions);

    /// <summary>Judges against what is there, or is not.</summary>
    public Either<StoreError, Unit> Judge(BlobRow? existing, long nowMilliseconds) =>
        from conditions in Core.Conditions.JudgeWrite(Conditions, Optional(existing).Map(row => row.Validators), new UnixSeconds(nowMilliseconds / 1000))
        from free in Pipeline.Require(existing is null || Mode == WriteMode.Replace, () => new StoreError.DuplicateBlob())
        select unit;
}

/// <summary>What was stored.</summary>
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

    public sealed record Done(Stored Blob) : MergeResult;

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
    public static Either<StoreError, Stored> StoreBlob(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, ContentHeaders headers, LandedPart part)
    {
        var existing = Existing(tx, name, blob);
        return rules.Judge(existing, tx.Now).Map(_ =>
        {
            tx.PutBlob(tx.EnsureBucket(name), blob, existing, Row(tx, existing, headers, part.Size, part.Sha256, null), part);
            return new Stored(part.Size, part.Sha256);
        });
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

    /// <summary>A body becomes a chunk that waits, in place of one with the same index and total.</summary>
    public static Either<StoreError, Stored> StoreChunk(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, int index, int total, LandedPart part) =>
        rules.Judge(Existing(tx, name, blob), tx.Now).Map(_ =>
        {
            tx.PutChunk(tx.EnsureBucket(name), blob, total, index, part);
            return new Stored(part.Size, part.Sha256);
        });

    /// <summary>The chunks that were hashed become the blob: exactly these, in this order.</summary>
    public static Either<StoreError, MergeResult> Merge(
        ITransaction tx, BucketName name, BlobId blob, WriteRules rules, int total, ContentHeaders headers, HashedChunks hashed)
    {
        if (tx.FindBucket(name) is not { } bucket)
        {
            return new StoreError.ChunksMissing(Chunking.Missing(total, []));
        }

        var existing = tx.FindBlob(bucket, blob);
        var upload = tx.FindUpload(bucket, blob, total);
        return
            from repeated in JudgeMerge(existing, rules, total, anyWaiting: upload is not null, tx.Now)
            from result in repeated.Match(
                Some: stored => Right<StoreError, MergeResult>(new MergeResult.Done(stored)),
                None: () => upload is null
                    ? new StoreError.ChunksMissing(Chunking.Missing(total, []))
                    : MergeChunks(tx, bucket, blob, existing, upload.Value, headers, hashed))
            select result;
    }

    /// <summary>
    /// What an existing blob means for a merge. One that came of a merge of this total, with no chunk waiting, makes it a
    /// repetition, which answers the same again; any other is judged as for every write.
    /// </summary>
    public static Either<StoreError, Option<Stored>> JudgeMerge(
        BlobRow? existing, WriteRules rules, int total, bool anyWaiting, long nowMilliseconds) =>
        existing is not null && existing.MergedTotal == total && !anyWaiting
            ? Some(new Stored(existing.Size, existing.Sha256))
            : rules.Judge(existing, nowMilliseconds).Map(_ => Option<Stored>.None);

    private static Either<StoreError, MergeResult> MergeChunks(
        ITransaction tx, long bucket, BlobId blob, BlobRow? existing, UploadRow upload, ContentHeaders headers, HashedChunks hashed)
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

        var size = chunks.Sum(chunk => chunk.Size);
        ManifestEntry[] manifest = [.. chunks.Select(chunk => new ManifestEntry(chunk.Part, chunk.Size))];
        hashed.SyncedNow.Iter(tx.MarkSynced);
        tx.PutMerged(bucket, blob, existing, Row(tx, existing, headers, size, hashed.Whole, upload.Total), manifest);
        tx.DeleteUpload(upload.Id);
        return new MergeResult.Done(new Stored(size, hashed.Whole));
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
            []);
}
