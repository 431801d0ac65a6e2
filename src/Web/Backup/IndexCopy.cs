using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Borderless.Web.Backup;

/// <summary>
/// Copies the index as it is at one moment, page by page (SQLite's backup API), so that all that is fixed in its header stays.
/// One read transaction holds that moment; commits go on beside it, and the log grows until the copying ends, no longer: what is
/// checked and synced comes after. The steps are small only to be stopped between them.
/// </summary>
internal static class IndexCopy
{
    private const int PagesAtOnce = 1024;

    /// <summary>Makes a new file of the index; it is not synced.</summary>
    public static void Take(string from, string to, Action<long, long> showPages, CancellationToken stop)
    {
        using var source = Opened(from);
        using var target = SqliteSchema.Open(to, SqliteOpenMode.ReadWriteCreate);

        // Nothing to roll back to: a copy that was cut off is thrown away.
        SqliteSchema.Execute(target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
        SqliteSchema.Execute(source, "BEGIN");
        _ = SqliteSchema.KnownVersion(source);
        Copy(source, target, showPages, stop);
    }

    private static SqliteConnection Opened(string path)
    {
        var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        SqliteNative.KeepLogFiles(connection.Handle!);
        try
        {
            // With nothing left in the log, the copying does not hold it, and a server that starts meanwhile can empty it.
            SqliteSchema.Execute(connection, "PRAGMA busy_timeout = 5000; PRAGMA wal_checkpoint(PASSIVE);");
        }
        catch (IndexException)
        {
            // It only helps; the log can be read as well.
        }

        return connection;
    }

    private static void Copy(SqliteConnection source, SqliteConnection target, Action<long, long> showPages, CancellationToken stop)
    {
        using var copying = sqlite3_backup_init(target.Handle, "main", source.Handle, "main")
            ?? throw new IndexException($"its copy cannot be begun: {sqlite3_errmsg(target.Handle).utf8_to_string()}", sqlite3_errcode(target.Handle));
        var code = SQLITE_OK;
        while (code == SQLITE_OK)
        {
            stop.ThrowIfCancellationRequested();
            code = sqlite3_backup_step(copying, PagesAtOnce);
            var pages = sqlite3_backup_pagecount(copying);
            showPages(pages - sqlite3_backup_remaining(copying), pages);
        }

        if (code != SQLITE_DONE)
        {
            throw new IndexException($"it cannot be copied: {sqlite3_errstr(code).utf8_to_string()}", code);
        }
    }
}
