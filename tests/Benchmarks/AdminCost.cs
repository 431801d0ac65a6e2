using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Serilog;

namespace Borderless.Benchmarks;

/// <summary>
/// What a start and the admin API cost in a store of so many objects: counts, the first page, and a page deep in the list by cursor, by
/// offset and by prefix, each through the real server over HTTP on one connection.
/// </summary>
internal static class AdminCost
{
    private const string ApiKey = "benchmark";
    private const int Buckets = 10;
    private const int Rounds = 101;
    private const int Starts = 11;

    private static readonly ILogger Log = new LoggerConfiguration().CreateLogger();

    /// <summary>Makes a store in an empty directory whose index names so many objects of 64 bytes, a millisecond apart.</summary>
    public static async Task Fill(string directory, long objects)
    {
        await (await Open(directory)).DisposeAsync();
        using var connection = SqliteSchema.Open(Path.Combine(directory, "metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        connection.AddPrefix();
        connection.CreateFunction("sha256_of", (byte[] bytes) => System.Security.Cryptography.SHA256.HashData(bytes), isDeterministic: true);
        SqliteSchema.Execute(
            connection,
            $"""
            PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Buckets})
            INSERT INTO buckets (bucket, name, created_at) SELECT i, 'bucket-' || i, 0 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {objects}),
                bodies(i, bytes) AS MATERIALIZED (SELECT i, randomblob(64) FROM n)
            INSERT INTO parts SELECT i, prefix_of(sha256_of(bytes)), sha256_of(bytes), 64, 1, 0, 1, 0, NULL, NULL, bytes FROM bodies;
            INSERT INTO blobs SELECT part, 1 + part % {Buckets}, randomblob(16), 64, sha256, part, part, NULL, part, NULL, NULL, NULL FROM parts;
            UPDATE buckets SET (object_count, total_size) = (SELECT count(*), coalesce(sum(size), 0) FROM blobs b WHERE b.bucket = buckets.bucket);
            UPDATE totals SET contents = {objects}, content_bytes = 64 * {objects}, blob_refs = {objects};
            COMMIT;
            """);
    }

    public static async Task Run(long objects)
    {
        var directory = Directory.CreateTempSubdirectory("borderless-admin-").FullName;
        try
        {
            await Fill(directory, objects);
            var start = await MedianStart(directory);
            await using var server = await Open(directory);
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);
            var cursor = await Next(http, objects * 9 / 10);
            string[] targets =
            [
                "/admin/stats", "/admin/objects", $"/admin/objects?after={cursor}", $"/admin/objects/bucket-1?after={cursor}",
                "/admin/objects?blob_id=abc", $"/admin/objects?offset={objects * 9 / 10}",
            ];
            var times = new List<double> { start };
            foreach (var target in targets)
            {
                times.Add(await Median(http, target));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {objects:N0} | {string.Join(" | ", times.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))} |"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> Next(HttpClient http, long offset)
    {
        using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri($"/admin/objects?limit=1&offset={offset}", UriKind.Relative)));
        return page.RootElement.GetProperty("next").GetString()!;
    }

    /// <summary>From opening the store to listening.</summary>
    private static async Task<double> MedianStart(string directory)
    {
        var times = new List<double>();
        for (var round = 0; round < Starts; round++)
        {
            var started = Stopwatch.GetTimestamp();
            await using var server = await Open(directory);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt(Starts / 2);
    }

    private static async Task<double> Median(HttpClient http, string target)
    {
        var times = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = await http.GetByteArrayAsync(new Uri(target, UriKind.Relative));
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return times.Order().ElementAt(Rounds / 2);
    }

    private static async Task<Server> Open(string directory)
    {
        var values = Seq(
            ("ip_addr", "127.0.0.1:0"), ("data_dir", directory), ("domain", "http://store.test"), ("presign_api_key", ApiKey));
        var settings = SettingsReader.Read(
            Seq1(values.Map(value => new RawSetting(value.Item1, value.Item2, "benchmark"))), "unused", DataDirectory.Probe);
        var started = await Server.Start(
            settings.IfFail(problems => throw new InvalidOperationException(string.Join("; ", problems))), new PosixDisk(), TimeProvider.System, Log);
        return started.IfLeft(problem => throw new InvalidOperationException(problem.Message));
    }
}
