using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Borderless.Web.Storage;
using Serilog;

namespace Borderless.Benchmarks;

/// <summary>
/// Which page size the index should have: durable writes by 32 writers at once, then reads of what was written, in an index of
/// a million blobs of each size, in turn, several rounds, medians. In a small index large pages win, because a body fills
/// them; in a large one each write touches leaves of the two random indexes, and a page is what a touch costs in the log.
/// </summary>
internal static class PageSize
{
    private const int Stored = 1_000_000;
    private const int Writers = 32;
    private const int Blobs = 4_000;
    private const int Rounds = 5;

    private static readonly int[] PageSizes = [4096, 8192, 16384];

    public static async Task Run(string directory)
    {
        var log = new LoggerConfiguration().CreateLogger();
        var stores = PageSizes.Select(size => new Store(Path.Combine(directory, $"page-size-{size}"), size, log)).ToArray();
        Console.WriteLine($"{Blobs} blobs of each length into {Stored}, {Writers} writers at once, strict; medians of {Rounds} rounds");
        Console.WriteLine("| bytes | page size | writes/s | reads/s |");
        Console.WriteLine("|---:|---:|---:|---:|");
        foreach (var length in new[] { 512, 4096, 16384 })
        {
            var results = stores.ToDictionary(store => store, _ => new List<(double Writes, double Reads)>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var store in stores)
                {
                    results[store].Add(await store.Round(length, round * 1000 + length));
                    await Console.Error.WriteAsync('.');
                }
            }

            await Console.Error.WriteLineAsync();
            foreach (var (store, rounds) in results)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {length} | {store.PageSize} | {Median(rounds.Select(r => r.Writes)):0} | {Median(rounds.Select(r => r.Reads)):0} |"));
            }
        }

        stores.Iter(store => store.Dispose());
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private sealed class Store : IDisposable
    {
        private static readonly WriteRules Rules = new(WriteMode.Create, ConditionHeaders.None);

        private readonly string directory;
        private readonly SqliteIndex index;
        private readonly LocalParts parts;
        private readonly Committer committer;

        public Store(string directory, int pageSize, ILogger log)
        {
            (this.directory, PageSize) = (directory, pageSize);
            _ = Directory.CreateDirectory(Path.Combine(directory, "parts"));
            var layout = new DataLayout(directory, Path.Combine(directory, "metadata.db"));
            SqliteSchema.Create(layout.IndexPath, "benchmark", pageSize);
            Fill(layout.IndexPath);
            index = new SqliteIndex(layout.IndexPath, strict: true, TimeProvider.System, log);
            var health = new Health();
            parts = new LocalParts(new PosixDisk(), layout, strict: true, () => throw new InvalidOperationException(), health, log);
            committer = new Committer(index, parts, new Ballast(new PosixDisk(), layout.Ballast, health, log), health, log);
        }

        public int PageSize { get; }

        public async Task<(double Writes, double Reads)> Round(int length, int seed)
        {
            var random = new Random(seed);
            var bodies = Enumerable.Range(0, Blobs).Select(_ => Body(random, length)).ToArray();
            var ids = bodies.Select(_ => BlobId.From(Guid.CreateVersion7())).ToArray();
            var next = -1;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < Blobs; i = Interlocked.Increment(ref next))
                {
                    var id = ids[i];
                    var stored = await committer.Commit(
                        bodies[i], (tx, landed) => Decisions.StoreBlob(tx, BucketName.Default, id, Rules, ContentHeaders.None, landed));
                    _ = stored.IfLeft(error => throw new InvalidOperationException(error.Code));
                }
            })));
            var writes = Blobs / Stopwatch.GetElapsedTime(started).TotalSeconds;

            started = Stopwatch.GetTimestamp();
            for (var i = 0; i < 5 * Blobs; i++)
            {
                _ = index.FindBlob(BucketName.Default, ids[random.Next(Blobs)]) ?? throw new InvalidOperationException();
            }

            return (writes, 5 * Blobs / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        public void Dispose()
        {
            committer.Dispose();
            parts.Dispose();
            index.Dispose();
            Directory.Delete(directory, recursive: true);
        }

        private static ReceivedPart Body(Random random, int length)
        {
            var body = new byte[length];
            random.NextBytes(body);
            return new ReceivedPart.Inline(Digest.From(SHA256.HashData(body)), body);
        }

        private static void Fill(string path)
        {
            using var connection = SqliteSchema.Open(path, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
            SqliteSchema.Execute(
                connection,
                $"""
                PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                INSERT INTO buckets (bucket, name, created_at, object_count) VALUES (1, 'default', 0, {Stored});
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Stored})
                INSERT INTO parts SELECT i, random(), randomblob(32), 64, 1, 0, 1, 0, NULL, NULL, randomblob(64) FROM n;
                INSERT INTO blobs SELECT part, 1, randomblob(16), 64, sha256, 0, 0, NULL, part, NULL, NULL, NULL FROM parts;
                """);
        }
    }
}
