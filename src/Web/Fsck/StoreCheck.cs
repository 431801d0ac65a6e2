using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>How much was looked at. Bytes of merged blobs are read twice and count twice, for part and whole.</summary>
internal sealed record Checked(long Blobs, long Chunks, long Parts, long Files, long BytesRead);

/// <summary>Checks a store that nobody writes to: the index in itself, index against files, and deep: every byte.</summary>
internal sealed class StoreCheck(SqliteConnection index, FsckRequest request, IDisk disk, ShowDone show, CancellationToken stop)
{
    private const string BytesToRead =
        "SELECT (SELECT coalesce(sum(size), 0) FROM parts) + (SELECT coalesce(sum(size), 0) FROM blobs WHERE part IS NULL)";

    /// <summary>What was looked at so far.</summary>
    public Checked Checked { get; private set; } = new(0, 0, 0, 0, 0);

    /// <summary>
    /// All findings, while they are made. Throws <see cref="SqliteException"/> or <see cref="IndexException"/> where the index
    /// cannot be read, which is a finding too.
    /// </summary>
    public IEnumerable<Finding> Findings()
    {
        using var interrupt = stop.Register(() => SQLitePCL.raw.sqlite3_interrupt(index.Handle));
        index.AddPrefix();
        foreach (var finding in Parts())
        {
            stop.ThrowIfCancellationRequested();
            yield return finding;
        }
    }

    private IEnumerable<Finding> Parts()
    {
        var files = new FileCheck(index, request.Layout, disk, stop);
        foreach (var finding in Integrity().Concat(files.Findings()).Concat(new BookCheck(index, show, stop).Findings()))
        {
            yield return finding;
        }

        Checked = new Checked(Count("blobs"), Count("chunks"), Count("parts"), files.Files, 0);
        var all = SqliteSchema.Number(index, BytesToRead);
        var reading = request.Deep ? Some(new PartReading(index, request.Layout, disk, read => show("bytes checked", read, all), stop)) : None;
        var parts = new PartCheck(index, request.Layout, reading, show, stop);
        foreach (var finding in parts.Findings().Concat(reading.ToSeq().Bind(read => new MergedCheck(index, read, parts.Bad, stop).Findings())))
        {
            yield return finding;
        }

        Checked = Checked with { BytesRead = reading.Map(read => read.Bytes).IfNone(0) };
    }

    /// <summary>Also before a repair: counts that are made anew from tables that lost rows would give up the bytes of those rows.</summary>
    private IEnumerable<Finding> Integrity()
    {
        if (!request.Deep && !request.Repair)
        {
            return [];
        }

        show("pages of the index checked", 0, SqliteSchema.Number(index, "PRAGMA page_count"));
        return index.Rows("PRAGMA integrity_check(100)").Select(row => row.GetString(0)).Where(line => line != "ok")
            .Select(line => new Finding(FindingKind.IndexDamaged, $"{line}; restore the index from a backup"));
    }

    private long Count(string table) => SqliteSchema.Number(index, $"SELECT count(*) FROM {table}");
}
