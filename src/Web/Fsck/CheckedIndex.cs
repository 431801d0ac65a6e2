using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>
/// The index, opened so that not a byte of it or beside it changes. Where a log waits to be played back, the truth is in both, and
/// a copy of both is read.
/// </summary>
internal sealed class CheckedIndex : IDisposable
{
    private const int CopyBytes = 1 << 20;

    private readonly Option<string> copy;

    private CheckedIndex(SqliteConnection connection, Option<string> copy) => (Connection, this.copy) = (connection, copy);

    /// <summary>Reads the index. What is written here is temporary and elsewhere.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>Opens the index, or says why it cannot be read at all.</summary>
    public static Either<string, CheckedIndex> Open(DataLayout layout, IDisk disk, ShowDone show, CancellationToken stop) =>
        StoreIdentity.HasLog(layout.IndexPath)
            ? OpenCopy(layout.IndexPath, disk, show, stop)
            : new CheckedIndex(StoreIdentity.Immutable(layout.IndexPath), None);

    public void Dispose()
    {
        Connection.Dispose();
        copy.Iter(directory => Directory.Delete(directory, recursive: true));
    }

    private static Either<string, CheckedIndex> OpenCopy(string path, IDisk disk, ShowDone show, CancellationToken stop)
    {
        var directory = Directory.CreateTempSubdirectory("borderless-fsck-").FullName;
        try
        {
            Seq<string> files = Seq(path, path + "-wal");
            var (needed, free) = (files.Map(file => new FileInfo(file).Length).Sum(), disk.Room(directory).FreeBytes);
            if (needed > free)
            {
                Directory.Delete(directory, recursive: true);
                return $"the index has a log that waits to be written back, and a copy of both needs {needed} bytes of {Path.GetTempPath()}, "
                    + $"which has {free}; set TMPDIR to a larger one, or start and stop the server, which writes the log back";
            }

            files.Iter(file => Copy(file, Path.Combine(directory, Path.GetFileName(file)), needed, show, stop));
            return new CheckedIndex(SqliteSchema.Open(Path.Combine(directory, Path.GetFileName(path)), SqliteOpenMode.ReadWrite), directory);
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    private static void Copy(string from, string to, long all, ShowDone show, CancellationToken stop)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew);
        var buffer = new byte[CopyBytes];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            stop.ThrowIfCancellationRequested();
            target.Write(buffer, 0, read);
            show("bytes of the index copied", target.Position, all);
        }
    }
}
