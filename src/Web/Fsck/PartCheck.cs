using System.Globalization;
using System.Security.Cryptography;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>
/// Holds each part's row against its bytes: their length, and when there is a reading also their digest. It needs the temporary
/// tables of <see cref="References"/> and <see cref="FileCheck"/>.
/// </summary>
internal sealed class PartCheck(SqliteConnection index, DataLayout layout, Option<PartReading> reading, ShowDone show, CancellationToken stop)
{
    private const string Parts =
        $"""
        SELECT p.part, p.sha256, p.size, p.damaged, p.directory, p.nonce, CASE WHEN p.directory IS NULL THEN length(p.bytes) ELSE f.bytes END,
            (SELECT count(DISTINCT blob) FROM named n WHERE n.part = p.part), coalesce((SELECT chunks FROM waiting w WHERE w.part = p.part), 0),
            (SELECT min(blob) FROM named n WHERE n.part = p.part)
        FROM parts p LEFT JOIN files f ON f.directory = p.directory AND f.sha256 = p.sha256 AND f.nonce = p.nonce
        WHERE {SqliteRows.IsPart}
        ORDER BY p.part
        """;

    /// <summary>What is known of a part without its bytes.</summary>
    private sealed record Known(
        long Id, Digest Sha256, long Size, bool Marked, PartPlace.File? File, Option<long> Found, long Blobs, long Chunks, long? FirstBlob);

    /// <summary>Parts of which something was found.</summary>
    public System.Collections.Generic.HashSet<long> Bad { get; } = [];

    public IEnumerable<Finding> Findings()
    {
        var all = SqliteSchema.Number(index, "SELECT count(*) FROM parts");
        var done = 0L;
        foreach (var part in index.Rows(Parts).Select(Read))
        {
            stop.ThrowIfCancellationRequested();
            if (Find(part).Case is Finding finding)
            {
                _ = Bad.Add(part.Id);
                yield return finding;
            }

            done++;
            if (reading.IsNone)
            {
                show("parts checked", done, all);
            }
        }
    }

    private static Known Read(SqliteDataReader row) =>
        new(
            row.GetInt64(0),
            Digest.From(row.Bytes(1)),
            row.GetInt64(2),
            row.GetInt64(3) != 0,
            row.Number(4) is { } directory ? new PartPlace.File((int)directory, row.GetString(5)) : null,
            Optional(row.Number(6)),
            row.GetInt64(7),
            row.GetInt64(8),
            row.Number(9));

    private Option<Finding> Find(Known part)
    {
        try
        {
            var seen = new PartSeen(part.Size, part.Found, part.Marked, part.Blobs + part.Chunks > 0, Matches(part));
            return Core.Fsck.Judge(seen).Map(kind => About(part, kind, Detail(part, seen, kind)) with { ForQuarantine = Core.Fsck.IsForQuarantine(seen) });
        }
        catch (IOException error) when (error is not IndexException)
        {
            return About(part, FindingKind.PartUnreadable, $"it cannot be read now: {error.Message}");
        }
    }

    /// <summary>Whether the first bytes have the digest; not asked where there are too few of them.</summary>
    private Option<bool> Matches(Known part) =>
        reading.Filter(_ => part.Found.Exists(found => found >= part.Size)).Map(read =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            read.Feed(part.Id, part.Sha256, part.File, part.Size, hash);
            return part.Sha256.Equals(Digest.From(hash.GetHashAndReset()));
        });

    private Finding About(Known part, FindingKind kind, string detail)
    {
        var blob = part.FirstBlob is { } first ? BlobName(first) : default;
        return new Finding(kind, detail)
        {
            Part = part.Id,
            Needed = part.Blobs + part.Chunks > 0,
            Bucket = blob.Bucket,
            BlobId = blob.Id,
            Path = part.File is null ? null : Path.GetRelativePath(layout.Root, layout.PartFile(part.Sha256, part.File)),
        };
    }

    private (string? Bucket, string? Id) BlobName(long blob) =>
        index.Rows("SELECT k.name, b.id FROM blobs b LEFT JOIN buckets k USING (bucket) WHERE b.blob = $blob", ("$blob", blob))
            .Select(row => (row.Text(0), (string?)SqlRows.Id(row.Bytes(1)))).FirstOrDefault();

    private static string Detail(Known part, PartSeen seen, FindingKind kind)
    {
        var lengths = part.Found.Match(
            Some: found => Invariant($"{found} of {part.Size} bytes are there"), None: () => "its file is missing");
        var what = kind switch
        {
            FindingKind.PartRotten => $"its bytes do not have the digest {part.Sha256}",
            FindingKind.PartWhole => "it is marked damaged, and its bytes have its digest",
            FindingKind.PartDamaged => $"it is marked damaged{(seen.Matches == false ? ", its bytes are rotten" : part.Found == part.Size ? "" : $", {lengths}")}",
            _ => lengths,
        };
        return Invariant($"{what}; named by {part.Blobs} blobs and {part.Chunks} chunks");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
