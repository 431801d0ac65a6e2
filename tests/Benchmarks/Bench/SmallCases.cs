namespace Borderless.Benchmarks.Bench;

/// <summary>Many small requests, over 32 connections that are kept alive.</summary>
internal sealed class SmallCases(string directory, bool quick)
{
    private const int Blobs = 1000;

    private readonly Wrk wrk = new(directory);
    private readonly int seconds = quick ? 1 : 5;
    private readonly int secondsOfLarger = quick ? 1 : 3;

    /// <summary>Every body and URL is distinct. Of larger ones fewer are sent, for the disk keeps them until the end.</summary>
    public Case Uploads(int kibibytes, Seq<Reach> reaches, Seq<Reach> late) => new(
        Rated($"{kibibytes} KiB uploads", reaches, late), Cases.Everyone, Cases.Nothing,
        async side => (await wrk.Upload(side, kibibytes > 4 ? secondsOfLarger : seconds, kibibytes << 10)).Figures);

    public Case Downloads(int kibibytes, Seq<Reach> reaches)
    {
        var blobs = Enumerable.Range(0, Blobs).Select(_ => Guid.CreateVersion7()).ToArray();
        return new(
            Rated($"{kibibytes} KiB downloads", reaches, Empty), Cases.Everyone,
            side => Fill(side, blobs, kibibytes << 10),
            async side => (await wrk.Run(side.Address, "GET", [.. blobs.Select(side.Download)], seconds)).Figures);
    }

    /// <summary>Minting beside an nginx that gives out small files.</summary>
    public Case Presigning()
    {
        var blob = Guid.CreateVersion7();
        return new(
            Rated("/presign (nginx: static 4 KiB)", Seq1(new Reach(0.8, "nginx")), Empty), Cases.Everyone,
            side => side is Nginx ? Fill(side, [blob], 4096) : Task.CompletedTask,
            async side => (side is Nginx
                ? await wrk.Run(side.Address, "GET", [side.Download(blob)], seconds)
                : await wrk.Run(side.Address, "POST", ["/presign"], seconds, json: """{"action":"upload"}""", bearer: Store.ApiKey)).Figures);
    }

    private static Seq<Figure> Rated(string name, Seq<Reach> reaches, Seq<Reach> late) => Seq(
        new Figure(name, "1/s", false, reaches), new Figure($"{name}, p50", "ms", true, Empty), new Figure($"{name}, p99", "ms", true, late));

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
