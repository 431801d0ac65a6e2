using System.Diagnostics;
using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>
/// Large bodies. What a round has stored is deleted after it was measured, so that the next one writes to memory that was touched before
/// and finds no old pages to be written back.
/// </summary>
internal sealed class LargeCases(string directory, bool quick)
{
    private const int Chunks = 16;
    private const int AtOnce = 32;

    private readonly Bodies bodies = new(directory);
    private readonly long whole = (quick ? 512L : 1024L) << 20;
    private readonly long chunk = (quick ? 16L : 64L) << 20;

    public Case Upload() => new(
        Seq1(new Figure($"{Size(whole)} upload", "MB/s", false, Seq(new Reach(0.8, "nginx"), new Reach(0.8, "peer")))), Cases.Everyone, Cases.Nothing,
        async side =>
        {
            var blob = Guid.CreateVersion7();
            var seconds = await Send(side, blob, bodies.Fresh("whole", whole));
            await side.Delete(blob);
            return [whole / 1e6 / seconds];
        });

    public Case Download()
    {
        var blob = Guid.CreateVersion7();
        return new(
            Seq1(new Figure($"{Size(whole)} download", "MB/s", false, Seq1(new Reach(0.85, "nginx")))), Cases.Everyone,
            side => Send(side, blob, bodies.Fresh("whole", whole)),
            async side => [whole / 1e6 / await Tool.Curl(side.At(side.Download(blob)))]);
    }

    public Case Chunked()
    {
        var ways = Seq<(string Name, int AtOnce, double? Merge)>(("in order", 1, 0.05), ("in parallel", 4, null), ("shuffled", 1, null)).Take(quick ? 1 : 3);
        return new(
            ways.Bind(way => Seq(
                new Figure($"{Chunks} chunks of {Size(chunk)} {way.Name}", "MB/s", false, Empty),
                new Figure($"their merge, {way.Name}", "s", true, Optional(way.Merge).Map(bound => new Reach(bound)).ToSeq()))),
            Cases.Stores, Cases.Nothing,
            async side =>
            {
                var values = new List<double>();
                foreach (var way in ways)
                {
                    var order = Enumerable.Range(1, Chunks);
                    values.AddRange(await Merged(side, way.Name == "shuffled" ? order.Shuffle() : order, way.AtOnce));
                }

                return [.. values];
            });
    }

    /// <returns>The rate of the chunks, and the seconds of their merge.</returns>
    private async Task<double[]> Merged(Contestant side, IEnumerable<int> order, int atOnce)
    {
        var blob = Guid.CreateVersion7();
        var target = side.At(side.Upload(blob));
        string[] always = ["-X", side.UploadMethod, "-H", "x-upload-type: chunked", "-H", $"x-chunk-total: {Chunks}"];
        var files = order.Select(index => (Index: index, Path: bodies.Fresh($"chunk-{index}", chunk))).ToArray();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (file, _) =>
            await Tool.Curl(target, [.. always, "-H", string.Create(CultureInfo.InvariantCulture, $"x-chunk-index: {file.Index}"), "-T", file.Path]));
        var rate = Chunks * chunk / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
        var merge = await Tool.Curl(target, [.. always, "-H", "x-chunk-merge: true"]);
        await side.Delete(blob);
        return [rate, merge];
    }

    /// <summary>The peak of a server that was started for it. All send the same bytes, so that the machine's memory holds them.</summary>
    public Case Memory()
    {
        var sizes = (quick ? Seq1(32L) : Seq(256L, 1024L)).Map(mebibytes => mebibytes << 20);
        return new(
            sizes.Map(size => new Figure($"peak memory, {AtOnce} × {Size(size)} at once", "MB", true, Seq1(new Reach(160))))
                + (quick ? Empty : Seq1(new Figure("the peak of the larger to that of the smaller", "×", true, Seq1(new Reach(1.1))))),
            Cases.Everyone, Cases.Nothing,
            async side =>
            {
                var peaks = new List<double>();
                foreach (var size in sizes)
                {
                    peaks.Add(await Peak(side, size));
                }

                return [.. peaks, peaks[^1] / peaks[0]];
            })
        { Once = true };
    }

    private async Task<double> Peak(Contestant side, long size)
    {
        await side.DisposeAsync();
        _ = await side.Start();
        var blobs = Enumerable.Range(0, AtOnce).Select(_ => Guid.CreateVersion7()).ToArray();
        var path = bodies.Fresh("large", size);
        _ = await Task.WhenAll(blobs.Select(blob => Send(side, blob, path)));
        var peak = side.PeakMemory() / 1e6;
        await side.Delete(blobs);
        File.Delete(path);
        return peak;
    }

    private static Task<double> Send(Contestant side, Guid blob, string path) => Tool.Curl(side.At(side.Upload(blob)), "-X", side.UploadMethod, "-T", path);

    private static string Size(long bytes) => bytes >= 1 << 30 ? $"{bytes >> 30} GiB" : $"{bytes >> 20} MiB";
}
