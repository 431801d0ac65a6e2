using Borderless.Web.Fsck;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration.Support;

/// <summary>
/// The store's books, done again from nothing: every row of the index read with plain SQL and every file of the disk, and all
/// that the store counts and keeps compared with them. It shares nothing with fsck, which must find nothing either.
/// </summary>
internal sealed class Audit
{
    private readonly SqliteConnection connection;
    private readonly DataLayout layout;
    private readonly IReadOnlyList<Part> parts;
    private readonly ILookup<long, (long Size, long[] Parts)> blobs;
    private readonly IReadOnlyList<(long Upload, long Part, long Size)> chunks;

    private Audit(SqliteConnection connection, DataLayout layout)
    {
        (this.connection, this.layout) = (connection, layout);
        parts = Rows("SELECT part, lower(hex(sha256)), size, blob_refs, chunk_refs, damaged, directory, nonce, bytes FROM parts", row => new Part(
            row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5) != 0,
            row.IsDBNull(6) ? null : $"{row.GetInt64(6):D4}/{row.GetString(1)}-{row.GetString(7)}",
            row.IsDBNull(8) ? null : (byte[])row[8]));
        blobs = Rows("SELECT bucket, size, part, manifest FROM blobs", row => (
            Bucket: row.GetInt64(0),
            Blob: (row.GetInt64(1), row.IsDBNull(2) ? Manifest((byte[])row[3]) : [row.GetInt64(2)])))
            .ToLookup(row => row.Bucket, row => row.Blob);
        chunks = Rows("SELECT upload, part, size FROM chunks", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
    }

    /// <summary>Waits until the remover is done, and then holds index, counts and disk against one another.</summary>
    public static async Task Balance(TestServer server)
    {
        await Calm(server);
        var layout = server.Store.Layout;
        using var connection = SqliteSchema.Open(layout.IndexPath, SqliteOpenMode.ReadWrite);
        var audit = new Audit(connection, layout);
        audit.References();
        audit.Counts(server.Store.Index);
        Assert.All(audit.parts, part => Assert.True(part.BlobRefs + part.ChunkRefs > 0, $"part {part.Id} is garbage that nobody removes"));
        audit.Files();
        Check(connection, layout);
        Assert.Empty(server.FilesUnder("tmp"));
    }

    private static void Check(SqliteConnection connection, DataLayout layout)
    {
        var findings = new StoreCheck(connection, new FsckRequest(layout, Repair: false, Deep: true), new PosixDisk(), (_, _, _) => { }, default).Findings();
        Assert.Equal([], findings.Where(finding => finding.Kind != FindingKind.PartDamaged).Select(finding => finding.ToString()));
    }

    /// <summary>Holds an index and its counts against one another, whatever garbage still waits in it and wherever the files are.</summary>
    public static void Books(string path, IIndex index)
    {
        using var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        var audit = new Audit(connection, new DataLayout("", path));
        audit.References();
        audit.Counts(index);
        Assert.Equal(["ok"], audit.Rows("PRAGMA integrity_check", row => row.GetString(0)));
    }

    /// <summary>Bounded, so that a store which never comes to rest is told apart by what is wrong with it.</summary>
    private static async Task Calm(TestServer server)
    {
        var deadline = Environment.TickCount64 + 10_000;
        while (Environment.TickCount64 < deadline && !IsCalm(server))
        {
            await Task.Delay(5);
        }
    }

    private static bool IsCalm(TestServer server) =>
        server.Store.Index.Garbage(0, 1).Count == 0
        && server.FilesUnder("tmp").Length == 0
        && server.FilesUnder("parts").All(file =>
            DataLayout.ParsePartName(Path.GetFileName(file)).Exists(part => server.Store.Index.NamesFile(part.Sha256, part.Nonce)));

    /// <summary>Each part is referenced as often as manifests and chunks name it, and no bytes are there twice.</summary>
    private void References()
    {
        var ofBlobs = blobs.SelectMany(bucket => bucket).SelectMany(blob => blob.Parts).CountBy(part => part).ToDictionary();
        var ofChunks = chunks.CountBy(chunk => chunk.Part).ToDictionary();
        Assert.All(parts, part =>
            Assert.Equal((ofBlobs.GetValueOrDefault(part.Id), ofChunks.GetValueOrDefault(part.Id)), (part.BlobRefs, part.ChunkRefs)));
        Assert.Equal([], parts.CountBy(part => (part.Sha256, part.Size)).Where(equal => equal.Value > 1));
        Assert.Equal([], ofBlobs.Keys.Concat(ofChunks.Keys).Except(parts.Select(part => part.Id)));
        var sizes = parts.ToDictionary(part => part.Id, part => part.Size);
        Assert.All(blobs.SelectMany(bucket => bucket), blob => Assert.Equal(blob.Size, blob.Parts.Sum(part => sizes[part])));
        Assert.All(chunks, chunk => Assert.Equal(chunk.Size, sizes[chunk.Part]));
        Assert.Equal(
            Rows("SELECT upload FROM uploads JOIN buckets USING (bucket) ORDER BY upload", row => row.GetInt64(0)),
            chunks.Select(chunk => chunk.Upload).Distinct().Order());
    }

    /// <summary>What the store keeps count of is what adding up gives.</summary>
    private void Counts(IIndex index)
    {
        var contents = parts.Where(part => part.BlobRefs > 0).ToArray();
        Assert.Equal(
            new Totals(
                contents.Length, contents.Sum(part => part.Size), parts.Sum(part => part.BlobRefs), chunks.Count, chunks.Sum(chunk => chunk.Size)),
            index.Counts().Totals);
        var names = Rows("SELECT bucket, name FROM buckets ORDER BY name", row => (Id: row.GetInt64(0), Name: row.GetString(1)));
        Assert.Equal(
            names.Select(bucket => (bucket.Name, blobs[bucket.Id].LongCount(), blobs[bucket.Id].Sum(blob => blob.Size))),
            index.Buckets().Select(bucket => (bucket.Name, bucket.ObjectCount, bucket.TotalSize)));
        Assert.Equal([], blobs.Select(bucket => bucket.Key).Except(names.Select(bucket => bucket.Id)));
    }

    /// <summary>Every file has its row, every row its file, and the bytes are those that the digest says, but where damage is known.</summary>
    private void Files()
    {
        var onDisk = Directory.EnumerateFiles(layout.Parts, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(layout.Parts, file)).Where(file => file != ".store").Order(StringComparer.Ordinal);
        Assert.Equal(parts.Select(part => part.File).OfType<string>().Order(StringComparer.Ordinal), onDisk);
        Assert.All(parts.Where(part => !part.Damaged), part =>
        {
            var bytes = part.Bytes ?? File.ReadAllBytes(Path.Combine(layout.Parts, part.File!));
            Assert.Equal((part.Sha256, part.Size), (Answers.Sha256(bytes), bytes.Length));
        });
    }

    private static long[] Manifest(byte[] pairs) =>
        [.. Enumerable.Range(0, pairs.Length / 16).Select(i => BitConverter.ToInt64(pairs, 16 * i))];

    private List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are those above.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
        {
            all.Add(read(rows));
        }

        return all;
    }

    private sealed record Part(
        long Id, string Sha256, long Size, long BlobRefs, long ChunkRefs, bool Damaged, string? File, byte[]? Bytes);
}
