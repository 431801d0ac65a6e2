using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Backup;

/// <summary>A backup's own index: which parts belong to it, and which of them are damaged.</summary>
internal sealed class CopiedIndex : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly List<Statement> statements = [];
    private readonly Statement parts;
    private readonly Statement broken;
    private readonly Statement mark;
    private readonly Statement names;

    public CopiedIndex(string path)
    {
        connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);

        // Nobody else reads it, and whoever made it syncs it.
        SqliteSchema.Execute(connection, "PRAGMA synchronous = OFF");
        parts = Prepare($"SELECT {SqliteRows.PartColumns} FROM parts p WHERE p.part > ?1 AND {SqliteRows.IsPart} ORDER BY p.part LIMIT ?2");
        broken = Prepare($"SELECT p.part FROM parts p WHERE NOT ({SqliteRows.IsPart})");
        mark = Prepare("UPDATE parts SET damaged = ?2 WHERE part = ?1");
        names = Prepare("SELECT 1 FROM parts WHERE prefix = ?1 AND sha256 = ?2 AND nonce = ?3 AND directory = ?4");
    }

    public long Count() => SqliteSchema.Number(connection, "SELECT count(*) FROM parts");

    /// <summary>The numbers of rows that can be no part's.</summary>
    public IReadOnlyList<long> Broken() => broken.All(row => row.Integer(0));

    /// <summary>Parts with higher ids than <paramref name="after"/>, at most so many, by id.</summary>
    public IReadOnlyList<PartRow> Parts(long after, int limit) => parts.All(row => SqliteRows.Part(row), after, limit);

    /// <summary>
    /// Notes which parts the backup has whole and which it has not, so that a store started from it takes equal bytes in their
    /// place instead of counting on what is not there.
    /// </summary>
    public void Mark(IEnumerable<(long Part, bool Damaged)> found)
    {
        SqliteSchema.Execute(connection, "BEGIN");
        found.Iter(part => mark.Run(part.Part, part.Damaged ? 1 : 0));
        SqliteSchema.Execute(connection, "COMMIT");
    }

    public bool Names(Digest sha256, PartPlace.File file) =>
        names.One(_ => true, SqliteRows.Prefix(sha256), sha256.Bytes.ToArray(), file.Nonce, file.Directory);

    /// <summary>Brings everything into the one file.</summary>
    public void Seal()
    {
        if (SqliteSchema.Number(connection, "PRAGMA wal_checkpoint(TRUNCATE)") != 0)
        {
            throw new IndexException("another process reads the copy; leave the directory alone while a backup runs", 0);
        }
    }

    public void Dispose()
    {
        statements.Iter(statement => statement.Dispose());
        connection.Dispose();
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(connection.Handle ?? throw new InvalidOperationException("the index is closed"), sql);
        statements.Add(statement);
        return statement;
    }
}
