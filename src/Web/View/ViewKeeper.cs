using System.Threading.Channels;
using Borderless.Web.Storage;

namespace Borderless.Web.View;

/// <summary>
/// Keeps <c>buckets/</c>, where people and programs find blobs by name, as files and links. The store never reads it. It follows
/// the index a moment later, off the commit path; what a crash, a stop or a full queue loses, <see cref="Mend"/> finds.
/// </summary>
internal sealed class ViewKeeper
{
    private const int Batch = 100;

    private readonly IIndexReader index;
    private readonly DataLayout layout;
    private readonly Serilog.ILogger log;
    private readonly Refresh refresh;
    private readonly Channel<BlobChange> queue;
    private volatile bool isFull;

    /// <param name="index">What there is.</param>
    /// <param name="layout">Where the view is.</param>
    /// <param name="log">Where failures go; nobody else hears of them.</param>
    /// <param name="capacity">How many changes may wait.</param>
    public ViewKeeper(IIndexReader index, DataLayout layout, Serilog.ILogger log, int capacity = 10_000)
    {
        (this.index, this.layout, this.log) = (index, layout, log);
        refresh = new Refresh(index, layout);
        queue = Channel.CreateBounded<BlobChange>(new BoundedChannelOptions(capacity) { SingleReader = true });
    }

    /// <summary>Takes note of what a commit changed. It never waits: what does not fit in the queue is left to the janitor.</summary>
    public void Note(IReadOnlyCollection<BlobChange> changes)
    {
        foreach (var change in changes)
        {
            if (!queue.Writer.TryWrite(change) && !isFull)
            {
                isFull = true;
                log.Warning("the reading view lags behind; what does not fit in its queue is left to the janitor");
            }
        }
    }

    /// <summary>Follows the changes until the token is cancelled.</summary>
    public async Task Run(CancellationToken stopping)
    {
        try
        {
            while (await queue.Reader.WaitToReadAsync(stopping))
            {
                Report(Guarded(() => Follow([.. Waiting()], stopping)));
            }
        }
        catch (OperationCanceledException)
        {
            // The store goes down; the janitor of the next start mends what still waits.
        }
    }

    /// <summary>Compares all of the view with all of the index, page by page, and makes and removes what differs.</summary>
    public Refreshed Mend(CancellationToken stopping)
    {
        var mended = Guarded(() => MendBuckets(stopping));
        if (mended.Made + mended.Removed > 0)
        {
            log.Information("janitor: made {Made} and removed {Removed} names of the reading view", mended.Made, mended.Removed);
        }

        Report(mended);
        return mended;
    }

    private IEnumerable<BlobChange> Waiting()
    {
        for (var i = 0; i < Batch && queue.Reader.TryRead(out var change); i++)
        {
            yield return change;
        }

        isFull &= queue.Reader.Count > 0;
    }

    private Refreshed Follow(IReadOnlyList<BlobChange> changes, CancellationToken stopping) =>
        Sum(
            changes.GroupBy(change => change.Bucket),
            bucket => bucket.Any(change => change.Blob is null) && index.FindBucket(bucket.Key) is null
                ? refresh.Buckets([bucket.Key.Value])
                : refresh.Blobs(bucket.Key, bucket.Select(change => change.Blob?.ToString()).OfType<string>().Distinct()),
            stopping);

    private Refreshed MendBuckets(CancellationToken stopping)
    {
        var buckets = index.Buckets().Select(row => row.Name).ToArray();
        return Sum(ViewDisk.Names(layout.View).Union(buckets).Chunk(Batch), refresh.Buckets, stopping)
            + Sum(buckets.Bind(name => BucketName.Parse(name).ToSeq()), bucket => Guarded(() => MendBucket(bucket, stopping)), stopping);
    }

    /// <summary>First the names that should be there, then those that are: neither list is ever whole in memory.</summary>
    private Refreshed MendBucket(BucketName bucket, CancellationToken stopping) =>
        Sum(Pages(bucket), page => refresh.Blobs(bucket, page.Select(blob => blob.Blob.ToString())), stopping)
        + Sum(ViewDisk.Names(Path.Combine(layout.View, bucket.Value)).Chunk(Batch), names => refresh.Blobs(bucket, names), stopping);

    private IEnumerable<IReadOnlyList<ListedBlob>> Pages(BucketName bucket)
    {
        for (var page = index.List(bucket, null, Batch, 0); page.Count > 0;)
        {
            yield return page;
            var last = page[^1];
            page = index.List(bucket, new ListPosition(last.Row.CreatedAt, last.Blob, last.Bucket), Batch, 0);
        }
    }

    private static Refreshed Sum<T>(IEnumerable<T> items, Func<T, Refreshed> change, CancellationToken stopping)
    {
        var all = new Refreshed();
        foreach (var item in items)
        {
            stopping.ThrowIfCancellationRequested();
            all += change(item);
        }

        return all;
    }

    private void Report(Refreshed refreshed)
    {
        if (refreshed.Failed > 0)
        {
            log.Warning("the reading view is not up to date, {Count} changes failed: {Reason}", refreshed.Failed, refreshed.Reason);
        }
    }

#pragma warning disable CA1031 // The view is a convenience: whatever breaks it, the store goes on.
    private static Refreshed Guarded(Func<Refreshed> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new(0, 0, 1, error.Message);
        }
    }
#pragma warning restore CA1031
}
