using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>Holds the rows of the index against one another, and what it counts against what is there.</summary>
internal sealed class BookCheck(SqliteConnection index, ShowDone show, CancellationToken stop)
{
    private const string OfBlob = "k.name, b.id FROM blobs b LEFT JOIN buckets k USING (bucket)";
    private const string OfChunk = "k.name, u.id FROM chunks c LEFT JOIN uploads u USING (upload) LEFT JOIN buckets k USING (bucket)";
    private const string OfUpload = "k.name, u.id FROM uploads u LEFT JOIN buckets k USING (bucket)";

    /// <summary>What must not be: each query gives a detail, a part, a bucket's name and a blob's id for each case of it.</summary>
    private static readonly Seq<(FindingKind Kind, string Sql)> Checks = Seq(
        (FindingKind.PartRowWrong,
            $"""
            SELECT 'its row has no digest, or not one place for its bytes; restore the index from a backup', part, NULL, NULL FROM parts p
            WHERE size < 0 OR NOT ({SqliteRows.IsPart})
            """),
        (FindingKind.PartPrefixWrong,
            """
            SELECT 'its prefix is not that of its digest, so that it is not found by it', part, NULL, NULL FROM parts
            WHERE length(sha256) = 32 AND prefix <> prefix_of(sha256)
            """),
        (FindingKind.PartRefsWrong,
            $"""
            SELECT printf('it counts %d names in blobs and %d in chunks, and there are %d and %d', blob_refs, chunk_refs, blobs, chunks), part, NULL, NULL
            FROM ({SqliteBooks.SumOfParts}) WHERE blob_refs <> blobs OR chunk_refs <> chunks
            """),
        (FindingKind.PartTwice,
            """
            SELECT printf('equal bytes are stored %d times, which costs room and nothing else', count(*)), min(part), NULL, NULL FROM parts
            WHERE damaged = 0 GROUP BY prefix, sha256, size HAVING count(*) > 1
            """),
        (FindingKind.BucketUnknown,
            $"SELECT printf('there are blobs or uploads in a bucket %d, which has no row', bucket), NULL, NULL, NULL FROM ({SqliteBooks.UnknownBuckets})"),
        (FindingKind.BucketCountsWrong,
            $"""
            SELECT printf('it counts %d blobs of %d bytes, and there are %d of %d', object_count, total_size, objects, bytes), NULL, name, NULL
            FROM ({SqliteBooks.SumOfBuckets}) WHERE object_count <> objects OR total_size <> bytes
            """),
        (FindingKind.TotalsWrong,
            $"""
            SELECT 'the counts over all buckets are not those of the rows', NULL, NULL, NULL
            WHERE (SELECT count(*) FROM totals) <> 1
                OR EXISTS ({SqliteBooks.SumOfTotals} EXCEPT SELECT contents, content_bytes, blob_refs, chunks, chunk_bytes FROM totals)
            """),
        (FindingKind.TotalsWrong,
            $"""
            SELECT printf('an unfinished upload counts %d bytes, and %d wait', bytes, waiting), NULL, k.name, u.id
            FROM ({SqliteBooks.SumOfUploads}) u LEFT JOIN buckets k USING (bucket) WHERE bytes <> waiting
            """),
        (FindingKind.BlobPartUnknown,
            $"""
            SELECT 'it names a part that has no row', n.part, {OfBlob} JOIN named n USING (blob)
            WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.part = n.part) GROUP BY n.part, b.blob
            """),
        (FindingKind.BlobSizeWrong,
            $"""
            SELECT printf('it counts on %d bytes of a part that has %d; upload it again, or delete it', n.size, p.size), p.part, {OfBlob}
            JOIN named n USING (blob) JOIN parts p ON p.part = n.part WHERE p.size <> n.size
            """),
        (FindingKind.BlobSizeWrong,
            $"""
            SELECT printf('its size is %d, and its parts have %d bytes; upload it again, or delete it', b.size, s.bytes), NULL, {OfBlob}
            JOIN (SELECT blob, sum(size) AS bytes FROM named GROUP BY blob) s USING (blob) WHERE b.size <> s.bytes
            """),
        (FindingKind.BlobDigestWrong,
            $"""
            SELECT 'its digest is not that of its one part; upload it again, or delete it', p.part, {OfBlob}
            JOIN parts p ON p.part = b.part WHERE p.sha256 <> b.sha256
            """),
        (FindingKind.ChunkPartUnknown,
            $"""
            SELECT printf('its chunk %d names a part that has no row', c.position), c.part, {OfChunk}
            WHERE NOT EXISTS (SELECT 1 FROM parts p WHERE p.part = c.part)
            """),
        (FindingKind.ChunkSizeWrong,
            $"""
            SELECT printf('its chunk %d counts on %d bytes of a part that has %d; send it again', c.position, c.size, p.size), c.part, {OfChunk}
            JOIN parts p ON p.part = c.part WHERE p.size <> c.size
            """),
        (FindingKind.ChunkUploadUnknown,
            """
            SELECT printf('%d chunks wait for an upload %d, which has no row', count(*), upload), NULL, NULL, NULL FROM chunks c
            WHERE NOT EXISTS (SELECT 1 FROM uploads u WHERE u.upload = c.upload) GROUP BY upload
            """),
        (FindingKind.UploadEmpty,
            $"SELECT 'it is unfinished, and no chunk of it waits', NULL, {OfUpload} WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.upload = u.upload)"));

    /// <summary>All findings. The tables of <see cref="References"/> are filled first, and stay.</summary>
    public IEnumerable<Finding> Findings()
    {
        var unreadable = References.Fill(index, stop);
        return unreadable.Bind(BlobRow).Concat(Checks.Select((check, done) => (check, done)).SelectMany(at =>
        {
            show("checks of the index's rows", at.done, Checks.Count);
            return Found(at.check.Kind, at.check.Sql);
        }));
    }

    private IEnumerable<Finding> BlobRow(long blob) =>
        Found(
            FindingKind.BlobRowWrong,
            $"SELECT 'its row holds no list of parts; upload it again, or delete it', NULL, {OfBlob} WHERE b.blob = $blob", ("$blob", blob));

    private IEnumerable<Finding> Found(FindingKind kind, string sql, params (string Name, object Value)[] values) =>
        index.Rows(sql, values).Select(row =>
        {
            stop.ThrowIfCancellationRequested();
            return new Finding(kind, row.GetString(0))
            {
                Part = row.Number(1),
                Bucket = row.Text(2),
                BlobId = row.IsDBNull(3) ? null : SqlRows.Id(row.Bytes(3)),
            };
        });
}
