using Borderless.Web.View;

namespace Borderless.Web.Storage;

/// <summary>An open store: everything that lives as long as its owner's lock is held.</summary>
internal sealed class Store : IDisposable
{
    private readonly OwnerLock owner;
    private readonly RemovalLock removals;
    private readonly SqliteIndex sqlite;
    private readonly LocalParts localParts;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task removing;
    private readonly Task keeping;
    private readonly Task viewing = Task.CompletedTask;

    private Store(
        OwnerLock owner, RemovalLock removals, DataLayout layout, string id, SqliteIndex index, LocalParts parts, Ballast ballast,
        Health health, StorageSettings settings, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        var strict = settings.Durability == Durability.Strict;
        (this.owner, this.removals) = (owner, removals);
        (Layout, Id, Index, Parts, sqlite, localParts, Health) = (layout, id, index, parts, index, parts, health);
        Space = new Space(disk, layout, settings);
        Committer = new Committer(index, parts, ballast, health, log);
        keeping = new Keeper(index, parts, layout, disk, Space, ballast, Committer, health, time, log).Run(stopping.Token);
        Damage = new DamageReports(Committer, parts, log);
        Finder = new BlobFinder(index, Holds);
        Merger = new Merger(index, parts, Holds, InProgress, Prefixes, Committer, Damage, strict, time, log, stopping.Token);
        removing = new Remover(index, parts, Holds, Committer, BeginRemoval, time, log).Run(stopping.Token);
        if (settings.CreateBucketSymlinks)
        {
            View = new ViewKeeper(index, layout, log);
            Committer.BlobsChanged += View.Note;
            viewing = Task.Run(() => View.Run(stopping.Token));
        }
    }

    public DataLayout Layout { get; }

    public string Id { get; }

    public IIndex Index { get; }

    public IParts Parts { get; }

    public Holds<long> Holds { get; } = new();

    /// <summary>Uploads of which a chunk is on its way, or a merge is running: progress that no row tells yet.</summary>
    public Holds<MergeKey> InProgress { get; } = new();

    /// <summary>What is hashed of unfinished uploads.</summary>
    public Prefixes Prefixes { get; } = new();

    public Health Health { get; }

    public Space Space { get; }

    public Committer Committer { get; }

    public DamageReports Damage { get; }

    /// <summary>Asks to take files out of <c>parts/</c>.</summary>
    public BeginRemoval BeginRemoval => removals.TryBegin;

    public BlobFinder Finder { get; }

    public Merger Merger { get; }

    /// <summary>The keeper of the reading view, if there is to be one.</summary>
    public ViewKeeper? View { get; }

    /// <summary>The length of the index's log, in bytes.</summary>
    public long LogBytes => sqlite.LogBytes;

    /// <summary>Takes the owner's lock, finds or makes the store's identity, and opens index and parts.</summary>
    public static Either<StartProblem, Store> Open(StorageSettings settings, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        var layout = DataLayout.Of(settings);
        return OwnerLock.Take(layout.Lock).Bind(owner => OpenOwned(owner, settings, layout, disk, time, log));
    }

    /// <summary>Ends the hashing of merges, the removal of garbage and the keeping of the view. Reads and writes still work.</summary>
    public void StopBackground() => stopping.Cancel();

    public void Dispose()
    {
        StopBackground();
        foreach (var background in new[] { removing, keeping, viewing })
        {
            background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }

        Merger.Dispose();
        Prefixes.Dispose();
        Committer.Dispose();
        localParts.Dispose();
        sqlite.Dispose();
        stopping.Dispose();
        removals.Dispose();
        owner.Dispose();
    }

    private static Either<StartProblem, Store> OpenOwned(
        OwnerLock owner, StorageSettings settings, DataLayout layout, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        try
        {
            var opened =
                from id in StoreIdentity.Establish(disk, layout, () => Guid.NewGuid().ToString())
                from probed in Probe(disk, layout)
                from served in TakeOffBackupMark(disk, layout)
                select Opened(owner, layout, id, settings, disk, time, log);
            if (opened.IsLeft)
            {
                owner.Abandon();
            }

            return opened;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            owner.Dispose();
            return new StartProblem($"the store cannot be opened: {error.Message}");
        }
    }

    private static Store Opened(
        OwnerLock owner, DataLayout layout, string id, StorageSettings settings, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        var strict = settings.Durability == Durability.Strict;
        var removals = new RemovalLock(layout.RemovalLock);
        var health = new Health();
        var ballast = new Ballast(disk, layout.Ballast, health, log);
        var index = OpenIndex(ballast, () => new SqliteIndex(layout.IndexPath, strict, time, log));
        ballast.Make();
        var parts = new LocalParts(disk, layout, strict, NewNonce, health, log);
        return new Store(owner, removals, layout, id, index, parts, ballast, health, settings, disk, time, log);
    }

    /// <summary>Also on a full disk: then with the room that an earlier process kept for this.</summary>
    private static SqliteIndex OpenIndex(Ballast ballast, Func<SqliteIndex> open)
    {
        try
        {
            return open();
        }
        catch (IndexException error) when (error.IsFull)
        {
            ballast.GiveUp();
            return open();
        }
    }

    /// <summary>A rename that would cross file systems is not atomic, so such a directory is refused at once.</summary>
    private static Either<StartProblem, Unit> Probe(IDisk disk, DataLayout layout)
    {
        // A restore may have left out the directory, which is empty at rest.
        disk.MakeDirectory(layout.Temporary);
        try
        {
            DiskProbe.Run(disk, layout);
            return unit;
        }
        catch (IOException error) when (DiskErrors.IsFull(error))
        {
            // A full disk has to start all the same, so that what fills it can be deleted.
            return unit;
        }
        catch (DiskException error) when (error.Errno == Posix.EXDEV)
        {
            return new StartProblem($"{layout.Temporary} and {layout.Parts} are on different file systems; put both on one");
        }
    }

    /// <summary>
    /// A backup that was started as a store is one from here on, and no later backup may write over it or go on where one was cut off.
    /// </summary>
    private static Either<StartProblem, Unit> TakeOffBackupMark(IDisk disk, DataLayout layout)
    {
        if (File.Exists(layout.BackupMark))
        {
            StoreIdentity.Discard(disk, layout.NewIndex);
            disk.Unlink(layout.BackupMark);
            disk.SyncDirectory(layout.Root);
        }

        return unit;
    }

    /// <summary>A name that no file had before.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
}
