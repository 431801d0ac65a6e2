using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Borderless.Web.Audit;

/// <summary>An entry as a line.</summary>
internal static class AuditLine
{
    /// <summary>How each line begins.</summary>
    public static ReadOnlySpan<byte> Beginning => "{\"time\":\""u8;

    /// <summary>
    /// Writes one JSON object (RFC 8259) and a line feed. All members are there each time, in this order. The line is ASCII and holds
    /// no control character, whatever its texts hold, so that nobody can begin a line of his own.
    /// </summary>
    public static void Write(AuditEntry entry, IBufferWriter<byte> to)
    {
        using (var json = new Utf8JsonWriter(to))
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("action", entry.Action);
            json.WriteString("what", entry.What);
            json.WriteString("outcome", entry.Outcome);
            json.WriteString("code", entry.Code);
            json.WriteString("key", entry.Key);
            json.WriteString("bucket", entry.Bucket);
            json.WriteString("blob_id", entry.Blob);
            WriteNumber(json, "bytes", entry.Bytes);
            json.WriteString("client", entry.Client?.ToString());
            json.WriteString("request_id", entry.RequestId);
            json.WriteString("method", entry.Method);
            json.WriteString("route", entry.Route);
            json.WriteNumber("status", entry.Status);
            json.WriteEndObject();
        }

        to.Write("\n"u8);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
