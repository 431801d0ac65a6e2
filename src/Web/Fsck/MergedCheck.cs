using System.Security.Cryptography;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>Reads every blob of several parts as a whole and holds it against its own digest.</summary>
internal sealed class MergedCheck(SqliteConnection index, PartReading reading, IReadOnlySet<long> bad, CancellationToken stop)
{
    private const string Blobs =
        "SELECT k.name, b.id, b.sha256, b.manifest FROM blobs b LEFT JOIN buckets k USING (bucket) WHERE b.part IS NULL ORDER BY b.blob";

    /// <summary>All findings; blobs of parts of which something was found already are not read.</summary>
    public IEnumerable<Finding> Findings()
    {
        foreach (var row in index.Rows(Blobs))
        {
            stop.ThrowIfCancellationRequested();
            var manifest = SqliteRows.Manifest(row.Bytes(3));
            if (!manifest.Any(entry => bad.Contains(entry.Part)) && Differs(row.Bytes(2), manifest).Case is Finding finding)
            {
                yield return finding with { Bucket = row.Text(0), BlobId = SqlRows.Id(row.Bytes(1)) };
            }
        }
    }

    private Option<Finding> Differs(byte[] sha256, IReadOnlyList<ManifestEntry> manifest)
    {
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            return manifest.All(entry => Feed(entry, hash)) && !hash.GetHashAndReset().AsSpan().SequenceEqual(sha256)
                ? new Finding(
                    FindingKind.BlobDigestWrong, "its whole does not have its digest, although each part has its own; upload it again, or delete it")
                : Option<Finding>.None;
        }
        catch (IOException error) when (error is not IndexException)
        {
            return new Finding(FindingKind.PartUnreadable, $"it cannot be read now: {error.Message}");
        }
    }

    /// <returns>False where the part has no row, or none that can be read, which is a finding of its own.</returns>
    private bool Feed(ManifestEntry entry, IncrementalHash hash)
    {
        var part = index.Rows(
                "SELECT sha256, directory, nonce FROM parts WHERE part = $part AND length(sha256) = 32 AND (directory IS NULL) = (nonce IS NULL)",
                ("$part", entry.Part))
            .Select(row => (Sha256: Digest.From(row.Bytes(0)), File: row.Number(1) is { } directory ? new PartPlace.File((int)directory, row.GetString(2)) : null))
            .ToArray();
        if (part.Length == 1)
        {
            reading.Feed(entry.Part, part[0].Sha256, part[0].File, entry.Size, hash);
        }

        return part.Length == 1;
    }
}
