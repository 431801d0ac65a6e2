using System.Diagnostics;
using System.Globalization;
using Borderless.Web.Janitor;
using Borderless.Web.Storage;

namespace Borderless.Benchmarks.Bench;

/// <summary>
/// How cost grows with what is stored, strict. Each size in its turn, in a copy of a store that was filled once, for uploads
/// make a small store large.
/// </summary>
internal sealed class Growth(string directory, string program, Measured measured)
{
    private const int Rounds = 3;
    private const int Seconds = 3;
    private const int BlobBytes = 4096;
    private const int MostRead = 100_000;
    private const int StatsAsked = 21;

    private static readonly Seq<long> Sizes = Seq(1_000L, 100_000L, 1_000_000L);

    private static readonly Figure Uploads = new("growth: 4 KiB uploads", "1/s", false, Empty);
    private static readonly Figure UploadsP99 = new("growth: 4 KiB uploads, p99", "ms", true, Empty);
    private static readonly Figure Downloads = new("growth: 4 KiB downloads", "1/s", false, Empty);
    private static readonly Figure DownloadsP99 = new("growth: 4 KiB downloads, p99", "ms", true, Empty);
    private static readonly Figure Start = new("growth: start to first answer", "ms", true, Empty);
    private static readonly Figure Stats = new("growth: /admin/stats", "ms", true, Empty);
    private static readonly Figure Janitor = new("growth: a run of the janitor, each blob in a file", "s", true, Empty);
    private static readonly Seq<Figure> Columns = Seq(Uploads, UploadsP99, Downloads, DownloadsP99, Start, Stats, Janitor);

    private readonly Wrk wrk = new(directory);

    /// <returns>The figures as a table in Markdown, a line for each size.</returns>
    public async Task<string> Measure()
    {
        foreach (var size in Sizes)
        {
            await Tell($"growth: a store of {Name(size)} blobs is filled");
            _ = Directory.CreateDirectory(Filled(size));
            await FilledStore.Fill(Filled(size), size, BlobBytes);
        }

        for (var round = 1; round <= Rounds; round++)
        {
            foreach (var size in Sizes)
            {
                await Tell($"growth: round {round} of {Rounds}, {Name(size)} blobs");
                await Serve(size);
            }
        }

        foreach (var size in Sizes)
        {
            await Tell($"growth: the janitor in a store of {Name(size)} files");
            Directory.Delete(Filled(size), recursive: true);
            _ = Directory.CreateDirectory(Filled(size));
            await FilledStore.Fill(Filled(size), size, BlobBytes, asFiles: true);
            await Clean(size);
        }

        await Console.Error.WriteLineAsync();
        return Table();
    }

    private async Task Serve(long size)
    {
        await using var store = new Store("strict", Path.Combine(directory, "growth"), program, "strict");
        if (Directory.Exists(store.Data))
        {
            Directory.Delete(store.Data, recursive: true);
        }

        _ = Directory.CreateDirectory(store.Home);
        _ = await Tool.Run("cp", "-a", Filled(size), store.Data);
        _ = await Tool.Run("sync", "-f", directory);
        Add(Start, size, await store.Start());
        var targets = FilledStore.Some(Filled(size), size, MostRead).Select(path => Store.Signed("GET", path)).ToArray();
        await store.WarmUp(() => wrk.Run(store.Address, "GET", targets, 1));
        var down = await wrk.Run(store.Address, "GET", targets, Seconds);
        Add(Downloads, size, down.PerSecond);
        Add(DownloadsP99, size, down.P99);
        await AskStats(store, size);
        await store.WarmUp(() => wrk.Upload(store, 1, BlobBytes));
        var up = await wrk.Upload(store, Seconds, BlobBytes);
        Add(Uploads, size, up.PerSecond);
        Add(UploadsP99, size, up.P99);
    }

    private async Task AskStats(Store store, long size)
    {
        for (var time = 0; time < StatsAsked; time++)
        {
            var started = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/stats") { Headers = { Authorization = new("Bearer", Store.ApiKey) } };
            using var answer = await store.Http.SendAsync(request);
            _ = answer.EnsureSuccessStatusCode();
            Add(Stats, size, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>Each run finds one old part without a row: a run that did nothing would be fast.</summary>
    private async Task Clean(long size)
    {
        var settings = new StorageSettings(
            Filled(size), None, Durability.Strict, InlineMaxBytes: 16_384, CreateBucketSymlinks: false, None, ScrubBytesPerSecond: 0);
        using var store = Web.Storage.Store.Open(settings, new PosixDisk(), TimeProvider.System, FilledStore.Log)
            .IfLeft(problem => throw new InvalidOperationException(problem.Message));
        var janitor = new JanitorService(
            JanitorPorts.Of(store), new PosixDisk(), new JanitorSettings(Ttl: 43_200, Interval: 3600), TimeProvider.System, FilledStore.Log);
        var orphan = store.Layout.PartFile(Digest.From(new byte[Digest.Length]), new PartPlace.File(1, "orphan"));
        for (var round = 0; round <= Rounds; round++)
        {
            await File.WriteAllTextAsync(orphan, "");
            File.SetLastWriteTimeUtc(orphan, DateTime.UnixEpoch);
            var started = Stopwatch.GetTimestamp();
            var cleaned = await janitor.RunOnce(CancellationToken.None);
            if (cleaned.Parts != 1)
            {
                throw new InvalidOperationException($"the janitor removed {cleaned.Parts} parts instead of 1");
            }

            if (round > 0)
            {
                Add(Janitor, size, Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
        }
    }

    private string Table() => string.Join('\n', [
        "| stored blobs | uploads/s | p99, ms | downloads/s | p99, ms | start, ms | `/admin/stats`, ms | janitor, s |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
        .. Sizes.Map(size => $"| {Name(size)} | {string.Join(" | ", Columns.Map(figure => measured.Median(figure, Name(size))))} |"),
        "",
        $"Blobs of 4 KiB, strict, 32 connections, medians of {Rounds} rounds in turn; downloads are of up to {Name(MostRead)} of them, picked at random."
            + " The janitor is in a store in which each blob has a file.",
    ]);

    private void Add(Figure figure, long size, double value) => measured.Add(figure, Name(size), value);

    private string Filled(long size) => Path.Combine(directory, $"filled-{size}");

    private static string Name(long size) => size.ToString("N0", CultureInfo.InvariantCulture);

    private static Task Tell(string what) => Console.Error.WriteAsync($"\r\x1b[K{what}");
}
