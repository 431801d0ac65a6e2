using System.Globalization;
using System.Runtime.ExceptionServices;
using Borderless.Web.Storage;
using static SQLitePCL.raw;

namespace Borderless.Web.Backup;

/// <summary>How a backup is made.</summary>
/// <param name="Copy">Bytes are copied even where a hard link would do.</param>
/// <param name="Verify">The bytes that earlier backups brought are read again too.</param>
internal sealed record BackupOptions(bool Copy, bool Verify);

/// <summary>The store's id, and where it and its backup are.</summary>
internal sealed record BackupPlaces(string StoreId, DataLayout Source, DataLayout Target);

/// <summary>
/// One run of a backup: first everything new is brought in beside what is there, then it takes the place of the older backup, and
/// then what only the older one needed goes. Until the exchange, which takes a moment, the older backup stays complete.
/// </summary>
internal sealed class BackupRun(BackupPlaces places, BackupOptions options, IDisk disk, BackupVoice voice, CancellationToken stop)
{
    /// <summary>Rows in memory at a time; bytes that live in the index are at most 64 KiB each.</summary>
    private const int PartsAtOnce = 256;

    private const int Threads = 4;

    private readonly DataLayout from = places.Source;
    private readonly DataLayout to = places.Target;
    private readonly Lock gate = new();
    private BackupReport report = BackupReport.Empty;
    private long all;
    private long bytesRead;

    public BackupReport Run()
    {
        try
        {
            BackupTarget.Claim(disk, to, places.StoreId);
            IndexCopy.Take(
                from.IndexPath,
                to.NewIndex,
                (done, pages) => voice.Show(() => Invariant($"backing up: {done} of {pages} pages of the index")),
                stop);
            TakeParts();
            SyncIndex();
            stop.ThrowIfCancellationRequested();
            BackupTarget.Complete(disk, to, places.StoreId);
            RemoveOthers();
        }
        catch (OperationCanceledException)
        {
            report = report with { Stopped = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            report = report with { Problem = Told(error) };
        }

        return report;
    }

    /// <summary>What stopped it, where, and what to do.</summary>
    private string Told(Exception error) => error switch
    {
        IOException full when DiskErrors.IsFull(full) => $"{to.Root} has no room left ({error.Message}); make room there, and the same command goes on",
        IndexException { Code: SQLITE_CORRUPT or SQLITE_NOTADB } =>
            $"the index {from.IndexPath} is broken ({error.Message}); an earlier backup stays as it was; stop the server and let fsck --deep say what is wrong",
        _ => $"{error.Message}; the same command goes on",
    };

    /// <summary>When this returns, all files are durable under their names.</summary>
    private void TakeParts()
    {
        var directories = new SortedSet<int>();
        using var index = new CopiedIndex(to.NewIndex);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var taker = new PartTaker(disk, from, to, options.Copy, options.Verify, Moved, failed.Token);
        using var threads = new WorkerThreads(Threads, "backup");
        all = index.Count();
        index.Broken().Iter(Note);
        for (var parts = index.Parts(0, PartsAtOnce); parts.Count > 0; parts = index.Parts(parts[^1].Id, PartsAtOnce))
        {
            stop.ThrowIfCancellationRequested();
            MakeDirectories(parts, directories);
            index.Mark(Take(parts, taker, threads, failed));
        }

        index.Seal();
        directories.Iter(directory => disk.SyncDirectory(to.PartDirectory(directory)));
        disk.SyncDirectory(to.Parts);
    }

    private void MakeDirectories(IReadOnlyList<PartRow> parts, SortedSet<int> made)
    {
        foreach (var file in parts.Select(part => part.Place).OfType<PartPlace.File>().Where(file => made.Add(file.Directory)))
        {
            disk.MakeDirectory(to.PartDirectory(file.Directory));
        }
    }

    /// <returns>The parts of which the backup knows better than the index whether they are damaged.</returns>
    private List<(long Part, bool Damaged)> Take(
        IReadOnlyList<PartRow> parts, PartTaker taker, WorkerThreads threads, CancellationTokenSource failed)
    {
        var marks = new List<(long, bool)>();
        ExceptionDispatchInfo? failure = null;
        threads.ForEach(parts, part =>
        {
            try
            {
                failed.Token.ThrowIfCancellationRequested();
                Note(part, taker.Take(part), marks);
            }
#pragma warning disable CA1031 // Whatever it was, it is thrown again where the threads meet.
            catch (Exception error)
            {
                _ = Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                failed.Cancel();
            }
#pragma warning restore CA1031
        });
        failure?.Throw();
        return marks;
    }

    private void Note(long brokenRow)
    {
        report = report.With(new PartOutcome.Damaged(""));
        voice.Tell(Invariant($"damaged, not in the backup: the row of part {brokenRow} in the index can be no part's; fsck says what helps"));
    }

    private void Note(PartRow part, PartOutcome outcome, List<(long, bool)> marks)
    {
        lock (gate)
        {
            report = report.With(outcome);
            if (outcome is PartOutcome.Damaged or PartOutcome.Rescued)
            {
                MustBeMounted();
                marks.Add((part.Id, outcome is PartOutcome.Damaged));
            }

            outcome.Told(Name(part)).Iter(voice.Tell);
            Show();
        }
    }

    /// <summary>Where the store's parts were unmounted or exchanged meanwhile, none of them is damaged.</summary>
    private void MustBeMounted()
    {
        if (!StoreIdentity.IsBesideParts(from, places.StoreId))
        {
            throw new IOException($"{from.PartsIdentity} no longer belongs to this store; mount or restore the parts directory");
        }
    }

    private void Moved(int bytes)
    {
        lock (gate)
        {
            bytesRead += bytes;
            Show();
        }
    }

    private void Show() => voice.Show(() => Invariant($"backing up: {report.Parts} of {all} parts, {bytesRead} bytes read"));

    private string Name(PartRow part) =>
        part.Place is PartPlace.File file ? Path.GetRelativePath(from.Root, from.PartFile(part.Sha256, file)) : $"the part {part.Sha256} in the index";

    private void SyncIndex()
    {
        using (var index = disk.Open(to.NewIndex))
        {
            index.SyncData();
        }

        disk.SyncDirectory(to.Root);
    }

    /// <summary>Removes the files that only older backups needed, or runs that were cut off.</summary>
    private void RemoveOthers()
    {
        using var index = new CopiedIndex(to.IndexPath);
        foreach (var directory in disk.Directories(to.Parts).Map(DataLayout.ParsePartDirectory).Somes())
        {
            stop.ThrowIfCancellationRequested();
            disk.Files(to.PartDirectory(directory))
                .Map(file => DataLayout.ParsePartName(file.Name)).Somes()
                .Where(part => !index.Names(part.Sha256, new PartPlace.File(directory, part.Nonce)))
                .Iter(part => Remove(part.Sha256, new PartPlace.File(directory, part.Nonce)));
        }
    }

    private void Remove(Digest sha256, PartPlace.File file)
    {
        disk.Unlink(to.PartFile(sha256, file));
        report = report with { Removed = report.Removed + 1 };
        voice.Show(() => Invariant($"backing up: {report.Removed} files of older backups removed"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
