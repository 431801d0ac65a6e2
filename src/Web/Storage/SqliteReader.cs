using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>One reading connection with its prepared statements, used by one thread at a time.</summary>
internal sealed class SqliteReader : IIndexReader, IDisposable
{
    private const string ListColumns = $"{SqliteRows.BlobColumns}, k.name, b.id";

    /// <summary>Few, for there are many readers, and SQLite empties a reader's cache after each commit.</summary>
    private const int CacheKibibytes = 256;

    private readonly SqliteConnection connection;
    private readonly List<Statement> statements = [];
    private readonly Statement begin;
    private readonly Statement commit;
    private readonly Statement findBlob;
    private readonly Statement findPart;
    private readonly Statement nextPart;
    private readonly Statement findChunks;
    private readonly Statement findUpload;
    private readonly Statement waitingChunks;
    private readonly Statement buckets;
    private readonly Statement findBucket;
    private readonly Statement totals;
    private readonly Statement findSpent;
    private readonly Statement anySpent;
    private readonly Statement waitingBeside;
    private readonly Statement list;
    private readonly Statement listBucket;
    private readonly Statement listIds;
    private readonly Statement countIds;
    private readonly Statement namesFile;
    private readonly Statement untouched;
    private readonly Statement garbage;
    private readonly Statement freePages;
    private readonly Statement allPages;

    public SqliteReader(string path)
    {
        connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, $"PRAGMA query_only = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -{CacheKibibytes};");
        begin = Prepare("BEGIN");
        commit = Prepare("COMMIT");
        findBlob = Prepare(
            $"""
            SELECT {SqliteRows.BlobColumns}, {SqliteRows.PartColumns} FROM blobs b LEFT JOIN parts p ON p.part = b.part
            WHERE b.bucket = (SELECT bucket FROM buckets WHERE name = ?1) AND b.id = ?2
            """);
        findPart = Prepare($"SELECT {SqliteRows.PartColumns} FROM parts p WHERE p.part = ?1");
        nextPart = Prepare($"SELECT {SqliteRows.PartColumns} FROM parts p WHERE p.part > ?1 AND {SqliteRows.IsPart} ORDER BY p.part LIMIT 1");
        findChunks = Prepare(
            """
            SELECT c.position, c.part, c.size FROM buckets k
            JOIN uploads u ON u.bucket = k.bucket AND u.id = ?2 AND u.total = ?3
            JOIN chunks c ON c.upload = u.upload
            WHERE k.name = ?1 ORDER BY c.position
            """);
        findUpload = Prepare(
            """
            SELECT u.upload, u.total, u.touched_at FROM buckets k JOIN uploads u ON u.bucket = k.bucket AND u.id = ?2
            WHERE k.name = ?1 AND (?3 IS NULL OR u.total = ?3) ORDER BY u.touched_at DESC, u.upload DESC LIMIT 1
            """);
        waitingChunks = Prepare(
            "SELECT c.position, c.size, p.sha256 FROM chunks c JOIN parts p ON p.part = c.part WHERE c.upload = ?1 ORDER BY c.position");
        buckets = Prepare("SELECT name, created_at, object_count, total_size FROM buckets ORDER BY name");
        findBucket = Prepare("SELECT name, created_at, object_count, total_size FROM buckets WHERE name = ?1");
        findSpent = Prepare(SqliteRows.FindSpent);
        anySpent = Prepare("SELECT 1 FROM spent WHERE until < ?1 LIMIT 1");
        waitingBeside = Prepare(SqliteRows.WaitingBeside);
        totals = Prepare("SELECT contents, content_bytes, blob_refs, chunks, chunk_bytes FROM totals");

        // The position's row values stand beside (created_at, id) in their index; the bucket only breaks ties.
        const string After = "(b.created_at, b.id, k.name) < (?2, ?3, ?4)";
        list = Prepare(
            $"""
            SELECT {ListColumns} FROM blobs b INDEXED BY blobs_by_time CROSS JOIN buckets k ON k.bucket = b.bucket
            WHERE ?1 IS NULL AND (b.created_at, b.id) <= (?2, ?3) AND {After}
            ORDER BY b.created_at DESC, b.id DESC, k.name DESC LIMIT ?5 OFFSET ?6
            """);
        listBucket = Prepare(
            $"""
            SELECT {ListColumns} FROM buckets k CROSS JOIN blobs b INDEXED BY blobs_by_bucket_and_time ON b.bucket = k.bucket
            WHERE k.name = ?1 AND (b.created_at, b.id) <= (?2, ?3) AND {After}
            ORDER BY b.created_at DESC, b.id DESC LIMIT ?5 OFFSET ?6
            """);
        listIds = Prepare(
            $"""
            SELECT {ListColumns} FROM buckets k CROSS JOIN blobs b INDEXED BY blobs_by_id ON b.bucket = k.bucket
            WHERE k.name = ?1 AND b.id >= ?2 AND b.id <= ?3 ORDER BY b.id DESC LIMIT ?4
            """);
        countIds = Prepare(
            """
            SELECT count(*) FROM buckets k CROSS JOIN blobs b INDEXED BY blobs_by_id ON b.bucket = k.bucket
            WHERE (?1 IS NULL OR k.name = ?1) AND b.id >= ?2 AND b.id <= ?3
            """);
        namesFile = Prepare("SELECT 1 FROM parts WHERE prefix = ?1 AND sha256 = ?2 AND nonce = ?3");
        untouched = Prepare(
            "SELECT u.upload, k.name, u.id, u.total FROM uploads u JOIN buckets k ON k.bucket = u.bucket WHERE u.touched_at < ?1");
        garbage = Prepare(
            """
            SELECT part, sha256, size, directory, nonce, NULL FROM parts INDEXED BY garbage
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

    public PartRow? NextPart(long after) => nextPart.One(row => SqliteRows.Part(row), after);

    public IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total) =>
        findChunks.All(SqliteRows.Chunk, bucket.Value, SqliteRows.Key(blob), total);

    public (int Total, IReadOnlyList<WaitingChunk> Chunks)? FindUpload(BucketName bucket, BlobId blob, int? total) =>
        OfOneMoment<(int, IReadOnlyList<WaitingChunk>)?>(() =>
            findUpload.One<UploadRow?>(row => SqliteRows.Upload(row), bucket.Value, SqliteRows.Key(blob), (long?)total) is { } upload
                ? (upload.Total, waitingChunks.All(
                    row => new WaitingChunk((int)row.Integer(0), row.Integer(1), Digest.From(row.Bytes(2))), upload.Id))
                : null);

    public IReadOnlyList<BucketRow> Buckets() => buckets.All(SqliteRows.Bucket);

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) =>
        findSpent.One(SqliteRows.Spent, SqliteRows.Key(blob), nonce, bucket.Value);

    public bool AnySpentBefore(UnixSeconds time) => anySpent.One(_ => true, time.Value);

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) =>
        waitingBeside.One(row => row.Integer(0), bucket.Value, SqliteRows.Key(blob), total, position);

    public BucketRow? FindBucket(BucketName bucket) => findBucket.One(SqliteRows.Bucket, bucket.Value);

    public (IReadOnlyList<BucketRow> Buckets, Totals Totals) Counts() => OfOneMoment(() => (
        Buckets(),
        totals.One(row => new Totals(row.Integer(0), row.Integer(1), row.Integer(2), row.Integer(3), row.Integer(4)))
            ?? throw new IndexException("its totals are missing", 0)));

    public IReadOnlyList<ListedBlob> List(BucketName? bucket, ListPosition? after, int limit, long offset) =>
        (bucket is null ? list : listBucket).All(
            SqliteRows.Listed,
            bucket?.Value,
            after?.CreatedAt ?? long.MaxValue,
            after is null ? Highest : SqliteRows.Key(after.Blob),
            after?.Bucket ?? HighestName,
            limit,
            offset);

    /// <summary>Each bucket gives its first rows in the range, so that a page costs the same however many there are.</summary>
    public (IReadOnlyList<ListedBlob> Page, long Total) ListById(
        BucketName? bucket, BlobId from, BlobId to, ListPosition? after, int limit, long offset)
    {
        var names = bucket is null ? Buckets().Select(row => row.Name) : [bucket.Value];
        var last = after is null || SqliteRows.Key(after.Blob).AsSpan().SequenceCompareTo(SqliteRows.Key(to)) > 0 ? to : after.Blob;
        var page = names
            .SelectMany(name => listIds.All(SqliteRows.Listed, name, SqliteRows.Key(from), SqliteRows.Key(last), limit + offset + 1))
            .OrderByDescending(blob => blob.Blob.ToString(), StringComparer.Ordinal)
            .ThenByDescending(blob => blob.Bucket, StringComparer.Ordinal)
            .SkipWhile(blob => after is not null && blob.Blob == after.Blob && string.CompareOrdinal(blob.Bucket, after.Bucket) >= 0);
        return (
            [.. page.Skip((int)Math.Min(offset, int.MaxValue)).Take(limit)],
            countIds.One(row => row.Integer(0), bucket?.Value, SqliteRows.Key(from), SqliteRows.Key(to)));
    }

    public bool NamesFile(Digest sha256, string nonce) =>
        namesFile.One(_ => true, SqliteRows.Prefix(sha256), sha256.Bytes.ToArray(), nonce);

    public IReadOnlyList<StaleUpload> UploadsUntouchedSince(long time) => untouched.All(SqliteRows.Stale, time);

    public IReadOnlyList<GarbagePart> Garbage(long after, int limit) => garbage.All(SqliteRows.Garbage, after, limit);

    public (long Free, long All) Pages() => (freePages.One(row => row.Integer(0)), allPages.One(row => row.Integer(0)));

    public void Dispose()
    {
        statements.Iter(statement => statement.Dispose());
        connection.Dispose();
    }

    private static byte[] Highest => [.. Enumerable.Repeat(byte.MaxValue, 16)];

    /// <summary>Above every bucket's name.</summary>
    private const string HighestName = "~";

    /// <summary>Several statements in one transaction, so that no commit comes between them.</summary>
    private T OfOneMoment<T>(Func<T> read)
    {
        _ = begin.Run();
        try
        {
            return read();
        }
        finally
        {
            _ = commit.Run();
        }
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(connection.Handle ?? throw new InvalidOperationException("the index is closed"), sql);
        statements.Add(statement);
        return statement;
    }
}
