using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Observe;

namespace Borderless.Web.Storage;

/// <summary>Which upload in chunks is meant.</summary>
internal readonly record struct MergeKey(BucketName Bucket, BlobId Blob, int Total);

/// <summary>What a merge is asked to make: under which rules, with which headers, and of which digest, if that was said.</summary>
internal sealed record MergeRequest(WriteRules Rules, ContentHeaders Headers, Seq<Digest> Expected);

/// <summary>
/// Makes a blob of the chunks that arrived. It copies nothing: it reads the parts once for the digest of the whole, on threads of
/// its own and as far as they were not hashed while they arrived, and then one transaction names them. It goes on when its client has
/// left, so that a retry finds it done.
/// </summary>
internal sealed class Merger(
    IIndex index, IParts parts, Holds<long> holds, Holds<MergeKey> inProgress, Prefixes prefixes, Committer committer, DamageReports damage,
    bool strict, TimeProvider time, Serilog.ILogger log, CancellationToken stopping, int hashThreads = Merger.HashThreads)
    : IDisposable
{
    public const int HashThreads = 2;
    private const int ReadBytes = 256 << 10;

    private readonly WorkerThreads hashing = new(hashThreads, "merge");
    private readonly Lock gate = new();
    private readonly Dictionary<(MergeKey, MergeRequest), Task<Either<StoreError, StoredBlob>>> running = [];

    /// <summary>
    /// Merges, or waits for the merge of the same blob and total that runs, and finds it done. One that asks for something else
    /// runs beside it, for what refuses the one may permit the other.
    /// </summary>
    public async Task<Either<StoreError, StoredBlob>> Merge(MergeKey key, MergeRequest request) =>
        from stored in await Share(key, request)
        from expected in DigestFields.Check(request.Expected, stored.Sha256)
        select stored;

    public void Dispose() => hashing.Dispose();

    /// <summary>
    /// One that ran already when we asked may have looked before a chunk came that was acknowledged to us, so its answer is ours only
    /// when it says that nothing can be known now. Otherwise we ask again, which hashes nothing where it was done, and share with all
    /// who waited as we did.
    /// </summary>
    private async Task<Either<StoreError, StoredBlob>> Share(MergeKey key, MergeRequest request)
    {
        var (merge, isOurs) = Join(key, request);
        var answer = await merge;
        return isOurs || answer.Case is StoreError { Kind: ErrorKind.Unavailable }
            ? answer
            : await Join(key, request).Merge;
    }

    private (Task<Either<StoreError, StoredBlob>> Merge, bool IsOurs) Join(MergeKey key, MergeRequest request)
    {
        lock (gate)
        {
            return running.TryGetValue((key, request), out var merge)
                ? (merge, false)
                : (running[(key, request)] = RunAndForget(key, request), true);
        }
    }

    private async Task<Either<StoreError, StoredBlob>> RunAndForget(MergeKey key, MergeRequest request)
    {
        // The caller's lock ends before the merge begins.
        await Task.Yield();

        // Hashing is progress: the janitor does not take chunks from under it.
        using var progress = inProgress.Hold([key]);
        try
        {
            return await Run(key, request);
        }
        catch (OperationCanceledException)
        {
            return new StoreError.ShuttingDown();
        }
        catch (DamagedChunkException error)
        {
            log.Error("a merge met a damaged part: {Reason}", error.Message);
            return new StoreError.BlobDamaged(error.Position);
        }
        catch (IOException error)
        {
            log.Error("a merge failed because the disk or the index did: {Reason}", error.Message);
            return new StoreError.StorageUnavailable();
        }
        finally
        {
            lock (gate)
            {
                _ = running.Remove((key, request));
            }
        }
    }

    private async Task<Either<StoreError, StoredBlob>> Run(MergeKey key, MergeRequest request)
    {
        using var hash = new MergeHash();

        // What was synced stays so when a chunk that follows is replaced and the rest is hashed again.
        var syncedNow = new List<long>();
        var chunks = index.FindChunks(key.Bucket, key.Blob, key.Total);
        while (true)
        {
            using var hold = holds.Hold([.. chunks.Select(chunk => chunk.Part)]);
            var (existing, spent) = (index.FindBlob(key.Bucket, key.Blob)?.Blob, Decisions.Spent(index.FindSpent, key.Bucket, key.Blob, request.Rules));
            if (index.FindChunks(key.Bucket, key.Blob, key.Total) is var now && !now.SequenceEqual(chunks))
            {
                chunks = now;
                continue;
            }

            // The chunks are as they were before the blob was looked up, so that all is judged as it was at one moment.
            var judged = Judge(key, request, existing, spent, chunks);
            if (judged.Case is not Option<StoredBlob> { IsNone: true })
            {
                return judged.Map(repeated => repeated.IfNone(() => throw new InvalidOperationException("a repetition has an answer")));
            }

            // Waiting for a thread costs none: the work is queued.
            var hashed = await HashOnThread(key, hash, chunks, syncedNow);
            if (DigestFields.Check(request.Expected, hashed.Whole).Case is StoreError mismatch)
            {
                return mismatch;
            }

            var result = await committer.Commit(tx => Decisions.Merge(tx, key.Bucket, key.Blob, request.Rules, key.Total, request.Headers, hashed));
            switch (result.Case)
            {
                case MergeResult.Done done:
                    prefixes.Forget(upload => upload == key);
                    return done.Blob;
                case MergeResult.Changed changed:
                    chunks = changed.Chunks;
                    break;
                default:
                    return (StoreError)result.Case;
            }
        }
    }

    /// <summary>Refuses early, or finds the answer of a merge that was done before; decided again in the transaction.</summary>
    private Either<StoreError, Option<StoredBlob>> Judge(
        MergeKey key, MergeRequest request, BlobRow? existing, SpentLink? spent, IReadOnlyList<ChunkRow> chunks) =>
        from repeated in Decisions.JudgeMerge(
            existing, spent, request.Rules, key.Total, chunks.Count > 0, time.GetUtcNow().ToUnixTimeMilliseconds())
        from plan in repeated.IsSome
            ? Right<StoreError, Unit>(unit)
            : Chunking.PlanMerge(key.Total, chunks.Select(chunk => chunk.Position)).Map(_ => unit).MapLeft(error => chunks.Count > 0 ? error : WithOther(key, error))
        from fits in repeated.IsSome ? unit : request.Rules.Link.JudgeSize(chunks.Sum(chunk => chunk.Size))
        select repeated;

    /// <summary>Whoever merges under a wrong total is told the right one.</summary>
    private StoreError WithOther(MergeKey key, StoreError error) =>
        error is StoreError.ChunksMissing missing && index.FindUpload(key.Bucket, key.Blob, null) is { Total: var other }
            ? new StoreError.ChunksMissing(missing.Missing, other)
            : error;

    private async Task<HashedChunks> HashOnThread(MergeKey key, MergeHash hash, IReadOnlyList<ChunkRow> chunks, List<long> syncedNow)
    {
        using var step = Traces.Begin("hash");
        return await hashing.Run(() => Hash(key, hash, chunks, syncedNow));
    }

    private HashedChunks Hash(MergeKey key, MergeHash hash, IReadOnlyList<ChunkRow> chunks, List<long> syncedNow)
    {
        hash.KeepCommonPrefix(chunks);
        if (hash.Count == 0)
        {
            BeginWithWhatArrived(key, hash, chunks, syncedNow);
        }

        foreach (var chunk in chunks.Skip(hash.Count))
        {
            var part = PartOf(chunk);
            try
            {
                hash.Append(chunk, state => ReadVerified(part, state));
            }
            catch (FileNotFoundException error)
            {
                // A chunk that is sent again heals it.
                _ = damage.Report(part, error.Message);
                throw new DamagedChunkException(chunk, error.Message);
            }

            Sync(part, syncedNow);
        }

        return new HashedChunks(chunks, hash.Whole(), syncedNow);
    }

    /// <summary>
    /// Takes what was hashed while it arrived, if the upload has these very chunks. Rows are no proof of that, for their numbers may come
    /// again; the digests of the parts that they name are.
    /// </summary>
    private void BeginWithWhatArrived(MergeKey key, MergeHash hash, IReadOnlyList<ChunkRow> chunks, List<long> syncedNow)
    {
        using var arrived = prefixes.Copy(key);
        var present = ChunkList.Empty;
        foreach (var part in chunks.Take(arrived?.Chunks.Count ?? 0).Select(PartOf))
        {
            Sync(part, syncedNow);
            present = present.Add(new Stored(part.Size, part.Sha256));
        }

        if (arrived?.Chunks == present)
        {
            hash.Begin(chunks, arrived);
        }
    }

    private PartRow PartOf(ChunkRow chunk) => index.FindParts([chunk.Part])[0] switch
    {
        null => throw new DamagedChunkException(chunk, "has no row"),
        { Damaged: true } => throw new DamagedChunkException(chunk, "is marked so"),
        var part => part,
    };

    private void Sync(PartRow part, List<long> syncedNow)
    {
        if (strict && !part.Synced && part.Place is PartPlace.File file)
        {
            parts.Sync(part.Sha256, file);
            syncedNow.Add(part.Id);
        }
    }

    /// <summary>
    /// Each part is held against its own digest too: the whole of rotten parts would else be acknowledged, under a digest that
    /// nobody sent.
    /// </summary>
    private void ReadVerified(PartRow part, IncrementalHash whole)
    {
        using var own = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Read(part, bytes =>
        {
            whole.AppendData(bytes);
            own.AppendData(bytes);
        });
        if (!Digest.From(own.GetHashAndReset()).Equals(part.Sha256))
        {
            throw new FileNotFoundException($"the bytes of part {part.Id} are not those of its digest {part.Sha256}");
        }
    }

    private void Read(PartRow part, Action<ReadOnlySpan<byte>> sink)
    {
        if (part.Place is PartPlace.Inline inline)
        {
            sink(inline.Bytes);
            return;
        }

        using var file = parts.Open(part.Sha256, (PartPlace.File)part.Place);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            for (long offset = 0; offset < part.Size;)
            {
                stopping.ThrowIfCancellationRequested();
                var read = file.Read(buffer.AsSpan(0, (int)Math.Min(ReadBytes, part.Size - offset)), offset);
                if (read == 0)
                {
                    throw new FileNotFoundException($"part {part.Id} ends at {offset} of {part.Size} bytes");
                }

                sink(buffer.AsSpan(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class DamagedChunkException(ChunkRow chunk, string reason) : Exception($"part {chunk.Part}: {reason}")
    {
        public int Position => chunk.Position;
    }
}
