using System.Diagnostics;
using System.Threading.Channels;
using Borderless.Web.Observe;

namespace Borderless.Web.Storage;

/// <summary>
/// The one writer. It takes whatever waits as one batch, makes the batch's files durable, commits all rows in one transaction,
/// and only then answers: an acknowledgement means durable, and the price of a sync is shared by all who waited for it.
/// </summary>
internal sealed class Committer : IDisposable
{
    private const int MaxBatch = 1024;

    /// <summary>Of bytes that go into the index with their rows, so that one batch adds only so much to its log.</summary>
    private const long MaxBatchBytes = 16 << 20;

    private readonly IIndex index;
    private readonly IParts parts;
    private readonly Ballast ballast;
    private readonly Health health;
    private readonly Serilog.ILogger log;
    private readonly Channel<Work> queue = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<LandedPart> doubtful = [];
    private readonly Thread? thread;
    private int waiting;

    /// <summary>Starts the thread that commits, or none where the owner calls <see cref="CommitWaiting"/> and so says when.</summary>
    public Committer(IIndex index, IParts parts, Ballast ballast, Health health, Serilog.ILogger log, bool ownThread = true)
    {
        (this.index, this.parts, this.ballast, this.health, this.log) = (index, parts, ballast, health, log);
        thread = ownThread ? new Thread(Loop) { IsBackground = true, Name = "committer" } : null;
        thread?.Start();
    }

    /// <summary>Called after a commit in which parts lost their last reference.</summary>
    public event Action? MadeGarbage;

    /// <summary>Called after a commit for each file of damaged bytes in whose place equal ones came, which no row names any more.</summary>
    public event Action<LandedPart>? Replaced;

    /// <summary>
    /// Called after a commit that stored, replaced or deleted blobs, and after its requests were answered; never after one whose
    /// outcome is unknown. The committer waits for it, so it must be short, and must not throw.
    /// </summary>
    public event Action<IReadOnlyCollection<BlobChange>>? BlobsChanged;

    /// <summary>Called after each batch with what it took. The committer waits for it, so it must be short, and must not throw.</summary>
    public event Action<BatchTimes>? Ran;

    /// <summary>How many operations wait for a batch.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Commits a part with what the decision makes of it. The part is the committer's from here on.</summary>
    /// <returns>The decision's result, durable; or why nothing was changed; or that the outcome is unknown (503).</returns>
    public Task<Either<StoreError, T>> Commit<T>(ReceivedPart part, Func<ITransaction, LandedPart, Either<StoreError, T>> decide) =>
        Enqueue(new Work<T>(part, first: false, frees: false, decide));

    /// <summary>Commits what the decision does; what frees room is done also when there is none.</summary>
    public Task<Either<StoreError, T>> Commit<T>(Func<ITransaction, Either<StoreError, T>> decide, bool frees = false) =>
        Enqueue(new Work<T>(null, first: false, frees, (tx, _) => decide(tx)));

    /// <summary>
    /// Commits what frees room, before anything else of its batch, so that it sees what every reader sees: the state
    /// that the last batch left.
    /// </summary>
    public Task<Either<StoreError, T>> CommitFirst<T>(Func<ITransaction, Either<StoreError, T>> decide) =>
        Enqueue(new Work<T>(null, first: true, frees: true, (tx, _) => decide(tx)));

    /// <summary>Notes that a part's bytes are missing or rotten, so that equal bytes which come in take its place.</summary>
    public Task MarkDamaged(PartRow part) => Commit<Unit>(tx =>
    {
        tx.MarkDamaged(part);
        return unit;
    });

    /// <summary>Commits what waits, as far as it makes one batch; for one thread only.</summary>
    /// <returns>False when nothing waited.</returns>
    public bool CommitWaiting()
    {
        var batch = new List<Work>();
        for (var bytes = 0L; batch.Count < MaxBatch && bytes < MaxBatchBytes && queue.Reader.TryRead(out var work);)
        {
            batch.Add(work);
            bytes += work.Part is ReceivedPart.Inline inline ? inline.Size : 0;
        }

        if (batch.Count == 0)
        {
            return false;
        }

        _ = Interlocked.Add(ref waiting, -batch.Count);
        var times = new BatchTimes(batch.Count);
        batch.Iter(work => work.Times = times);
        try
        {
            Run(times, [.. batch.OrderBy(work => work.First ? 0 : 1)]);
        }
#pragma warning disable CA1031 // The one writer must live on, whatever a batch brought.
        catch (Exception error)
        {
            log.Error(error, "a batch failed in a way that nothing foresaw");
            Doubt(batch, new StoreError.StorageUnavailable());
            batch.Where(work => work.Landed is null).Iter(work => work.Part?.Dispose());
        }
#pragma warning restore CA1031
        Ran?.Invoke(times);
        return true;
    }

    /// <summary>Ends after everything that waits was committed. What comes later is refused.</summary>
    public void Dispose()
    {
        _ = queue.Writer.TryComplete();
        thread?.Join();
    }

    private Task<Either<StoreError, T>> Enqueue<T>(Work<T> work)
    {
        _ = Interlocked.Increment(ref waiting);
        if (!queue.Writer.TryWrite(work))
        {
            _ = Interlocked.Decrement(ref waiting);
            Refuse([work], new StoreError.ShuttingDown());
        }

        return Traces.Request is { } request ? Traced(work, request) : work.Done;
    }

    /// <summary>The steps are the batch's, and its spans so long, whoever else waited for them. The request adds them, not the committer.</summary>
    private static async Task<Either<StoreError, T>> Traced<T>(Work<T> work, Activity request)
    {
        var result = await work.Done;
        if (work.Part is ReceivedPart.File && work.Times?.Landing is { } landing)
        {
            Traces.Add(request, "sync", landing.From, landing.To, BatchTimes.Tag, work.Times.Operations);
        }

        if (work.Times?.Commit is { } commit)
        {
            Traces.Add(request, "commit", commit.From, commit.To, BatchTimes.Tag, work.Times.Operations);
        }

        return result;
    }

    private void Loop()
    {
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            _ = CommitWaiting();
        }
    }

    private void Run(BatchTimes times, IReadOnlyList<Work> batch)
    {
        if (health.Has(Ailment.IndexUnavailable) && !Reopened())
        {
            Refuse(batch, new StoreError.StorageUnavailable());
            return;
        }

        if (ballast.IsGivenUp)
        {
            Refuse([.. batch.Where(work => !work.Frees)], new StoreError.InsufficientStorage());
            batch = [.. batch.Where(work => work.Frees)];
        }

        // 1 to 3: the bytes become durable under their final names.
        var withPart = batch.Where(work => work.Part is not null).ToArray();
        var hasFiles = withPart.Any(work => work.Part is ReceivedPart.File);
        var landing = Stopwatch.GetTimestamp();
        var landed = withPart.Length == 0 ? [] : parts.Land([.. withPart.Select(work => work.Part!)]);
        times.Landing = hasFiles ? new Interval(landing, Stopwatch.GetTimestamp()) : null;
        for (var i = 0; i < withPart.Length; i++)
        {
            landed[i].Match(Right: part => withPart[i].Landed = part, Left: withPart[i].Refuse);
        }

        // 4: one transaction for all rows.
        IReadOnlyList<Work> ready = [.. batch.Where(work => work.Part is null || work.Landed is not null)];
        if (ready.Count == 0)
        {
            return;
        }

        var deciding = Stopwatch.GetTimestamp();
        var done = Decide(ready);
        times.Commit = new Interval(deciding, Stopwatch.GetTimestamp());
        if (done is not { } committed)
        {
            return;
        }

        // 5: only now is anybody told.
        committed.Works.Iter(work => work.Complete());
        committed.Named.Iter(parts.Settle);
        _ = Clear(committed.Unnamed);
        if (committed.MadeGarbage)
        {
            MadeGarbage?.Invoke();
        }

        committed.Replaced.Iter(file => Replaced?.Invoke(file));
        if (committed.Changes.Count > 0)
        {
            BlobsChanged?.Invoke(committed.Changes);
        }
    }

    /// <returns>What the committed batch left behind, or null when the commit failed and everybody was told so.</returns>
    private Committed? Decide(IReadOnlyList<Work> ready, bool logIsReused = false)
    {
        try
        {
            return index.Commit(tx =>
            {
                ready.Iter(work => work.Decide(tx));
                var landed = ready.Select(work => work.Landed).OfType<LandedPart>().ToLookup(tx.Names);
                return new Committed(ready, [.. landed[true]], [.. landed[false]], tx.Replaced, tx.MadeGarbage, tx.Changes);
            });
        }
        catch (IndexException error) when (error.IsCertain)
        {
            // Nothing was committed. With the ballast's room what frees room can be, and when the log has used that up, with the log's.
            log.Error("there is no room to commit {Count} operations; only deletes are done until there is: {Reason}", ready.Count, error.Message);
            var hadBallast = !ballast.IsGivenUp;
            GiveUpBallast();
            var reuses = !hadBallast && !logIsReused && index.ReuseLog();
            var retried = hadBallast || reuses ? ready.Where(work => work.Frees).ToArray() : [];
            var refused = ready.Except(retried).ToArray();
            refused.Iter(work => work.Refuse(new StoreError.InsufficientStorage()));
            _ = Clear([.. refused.Select(work => work.Landed).OfType<LandedPart>()]);
            return retried.Length == 0 ? null : Decide(retried, logIsReused || reuses);
        }
        catch (IOException error)
        {
            // The outcome is unknown: the log may bring the commit back at the next start. So no file is removed, and nothing is
            // written until the index was read again.
            log.Error("the index failed to commit {Count} operations; no writes until it was read again: {Reason}", ready.Count, error.Message);
            if (DiskErrors.IsFull(error))
            {
                GiveUpBallast();
            }

            Doubt(ready, DiskErrors.ToStoreError(error));
            return null;
        }
    }

    /// <summary>Its room becomes the log's before another program can take it.</summary>
    private void GiveUpBallast()
    {
        ballast.GiveUp();
        index.ReserveLog(ballast.Size);
    }

    private void Doubt(IReadOnlyList<Work> batch, StoreError error)
    {
        health.Set(Ailment.IndexUnavailable, true);
        doubtful.AddRange(batch.Select(work => work.Landed).OfType<LandedPart>());
        batch.Iter(work => work.Refuse(error));
    }

    private bool Reopened()
    {
        try
        {
            index.Reopen();
            var named = doubtful.ToLookup(part => part.Place is PartPlace.File file && index.NamesFile(part.Sha256, file.Nonce));
            named[true].Iter(parts.Settle);
            _ = Clear([.. named[false]]);
            doubtful.Clear();
            health.Set(Ailment.IndexUnavailable, false);
            log.Information("the index was closed, reopened and read again; the store takes writes");
            return true;
        }
        catch (IOException error)
        {
            log.Error("the index cannot be reopened; the store takes no writes: {Reason}", error.Message);
            return false;
        }
    }

    /// <summary>Removes bytes that no row names, because equal ones were there or their operation was refused, off this thread.</summary>
    private async Task Clear(IReadOnlyList<LandedPart> unnamed)
    {
        var files = unnamed.Where(part => part.Place is PartPlace.File).ToArray();
        if (files.Length > 0)
        {
            await Task.Yield();
            files.Iter(Remove);
        }
    }

    private void Remove(LandedPart part)
    {
        try
        {
            parts.Remove(part.Sha256, (PartPlace.File)part.Place);
        }
        catch (IOException error)
        {
            log.Warning("a file without a row is left to the janitor: {Reason}", error.Message);
        }
        finally
        {
            parts.Settle(part);
        }
    }

    private static void Refuse(IReadOnlyList<Work> batch, StoreError error)
    {
        foreach (var work in batch)
        {
            work.Part?.Dispose();
            work.Refuse(error);
        }
    }

    private sealed record Committed(
        IReadOnlyList<Work> Works, IReadOnlyList<LandedPart> Named, IReadOnlyList<LandedPart> Unnamed, IReadOnlyList<LandedPart> Replaced,
        bool MadeGarbage, IReadOnlyCollection<BlobChange> Changes);

    /// <summary>One operation that waits, whatever its result is.</summary>
    private abstract class Work(ReceivedPart? part, bool first, bool frees)
    {
        public ReceivedPart? Part => part;

        public bool First => first;

        public bool Frees => frees;

        public LandedPart? Landed { get; set; }

        /// <summary>Those of the batch that it came to be in.</summary>
        public BatchTimes? Times { get; set; }

        public abstract void Decide(ITransaction tx);

        public abstract void Complete();

        public abstract void Refuse(StoreError error);
    }

    private sealed class Work<T>(ReceivedPart? part, bool first, bool frees, Func<ITransaction, LandedPart, Either<StoreError, T>> decide)
        : Work(part, first, frees)
    {
        private readonly TaskCompletionSource<Either<StoreError, T>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Either<StoreError, T> result;

        public Task<Either<StoreError, T>> Done => done.Task;

        public override void Decide(ITransaction tx) => result = decide(tx, Landed!);

        public override void Complete() => done.TrySetResult(result);

        public override void Refuse(StoreError error) => done.TrySetResult(error);
    }
}
