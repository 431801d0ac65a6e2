namespace Borderless.Web.Storage;

/// <summary>
/// Brings a store back that could not take writes: looks every second whether a full disk has room again, a failed disk writes
/// again, and an index in doubt can be read again, without waiting for somebody's request to try it. And it takes deleted bytes
/// that lived in the index off the disk.
/// </summary>
internal sealed class Keeper(
    SqliteIndex index, LocalParts parts, DataLayout layout, IDisk disk, Space space, Ballast ballast, Committer committer, Health health, TimeProvider time, Serilog.ILogger log)
{
    private const int PagesGivenBackAtOnce = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task Run(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            try
            {
                await Look(stopping);
            }
#pragma warning disable CA1031 // Whatever stopped this look must not stop the next.
            catch (Exception error) when (error is not OperationCanceledException)
            {
                log.Warning("the store could not be brought back now: {Reason}", error.Message);
            }
#pragma warning restore CA1031
        }
    }

    private async Task Look(CancellationToken stopping)
    {
        if (health.Has(Ailment.IndexUnavailable))
        {
            // Whatever comes next makes the committer read the index again.
            _ = await committer.Commit<Unit>(_ => unit, frees: true);
        }
        else if (IsSpoiled())
        {
            health.Set(Ailment.IndexUnavailable, true);
        }
        else if (index.OwesErasure && !ballast.IsGivenUp)
        {
            // Without a ballast the log is room to write deletes into.
            index.Erase();
        }

        if (NeedsRoom())
        {
            await MakeRoom(stopping);
        }

        if (health.Has(Ailment.DiskFailed))
        {
            Probe();
        }
    }

    /// <summary>Whether somebody's hand is in the index's file.</summary>
    private bool IsSpoiled()
    {
        try
        {
            index.MustBeWhole();
            return false;
        }
        catch (IndexException error)
        {
            log.Error("the index cannot be read: {Reason}", error.Message);
            return true;
        }
    }

    /// <summary>
    /// Deleted small bodies left free pages in the index, and the index's log keeps the length that it once had: both go back to
    /// the file system. The log goes last, because as long as there is no ballast it is room to write deletes into.
    /// </summary>
    private async Task MakeRoom(CancellationToken stopping)
    {
        while (NeedsRoom() && await GaveBack())
        {
            stopping.ThrowIfCancellationRequested();
        }

        if (NeedsRoom() && (!ballast.IsGivenUp || space.Room() + index.LogBytes > ballast.Size))
        {
            index.RestartLog();
            _ = NeedsRoom();
        }
    }

    private bool NeedsRoom() => !ballast.TryRegain(space.Room()) || space.Room() <= 0;

    /// <returns>Whether the index became smaller.</returns>
    private async Task<bool> GaveBack()
    {
        var before = index.Pages();
        if (before.Free == 0)
        {
            return false;
        }

        var given = await committer.Commit<Unit>(
            tx =>
            {
                tx.GiveBack(PagesGivenBackAtOnce);
                return unit;
            },
            frees: true);
        return given.IsRight && index.Pages().Free < before.Free;
    }

    private void Probe()
    {
        parts.MustBeOurs();
        DiskProbe.Run(disk, layout);
        health.Set(Ailment.DiskFailed, false);
        log.Information("the disk takes writes again");
    }
}
