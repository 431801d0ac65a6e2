using System.Diagnostics;
using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>All that is measured.</summary>
internal sealed class Cases(string directory, bool quick)
{
    private const int Gibibyte = 1 << 30;
    private const int Chunks = 16;
    private const int Blobs = 1000;
    private const string Ours = "strict";

    private static readonly Seq<string> Stores = Seq("strict", "relaxed", "peer");
    private static readonly Seq<string> Everyone = Stores.Add("nginx");

    private readonly Bodies bodies = new(directory);
    private readonly Wrk wrk = new(directory);
    private readonly int seconds = quick ? 3 : 10;

    public Seq<Case> All() => Seq(
        OneUpload(), OneDownload(), SmallUploads(4 << 10), SmallDownloads(4 << 10), SmallUploads(64 << 10), SmallDownloads(64 << 10), Presigning(),
        Chunked(), Start()) + (quick ? Empty : Seq(Memory(256), Memory(1024)));

    private Case OneUpload() => new(
        Seq1(new Figure("1 GiB upload", "MB/s", false, Seq(new Reach(0.8, "nginx"), new Reach(0.8, "peer")))), Everyone, Nothing,
        async side => [Gibibyte / 1e6 / await Send(side, bodies.Fresh("gibibyte", Gibibyte))]);

    private Case OneDownload()
    {
        var blob = Guid.CreateVersion7();
        return new(
            Seq1(new Figure("1 GiB download", "MB/s", false, Seq1(new Reach(0.85, "nginx")))), Everyone,
            async side =>
            {
                _ = await Tool.Curl(side.At(side.Upload(blob)), "-X", side.UploadMethod, "-T", bodies.Fresh("gibibyte", Gibibyte));
                _ = await Tool.Curl(side.At(side.Download(blob)));
            },
            async side => [Gibibyte / 1e6 / await Tool.Curl(side.At(side.Download(blob)))]);
    }

    private Case SmallUploads(int bytes) => new(
        Seq(
            new Figure($"{bytes >> 10} KiB uploads", "1/s", false, Seq1(new Reach(bytes == 4096 ? 0.7 : 0.5, "nginx")) + (bytes == 4096 ? Seq1(new Reach(0.6, "relaxed")) : Empty)),
            new Figure($"{bytes >> 10} KiB uploads, p99", "ms", true, bytes == 4096 ? Seq1(new Reach(100)) : Empty)),
        Everyone, Nothing,
        async side =>
        {
            var targets = Enumerable.Range(0, seconds * (bytes == 4096 ? 30_000 : 15_000)).Select(_ => side.Upload(Guid.CreateVersion7())).ToArray();
            var rate = await wrk.Run(side.Address, side.UploadMethod, targets, seconds, bytes);
            return [rate.PerSecond, rate.P99];
        });

    private Case SmallDownloads(int bytes)
    {
        var blobs = Enumerable.Range(0, Blobs).Select(_ => Guid.CreateVersion7()).ToArray();
        return new(
            Seq(
                new Figure($"{bytes >> 10} KiB downloads", "1/s", false, bytes == 4096 ? Seq1(new Reach(0.7, "nginx")) : Empty),
                new Figure($"{bytes >> 10} KiB downloads, p99", "ms", true, Empty)),
            Everyone,
            side => Fill(side, blobs, bytes),
            async side =>
            {
                var rate = await wrk.Run(side.Address, "GET", [.. blobs.Select(side.Download)], seconds);
                return [rate.PerSecond, rate.P99];
            });
    }

    /// <summary>Minting beside an nginx that gives out small files.</summary>
    private Case Presigning()
    {
        var blob = Guid.CreateVersion7();
        return new(
            Seq1(new Figure("/presign (nginx: static 4 KiB)", "1/s", false, Seq1(new Reach(0.8, "nginx")))), Everyone,
            side => side is Nginx ? Fill(side, [blob], 4096) : Task.CompletedTask,
            async side => [(side is Nginx
                ? await wrk.Run(side.Address, "GET", [side.Download(blob)], seconds)
                : await wrk.Run(side.Address, "POST", ["/presign"], seconds, json: """{"action":"upload"}""", bearer: Store.ApiKey)).PerSecond]);
    }

    private Case Chunked() => new(
        Seq(("in order", 0.05), ("in parallel", 0), ("shuffled", 0)).Bind(way => Seq(
            new Figure($"16 chunks of 64 MiB {way.Item1}", "MB/s", false, Empty),
            new Figure($"their merge, {way.Item1}", "s", true, way.Item2 > 0 ? Seq1(new Reach(way.Item2)) : Empty))),
        Stores, Nothing,
        async side => [.. await Chunk(side, Enumerable.Range(1, Chunks), 1), .. await Chunk(side, Enumerable.Range(1, Chunks), 4), .. await Chunk(side, Enumerable.Range(1, Chunks).Shuffle(), 1)]);

    /// <returns>The rate of the chunks, and the seconds of their merge.</returns>
    private async Task<double[]> Chunk(Contestant side, IEnumerable<int> order, int atOnce)
    {
        var target = side.At(side.Upload(Guid.CreateVersion7()));
        string[] always = ["-X", side.UploadMethod, "-H", "x-upload-type: chunked", "-H", $"x-chunk-total: {Chunks}"];
        var files = order.Select(index => (Index: index, Path: bodies.Fresh($"chunk-{index}", Gibibyte / Chunks))).ToArray();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (file, _) =>
            await Tool.Curl(target, [.. always, "-H", string.Create(CultureInfo.InvariantCulture, $"x-chunk-index: {file.Index}"), "-T", file.Path]));
        var rate = Gibibyte / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
        return [rate, await Tool.Curl(target, [.. always, "-H", "x-chunk-merge: true"])];
    }

    /// <summary>A start in a directory of its own, which is new the first time only.</summary>
    private static Case Start() => new(
        Seq1(new Figure("start to first answer", "ms", true, Empty)), Everyone, Nothing,
        async side =>
        {
            await side.DisposeAsync();
            return [await side.Start()];
        });

    private Case Memory(int mebibytes) => new(
        Seq1(new Figure($"peak memory, 32 × {mebibytes} MiB at once", "MB", true, Seq1(new Reach(160)))), Everyone, Nothing,
        async side =>
        {
            await side.DisposeAsync();
            _ = await side.Start();
            var path = bodies.Fresh("large", (long)mebibytes << 20);
            _ = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Send(side, path)));
            return [side.PeakMemory() / 1e6];
        });

    private static Task Nothing(Contestant side) => Task.CompletedTask;

    private static Task<double> Send(Contestant side, string path) =>
        Tool.Curl(side.At(side.Upload(Guid.CreateVersion7())), "-X", side.UploadMethod, "-T", path);

    private static Task Fill(Contestant side, IReadOnlyList<Guid> blobs, int bytes) =>
        Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (blob, stop) =>
        {
            var body = new byte[bytes];
            _ = blob.TryWriteBytes(body);
            using var request = new HttpRequestMessage(new HttpMethod(side.UploadMethod), side.Upload(blob)) { Content = new ByteArrayContent(body) };
            using var answer = await side.Http.SendAsync(request, stop);
            _ = answer.EnsureSuccessStatusCode();
        });
}
