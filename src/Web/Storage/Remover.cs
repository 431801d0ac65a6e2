using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Borderless.Web.Storage;

/// <summary>
/// Gives back the room of parts that nothing names any more: first their rows, then, after that commit, their files; and that of files
/// of damaged parts, once the commit is done that put equal bytes in their place.
/// </summary>
internal sealed class Remover(
    IIndex index, IParts parts, Holds<long> holds, Committer committer, BeginRemoval begin, TimeProvider time, Serilog.ILogger log)
{
    private const int Batch = 500;

    /// <summary>Of bytes in rows: what overwrites them goes through the index's log, which on a full disk has the ballast's room only.</summary>
    private const long BatchBytes = 256 << 10;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<LandedPart> replaced = [];
    private volatile bool someAreHeld = true;

    /// <summary>Runs until the token is cancelled; the first time at once, for what an earlier process left.</summary>
    public async Task Run(CancellationToken stopping)
    {
        committer.MadeGarbage += Wake;
        committer.Replaced += Take;
        holds.Released += WakeIfSomeWereHeld;
        Wake();
        try
        {
            await foreach (var _ in wakes.Reader.ReadAllAsync(stopping))
            {
                if (!await RunOnce(stopping))
                {
                    await Task.Delay(RetryAfter, time, stopping);
                    Wake();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The store goes down; what is left is garbage with a row, and the next start's.
        }
        finally
        {
            committer.MadeGarbage -= Wake;
            committer.Replaced -= Take;
            holds.Released -= WakeIfSomeWereHeld;
        }
    }

    /// <summary>Removes all garbage that nobody holds.</summary>
    /// <returns>False when a backup runs, or the index could not do it now.</returns>
    public async Task<bool> RunOnce(CancellationToken stopping)
    {
        try
        {
            using var removal = begin();
            if (removal is null)
            {
                log.Debug("garbage stays while a backup runs");
                return false;
            }

            while (replaced.TryDequeue(out var file))
            {
                Remove(file.Sha256, file.Place);
            }

            // Set before the holds are looked at: one that is let go from here on wakes us again.
            someAreHeld = true;
            var held = 0;
            for (var garbage = Next(0); garbage.Count > 0; garbage = Next(garbage[^1].Id))
            {
                stopping.ThrowIfCancellationRequested();
                var batch = garbage;
                var reaped = await committer.CommitFirst(tx => Decisions.Reap(tx, batch, holds.IsHeld));
                if (reaped.Case is not Seq<GarbagePart> gone)
                {
                    return false;
                }

                gone.Iter(part => Remove(part.Sha256, part.Place));
                held += batch.Count - gone.Count;
            }

            someAreHeld = held > 0;
            return true;
        }
#pragma warning disable CA1031 // Whatever stopped this run must not stop the next.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.Warning(error, "garbage could not be removed now");
            return false;
        }
#pragma warning restore CA1031
    }

    private void Wake() => wakes.Writer.TryWrite(true);

    private void Take(LandedPart file)
    {
        replaced.Enqueue(file);
        Wake();
    }

    private void WakeIfSomeWereHeld()
    {
        if (someAreHeld)
        {
            Wake();
        }
    }

    private IReadOnlyList<GarbagePart> Next(long after)
    {
        var bytes = 0L;
        return [.. index.Garbage(after, Batch).TakeWhile(part => (bytes += part.Place is PartPlace.Inline ? part.Size : 0) <= BatchBytes)];
    }

    private void Remove(Digest digest, PartPlace place)
    {
        if (place is not PartPlace.File file)
        {
            return;
        }

        try
        {
            parts.Remove(digest, file);
        }
        catch (IOException error)
        {
            log.Warning("a file without a row is left to the janitor: {Reason}", error.Message);
        }
    }
}
