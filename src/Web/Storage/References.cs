using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>
/// Who names which part, counted again from the rows, in two temporary tables: <c>named (part, blob, position, size)</c> for the
/// manifests of blobs, and <c>waiting (part, chunks)</c>. They are SQLite's to keep in memory or in a temporary file.
/// </summary>
internal static class References
{
    /// <summary>Fills the tables.</summary>
    /// <returns>The blobs whose rows hold no readable manifest.</returns>
    public static Seq<long> Fill(SqliteConnection index, CancellationToken stop)
    {
        Drop(index);
        SqliteSchema.Execute(
            index,
            """
            CREATE TEMP TABLE named (
                part INTEGER NOT NULL, blob INTEGER NOT NULL, position INTEGER NOT NULL, size INTEGER NOT NULL,
                PRIMARY KEY (part, blob, position)) WITHOUT ROWID;
            INSERT INTO named SELECT part, blob, 0, size FROM blobs WHERE part IS NOT NULL ORDER BY part, blob;
            CREATE TEMP TABLE waiting (part INTEGER PRIMARY KEY, chunks INTEGER NOT NULL);
            INSERT INTO waiting SELECT part, count(*) FROM chunks GROUP BY part ORDER BY part;
            """);
        return FillManifests(index, stop);
    }

    public static void Drop(SqliteConnection index) =>
        SqliteSchema.Execute(index, "DROP TABLE IF EXISTS temp.named; DROP TABLE IF EXISTS temp.waiting;");

    private static Seq<long> FillManifests(SqliteConnection index, CancellationToken stop)
    {
        var unreadable = new List<long>();
        using var insert = new Statement(index.Handle!, "INSERT INTO named VALUES (?1, ?2, ?3, ?4)");
        foreach (var row in index.Rows("SELECT blob, manifest FROM blobs WHERE part IS NULL"))
        {
            stop.ThrowIfCancellationRequested();
            var (blob, bytes) = (row.GetInt64(0), row.Bytes(1));
            if (bytes.Length == 0 || bytes.Length % SqliteRows.ManifestEntryBytes != 0)
            {
                unreadable.Add(blob);
            }

            var manifest = SqliteRows.Manifest(bytes);
            for (var i = 0; i < manifest.Length; i++)
            {
                _ = insert.Run(manifest[i].Part, blob, i, manifest[i].Size);
            }
        }

        return toSeq(unreadable);
    }
}
