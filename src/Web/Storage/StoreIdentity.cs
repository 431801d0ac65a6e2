using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>Why the server does not start: what is wrong, and what to do.</summary>
internal sealed record StartProblem(string Message);

/// <summary>
/// A store is known by one id, written in three places: <c>store.json</c>, <c>parts/.store</c> and the index. Where they
/// disagree, something is not mounted, not restored, or not ours, and nothing is changed.
/// </summary>
internal static class StoreIdentity
{
    /// <summary>Finds the identity of the store in a data directory, or makes it where there is none yet.</summary>
    public static Either<StartProblem, string> Establish(IDisk disk, DataLayout layout, Func<string> newId) =>
        File.Exists(layout.Identity) ? Verify(layout) : MayBeMade(layout).Map(found => Make(disk, layout, found.IfNone(newId)));

    /// <summary>The identity of the store in a data directory; makes nothing.</summary>
    public static Either<StartProblem, string> Find(DataLayout layout) =>
        File.Exists(layout.Identity)
            ? Verify(layout)
            : Mismatch($"{layout.Root} is no store: it has no store.json", "set data_dir to the directory of a store");

    /// <summary>What store.json of a store says, or a backup's mark.</summary>
    public static string TextOf(string id) => JsonSerializer.Serialize(new IdentityFile(1, id), StoredJson.Default.IdentityFile) + "\n";

    /// <summary>The id in such a file, or None where it is missing or has none.</summary>
    public static Option<string> IdIn(string path) => ReadText(path).Bind(IdOf);

    /// <summary>The id that stands beside the parts, or None where there is none.</summary>
    public static Option<string> BesideParts(DataLayout layout) => ReadText(layout.PartsIdentity).Filter(id => id.Length > 0);

    /// <summary>Whether this id stands beside the parts.</summary>
    public static bool IsBesideParts(DataLayout layout, string id) => BesideParts(layout).Exists(found => found == id);

    private static Either<StartProblem, string> Verify(DataLayout layout) =>
        from id in IdIn(layout.Identity).ToEither(Mismatch(
            $"{layout.Identity} is not readable as this store's identity", "restore it from a backup"))
        from parts in Agrees(BesideParts(layout), id, layout.PartsIdentity, "mount the parts directory that belongs to this store, or restore it")
        from index in Agrees(
            IndexId(layout.IndexPath), id, layout.IndexPath, "set metadata_db_path to the index that belongs to this store, or restore it")
        select id;

    private static Either<StartProblem, Unit> Agrees(Option<string> found, string expected, string place, string remedy) =>
        found.Match(
            Some: id => id == expected
                ? Right<StartProblem, Unit>(unit)
                : Mismatch($"store.json names the store {expected}, but {place} belongs to {id}", remedy),
            None: () => Mismatch($"store.json names the store {expected}, but {place} is missing or is no part of a store", remedy));

    /// <summary>
    /// While store.json is missing, a first start may have been cut off: what it left is taken up. Anything that cannot be such
    /// a rest is somebody's data.
    /// </summary>
    /// <returns>The id that a first start that was cut off gave to the index or the parts, if it came that far.</returns>
    private static Either<StartProblem, Option<string>> MayBeMade(DataLayout layout) =>
        from backup in Free(
            !File.Exists(layout.BackupMark),
            $"{layout.Root} is a backup that did not end", "run the same backup again, and start from it when it has ended")
        from original in Free(
            !Directory.Exists(Path.Combine(layout.Root, "full")) && !Directory.Exists(Path.Combine(layout.Root, "content")),
            "the data directory is one of the Rust original (full/ or content/)",
            "use an empty data_dir, and the command import to bring its blobs over")
        from parts in Free(
            !HasParts(layout), $"{layout.Parts} holds parts, but store.json is missing", "restore store.json and the index, or use an empty data_dir")
        from index in InspectIndex(layout)
        from agree in Free(
            index.ForAll(id => BesideParts(layout).ForAll(parts => parts == id)),
            $"{layout.PartsIdentity} and {layout.IndexPath} belong to different stores, and store.json is missing",
            "restore store.json, or set metadata_db_path to the index that belongs to the parts")
        select index || BesideParts(layout);

    private static Either<StartProblem, Option<string>> InspectIndex(DataLayout layout) =>
        !File.Exists(layout.IndexPath) || new FileInfo(layout.IndexPath).Length == 0
            ? Option<string>.None
            : from ours in IndexId(layout.IndexPath).ToEither(Mismatch(
                  $"{layout.IndexPath} is not an index of this program", "move it away, or use another data_dir or metadata_db_path"))
              from empty in Free(
                  !HasRows(layout.IndexPath),
                  $"{layout.IndexPath} holds blobs, but store.json is missing", "restore store.json, or use another data_dir")
              select Some(ours);

    private static Either<StartProblem, Unit> Free(bool condition, string problem, string remedy) =>
        condition ? unit : Mismatch(problem, remedy);

    private static StartProblem Mismatch(string problem, string remedy) => new($"{problem}; {remedy}");

    /// <summary>Directories first, then the index, then the id beside the parts, and last store.json, which means: complete.</summary>
    private static string Make(IDisk disk, DataLayout layout, string id)
    {
        disk.MakeDirectory(layout.Temporary);
        disk.MakeDirectory(layout.Parts);
        disk.SyncDirectory(layout.Root);
        if (IndexId(layout.IndexPath).IsNone)
        {
            // Under another name first: an index that is there is complete.
            Seq(layout.IndexPath, layout.NewIndex).Iter(index => Discard(disk, index));
            SqliteSchema.Create(layout.NewIndex, id);
            disk.Rename(layout.NewIndex, layout.IndexPath);
        }

        disk.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(layout.IndexPath))!);
        WriteDurably(disk, layout.PartsIdentity, id + "\n");
        WriteDurably(disk, layout.Identity, TextOf(id));
        return id;
    }

    /// <summary>Removes what a creation or a copy of an index left that was cut off.</summary>
    public static void Discard(IDisk disk, string index)
    {
        DiscardLog(disk, index);
        disk.Unlink(index);
    }

    /// <summary>Removes what stands beside an index and is not its own.</summary>
    public static void DiscardLog(IDisk disk, string index) => Seq(index + "-journal", index + "-wal", index + "-shm").Iter(disk.Unlink);

    /// <summary>Under another name first, then renamed: the file is there whole, or as it was.</summary>
    public static void WriteDurably(IDisk disk, string path, string text)
    {
        disk.Unlink(path + ".new");
        using (var file = disk.Create(path + ".new"))
        {
            file.Write(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), 0);
            file.SyncData();
        }

        disk.Rename(path + ".new", path);
        disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static bool HasParts(DataLayout layout) =>
        Directory.Exists(layout.Parts)
        && Directory.EnumerateDirectories(layout.Parts).Any(directory => Directory.EnumerateFileSystemEntries(directory).Any());

    /// <summary>The id in an index of ours, read without changing or adding a byte; None where it is not ours.</summary>
    private static Option<string> IndexId(string path)
    {
        if (!IsOurs(path))
        {
            return None;
        }

        try
        {
            using var connection = Immutable(path);
            if (HasLog(path))
            {
                // A crash while the log was written back may have left a file that is shorter than its header says, until the log
                // is written back again. This pragma makes such a file readable.
                SqliteSchema.Execute(connection, "PRAGMA writable_schema = ON");
            }

            using var command = connection.CreateCommand();
            command.CommandText = "SELECT id FROM store";
            return Optional(command.ExecuteScalar() as string);
        }
        catch (SqliteException)
        {
            return None;
        }
    }

    /// <summary>Read without changing or adding a byte. Only a store that was complete has a log, so a log counts as rows.</summary>
    private static bool HasRows(string path)
    {
        if (HasLog(path))
        {
            return true;
        }

        using var connection = Immutable(path);
        return SqliteSchema.Number(connection, "SELECT EXISTS (SELECT 1 FROM parts) OR EXISTS (SELECT 1 FROM blobs)") != 0;
    }

    /// <summary>Whether a log waits to be written back into the index.</summary>
    public static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };

    /// <summary>The application id stands in the file's header at offset 68 (SQLite file format, section 1.3).</summary>
    private static bool IsOurs(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var file = File.OpenRead(path);
        var header = new byte[100];
        return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header.AsSpan().StartsWith("SQLite format 3\0"u8)
            && System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(68)) == SqliteSchema.ApplicationId;
    }

    /// <summary>
    /// Opens the file alone, without changing or adding a byte. The store's row was in the first transaction, before there was a
    /// log, and never changes, so the file has it; all else it has only while there is no log.
    /// </summary>
    public static SqliteConnection Immutable(string path)
    {
        var connection = new SqliteConnection($"Data Source=file:{Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1;Mode=ReadOnly;Pooling=False");
        connection.Open();
        return connection;
    }

    private static Option<string> ReadText(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : Option<string>.None;

    private static Option<string> IdOf(string json)
    {
        try
        {
            return Optional(JsonSerializer.Deserialize(json, StoredJson.Default.IdentityFile)?.Store);
        }
        catch (JsonException)
        {
            return None;
        }
    }
}
