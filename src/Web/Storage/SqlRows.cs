using Microsoft.Data.Sqlite;

namespace Borderless.Web.Storage;

/// <summary>Rows of a query, one after the other, so that an index of any size costs the same memory.</summary>
internal static class SqlRows
{
    /// <summary>Runs the query; each row is the reader itself, until the next one is asked for.</summary>
    public static IEnumerable<SqliteDataReader> Rows(this SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        values.Iter(value => command.Parameters.AddWithValue(value.Name, value.Value));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            yield return row;
        }
    }

    public static string? Text(this SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    public static long? Number(this SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetInt64(at);

    public static byte[] Bytes(this SqliteDataReader row, int at) => row.IsDBNull(at) ? [] : row.GetFieldValue<byte[]>(at);

    /// <summary>A blob's id as it is written; what has another length than one is shown in hexadecimal.</summary>
    public static string Id(byte[] id) => id.Length == 16 ? new Guid(id, bigEndian: true).ToString() : Convert.ToHexStringLower(id);

    /// <summary>Makes <c>prefix_of</c> known: the first 8 bytes of a digest as the index keeps them.</summary>
    public static void AddPrefix(this SqliteConnection connection) =>
        connection.CreateFunction<byte[], long?>(
            "prefix_of", digest => digest.Length == Digest.Length ? SqliteRows.Prefix(Digest.From(digest)) : null, isDeterministic: true);
}
