using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>The one writing connection with its prepared statements, and the transaction that runs on it.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly List<Statement> statements = [];
    private readonly Statement begin;
    private readonly Statement commit;
    private readonly Statement rollback;
    private readonly Statement findBucket;
    private readonly Statement addBucket;
    private readonly Statement findBlob;
    private readonly Statement addBlob;
    private readonly Statement changeBlob;
    private readonly Statement deleteBlob;
    private readonly Statement findUpload;
    private readonly Statement getUpload;
    private readonly Statement findUploads;
    private readonly Statement addUpload;
    private readonly Statement touchUpload;
    private readonly Statement deleteUpload;
    private readonly Statement findChunks;
    private readonly Statement findChunk;
    private readonly Statement putChunk;
    private readonly Statement deleteChunks;
    private readonly Statement findEqualPart;
    private readonly Statement addPart;
    private readonly Statement countRefs;
    private readonly Statement markSynced;
    private readonly Statement deleteGarbage;
    private readonly bool strict;
    private readonly TimeProvider time;
    private long lastPart;

    public SqliteWriter(string path, bool strict, TimeProvider time)
    {
        (this.strict, this.time) = (strict, time);
        connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(
            connection,
            $"PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = {(strict ? "FULL" : "NORMAL")};");
        SqliteSchema.Upgrade(connection);
        begin = Prepare("BEGIN IMMEDIATE");
        commit = Prepare("COMMIT");
        rollback = Prepare("ROLLBACK");
        findBucket = Prepare("SELECT bucket FROM buckets WHERE name = ?1");
        addBucket = Prepare("INSERT INTO buckets (name, created_at) VALUES (?1, ?2) RETURNING bucket");
        findBlob = Prepare($"SELECT {SqliteRows.BlobColumns} FROM blobs b WHERE b.bucket = ?1 AND b.id = ?2");
        addBlob = Prepare(
            """
            INSERT INTO blobs (bucket, id, size, sha256, created_at, updated_at, merged_total, part, content_type, content_disposition, manifest)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """);
        changeBlob = Prepare(
            """
            UPDATE blobs SET size = ?2, sha256 = ?3, updated_at = ?4, merged_total = ?5, part = ?6, content_type = ?7,
            content_disposition = ?8, manifest = ?9 WHERE blob = ?1
            """);
        deleteBlob = Prepare("DELETE FROM blobs WHERE blob = ?1");
        findUpload = Prepare("SELECT upload, total, touched_at FROM uploads WHERE bucket = ?1 AND id = ?2 AND total = ?3");
        getUpload = Prepare("SELECT upload, total, touched_at FROM uploads WHERE upload = ?1");
        findUploads = Prepare("SELECT upload, total, touched_at FROM uploads WHERE bucket = ?1 AND id = ?2");
        addUpload = Prepare("INSERT INTO uploads (bucket, id, total, touched_at) VALUES (?1, ?2, ?3, ?4) RETURNING upload");
        touchUpload = Prepare("UPDATE uploads SET touched_at = ?2 WHERE upload = ?1");
        deleteUpload = Prepare("DELETE FROM uploads WHERE upload = ?1");
        findChunks = Prepare("SELECT position, part, size FROM chunks WHERE upload = ?1 ORDER BY position");
        findChunk = Prepare("SELECT position, part, size FROM chunks WHERE upload = ?1 AND position = ?2");
        putChunk = Prepare("INSERT OR REPLACE INTO chunks (upload, position, part, size) VALUES (?1, ?2, ?3, ?4)");
        deleteChunks = Prepare("DELETE FROM chunks WHERE upload = ?1");
        findEqualPart = Prepare(
            $"""
            SELECT part FROM parts WHERE prefix = ?1 AND sha256 = ?2 AND size = ?3 AND damaged = 0{(strict ? " AND synced = 1" : "")} LIMIT 1
            """);
        addPart = Prepare(
            """
            INSERT INTO parts (part, prefix, sha256, size, blob_refs, chunk_refs, synced, damaged, directory, nonce, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)
            """);
        countRefs = Prepare(
            "UPDATE parts SET blob_refs = blob_refs + ?2, chunk_refs = chunk_refs + ?3 WHERE part = ?1 RETURNING blob_refs + chunk_refs");
        markSynced = Prepare("UPDATE parts SET synced = 1 WHERE part = ?1");
        deleteGarbage = Prepare("DELETE FROM parts WHERE part = ?1 AND blob_refs = 0 AND chunk_refs = 0");
        lastPart = SqliteSchema.Number(connection, "SELECT coalesce(max(part), 0) FROM parts");
    }

    public T Commit<T>(Func<ITransaction, T> work)
    {
        _ = begin.Run();
        try
        {
            var result = work(new Transaction(this, time.GetUtcNow().ToUnixTimeMilliseconds()));
            _ = commit.Run();
            return result;
        }
        catch
        {
            TryRollback();
            throw;
        }
    }

    /// <summary>Writes the whole log into the database, syncs it and empties the log.</summary>
    public bool Truncate() => SqliteSchema.Number(connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0;

    public void Dispose()
    {
        statements.Iter(statement => statement.Dispose());
        connection.Dispose();
    }

    private void TryRollback()
    {
        try
        {
            _ = rollback.Run();
        }
        catch (IndexException)
        {
            // SQLite has rolled back by itself; the first error is the one that counts.
        }
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(connection.Handle ?? throw new InvalidOperationException("the index is closed"), sql);
        statements.Add(statement);
        return statement;
    }

    private sealed class Transaction(SqliteWriter index, long now) : ITransaction
    {
        private readonly System.Collections.Generic.HashSet<LandedPart> named = new(ReferenceEqualityComparer.Instance);

        public long Now => now;

        public bool MadeGarbage { get; private set; }

        public bool Names(LandedPart part) => named.Contains(part);

        public long? FindBucket(BucketName bucket) => index.findBucket.One<long?>(row => row.Integer(0), bucket.Value);

        public long EnsureBucket(BucketName bucket) =>
            FindBucket(bucket) ?? index.addBucket.One(row => row.Integer(0), bucket.Value, now);

        public BlobRow? FindBlob(long bucket, BlobId blob) => index.findBlob.One(SqliteRows.Blob, bucket, SqliteRows.Key(blob));

        public void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part) =>
            Put(bucket, blob, replaced, row, Adopt(part, blobRefs: 1, chunkRefs: 0), null);

        public void PutMerged(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, IReadOnlyList<ManifestEntry> manifest)
        {
            manifest.Iter(entry => Count(entry.Part, 1, 0));
            if (manifest.Count == 1)
            {
                Put(bucket, blob, replaced, row, manifest[0].Part, null);
            }
            else
            {
                Put(bucket, blob, replaced, row, null, SqliteRows.Manifest(manifest));
            }
        }

        public void DeleteBlob(long bucket, BlobRow row)
        {
            row.Manifest.Iter(entry => Count(entry.Part, -1, 0));
            _ = index.deleteBlob.Run(row.Id);
        }

        public UploadRow? FindUpload(long bucket, BlobId blob, int total) =>
            index.findUpload.One<UploadRow?>(row => SqliteRows.Upload(row), bucket, SqliteRows.Key(blob), total);

        public UploadRow? FindUpload(long upload) => index.getUpload.One<UploadRow?>(row => SqliteRows.Upload(row), upload);

        public IReadOnlyList<UploadRow> FindUploads(long bucket, BlobId blob) =>
            index.findUploads.All(SqliteRows.Upload, bucket, SqliteRows.Key(blob));

        public IReadOnlyList<ChunkRow> FindChunks(long upload) => index.findChunks.All(SqliteRows.Chunk, upload);

        public void PutChunk(long bucket, BlobId blob, int total, int position, LandedPart part)
        {
            var adopted = Adopt(part, blobRefs: 0, chunkRefs: 1);
            var upload = FindUpload(bucket, blob, total)?.Id
                ?? index.addUpload.One(row => row.Integer(0), bucket, SqliteRows.Key(blob), total, now);
            if (index.findChunk.One<ChunkRow?>(row => SqliteRows.Chunk(row), upload, position) is { } replaced)
            {
                Count(replaced.Part, 0, -1);
            }

            _ = index.putChunk.Run(upload, position, adopted, part.Size);
            _ = index.touchUpload.Run(upload, now);
        }

        public void DeleteUpload(long upload)
        {
            FindChunks(upload).Iter(chunk => Count(chunk.Part, 0, -1));
            _ = index.deleteChunks.Run(upload);
            _ = index.deleteUpload.Run(upload);
        }

        public void MarkSynced(long part) => index.markSynced.Run(part);

        public bool DeleteGarbage(long part) => index.deleteGarbage.Run(part) == 1;

        public void GiveBack(int pages) => SqliteSchema.Execute(index.connection, $"PRAGMA incremental_vacuum({pages})");

        private void Put(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, long? part, byte[]? manifest)
        {
            if (replaced is null)
            {
                _ = index.addBlob.Run(
                    bucket, SqliteRows.Key(blob), row.Size, row.Sha256.Bytes.ToArray(), row.CreatedAt, row.UpdatedAt, row.MergedTotal,
                    part, row.ContentType, row.ContentDisposition, manifest);
                return;
            }

            _ = index.changeBlob.Run(
                replaced.Id, row.Size, row.Sha256.Bytes.ToArray(), row.UpdatedAt, row.MergedTotal, part, row.ContentType,
                row.ContentDisposition, manifest);
            replaced.Manifest.Iter(entry => Count(entry.Part, -1, 0));
        }

        /// <summary>Dedup is decided here and nowhere else: within the transaction that makes the reference.</summary>
        private long Adopt(LandedPart part, int blobRefs, int chunkRefs)
        {
            var digest = part.Sha256.Bytes.ToArray();
            if (index.findEqualPart.One<long?>(row => row.Integer(0), SqliteRows.Prefix(part.Sha256), digest, part.Size) is { } equal)
            {
                Count(equal, blobRefs, chunkRefs);
                return equal;
            }

            var (directory, nonce, bytes) = part.Place switch
            {
                PartPlace.File file => ((long?)file.Directory, file.Nonce, null),
                PartPlace.Inline inline => ((long?)null, (string?)null, inline.Bytes),
                _ => throw new InvalidOperationException("a part is inline or a file"),
            };
            _ = index.addPart.Run(
                ++index.lastPart, SqliteRows.Prefix(part.Sha256), digest, part.Size, blobRefs, chunkRefs, part.Synced ? 1 : 0, directory, nonce, bytes);
            _ = named.Add(part);
            return index.lastPart;
        }

        private void Count(long part, int blobRefs, int chunkRefs)
        {
            if (index.countRefs.One(row => row.Integer(0), part, blobRefs, chunkRefs) == 0)
            {
                MadeGarbage = true;
            }
        }
    }
}
