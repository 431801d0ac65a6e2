using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>The shape of the index: how a new one is made, and how an older one becomes the present one.</summary>
internal static class SqliteSchema
{
    /// <summary>"BLss" in ASCII: what the header of our index files says (offset 68).</summary>
    public const int ApplicationId = 0x424c7373;

    /// <summary>Fixed when the file is made. The README has the measurement behind it.</summary>
    public const int PageSize = 4096;

    /// <summary>Step i leads from version i to version i + 1. A step that was released never changes.</summary>
    public static readonly IReadOnlyList<string> Steps =
    [
        """
        CREATE TABLE store (id TEXT NOT NULL) STRICT;

        CREATE TABLE buckets (
            bucket INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            object_count INTEGER NOT NULL DEFAULT 0,
            total_size INTEGER NOT NULL DEFAULT 0) STRICT;

        -- One row: what else is counted, kept by the transactions that change it. Contents are parts that blobs name.
        CREATE TABLE totals (
            contents INTEGER NOT NULL,
            content_bytes INTEGER NOT NULL,
            blob_refs INTEGER NOT NULL,
            chunks INTEGER NOT NULL,
            chunk_bytes INTEGER NOT NULL) STRICT;
        INSERT INTO totals VALUES (0, 0, 0, 0, 0);

        -- Rows stand in the order of their arrival, for a clustered random key costs a third of the throughput. A part is either
        -- inline (bytes) or a file (directory, nonce). The prefix is the digest's first 8 bytes, to keep its index small.
        CREATE TABLE parts (
            part INTEGER PRIMARY KEY,
            prefix INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            size INTEGER NOT NULL,
            blob_refs INTEGER NOT NULL,
            chunk_refs INTEGER NOT NULL,
            synced INTEGER NOT NULL,
            damaged INTEGER NOT NULL,
            directory INTEGER,
            nonce TEXT,
            bytes BLOB) STRICT;
        CREATE INDEX parts_by_prefix ON parts (prefix);
        CREATE INDEX garbage ON parts (part) WHERE blob_refs = 0 AND chunk_refs = 0;

        -- The manifest: one part, or a list of (part, size) as pairs of little-endian 64-bit integers.
        CREATE TABLE blobs (
            blob INTEGER PRIMARY KEY,
            bucket INTEGER NOT NULL REFERENCES buckets,
            id BLOB NOT NULL,
            size INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            merged_total INTEGER,
            part INTEGER,
            content_type TEXT,
            content_disposition TEXT,
            manifest BLOB) STRICT;
        CREATE UNIQUE INDEX blobs_by_id ON blobs (bucket, id);
        CREATE INDEX blobs_by_time ON blobs (created_at, id);
        CREATE INDEX blobs_by_bucket_and_time ON blobs (bucket, created_at, id);

        CREATE TABLE uploads (
            upload INTEGER PRIMARY KEY,
            bucket INTEGER NOT NULL REFERENCES buckets,
            id BLOB NOT NULL,
            total INTEGER NOT NULL,
            touched_at INTEGER NOT NULL,
            UNIQUE (bucket, id, total)) STRICT;

        CREATE TABLE chunks (
            upload INTEGER NOT NULL REFERENCES uploads,
            position INTEGER NOT NULL,
            part INTEGER NOT NULL,
            size INTEGER NOT NULL,
            PRIMARY KEY (upload, position)) STRICT, WITHOUT ROWID;
        """,
        """
        -- Whether what stored the blob was acknowledged as durable.
        ALTER TABLE blobs ADD COLUMN strict INTEGER NOT NULL DEFAULT 0;

        -- What waits under an id is summed for each chunk that comes under a largest size, so it is counted.
        ALTER TABLE uploads ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE uploads SET bytes = (SELECT coalesce(sum(size), 0) FROM chunks c WHERE c.upload = uploads.upload);

        -- What URLs that store once stored, until they expire, and how often the URLs of a bucket were revoked. Both are the
        -- name's: a bucket that is deleted and made again brings no URL back to life.
        CREATE TABLE spent (
            bucket TEXT NOT NULL,
            id BLOB NOT NULL,
            nonce TEXT NOT NULL,
            until INTEGER NOT NULL,
            size INTEGER NOT NULL,
            sha256 BLOB NOT NULL,
            content_type TEXT,
            stored_at INTEGER NOT NULL,
            strict INTEGER NOT NULL,
            merged_total INTEGER,
            PRIMARY KEY (id, nonce, bucket)) STRICT, WITHOUT ROWID;
        CREATE INDEX spent_by_time ON spent (until);

        CREATE TABLE epochs (bucket TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """,
    ];

    /// <summary>Makes a new index: application id, version, tables and the store's id in its first transaction.</summary>
    public static void Create(string path, string storeId, int pageSize = PageSize)
    {
        using var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        Execute(connection, $"PRAGMA page_size = {pageSize}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = EXTRA;");
        using var transaction = connection.BeginTransaction();
        Execute(connection, $"PRAGMA application_id = {ApplicationId};");
        Migrate(connection, 0);
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO store (id) VALUES ($id)";
        insert.Parameters.AddWithValue("$id", storeId);
        _ = insert.ExecuteNonQuery();
        transaction.Commit();
    }

    /// <summary>
    /// Throws where the file does not hold the store's row. One that was emptied under a running server would else be filled with
    /// the tables of a new index, by which no part had a row, and the janitor removed them all.
    /// </summary>
    public static void MustBeIndex(SqliteConnection connection)
    {
        if (Number(connection, "SELECT count(*) FROM store") != 1)
        {
            throw new IndexException("it holds no store", 0);
        }
    }

    /// <summary>Brings an older index to the present version, one transaction for all steps.</summary>
    public static void Upgrade(SqliteConnection connection)
    {
        var version = KnownVersion(connection);
        if (version < Steps.Count)
        {
            using var transaction = connection.BeginTransaction();
            Migrate(connection, version);
            transaction.Commit();
        }
    }

    /// <summary>The version of an index, when this program knows it.</summary>
    public static int KnownVersion(SqliteConnection connection)
    {
        var version = (int)Number(connection, "PRAGMA user_version");
        return version <= Steps.Count
            ? version
            : throw new IndexException($"its version {version} is newer than {Steps.Count}, which this program knows; use a newer program", 0);
    }

    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        return OrIndexException(() =>
        {
            connection.Open();
            return connection;
        });
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = OrIndexException(command.ExecuteNonQuery);
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return OrIndexException(() => (long)command.ExecuteScalar()!);
    }

    /// <summary>A failure of the library is a failure of the index, as one of a prepared statement is: there is one way to see it.</summary>
    private static T OrIndexException<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (SqliteException error)
        {
            throw new IndexException(error.Message, error.SqliteErrorCode);
        }
    }

    private static void Migrate(SqliteConnection connection, int from)
    {
        Steps.Skip(from).Iter(step => Execute(connection, step));
        Execute(connection, $"PRAGMA user_version = {Steps.Count};");
    }
}
