using Borderless.Web.Janitor;
using Borderless.Web.Storage;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// One life of a store, from its start to its end in a crash, with clients that do this and that at once. Everything runs on one
/// thread: the syncs of a batch one after the other, the hashing of merges in its turn, and between any two calls of disk or
/// index whatever else may go on.
/// </summary>
internal sealed class Life : ILogEventSink, IDisposable
{
    private const int Deepest = 4;

    private readonly World world;
    private readonly Random random;
    private readonly Fate fate;
    private readonly Turns turns;
    private readonly Health health = new();
    private readonly Ballast ballast;
    private readonly Holds<long> holds = new();
    private readonly Holds<MergeKey> inProgress = new();
    private readonly Prefixes prefixes = new();
    private readonly LocalParts parts;
    private readonly Committer committer;
    private readonly Remover remover;
    private readonly Merger merger;
    private readonly JanitorService janitor;
    private readonly Clients clients;

    /// <summary>How often others come between, of four times; and to how many blob ids the clients keep. Few that are busy meet.</summary>
    private readonly int restless;
    private readonly int crowd;
    private Exception? violation;
    private int depth = Deepest;
    private bool committing;
    private bool removing;
    private bool removeAgain;
    private bool cleaning;
    private int busy;

    /// <summary>Starts the store over what the last life left. Throws <see cref="IOException"/> when it does not come up.</summary>
    public Life(World world, int callsUntilEnd, int failuresPerMille, bool strict)
    {
        (this.world, random) = (world, world.Random);
        (restless, crowd) = (random.Next(1, 4), random.Next(1, world.Histories.Count + 1));
        turns = new Turns(random);
        fate = new Fate(random, callsUntilEnd, failuresPerMille, RunOthers) { Note = world.Note };
        var log = new LoggerConfiguration().MinimumLevel.Error().WriteTo.Sink(this).CreateLogger();
        var (disk, index) = world.Ports(fate, strict);
        parts = new LocalParts(disk, world.Layout, strict, world.Nonce, health, log, syncThreads: 0, filesPerDirectory: 3);
        ballast = new Ballast(disk, world.Layout.Ballast, health, log);
        committer = new Committer(index, parts, ballast, health, log, ownThread: false);
        remover = new Remover(index, parts, holds, committer, World.BeginRemoval, world.Time, log);
        var damage = new DamageReports(committer, parts, log);
        merger = new Merger(index, parts, holds, inProgress, prefixes, committer, damage, strict, world.Time, log, CancellationToken.None, hashThreads: 0);
        var ports = new JanitorPorts(world.Layout, index, parts, inProgress, committer, World.BeginRemoval, _ => { });
        janitor = new JanitorService(ports, disk, new JanitorSettings(World.Ttl, 100_000), world.Time, log);
        clients = new Clients(world, fate, index, parts, committer, merger, new BlobFinder(index, holds), inProgress, prefixes, damage);
        committer.MadeGarbage += WakeRemover;
        holds.Released += WakeRemover;
        depth = 0;
    }

    /// <summary>Runs so many operations of clients, and what goes on behind them, until all is done or the life has ended.</summary>
    public void Run(int operations)
    {
        Under(() =>
        {
            WakeRemover();
            while (!fate.Ended && violation is null && (operations > 0 || Step()))
            {
                if (operations > 0 && busy < 5 && random.Next(3) == 0)
                {
                    operations--;
                    Start(Something());
                }
                else
                {
                    _ = Step();
                }
            }

            LeavesNothingOpen();
            fate.End();
        });
    }

    /// <summary>Where all was done, nothing is in flight or held any more: the janitor and the remover would leave it alone for ever.</summary>
    private void LeavesNothingOpen()
    {
        if (!fate.Ended && !health.Has(Ailment.IndexUnavailable) && parts.InFlight + holds.Count + inProgress.Count is > 0 and var open)
        {
            violation ??= new ViolationException($"{open} files or holds stay although nothing goes on", isLitter: true);
        }
    }

    /// <summary>With the ttl over and nothing failing, the remover and the janitor leave exactly what the index names.</summary>
    public void CleanUp()
    {
        Under(() =>
        {
            world.Time.Advance(TimeSpan.FromSeconds(World.Ttl + 2));
            WakeRemover();
            Start(Clean());
            while (violation is null && Step())
            {
            }

            fate.End();
        });
        var named = world.Index.Tables.Parts.Values.Select(part => part.Row)
            .SelectMany(part => part.Place is PartPlace.File file ? [world.Layout.PartFile(part.Sha256, file)] : System.Array.Empty<string>());
        var stray = world.Disk.AllFiles().Except(named).Except([world.Layout.Ballast]).ToArray();
        var garbage = world.Index.Tables.Parts.Values.Count(part => part.IsGarbage);
        if (stray.Length > 0 || garbage > 0 || world.Index.Tables.Uploads.Count > 0)
        {
            throw new ViolationException($"left behind: {string.Join(' ', stray)}, {garbage} parts of garbage, {world.Index.Tables.Uploads.Count} uploads", isLitter: true);
        }
    }

    /// <summary>What the store calls unforeseen is no failure of the disk, which is all that happens here.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Exception is not null and not IOException)
        {
            violation ??= logEvent.Exception;
        }
    }

    public void Dispose()
    {
        committer.Dispose();
        merger.Dispose();
        prefixes.Dispose();
        parts.Dispose();
    }

    /// <summary>Everything that awaits in here goes on in here.</summary>
    private void Under(Action run)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(turns);
        try
        {
            run();
        }
        catch (LifeEndedException)
        {
            // As it may at any call.
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        if (violation is not null)
        {
            throw violation;
        }
    }

    /// <returns>False when nothing is left to do.</returns>
    private bool Step() => random.Next(3) == 0 ? Commit() || turns.RunOne() : turns.RunOne() || Commit();

    /// <summary>Between two calls of disk or index; a few deep, for whoever was interrupted waits for those who came between.</summary>
    private void RunOthers()
    {
        if (depth >= Deepest || random.Next(4) >= restless)
        {
            return;
        }

        depth++;
        for (var steps = random.Next(1, 6); steps > 0 && Step(); steps--)
        {
        }

        depth--;
    }

    /// <returns>False when there was nothing to do for it: nothing waited, and the index was not brought back.</returns>
    private bool Commit()
    {
        if (committing || fate.Ended)
        {
            return false;
        }

        committing = true;
        var wasDoubtful = health.Has(Ailment.IndexUnavailable);
        try
        {
            return committer.CommitWaiting() || (wasDoubtful && !health.Has(Ailment.IndexUnavailable));
        }
        finally
        {
            committing = false;
        }
    }

    private void WakeRemover()
    {
        removeAgain = true;
        if (!removing)
        {
            removing = true;
            Start(Remove());
        }
    }

    private async Task Remove()
    {
        // As often as woken; where the index could not do it now, the next wake comes soon enough.
        while (removeAgain)
        {
            removeAgain = false;
            await Task.Yield();
            _ = await remover.RunOnce(CancellationToken.None);
        }

        removing = false;
    }

    private async void Start(Task operation)
    {
        busy++;
        try
        {
            await operation;
        }
        catch (LifeEndedException)
        {
            // It ended with the life.
        }
#pragma warning disable CA1031 // Whatever it is, the seed's run reports it.
        catch (Exception error)
        {
            violation ??= error;
        }
#pragma warning restore CA1031
        busy--;
    }

    private Task Something()
    {
        var keys = world.Histories.Take(crowd).Where(history => !history.Value.IsLong).Select(history => history.Key).ToArray();
        if (keys.Length == 0)
        {
            return Task.CompletedTask;
        }

        var key = keys[random.Next(keys.Length)];
        var content = random.Next(Contents.Count);
        var mode = random.Next(2) == 0 ? WriteMode.Create : WriteMode.Replace;
        var total = random.Next(1, 3);
        return random.Next(26) switch
        {
            < 7 => clients.Put(key, content, mode),
            < 13 => clients.Chunk(key, total, random.Next(1, total + 1), content, mode),
            < 16 => clients.Merge(key, total, mode),
            < 19 => clients.Delete(key),
            < 22 => clients.Read(key),
            22 or 23 => Clean(),
            24 => Wait(),
            _ => Rot(),
        };
    }

    /// <summary>A run of the janitor, which may drop the uploads that nobody continued.</summary>
    private async Task Clean()
    {
        if (cleaning)
        {
            return;
        }

        cleaning = true;
        if (random.Next(2) == 0)
        {
            // What comes to its end while this goes on is old already.
            world.Time.Advance(TimeSpan.FromSeconds(World.Ttl + 2));
        }

        var before = world.Time.GetUtcNow().AddSeconds(-World.Ttl);
        world.Note?.Invoke("> janitor");
        var drops = world.Histories.SelectMany(history => Enumerable.Range(1, 2)
            .Where(total => !world.Touched.TryGetValue((history.Key, total), out var touched) || touched < before)
            .Where(_ => history.Value.Possible().Any(state => state.Chunks.Count > 0))
            .Select(total => (History: history.Value, Drop: history.Value.Begin($"drop {total}", world.Tick(), Effects.Drop(total)))))
            .ToArray();
        await Task.Yield();
        _ = await janitor.RunOnce(CancellationToken.None);
        world.Note?.Invoke("< janitor");
        drops.Iter(drop => drop.History.End(drop.Drop, world.Tick(), null, world.Index.InDoubt));
        cleaning = false;
    }

    private Task Rot()
    {
        if (world.HasSpoiled)
        {
            world.Rot();
        }

        return Task.CompletedTask;
    }

    private Task Wait()
    {
        _ = ballast.TryRegain(long.MaxValue);
        if (!cleaning)
        {
            world.Time.Advance(TimeSpan.FromSeconds(random.Next(2) == 0 ? 1 : World.Ttl + 2));
        }

        return Task.CompletedTask;
    }
}
