using Borderless.Web.Storage;

namespace Borderless.Web.Janitor;

/// <summary>What a run of the janitor removed.</summary>
internal readonly record struct Cleaned(int Temporary, int Parts, int Chunks, long Bytes);

/// <summary>How a run of the janitor ended.</summary>
/// <param name="IsDone">Whether it came to its end; a run that was stopped with the store is none.</param>
/// <param name="Cleaned">What it removed.</param>
/// <param name="Took">How long it took.</param>
internal readonly record struct JanitorRun(bool IsDone, Cleaned Cleaned, TimeSpan Took);

/// <summary>What the janitor needs of an open store.</summary>
/// <param name="Layout">The names of what it lists.</param>
/// <param name="Index">Says what has a row.</param>
/// <param name="Parts">Says what is in flight, and, before each run, whether the parts on the disk are still this store's.</param>
/// <param name="InProgress">Uploads that go on although no row tells.</param>
/// <param name="Committer">Drops what nobody continues.</param>
/// <param name="BeginRemoval">Asked before parts are removed.</param>
/// <param name="AfterRun">What else is to be looked after once a run is done.</param>
internal sealed record JanitorPorts(
    DataLayout Layout, IIndexReader Index, IParts Parts, Holds<MergeKey> InProgress, Committer Committer, BeginRemoval BeginRemoval,
    Action<CancellationToken> AfterRun)
{
    public static JanitorPorts Of(Store store) =>
        new(store.Layout, store.Index, store.Parts, store.InProgress, store.Committer, store.BeginRemoval, stopping => store.View?.Mend(stopping));
}

/// <summary>
/// Removes what crashes and failed uploads left: temporary files, parts without a row, chunks of uploads that nobody continues.
/// What is old enough is decided in Core; here it is only listed and deleted.
/// </summary>
internal sealed class JanitorService(
    JanitorPorts store, IDisk disk, JanitorSettings settings, TimeProvider time, Serilog.ILogger log)
{
    private const int PagesGivenBackAtOnce = 256;
    private const int ForgottenAtOnce = 1000;

    /// <summary>Called after each run.</summary>
    public event Action<JanitorRun>? Ended;

    /// <summary>Runs now and then every interval, until the token is cancelled.</summary>
    public async Task Run(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(settings.Interval), time);
        try
        {
            do
            {
                await RunOnce(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException)
        {
            // The store goes down.
        }
    }

    /// <summary>One run, with its one line in the log.</summary>
    public async Task<Cleaned> RunOnce(CancellationToken stopping)
    {
        var began = time.GetTimestamp();
        var cleaned = await Clean(stopping);
        Ended?.Invoke(new JanitorRun(cleaned is not null, cleaned ?? default, time.GetElapsedTime(began)));
        return cleaned ?? default;
    }

    /// <returns>Null when it could not, or stopped half way.</returns>
    private async Task<Cleaned?> Clean(CancellationToken stopping)
    {
        try
        {
            if (store.Parts.Foreign() is { } problem)
            {
                log.Error("the janitor does nothing: {Problem:l}", problem);
                return null;
            }

            var temporary = Delete(TemporaryFiles());
            var parts = DeleteParts(stopping);
            var chunks = await DropUploads(stopping);
            await ForgetSpent(stopping);
            await GiveBackPages(stopping);
            var cleaned = new Cleaned(
                temporary.Files, parts.Sum(part => part.Files), chunks, temporary.Bytes + parts.Sum(part => part.Bytes));
            log.Information(
                "janitor: removed {Temporary} temporary files, {Parts} parts without a row, {Chunks} chunks, {Bytes} bytes of files",
                cleaned.Temporary, cleaned.Parts, cleaned.Chunks, cleaned.Bytes);
            store.AfterRun(stopping);
            return cleaned;
        }
#pragma warning disable CA1031 // Whatever stopped this run must not stop the next.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.Error(error, "the janitor stopped half way and will run again");
            return null;
        }
#pragma warning restore CA1031
    }

    /// <summary>
    /// Not while a backup runs: a part that was healed since its copy of the index was made has an older file there, which no row
    /// names here any more.
    /// </summary>
    private (int Files, long Bytes)[] DeleteParts(CancellationToken stopping)
    {
        using var removal = store.BeginRemoval();
        return removal is null ? [] : [.. Directories().Map(directory => Delete(PartFiles(directory, stopping)))];
    }

    private UnixSeconds Now() => new(time.GetUtcNow().ToUnixTimeSeconds());

    private IEnumerable<string> Directories() =>
        disk.Directories(store.Layout.Parts).Where(name => DataLayout.ParsePartDirectory(name).IsSome)
            .Select(name => Path.Combine(store.Layout.Parts, name));

    private IEnumerable<Leftover> TemporaryFiles() =>
        disk.Files(store.Layout.Temporary).Select(file =>
            Found(store.Layout.Temporary, file, store.Parts.IsInFlight(Path.GetFileNameWithoutExtension(file.Name))));

    /// <summary>
    /// The directory is listed first, then the nonces in flight are asked, then the index: a part that was just renamed is in
    /// flight until its row is there. Files whose name is none of ours are nobody's garbage.
    /// </summary>
    private IEnumerable<Leftover> PartFiles(string directory, CancellationToken stopping) =>
        disk.Files(directory).Bind(file =>
        {
            stopping.ThrowIfCancellationRequested();
            return DataLayout.ParsePartName(file.Name)
                .Map(part => Found(directory, file, store.Parts.IsInFlight(part.Nonce) || store.Index.NamesFile(part.Sha256, part.Nonce)))
                .ToSeq();
        });

    private static Leftover Found(string directory, DiskEntry file, bool inUse) =>
        new(Path.Combine(directory, file.Name), new UnixSeconds(file.ModifiedAt.ToUnixTimeSeconds()), file.Bytes, inUse);

    private (int Files, long Bytes) Delete(IEnumerable<Leftover> leftovers)
    {
        var deleted = (Files: 0, Bytes: 0L);
        foreach (var leftover in Core.Janitor.Expired(Now(), settings.Ttl, leftovers))
        {
            disk.Unlink(leftover.Path);
            deleted = (deleted.Files + 1, deleted.Bytes + leftover.Bytes);
        }

        return deleted;
    }

    private async Task<int> DropUploads(CancellationToken stopping)
    {
        var before = time.GetUtcNow().AddSeconds(-settings.Ttl).ToUnixTimeMilliseconds();
        var dropped = 0;
        foreach (var upload in store.Index.UploadsUntouchedSince(before))
        {
            stopping.ThrowIfCancellationRequested();
            var chunks = await store.Committer.Commit(tx => Decisions.DropUpload(tx, upload, before, store.InProgress.IsHeld), frees: true);
            dropped += chunks.IfLeft(0);
        }

        return dropped;
    }

    /// <summary>What URLs that store once stored is kept as long as anybody can come with them.</summary>
    private async Task ForgetSpent(CancellationToken stopping)
    {
        for (var forgotten = 1; forgotten > 0 && store.Index.AnySpentBefore(Now());)
        {
            stopping.ThrowIfCancellationRequested();
            forgotten = (await store.Committer.Commit<int>(tx => tx.ForgetSpent(Now(), ForgottenAtOnce), frees: true)).IfLeft(0);
        }
    }

    /// <summary>In small steps, so that no batch waits long; only when more than a quarter of the index is free.</summary>
    private async Task GiveBackPages(CancellationToken stopping)
    {
        for (var pages = store.Index.Pages(); pages.Free * 4 > pages.All && pages.Free > PagesGivenBackAtOnce;)
        {
            stopping.ThrowIfCancellationRequested();
            var given = await store.Committer.Commit<Unit>(
                tx =>
                {
                    tx.GiveBack(PagesGivenBackAtOnce);
                    return unit;
                },
                frees: true);
            var left = store.Index.Pages();
            if (given.IsLeft || left.Free >= pages.Free)
            {
                return;
            }

            pages = left;
        }
    }
}
