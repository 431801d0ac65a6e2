using System.Buffers.Binary;

namespace Borderless.Web.Storage;

/// <summary>How rows of the index become values, and values become columns.</summary>
internal static class SqliteRows
{
    public const string PartColumns = "p.part, p.sha256, p.size, p.synced, p.damaged, p.directory, p.nonce, p.bytes";

    /// <summary>Whether a row can be a part's. Others are fsck's to find, and nobody else's to stumble over.</summary>
    public const string IsPart =
        "length(p.sha256) = 32 AND (p.directory IS NULL) <> (p.bytes IS NULL) AND (p.directory IS NULL) = (p.nonce IS NULL)";

    public const string BlobColumns =
        "b.blob, b.size, b.sha256, b.content_type, b.content_disposition, b.created_at, b.updated_at, b.merged_total, b.part, b.manifest, b.strict";

    public const int BlobColumnCount = 11;
    public const int ManifestEntryBytes = 16;

    public static PartRow Part(Statement row, int at = 0) =>
        new(
            row.Integer(at),
            Digest.From(row.Bytes(at + 1)),
            row.Integer(at + 2),
            Place(row, at + 5),
            row.Integer(at + 3) != 0,
            row.Integer(at + 4) != 0);

    public static BlobRow Blob(Statement row) =>
        new(
            row.Integer(0),
            row.Integer(1),
            Digest.From(row.Bytes(2)),
            row.Text(3),
            row.Text(4),
            row.Integer(5),
            row.Integer(6),
            (int?)row.OptionalInteger(7),
            row.OptionalInteger(8) is { } part ? [new ManifestEntry(part, row.Integer(1))] : Manifest(row.Bytes(9)),
            DurabilityOf(row.Integer(10)));

    /// <summary>What <see cref="FindSpent"/> finds.</summary>
    public static SpentLink Spent(Statement row) =>
        new(
            new StoredBlob(row.Integer(0), Digest.From(row.Bytes(1)), row.Text(2), row.Integer(3), DurabilityOf(row.Integer(4))),
            (int?)row.OptionalInteger(5),
            new UnixSeconds(row.Integer(6)));

    public const string FindSpent =
        "SELECT size, sha256, content_type, stored_at, strict, merged_total, until FROM spent WHERE id = ?1 AND nonce = ?2 AND bucket = ?3";

    /// <summary>The bytes of all chunks that wait under an id, whatever their total, but for the one of this total and position.</summary>
    public const string WaitingBeside =
        """
        SELECT coalesce(sum(u.bytes), 0) - coalesce((
            SELECT c.size FROM uploads v JOIN chunks c ON c.upload = v.upload AND c.position = ?4
            WHERE v.bucket = k.bucket AND v.id = ?2 AND v.total = ?3), 0)
        FROM buckets k LEFT JOIN uploads u ON u.bucket = k.bucket AND u.id = ?2 WHERE k.name = ?1
        """;

    /// <summary>As it stands in a column.</summary>
    public static int IsStrict(Durability durability) => durability == Durability.Strict ? 1 : 0;

    private static Durability DurabilityOf(long strict) => strict != 0 ? Durability.Strict : Durability.Relaxed;

    public static BucketRow Bucket(Statement row) => new(row.Text(0)!, row.Integer(1), row.Integer(2), row.Integer(3));

    /// <summary>A blob in a list: the blob's columns, then the bucket's name and the id.</summary>
    public static ListedBlob Listed(Statement row) =>
        new(row.Text(BlobColumnCount)!, Id(row, BlobColumnCount + 1), Blob(row));

    public static BlobId DeletedId(Statement row) => Id(row, 0);

    public static ChunkRow Chunk(Statement row) => new((int)row.Integer(0), row.Integer(1), row.Integer(2));

    public static UploadRow Upload(Statement row) => new(row.Integer(0), (int)row.Integer(1), row.Integer(2));

    public static StaleUpload Stale(Statement row) =>
        new(row.Integer(0), new MergeKey(
            BucketName.Parse(row.Text(1)!).IfLeft(error => throw new IndexException($"it holds a bucket that has no name of one: {error.Code}", 0)),
            BlobId.From(new Guid(row.Bytes(2), bigEndian: true)),
            (int)row.Integer(3)));

    public static GarbagePart Garbage(Statement row) => new(row.Integer(0), Digest.From(row.Bytes(1)), row.Integer(2), Place(row, 3));

    public static byte[] Manifest(IReadOnlyList<ManifestEntry> manifest)
    {
        var bytes = new byte[ManifestEntryBytes * manifest.Count];
        for (var i = 0; i < manifest.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(ManifestEntryBytes * i), manifest[i].Part);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(ManifestEntryBytes * i + 8), manifest[i].Size);
        }

        return bytes;
    }

    public static long Prefix(Digest digest) => BinaryPrimitives.ReadInt64BigEndian(digest.Bytes);

    /// <summary>The 16 bytes in the order in which they are written out.</summary>
    public static byte[] Key(BlobId blob) => blob.Value.ToByteArray(bigEndian: true);

    private static BlobId Id(Statement row, int at) => BlobId.From(new Guid(row.Bytes(at), bigEndian: true));

    public static ManifestEntry[] Manifest(ReadOnlySpan<byte> bytes)
    {
        var manifest = new ManifestEntry[bytes.Length / ManifestEntryBytes];
        for (var i = 0; i < manifest.Length; i++)
        {
            manifest[i] = new(
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(ManifestEntryBytes * i)..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(ManifestEntryBytes * i + 8)..]));
        }

        return manifest;
    }

    /// <summary>Directory and nonce; null for a part that lives in its row.</summary>
    public static PartPlace.File? File(Statement row, int at) =>
        row.OptionalInteger(at) is { } directory ? new PartPlace.File((int)directory, row.Text(at + 1)!) : null;

    private static PartPlace Place(Statement row, int at) => (PartPlace?)File(row, at) ?? new PartPlace.Inline(row.Bytes(at + 2).ToArray());
}
