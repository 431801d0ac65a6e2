using Borderless.Web.Storage;

namespace Borderless.Web.Backup;

/// <summary>What to back up, and where to.</summary>
internal sealed record BackupRequest(string To, BackupOptions Options, StorageSettings Storage);

/// <summary>How a backup speaks while it runs.</summary>
/// <param name="Show">Shows how far it is. Called often and from any thread.</param>
/// <param name="Tell">Tells of a part that is damaged or was mended. One at a time.</param>
internal sealed record BackupVoice(Action<Func<string>> Show, Action<string> Tell);

/// <summary>
/// The command <c>backup</c>: a copy of the store as it is at one moment, beside a server that runs or without one. It takes no
/// owner's lock, for it changes nothing of the store.
/// </summary>
internal static class BackupCommand
{
    private static readonly TimeSpan SaysThatItWaits = TimeSpan.FromSeconds(1);

    /// <summary>Checks both directories, and backs up.</summary>
    /// <returns>What was done, or why nothing was begun.</returns>
    public static async Task<Either<StartProblem, BackupReport>> Run(
        BackupRequest request, IDisk disk, BackupVoice voice, CancellationToken stop)
    {
        try
        {
            var source = DataLayout.Of(request.Storage);
            var checkedPlaces =
                from id in StoreIdentity.Find(source)
                from target in BackupTarget.Locate(request.To, source)
                from free in BackupTarget.Judge(target, id)
                select new BackupPlaces(id, source, target);
            return await checkedPlaces.Match(
                Right: places => WithoutRemovals(places, request.Options, disk, voice, stop),
                Left: problem => Task.FromResult<Either<StartProblem, BackupReport>>(problem));
        }
        catch (OperationCanceledException)
        {
            return BackupReport.Empty with { Stopped = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new StartProblem($"the backup cannot be begun: {error.Message}");
        }
    }

    private static async Task<Either<StartProblem, BackupReport>> WithoutRemovals(
        BackupPlaces places, BackupOptions options, IDisk disk, BackupVoice voice, CancellationToken stop)
    {
        using var removals = new RemovalLock(places.Source.RemovalLock);

        // A thread that still waits when it is stopped is left behind, and ends with the process.
        var shared = Task.Run(removals.Share, CancellationToken.None);
        if (await Task.WhenAny(shared, Task.Delay(SaysThatItWaits, stop)) != shared)
        {
            voice.Show(() => "backing up: waiting for a removal of deleted parts, or a repair of this store, to end");
        }

        await shared.WaitAsync(stop);
        return Own(places, disk).Map(owner =>
        {
            using (owner)
            {
                return new BackupRun(places, options, disk, voice, stop).Run();
            }
        });
    }

    /// <summary>No server may start on the target meanwhile, and no other backup may write into it.</summary>
    private static Either<StartProblem, OwnerLock> Own(BackupPlaces places, IDisk disk)
    {
        var target = places.Target;
        if (!File.Exists(target.Identity))
        {
            // Synced also where it is there: whoever made it may have been killed before that.
            disk.MakeDirectory(target.Root);
            disk.SyncDirectory(Path.GetDirectoryName(target.Root) ?? target.Root);
        }

        return OwnerLock.Take(target.Lock)
            .MapLeft(problem => new StartProblem($"--to {target.Root}: {problem.Message}"))
            .Bind(owner =>
            {
                // Once more, now that nobody else can change the answer.
                var free = BackupTarget.Judge(target, places.StoreId);
                free.IfLeft(_ => owner.Dispose());
                return free.Map(_ => owner);
            });
    }
}
