using Borderless.Web.Storage;
using static SQLitePCL.raw;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// The index as the store may take it to be: a commit that returned is durable; of one that failed, or that was running when the
/// life ended, nobody knows whether it was done until the index is read again, and then it was done whole or not at all. Only one
/// for which there was no room was certainly not done.
/// </summary>
internal sealed class ModelIndex(TimeProvider time) : IIndex
{
    private ModelTables? doubtful;
    private long lastPart;

    /// <summary>Whether parts that were not synced are never taken.</summary>
    public bool IsStrict { get; set; } = true;

    public Fate Fate { get; set; } = new(new Random(0), int.MaxValue, 0, () => { });

    /// <summary>Called when the outcome of every commit is known again.</summary>
    public Action Reread { get; set; } = () => { };

    /// <summary>The last committed state.</summary>
    public ModelTables Tables { get; private set; } = ModelTables.Empty;

    /// <summary>Whether there is a commit whose outcome nobody knows.</summary>
    public bool InDoubt => doubtful is not null;

    public T Commit<T>(Func<ITransaction, T> work)
    {
        if (InDoubt)
        {
            throw new InvalidOperationException("a commit before the index was read again");
        }

        Fate.Call($"begin", () => { });
        var transaction = new ModelTransaction(Tables, IsStrict, time.GetUtcNow().ToUnixTimeMilliseconds(), () => ++lastPart);
        var result = work(transaction);
        if (Fate.Fails())
        {
            Fate.Note?.Invoke("there is no room to commit");
            throw new IndexException("simulated", SQLITE_FULL);
        }

        doubtful = transaction.Tables;
        Fate.Call($"commit", () => (Tables, doubtful) = (doubtful!, null));
        return result;
    }

    public void Reopen() => Fate.Call($"reopen", () => Restart(Fate.Random));

    /// <summary>What a new process finds.</summary>
    public void Restart(Random random)
    {
        Tables = doubtful is not null && random.Next(2) == 0 ? doubtful : Tables;
        doubtful = null;
        lastPart = Tables.LastPart;
        Reread();
    }

    public FoundBlob? FindBlob(BucketName bucket, BlobId blob) => Read($"find {bucket}/{blob}", tables =>
        tables.Blob(tables.Bucket(bucket), blob) is { } found
            ? new FoundBlob(found.Row, found.Row.Manifest.Count == 1 ? tables.Parts.GetValueOrDefault(found.Row.Manifest[0].Part)?.Row : null)
            : null);

    public IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts) =>
        Read($"find {parts.Count} parts", tables => parts.Select(part => tables.Parts.GetValueOrDefault(part)?.Row).ToArray());

    public PartRow? NextPart(long after) => Read($"find the part after {after}", tables =>
        tables.Parts.Values.Select(part => part.Row).Where(part => part.Id > after).MinBy(part => part.Id));

    public IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total) => Read($"find chunks of {bucket}/{blob}", tables =>
        tables.UploadsOf(tables.Bucket(bucket), blob).Where(upload => upload.Row.Total == total)
            .SelectMany(upload => tables.ChunksOf(upload.Row.Id)).ToArray());

    public (int Total, IReadOnlyList<WaitingChunk> Chunks)? FindUpload(BucketName bucket, BlobId blob, int? total) =>
        Read<(int, IReadOnlyList<WaitingChunk>)?>($"find upload {bucket}/{blob}", tables =>
            tables.UploadsOf(tables.Bucket(bucket), blob).Where(upload => total is null || upload.Row.Total == total)
                .OrderByDescending(upload => (upload.Row.TouchedAt, upload.Row.Id)).FirstOrDefault() is { } found
                ? (found.Row.Total,
                    [.. tables.ChunksOf(found.Row.Id).Select(chunk => new WaitingChunk(chunk.Position, chunk.Size, tables.Parts[chunk.Part].Row.Sha256))])
                : null);

    public IReadOnlyList<BucketRow> Buckets() => Counts().Buckets;

    public (IReadOnlyList<BucketRow> Buckets, Totals Totals) Counts() => Read<(IReadOnlyList<BucketRow>, Totals)>(
        $"counts", tables => ([.. tables.Buckets.Values.OrderBy(bucket => bucket.Name, StringComparer.Ordinal)], tables.Totals));

    public BucketRow? FindBucket(BucketName bucket) =>
        Read($"find {bucket}", tables => tables.Bucket(bucket) is { } number ? tables.Buckets[number] : null);

    public long EpochOf(BucketName bucket) => Tables.Epochs.GetValueOrDefault(bucket.Value);

    public bool AnySpentBefore(UnixSeconds time) => Read($"expired uses", tables => tables.Spent.Values.Any(spent => spent.Until < time));

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) =>
        Read($"what waits beside {position}/{total}", tables => tables.WaitingBeside(bucket, blob, total, position));

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) =>
        Read($"find {nonce}", tables => tables.Spent.GetValueOrDefault((bucket.Value, blob, nonce)));

    public IReadOnlyList<ListedBlob> List(BucketName? bucket, ListPosition? after, int limit, long offset) =>
        throw new NotSupportedException("lists are for people; nothing that is simulated reads one");

    public (IReadOnlyList<ListedBlob> Page, long Total) ListById(
        BucketName? bucket, BlobId from, BlobId to, ListPosition? after, int limit, long offset) =>
        throw new NotSupportedException("lists are for people; nothing that is simulated reads one");

    public bool NamesFile(Digest sha256, string nonce) => Read($"names {nonce}", tables =>
        tables.Parts.Values.Any(part => part.Row.Place is PartPlace.File file && file.Nonce == nonce && part.Row.Sha256.Equals(sha256)));

    public IReadOnlyList<StaleUpload> UploadsUntouchedSince(long time) => Read($"stale uploads", tables =>
        tables.Uploads.Values.Where(upload => upload.Row.TouchedAt < time)
            .Select(upload => new StaleUpload(upload.Row.Id, new MergeKey(NameOf(tables, upload.Bucket), upload.Blob, upload.Row.Total))).ToArray());

    public IReadOnlyList<GarbagePart> Garbage(long after, int limit) => Read($"garbage", tables =>
        tables.Parts.Where(part => part.Key > after && part.Value.IsGarbage).Take(limit)
            .Select(part => new GarbagePart(part.Key, part.Value.Row.Sha256, part.Value.Row.Size, part.Value.Row.Place is PartPlace.File file ? file : new PartPlace.Inline([])))
            .ToArray());

    public void ReserveLog(long bytes)
    {
        // A model has no log.
    }

    public bool ReuseLog() => Fate.Random.Next(2) == 0;

    public (long Free, long All) Pages() => (0, 1);

    public void Dispose()
    {
    }

    private static BucketName NameOf(ModelTables tables, long bucket) =>
        BucketName.Parse(tables.Buckets[bucket].Name).IfLeft(error => throw new InvalidOperationException(error.Code));

    private T Read<T>(FormattableString what, Func<ModelTables, T> read) => Fate.Call(what, () => read(Tables));
}
