using System.Security.Cryptography;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;
using Serilog;

namespace Borderless.Benchmarks;

/// <summary>A store with many blobs in ten buckets, a millisecond apart, made in far less time than to upload them.</summary>
internal static class FilledStore
{
    public const string ApiKey = "benchmark-api-key";

    private const int Buckets = 10;
    private const int FilesPerDirectory = 4096;

    public static readonly ILogger Log = new LoggerConfiguration().CreateLogger();

    /// <summary>Fills an empty directory with blobs of so many bytes, each different from all others.</summary>
    /// <param name="directory">The data directory to be.</param>
    /// <param name="blobs">How many, at least 1.</param>
    /// <param name="bytes">Of each, at least 8.</param>
    /// <param name="asFiles">Whether each has a file, which stays empty, instead of its bytes in the index.</param>
    public static async Task Fill(string directory, long blobs, int bytes, bool asFiles = false)
    {
        await (await Open(directory)).DisposeAsync();
        using var connection = SqliteSchema.Open(Path.Combine(directory, "metadata.db"), SqliteOpenMode.ReadWrite);
        connection.AddPrefix();
        var body = RandomNumberGenerator.GetBytes(bytes);
        connection.CreateFunction("body_of", (long number) => BitConverter.GetBytes(number).Concat(body[8..]).ToArray());
        connection.CreateFunction("sha256_of", (byte[] found) => SHA256.HashData(found));
        var place = asFiles ? $"1 + i / {FilesPerDirectory}, printf('%032x', i), NULL" : "NULL, NULL, bytes";
        SqliteSchema.Execute(
            connection,
            $"""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;
            BEGIN;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Buckets})
            INSERT INTO buckets (bucket, name, created_at) SELECT i, 'bucket-' || i, 0 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {blobs}),
                bodies(i, bytes) AS (SELECT i, body_of(i) FROM n)
            INSERT INTO parts SELECT i, prefix_of(sha256_of(bytes)), sha256_of(bytes), {bytes}, 1, 0, 1, 0, {place} FROM bodies;
            INSERT INTO blobs SELECT part, 1 + part % {Buckets}, randomblob(16), {bytes}, sha256, part, part, NULL, part, NULL, NULL, NULL FROM parts;
            UPDATE buckets SET (object_count, total_size) = (SELECT count(*), coalesce(sum(size), 0) FROM blobs b WHERE b.bucket = buckets.bucket);
            UPDATE totals SET contents = {blobs}, content_bytes = {bytes} * {blobs}, blob_refs = {blobs};
            COMMIT;
            """);
        if (asFiles)
        {
            MakeFiles(connection, new DataLayout(directory, ""));
        }
    }

    /// <summary>Paths of so many blobs at most, picked at random, as in a URL.</summary>
    public static IReadOnlyList<string> Some(string directory, long blobs, int most)
    {
        using var connection = SqliteSchema.Open(Path.Combine(directory, "metadata.db"), SqliteOpenMode.ReadOnly);
        return Rows(
            connection,
            $"SELECT name, id FROM blobs JOIN buckets USING (bucket) WHERE random() % {Math.Max(1, blobs / most)} = 0 LIMIT {most}",
            row => $"/{row.GetString(0)}/{new Guid(row.GetFieldValue<byte[]>(1), bigEndian: true)}").ToArray();
    }

    /// <summary>The server in this process.</summary>
    public static async Task<Server> Open(string directory)
    {
        var values = Seq(
            ("ip_addr", "127.0.0.1:0"), ("data_dir", directory), ("domain", "http://store.test"), ("presign_api_key", ApiKey));
        var settings = SettingsReader.Read(
            Seq1(values.Map(value => new RawSetting(value.Item1, value.Item2, "benchmark"))), new UnixSeconds(0), "unused", new SettingProbes(DataDirectory.Probe));
        var started = await Server.Start(
            settings.IfFail(problems => throw new InvalidOperationException(string.Join("; ", problems))), new PosixDisk(), TimeProvider.System, Log);
        return started.IfLeft(problem => throw new InvalidOperationException(problem.Message));
    }

    private static void MakeFiles(SqliteConnection connection, DataLayout layout)
    {
        foreach (var (digest, place) in Rows(
            connection,
            "SELECT sha256, directory, nonce FROM parts",
            row => (Digest.From(row.GetFieldValue<byte[]>(0)), new PartPlace.File(row.GetInt32(1), row.GetString(2)))))
        {
            var path = layout.PartFile(digest, place);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Create(path).Dispose();
        }
    }

    private static IEnumerable<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return read(rows);
        }
    }
}
