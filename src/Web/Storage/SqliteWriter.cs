using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Borderless.Web.Storage;

/// <summary>The one writing connection with its prepared statements, and the transaction that runs on it.</summary>
internal sealed class SqliteWriter : IDisposable
{
    /// <summary>Holds the leaves of the one index that new rows are strewn over, that by digest, for some hundred thousand parts.</summary>
    private const int CacheKibibytes = 8 << 10;

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
    private readonly Statement healPart;
    private readonly Statement isDamaged;
    private readonly Statement markDamaged;
    private readonly Statement clearDamage;
    private readonly Statement anyBlob;
    private readonly Statement bucketUploads;
    private readonly Statement deleteBucket;
    private readonly Statement countBucket;
    private readonly Statement countTotals;
    private readonly Statement addPart;
    private readonly Statement countRefs;
    private readonly Statement markSynced;
    private readonly Statement deleteGarbage;
    private readonly Statement findSpent;
    private readonly Statement waitingBeside;
    private readonly Statement spend;
    private readonly Statement forgetSpent;
    private readonly Statement revoke;
    private readonly Statement epochs;
    private readonly bool strict;
    private readonly TimeProvider time;
    private long lastPart;

    public SqliteWriter(string path, bool strict, TimeProvider time)
    {
        (this.strict, this.time) = (strict, time);
        connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        SqliteSchema.MustBeIndex(connection);
        SqliteSchema.Execute(
            connection,
            $"""
            PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;
            PRAGMA synchronous = {(strict ? "FULL" : "NORMAL")}; PRAGMA cache_size = -{CacheKibibytes};
            """);
        SqliteNative.KeepLogFiles(connection.Handle!);
        SqliteSchema.Upgrade(connection);
        begin = Prepare("BEGIN IMMEDIATE");
        commit = Prepare("COMMIT");
        rollback = Prepare("ROLLBACK");
        findBucket = Prepare("SELECT bucket FROM buckets WHERE name = ?1");
        addBucket = Prepare("INSERT INTO buckets (name, created_at) VALUES (?1, ?2) RETURNING bucket");
        findBlob = Prepare($"SELECT {SqliteRows.BlobColumns} FROM blobs b WHERE b.bucket = ?1 AND b.id = ?2");
        addBlob = Prepare(
            """
            INSERT INTO blobs (bucket, id, size, sha256, created_at, updated_at, merged_total, part, content_type, content_disposition, manifest, strict)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """);
        changeBlob = Prepare(
            """
            UPDATE blobs SET size = ?2, sha256 = ?3, updated_at = ?4, merged_total = ?5, part = ?6, content_type = ?7,
            content_disposition = ?8, manifest = ?9, strict = ?10 WHERE blob = ?1
            """);
        deleteBlob = Prepare("DELETE FROM blobs WHERE blob = ?1 RETURNING id");
        findUpload = Prepare("SELECT upload, total, touched_at FROM uploads WHERE bucket = ?1 AND id = ?2 AND total = ?3");
        getUpload = Prepare("SELECT upload, total, touched_at FROM uploads WHERE upload = ?1");
        findUploads = Prepare("SELECT upload, total, touched_at FROM uploads WHERE bucket = ?1 AND id = ?2");
        addUpload = Prepare("INSERT INTO uploads (bucket, id, total, touched_at) VALUES (?1, ?2, ?3, ?4) RETURNING upload");
        touchUpload = Prepare("UPDATE uploads SET touched_at = ?2, bytes = bytes + ?3 WHERE upload = ?1");
        deleteUpload = Prepare("DELETE FROM uploads WHERE upload = ?1");
        findChunks = Prepare("SELECT position, part, size FROM chunks WHERE upload = ?1 ORDER BY position");
        findChunk = Prepare("SELECT position, part, size FROM chunks WHERE upload = ?1 AND position = ?2");
        putChunk = Prepare("INSERT OR REPLACE INTO chunks (upload, position, part, size) VALUES (?1, ?2, ?3, ?4)");
        deleteChunks = Prepare("DELETE FROM chunks WHERE upload = ?1");
        findEqualPart = Prepare(
            $"""
            SELECT part, damaged, directory, nonce FROM parts WHERE prefix = ?1 AND sha256 = ?2 AND size = ?3{(strict ? " AND (synced = 1 OR damaged = 1)" : "")}
            ORDER BY damaged DESC LIMIT 1
            """);
        healPart = Prepare("UPDATE parts SET damaged = 0, synced = ?2, directory = ?3, nonce = ?4, bytes = ?5 WHERE part = ?1");
        isDamaged = Prepare("SELECT damaged FROM parts WHERE part = ?1");
        markDamaged = Prepare("UPDATE parts SET damaged = 1 WHERE part = ?1 AND nonce IS ?2");
        clearDamage = Prepare("UPDATE parts SET damaged = 0 WHERE part = ?1 AND nonce IS ?2");
        anyBlob = Prepare("SELECT 1 FROM blobs WHERE bucket = ?1 LIMIT 1");
        bucketUploads = Prepare("SELECT upload, total, touched_at FROM uploads WHERE bucket = ?1");
        deleteBucket = Prepare("DELETE FROM buckets WHERE bucket = ?1");
        countBucket = Prepare("UPDATE buckets SET object_count = object_count + ?2, total_size = total_size + ?3 WHERE bucket = ?1");
        countTotals = Prepare(
            """
            UPDATE totals SET contents = contents + ?1, content_bytes = content_bytes + ?2, blob_refs = blob_refs + ?3,
            chunks = chunks + ?4, chunk_bytes = chunk_bytes + ?5
            """);
        addPart = Prepare(
            """
            INSERT INTO parts (part, prefix, sha256, size, blob_refs, chunk_refs, synced, damaged, directory, nonce, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)
            """);
        countRefs = Prepare(
            "UPDATE parts SET blob_refs = blob_refs + ?2, chunk_refs = chunk_refs + ?3 WHERE part = ?1 RETURNING blob_refs, chunk_refs, size");
        markSynced = Prepare("UPDATE parts SET synced = 1 WHERE part = ?1");
        deleteGarbage = Prepare("DELETE FROM parts WHERE part = ?1 AND nonce IS ?2 AND blob_refs = 0 AND chunk_refs = 0");
        findSpent = Prepare(SqliteRows.FindSpent);
        waitingBeside = Prepare(SqliteRows.WaitingBeside);
        spend = Prepare(
            """
            INSERT INTO spent (bucket, id, nonce, until, size, sha256, content_type, stored_at, strict, merged_total)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        forgetSpent = Prepare(
            "DELETE FROM spent WHERE (id, nonce, bucket) IN (SELECT id, nonce, bucket FROM spent INDEXED BY spent_by_time WHERE until < ?1 LIMIT ?2)");
        revoke = Prepare("INSERT INTO epochs (bucket, epoch) VALUES (?1, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
        epochs = Prepare("SELECT bucket, epoch FROM epochs");
        lastPart = SqliteSchema.Number(connection, "SELECT coalesce(max(part), 0) FROM parts");
    }

    /// <summary>Whether the last transaction deleted bytes that lived in a row.</summary>
    public bool Erased { get; private set; }

    /// <summary>Whether the last transaction changed the count of a bucket's revocations.</summary>
    public bool Revoked { get; private set; }

    /// <summary>How often the URLs of each bucket were revoked, where they were.</summary>
    public FrozenDictionary<string, long> Epochs() =>
        epochs.All(row => KeyValuePair.Create(row.Text(0)!, row.Integer(1))).ToFrozenDictionary();

    public T Commit<T>(Func<ITransaction, T> work)
    {
        _ = begin.Run();
        try
        {
            var transaction = new Transaction(this, time.GetUtcNow().ToUnixTimeMilliseconds());
            var result = work(transaction);
            transaction.WriteCounts();
            _ = commit.Run();
            (Erased, Revoked) = (transaction.Erased, transaction.Revoked);
            return result;
        }
        catch
        {
            TryRollback();
            throw;
        }
    }

    /// <summary>How many bytes of pages were written to the log since this was asked last.</summary>
    public long TakeWritten()
    {
        _ = raw.sqlite3_db_status(connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return (long)pages * SqliteSchema.PageSize;
    }

    /// <summary>Writes the whole log into the database, syncs it and empties the log.</summary>
    public bool Truncate() => SqliteSchema.Number(connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0;

    public void Dispose()
    {
        statements.Iter(statement => statement.Dispose());
        try
        {
            // The log's file stays when the last connection closes, but of no length.
            SqliteSchema.Execute(connection, "PRAGMA journal_size_limit = 0");
        }
        finally
        {
            connection.Dispose();
        }
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
        private readonly List<LandedPart> replaced = [];
        private readonly Dictionary<long, (long Objects, long Bytes)> buckets = [];
        private readonly Dictionary<long, BucketName> names = [];
        private readonly Dictionary<BucketName, long> numbers = [];
        private readonly System.Collections.Generic.HashSet<BlobChange> changes = [];
        private Totals totals = new(0, 0, 0, 0, 0);

        public long Now => now;

        public bool MadeGarbage { get; private set; }

        public bool Erased { get; private set; }

        public bool Revoked { get; private set; }

        public Durability Durability => index.strict ? Durability.Strict : Durability.Relaxed;

        public IReadOnlyCollection<BlobChange> Changes => changes;

        public IReadOnlyList<LandedPart> Replaced => replaced;

        public bool Names(LandedPart part) => named.Contains(part);

        public long? FindBucket(BucketName bucket) =>
            numbers.TryGetValue(bucket, out var known) ? known
            : index.findBucket.One<long?>(row => row.Integer(0), bucket.Value) is { } found ? Named(found, bucket)
            : null;

        public long EnsureBucket(BucketName bucket) =>
            FindBucket(bucket) ?? Named(index.addBucket.One(row => row.Integer(0), bucket.Value, now), bucket);

        public bool IsEmpty(long bucket) => !index.anyBlob.One(_ => true, bucket);

        public void DeleteBucket(long bucket)
        {
            index.bucketUploads.All(SqliteRows.Upload, bucket).Iter(upload => DeleteUpload(upload.Id));
            _ = index.deleteBucket.Run(bucket);
            _ = buckets.Remove(bucket);
            _ = numbers.Remove(names[bucket]);
            NoteChange(bucket, null);
        }

        public BlobRow? FindBlob(long bucket, BlobId blob) => index.findBlob.One(SqliteRows.Blob, bucket, SqliteRows.Key(blob));

        public void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part) =>
            Put(bucket, blob, replaced, row, Adopt(part, blobRefs: 1, chunkRefs: 0), null);

        public void PutMerged(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, IReadOnlyList<ManifestEntry> manifest)
        {
            manifest.Iter(entry => Refer(entry.Part, 1, 0));
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
            row.Manifest.Iter(entry => Refer(entry.Part, -1, 0));
            NoteChange(bucket, index.deleteBlob.One(SqliteRows.DeletedId, row.Id));
            CountBlob(bucket, -1, -row.Size);
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
            var replaced = index.findChunk.One<ChunkRow?>(row => SqliteRows.Chunk(row), upload, position);
            if (replaced is { } old)
            {
                RemoveChunk(old);
            }

            _ = index.putChunk.Run(upload, position, adopted, part.Size);
            _ = index.touchUpload.Run(upload, now, part.Size - (replaced?.Size ?? 0));
            CountChunk(1, part.Size);
        }

        public void DeleteUpload(long upload)
        {
            FindChunks(upload).Iter(RemoveChunk);
            _ = index.deleteChunks.Run(upload);
            _ = index.deleteUpload.Run(upload);
        }

        public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) =>
            index.waitingBeside.One(row => row.Integer(0), bucket.Value, SqliteRows.Key(blob), total, position);

        public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) =>
            index.findSpent.One(SqliteRows.Spent, SqliteRows.Key(blob), nonce, bucket.Value);

        public void Spend(BucketName bucket, BlobId blob, string nonce, SpentLink spent) => index.spend.Run(
            bucket.Value, SqliteRows.Key(blob), nonce, spent.Until.Value, spent.Blob.Size, spent.Blob.Sha256.Bytes.ToArray(), spent.Blob.ContentType,
            spent.Blob.StoredAt, SqliteRows.IsStrict(spent.Blob.Durability), spent.MergedTotal);

        public int ForgetSpent(UnixSeconds before, int limit) => index.forgetSpent.Run(before.Value, limit);

        public long Revoke(BucketName bucket)
        {
            Revoked = true;
            return index.revoke.One(row => row.Integer(0), bucket.Value);
        }

        public bool IsDamaged(long part) => index.isDamaged.One(row => row.Integer(0) != 0, part);

        public void MarkSynced(long part) => index.markSynced.Run(part);

        public void MarkDamaged(PartRow part) => index.markDamaged.Run(part.Id, NonceOf(part.Place));

        public void ClearDamage(PartRow part) => index.clearDamage.Run(part.Id, NonceOf(part.Place));

        public void Renew(PartRow part, LandedPart bytes) => Heal(part.Id, bytes);

        public void MendBooks(bool onlyRaise) => SqliteBooks.Mend(index.connection, now, onlyRaise);

        public bool DeleteGarbage(GarbagePart part)
        {
            var deleted = index.deleteGarbage.Run(part.Id, NonceOf(part.Place)) == 1;
            Erased |= deleted && part.Place is PartPlace.Inline;
            return deleted;
        }

        public void GiveBack(int pages) => SqliteSchema.Execute(index.connection, $"PRAGMA incremental_vacuum({pages})");

        /// <summary>The counts change in the transaction of what they count, once for all of it.</summary>
        public void WriteCounts()
        {
            foreach (var (bucket, (objects, bytes)) in buckets)
            {
                _ = index.countBucket.Run(bucket, objects, bytes);
            }

            if (totals != new Totals(0, 0, 0, 0, 0))
            {
                _ = index.countTotals.Run(totals.Contents, totals.ContentBytes, totals.BlobRefs, totals.Chunks, totals.ChunkBytes);
            }
        }

        private void Put(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, long? part, byte[]? manifest)
        {
            NoteChange(bucket, blob);
            if (replaced is null)
            {
                _ = index.addBlob.Run(
                    bucket, SqliteRows.Key(blob), row.Size, row.Sha256.Bytes.ToArray(), row.CreatedAt, row.UpdatedAt, row.MergedTotal,
                    part, row.ContentType, row.ContentDisposition, manifest, SqliteRows.IsStrict(row.Durability));
                CountBlob(bucket, 1, row.Size);
                return;
            }

            _ = index.changeBlob.Run(
                replaced.Id, row.Size, row.Sha256.Bytes.ToArray(), row.UpdatedAt, row.MergedTotal, part, row.ContentType,
                row.ContentDisposition, manifest, SqliteRows.IsStrict(row.Durability));
            replaced.Manifest.Iter(entry => Refer(entry.Part, -1, 0));
            CountBlob(bucket, 0, row.Size - replaced.Size);
        }

        /// <summary>Dedup is decided here and nowhere else: within the transaction that makes the reference.</summary>
        private long Adopt(LandedPart part, int blobRefs, int chunkRefs)
        {
            var equal = FindEqual(part);
            if (equal is { Damaged: true } damaged)
            {
                Heal(damaged.Part, part);
                replaced.AddRange(Optional(damaged.File).Map(file => part with { Place = file }));
            }

            if (equal is not { } there)
            {
                return Add(part, blobRefs, chunkRefs);
            }

            Refer(there.Part, blobRefs, chunkRefs);
            return there.Part;
        }

        private (long Part, bool Damaged, PartPlace.File? File)? FindEqual(LandedPart part) =>
            index.findEqualPart.One<(long, bool, PartPlace.File?)?>(
                row => (row.Integer(0), row.Integer(1) != 0, SqliteRows.File(row, 2)), SqliteRows.Prefix(part.Sha256), part.Sha256.Bytes.ToArray(), part.Size);

        private void Heal(long damaged, LandedPart part)
        {
            _ = named.Add(part);
            var (directory, nonce, bytes) = Columns(part.Place);
            _ = index.healPart.Run(damaged, part.Synced ? 1 : 0, directory, nonce, bytes);
        }

        /// <summary>With its references from the beginning: to change a row afterwards reads and writes all bytes in it again.</summary>
        private long Add(LandedPart part, int blobRefs, int chunkRefs)
        {
            _ = named.Add(part);
            CountRefs(part.Size, blobRefs, blobRefs);
            var (directory, nonce, bytes) = Columns(part.Place);
            _ = index.addPart.Run(
                ++index.lastPart, SqliteRows.Prefix(part.Sha256), part.Sha256.Bytes.ToArray(), part.Size, blobRefs, chunkRefs, part.Synced ? 1 : 0,
                directory, nonce, bytes);
            return index.lastPart;
        }

        private static (long? Directory, string? Nonce, byte[]? Bytes) Columns(PartPlace place) => place switch
        {
            PartPlace.File file => (file.Directory, file.Nonce, null),
            PartPlace.Inline inline => (null, null, inline.Bytes),
            _ => throw new InvalidOperationException("a part is inline or a file"),
        };

        /// <summary>What tells a part's bytes from equal ones that healed it.</summary>
        private static string? NonceOf(PartPlace place) => (place as PartPlace.File)?.Nonce;

        private void RemoveChunk(ChunkRow chunk)
        {
            Refer(chunk.Part, 0, -1);
            CountChunk(-1, -chunk.Size);
        }

        private void Refer(long part, int blobRefs, int chunkRefs)
        {
            var (blobs, chunks, size) = index.countRefs.One(row => (row.Integer(0), row.Integer(1), row.Integer(2)), part, blobRefs, chunkRefs);
            CountRefs(size, blobs, blobRefs);
            MadeGarbage |= blobs + chunks == 0;
        }

        /// <param name="size">The part's size in bytes.</param>
        /// <param name="blobs">How many blobs name it now.</param>
        /// <param name="change">How many more that is than before.</param>
        private void CountRefs(long size, long blobs, int change)
        {
            var became = (blobs > 0 ? 1 : 0) - (blobs - change > 0 ? 1 : 0);
            totals = totals with
            {
                BlobRefs = totals.BlobRefs + change,
                Contents = totals.Contents + became,
                ContentBytes = totals.ContentBytes + became * size,
            };
        }

        /// <summary>Whoever has a bucket's number has it from its name, in this transaction.</summary>
        private long Named(long bucket, BucketName name)
        {
            names[bucket] = name;
            numbers[name] = bucket;
            return bucket;
        }

        private void NoteChange(long bucket, BlobId? blob) => changes.Add(new BlobChange(names[bucket], blob));

        private void CountBlob(long bucket, long objects, long bytes)
        {
            var (countedObjects, countedBytes) = buckets.GetValueOrDefault(bucket);
            buckets[bucket] = (countedObjects + objects, countedBytes + bytes);
        }

        private void CountChunk(long chunks, long bytes) =>
            totals = totals with { Chunks = totals.Chunks + chunks, ChunkBytes = totals.ChunkBytes + bytes };
    }
}
