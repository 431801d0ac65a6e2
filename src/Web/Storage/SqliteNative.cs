using System.Runtime.InteropServices;
using SQLitePCL;

namespace Borderless.Web.Storage;

/// <summary>What the managed library leaves out of SQLite's C interface (sqlite.org/c3ref).</summary>
internal static partial class SqliteNative
{
    private const int SQLITE_FCNTL_PERSIST_WAL = 10;

    /// <summary>The operating system's reason for the last failure of input or output.</summary>
    public static int Errno(sqlite3 database) => sqlite3_system_errno(database.DangerousGetHandle());

    /// <summary>
    /// Keeps the log's files when the last connection closes: on a disk on which no file can be made any more, an index that was
    /// closed could not be opened again.
    /// </summary>
    public static void KeepLogFiles(sqlite3 database)
    {
        var on = 1;
        _ = sqlite3_file_control(database.DangerousGetHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, ref on);
    }

#pragma warning disable IDE1006 // The names are the C library's.
    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_system_errno(IntPtr database);

    [LibraryImport("e_sqlite3", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int sqlite3_file_control(IntPtr database, string name, int operation, ref int argument);
#pragma warning restore IDE1006
}
