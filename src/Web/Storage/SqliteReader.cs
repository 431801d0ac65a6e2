using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>One reading connection with its prepared statements, used by one thread at a time.</summary>
internal sealed class SqliteReader : IIndexReader, IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Statement findBlob;
    private readonly Statement findPart;
    private readonly Statement findChunks;
    private readonly Statement namesFile;
    private readonly Statement untouched;
    private readonly Statement garbage;
    private readonly Statement freePages;
    private readonly Statement allPages;

    public SqliteReader(string path)
    {
        connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, "PRAGMA query_only = ON; PRAGMA busy_timeout = 5000;");
        findBlob = Prepare(
            $"""
            SELECT {SqliteRows.BlobColumns}, {SqliteRows.PartColumns} FROM blobs b LEFT JOIN parts p ON p.part = b.part
            WHERE b.bucket = (SELECT bucket FROM buckets WHERE name = ?1) AND b.id = ?2
            """);
        findPart = Prepare($"SELECT {SqliteRows.PartColumns} FROM parts p WHERE p.part = ?1");
        findChunks = Prepare(
            """
            SELECT c.position, c.part, c.size FROM buckets k
            JOIN uploads u ON u.bucket = k.bucket AND u.id = ?2 AND u.total = ?3
            JOIN chunks c ON c.upload = u.upload
            WHERE k.name = ?1 ORDER BY c.position
            """);
        namesFile = Prepare("SELECT 1 FROM parts WHERE prefix = ?1 AND sha256 = ?2 AND nonce = ?3");
        untouched = Prepare("SELECT upload FROM uploads WHERE touched_at < ?1");
        garbage = Prepare(
            """
            SELECT part, sha256, directory, nonce, NULL FROM parts INDEXED BY garbage
            WHERE blob_refs = 0 AND chunk_refs = 0 AND part > ?1 ORDER BY part LIMIT ?2
            """);
        freePages = Prepare("PRAGMA freelist_count");
        allPages = Prepare("PRAGMA page_count");
    }

    public FoundBlob? FindBlob(BucketName bucket, BlobId blob) =>
        findBlob.One(
            row => new FoundBlob(
                SqliteRows.Blob(row), row.IsNull(SqliteRows.BlobColumnCount) ? null : SqliteRows.Part(row, SqliteRows.BlobColumnCount)),
            bucket.Value,
            SqliteRows.Key(blob));

    public IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts) =>
        [.. parts.Select(part => findPart.One(row => SqliteRows.Part(row), part))];

    public IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total) =>
        findChunks.All(SqliteRows.Chunk, bucket.Value, SqliteRows.Key(blob), total);

    public bool NamesFile(Digest sha256, string nonce) =>
        namesFile.One(_ => true, SqliteRows.Prefix(sha256), sha256.Bytes.ToArray(), nonce);

    public IReadOnlyList<long> UploadsUntouchedSince(long time) => untouched.All(row => row.Integer(0), time);

    public IReadOnlyList<GarbagePart> Garbage(long after, int limit) => garbage.All(SqliteRows.Garbage, after, limit);

    public (long Free, long All) Pages() => (freePages.One(row => row.Integer(0)), allPages.One(row => row.Integer(0)));

    public void Dispose()
    {
        new[] { findBlob, findPart, findChunks, namesFile, untouched, garbage, freePages, allPages }.Iter(statement => statement.Dispose());
        connection.Dispose();
    }

    private Statement Prepare(string sql) => new(connection.Handle ?? throw new InvalidOperationException("the index is closed"), sql);
}
