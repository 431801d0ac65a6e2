using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Import;

/// <summary>
/// The old metadata.db, copied with its log to a temporary file of the store and opened there: opening a database writes beside it,
/// and a log must be played back to be read. What is left of a copy when the process is killed goes as all temporary files do.
/// </summary>
internal sealed class SourceIndex : IDisposable
{
    private static readonly Seq<string> Columns = Seq(
        "bucket", "blob_id", "content_type", "content_disposition", "file_size", "sha256_hash", "created_at", "updated_at");

    private readonly string copy;
    private readonly SqliteConnection connection;
    private readonly SqliteCommand has;
    private readonly SqliteCommand names;

    private SourceIndex(string copy, SqliteConnection connection)
    {
        (this.copy, this.connection) = (copy, connection);

        // A name that nobody can have taken before.
        SqliteSchema.Execute(connection, $"PRAGMA trusted_schema = OFF; CREATE INDEX import_{Guid.NewGuid():N} ON objects (sha256_hash);");
        has = Command("SELECT 1 FROM objects WHERE bucket = $a AND blob_id = $b LIMIT 1", "$a", "$b");
        names = Command("SELECT 1 FROM objects WHERE sha256_hash = $a LIMIT 1", "$a");
    }

    /// <summary>Opens a copy of the index, made at a path where there is nothing; None where the source has none.</summary>
    public static Either<string, Option<SourceIndex>> Open(SourceLayout at, string copy)
    {
        if (SourcePosix.Look(at.Index).Kind == EntryKind.Missing)
        {
            return Option<SourceIndex>.None;
        }

        var opened = Try(() => OpenCopy(at, copy))
            .IfFail(error => $"{at.Index} cannot be read: {error.Message}; mend it, or move it away to import the names in buckets/ without metadata");
        if (opened.IsLeft)
        {
            Remove(copy);
        }

        return opened.Map(Some);
    }

    /// <summary>All rows, one after the other, so that an index of any size costs the same memory.</summary>
    public IEnumerable<SourceRow> Rows()
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {string.Join(", ", Columns.Map(Column))} FROM objects";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            yield return new SourceRow(
                Text(row, 0) ?? "", Text(row, 1) ?? "", Text(row, 2), Text(row, 3), Number(row, 4), Text(row, 5), Number(row, 6), Number(row, 7));
        }
    }

    /// <summary>The buckets that rows name.</summary>
    public IEnumerable<string> Buckets()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT DISTINCT bucket FROM objects";
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            yield return Text(row, 0) ?? "";
        }
    }

    public bool Has(string bucket, string blob) => Any(has, bucket, blob);

    /// <summary>Whether a row names this file of content/.</summary>
    public bool Names(string content) => Any(names, content);

    public void Dispose()
    {
        has.Dispose();
        names.Dispose();
        connection.Dispose();
        Remove(copy);
    }

    private static void Remove(string copy) => Seq("", "-wal", "-journal", "-shm").Iter(suffix => File.Delete(copy + suffix));

    private static Either<string, SourceIndex> OpenCopy(SourceLayout at, string copy) =>
        at.IndexFiles
            .Filter(file => SourcePosix.Look(file).Kind != EntryKind.Missing)
            .Map(file => Copy(file, copy + file[at.Index.Length..]))
            .Sequence()
            .Map(_ => Prepare(copy, SqliteSchema.Open(copy, SqliteOpenMode.ReadWrite)));

    private static SourceIndex Prepare(string copy, SqliteConnection connection)
    {
        try
        {
            return new SourceIndex(copy, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static Either<string, Unit> Copy(string from, string to) =>
        SourcePosix.OpenRegular(from).MapLeft(reason => $"{from} {reason}").Map(handle =>
        {
            using var source = new FileStream(handle, FileAccess.Read);
            using var target = new FileStream(to, FileMode.CreateNew);
            source.CopyTo(target);
            return unit;
        });

    /// <summary>An older table may lack a column.</summary>
    private string Column(string name)
    {
        using var command = Command("SELECT 1 FROM pragma_table_info('objects') WHERE name = $a", "$a");
        return Any(command, name) ? name : "NULL";
    }

    private SqliteCommand Command(string sql, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        parameters.Iter(name => command.Parameters.Add(name, SqliteType.Text));
        return command;
    }

    private static bool Any(SqliteCommand command, params string[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteScalar() is not null;
    }

    /// <summary>What is neither text nor null becomes a text that no check lets pass.</summary>
    private static string? Text(SqliteDataReader row, int at) => row.GetValue(at) switch
    {
        DBNull => null,
        string text => text,
        _ => "\0",
    };

    private static long? Number(SqliteDataReader row, int at) => row.GetValue(at) switch
    {
        DBNull => null,
        long number => number,
        _ => -1,
    };
}
