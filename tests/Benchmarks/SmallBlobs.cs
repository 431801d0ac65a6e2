using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Borderless.Web.Storage;
using Serilog;

namespace Borderless.Benchmarks;

/// <summary>
/// What small blobs cost that come, are replaced and go: durable uploads, overwrites and deletes by 32 writers at once, then a
/// lone writer that does all three, each with remover and keeper at work behind it, in a new store of the directory.
/// </summary>
internal static class SmallBlobs
{
    private const int Writers = 32;
    private const int Blobs = 8_000;
    private const int Alone = 200;

    private static readonly ILogger Log = new LoggerConfiguration().CreateLogger();

    public static async Task Run(string directory, int length)
    {
        var home = Path.Combine(directory, $"small-blobs-{Guid.NewGuid():N}");
        _ = Directory.CreateDirectory(home);
        var settings = new StorageSettings(home, None, Durability.Strict, InlineMaxBytes: 16_384, CreateBucketSymlinks: false, None, ScrubBytesPerSecond: 0);
        using (var store = Store.Open(settings, new PosixDisk(), TimeProvider.System, Log).IfLeft(problem => throw new InvalidOperationException(problem.Message)))
        {
            var random = new Random(length);
            var ids = Enumerable.Range(0, Blobs).Select(_ => BlobId.From(Guid.CreateVersion7())).ToArray();
            var (first, second) = (Bodies(random, length), Bodies(random, length));
            var rates = new[]
            {
                await Rate(i => Put(store, ids[i], first[i])),
                await Rate(i => Put(store, ids[i], second[i])),
                await Rate(i => store.Committer.Commit(tx => Decisions.Delete(tx, BucketName.Default, ids[i], ConditionHeaders.None), frees: true)),
            };
            var started = Stopwatch.GetTimestamp();
            while (store.Index.Garbage(0, 1).Count > 0)
            {
                await Task.Delay(1);
            }

            var removed = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var alone = await Latency(store, Bodies(random, length), Bodies(random, length));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {length} | {rates[0]:0} | {rates[1]:0} | {rates[2]:0} | {removed:0.00} | {alone[0]:0.00} | {alone[1]:0.00} | {alone[2]:0.00} |"));
        }

        Directory.Delete(home, recursive: true);
    }

    private static async Task<double> Rate<T>(Func<int, Task<Either<StoreError, T>>> work)
    {
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < Blobs; i = Interlocked.Increment(ref next))
            {
                Demand(await work(i));
            }
        })));
        return Blobs / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Median milliseconds of an upload, an overwrite and a delete, one after the other.</summary>
    private static async Task<double[]> Latency(Store store, ReceivedPart[] first, ReceivedPart[] second)
    {
        var times = new[] { new List<double>(), new List<double>(), new List<double>() };
        for (var i = 0; i < Alone; i++)
        {
            var id = BlobId.From(Guid.CreateVersion7());
            times[0].Add(await Time(() => Put(store, id, first[i])));
            times[1].Add(await Time(() => Put(store, id, second[i])));
            times[2].Add(await Time(() => store.Committer.Commit(tx => Decisions.Delete(tx, BucketName.Default, id, ConditionHeaders.None), frees: true)));
        }

        return [.. times.Select(all => all.Order().ElementAt(Alone / 2))];
    }

    private static async Task<double> Time<T>(Func<Task<Either<StoreError, T>>> work)
    {
        var started = Stopwatch.GetTimestamp();
        Demand(await work());
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static Task<Either<StoreError, StoredBlob>> Put(Store store, BlobId id, ReceivedPart body) => store.Committer.Commit(
        body,
        (tx, landed) => Decisions.StoreBlob(
            tx, BucketName.Default, id, new WriteRules(WriteMode.Replace, ConditionHeaders.None), ContentHeaders.None, landed));

    private static void Demand<T>(Either<StoreError, T> done) => _ = done.IfLeft(error => throw new InvalidOperationException(error.Code));

    private static ReceivedPart[] Bodies(Random random, int length) => [.. Enumerable.Range(0, Blobs).Select(_ =>
    {
        var body = new byte[length];
        random.NextBytes(body);
        return new ReceivedPart.Inline(Digest.From(SHA256.HashData(body)), body);
    })];
}
