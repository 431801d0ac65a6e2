using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>What the index keeps count of, counted again from its rows with the tables of <see cref="References"/>, and mended.</summary>
internal static class SqliteBooks
{
    /// <summary>What is counted over all buckets, added up again.</summary>
    public const string SumOfTotals =
        """
        SELECT
            (SELECT count(*) FROM parts p WHERE EXISTS (SELECT 1 FROM named n WHERE n.part = p.part)) AS contents,
            (SELECT coalesce(sum(size), 0) FROM parts p WHERE EXISTS (SELECT 1 FROM named n WHERE n.part = p.part)) AS content_bytes,
            (SELECT count(*) FROM named n WHERE EXISTS (SELECT 1 FROM parts p WHERE p.part = n.part)) AS blob_refs,
            (SELECT count(*) FROM chunks) AS chunks,
            (SELECT coalesce(sum(size), 0) FROM chunks) AS chunk_bytes
        """;

    /// <summary>Buckets with their blobs counted again.</summary>
    public const string SumOfBuckets =
        """
        SELECT k.bucket, k.name, k.object_count, k.total_size, coalesce(b.objects, 0) AS objects, coalesce(b.bytes, 0) AS bytes
        FROM buckets k LEFT JOIN (SELECT bucket, count(*) AS objects, sum(size) AS bytes FROM blobs GROUP BY bucket) b USING (bucket)
        """;

    /// <summary>Unfinished uploads with the bytes of their chunks counted again.</summary>
    public const string SumOfUploads =
        """
        SELECT u.*, (
            SELECT coalesce(sum(coalesce(p.size, c.size)), 0) FROM chunks c LEFT JOIN parts p ON p.part = c.part WHERE c.upload = u.upload) AS waiting
        FROM uploads u
        """;

    /// <summary>Parts with who names them counted again.</summary>
    public const string SumOfParts =
        """
        SELECT p.part, p.blob_refs, p.chunk_refs,
            (SELECT count(*) FROM named n WHERE n.part = p.part) AS blobs,
            coalesce((SELECT chunks FROM waiting w WHERE w.part = p.part), 0) AS chunks
        FROM parts p
        """;

    /// <summary>The numbers of buckets that blobs or uploads are in and that have no row.</summary>
    public const string UnknownBuckets =
        """
        SELECT bucket FROM (SELECT bucket FROM blobs UNION SELECT bucket FROM uploads) u
        WHERE NOT EXISTS (SELECT 1 FROM buckets k WHERE k.bucket = u.bucket)
        """;

    private const string UnknownUploads =
        "SELECT upload, position FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM uploads u WHERE u.upload = c.upload)";

    /// <summary>No number beyond was ever given to a part; one in a manifest is no number.</summary>
    private const string MaxPart = "(1 << 53)";

    /// <summary>
    /// Rows that name what has no row. Nothing that leads to bytes is dropped: blobs and chunks whose bucket or upload has no row get
    /// one. What names a part without a row names bytes that are gone: a chunk goes, so that it is asked for again, and a blob gets a
    /// part marked damaged; where it is the blob's only one, its digest is known, and the same bytes, sent again, heal it.
    /// </summary>
    private const string MendNames =
        $"""
        INSERT INTO buckets (bucket, name, created_at) SELECT bucket, 'lost-' || bucket, $now FROM ({UnknownBuckets});

        INSERT OR IGNORE INTO buckets (name, created_at) SELECT 'lost', $now WHERE EXISTS ({UnknownUploads});
        INSERT INTO uploads (upload, bucket, id, total, touched_at)
        SELECT upload, (SELECT bucket FROM buckets WHERE name = 'lost'), randomblob(16), max(position), $now FROM ({UnknownUploads}) GROUP BY upload;

        DELETE FROM chunks WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.part = chunks.part);
        DELETE FROM uploads WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.upload = uploads.upload);

        INSERT INTO parts (part, prefix, sha256, size, blob_refs, chunk_refs, synced, damaged, directory, nonce, bytes)
        SELECT part, prefix_of(digest), digest, size, 0, 0, 1, 1, NULL, NULL, x'' FROM (
            SELECT n.part, max(n.size) AS size, coalesce(max(CASE WHEN b.part IS NOT NULL THEN b.sha256 END), zeroblob(32)) AS digest
            FROM named n JOIN blobs b USING (blob) WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.part = n.part) GROUP BY n.part)
        WHERE length(digest) = 32 AND part BETWEEN 1 AND {MaxPart};

        UPDATE parts SET prefix = prefix_of(sha256) WHERE length(sha256) = 32 AND prefix <> prefix_of(sha256);
        """;

    private const string MendCounts =
        $"""
        UPDATE parts SET
            blob_refs = iif($raise, max(parts.blob_refs, s.blobs), s.blobs), chunk_refs = iif($raise, max(parts.chunk_refs, s.chunks), s.chunks)
        FROM ({SumOfParts}) s WHERE s.part = parts.part AND (s.blob_refs <> s.blobs OR s.chunk_refs <> s.chunks);
        UPDATE buckets SET object_count = s.objects, total_size = s.bytes
        FROM ({SumOfBuckets}) s WHERE s.bucket = buckets.bucket AND (s.object_count <> s.objects OR s.total_size <> s.bytes);
        UPDATE uploads SET bytes = s.waiting FROM ({SumOfUploads}) s WHERE s.upload = uploads.upload AND s.bytes <> s.waiting;
        DELETE FROM totals;
        INSERT INTO totals (contents, content_bytes, blob_refs, chunks, chunk_bytes) {SumOfTotals};
        """;

    /// <summary>Makes rows and counts agree, in the transaction that the connection is in.</summary>
    /// <param name="index">The writing connection.</param>
    /// <param name="now">The time, in Unix milliseconds.</param>
    /// <param name="onlyRaise">Whether no part may count less than before, because not all that names parts can be read.</param>
    public static void Mend(SqliteConnection index, long now, bool onlyRaise)
    {
        index.AddPrefix();
        _ = References.Fill(index, CancellationToken.None);
        Run(index, MendNames, ("$now", now));
        _ = References.Fill(index, CancellationToken.None);
        Run(index, MendCounts, ("$raise", onlyRaise ? 1 : 0));
        References.Drop(index);
    }

    private static void Run(SqliteConnection index, string sql, (string Name, object Value) value)
    {
        // A query of no rows, for it takes values and runs one statement after the other.
        index.Rows(sql, value).Iter(_ => { });
    }
}
