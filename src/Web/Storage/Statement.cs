using SQLitePCL;
using static SQLitePCL.raw;

namespace Borderless.Web.Storage;

/// <summary>The index failed. The message names SQLite's reason, so it is for the log, never for a client.</summary>
/// <param name="what">What failed.</param>
/// <param name="code">SQLite's result code.</param>
/// <param name="errno">The operating system's reason, where it was one.</param>
internal sealed class IndexException(string what, int code, int errno = 0)
    : IOException($"index: {what} (SQLite error {code}{(errno == 0 ? "" : $", errno {errno}")})")
{
    /// <summary>SQLite's primary result code.</summary>
    public int Code { get; } = code & 0xff;

    /// <summary>Whether it was for want of room on the disk.</summary>
    public bool IsFull => Code == SQLITE_FULL || DiskErrors.IsFull(errno);

    /// <summary>
    /// Whether it is certain that nothing was committed: SQLite says full when a page or a frame of the log could not be written,
    /// which is before the log's sync and before anybody could see the commit. Every other failure may come back.
    /// </summary>
    public bool IsCertain => Code == SQLITE_FULL;
}

/// <summary>A value on its way into a statement.</summary>
internal readonly struct SqlValue
{
    private readonly long number;
    private readonly object? reference;
    private readonly bool isNumber;

    private SqlValue(long number) => (this.number, isNumber) = (number, true);

    private SqlValue(object? reference) => this.reference = reference;

    public static implicit operator SqlValue(long value) => new(value);

    public static implicit operator SqlValue(long? value) => value is { } number ? new(number) : new((object?)null);

    public static implicit operator SqlValue(string? value) => new((object?)value);

    public static implicit operator SqlValue(byte[]? value) => new((object?)value);

    public int Bind(sqlite3_stmt statement, int at) => reference switch
    {
        _ when isNumber => sqlite3_bind_int64(statement, at, number),
        byte[] { Length: 0 } => sqlite3_bind_zeroblob(statement, at, 0),
        byte[] bytes => sqlite3_bind_blob(statement, at, bytes),
        string text => sqlite3_bind_text(statement, at, text),
        _ => sqlite3_bind_null(statement, at),
    };
}

/// <summary>
/// A prepared statement, used over and over by one thread at a time. It goes below the ADO.NET surface of the same library,
/// because the index is on the path of every request and boxes there are paid for thousands of times a second.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public Statement(sqlite3 database, string sql)
    {
        this.database = database;
        Check(sqlite3_prepare_v3(database, sql, SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>Runs it; returns how many rows it changed.</summary>
    public int Run(params ReadOnlySpan<SqlValue> values)
    {
        _ = All<object?>(static _ => null, values);
        return sqlite3_changes(database);
    }

    /// <summary>The first row, or null.</summary>
    public T? One<T>(Func<Statement, T> read, params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Bind(values);
            return Step() ? read(this) : default;
        }
        finally
        {
            _ = sqlite3_reset(statement);
        }
    }

    /// <summary>All rows.</summary>
    public List<T> All<T>(Func<Statement, T> read, params ReadOnlySpan<SqlValue> values)
    {
        try
        {
            Bind(values);
            var rows = new List<T>();
            while (Step())
            {
                rows.Add(read(this));
            }

            return rows;
        }
        finally
        {
            _ = sqlite3_reset(statement);
        }
    }

    public bool IsNull(int column) => sqlite3_column_type(statement, column) == SQLITE_NULL;

    public long Integer(int column) => sqlite3_column_int64(statement, column);

    public long? OptionalInteger(int column) => IsNull(column) ? null : Integer(column);

    public string? Text(int column) => IsNull(column) ? null : sqlite3_column_text(statement, column).utf8_to_string();

    public ReadOnlySpan<byte> Bytes(int column) => sqlite3_column_blob(statement, column);

    public void Dispose() => statement.Dispose();

    private void Bind(ReadOnlySpan<SqlValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i].Bind(statement, i + 1));
        }
    }

    private bool Step()
    {
        var code = sqlite3_step(statement);
        return code switch
        {
            SQLITE_ROW => true,
            SQLITE_DONE => false,
            _ => throw Failure(code),
        };
    }

    private void Check(int code)
    {
        if (code != SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    private IndexException Failure(int code) =>
        new(sqlite3_errmsg(database).utf8_to_string(), code, (code & 0xff) is SQLITE_IOERR or SQLITE_CANTOPEN ? SqliteNative.Errno(database) : 0);
}
