using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Borderless.Core;

/// <summary>JSON objects (RFC 8259), written in one spelling and read without mercy.</summary>
internal static class JsonText
{
    /// <summary>Content types hold + and quotes, which the default encoder would write as escapes, for HTML that is not here.</summary>
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads an object. None where the bytes are no JSON, no object, hold a member twice, or a text that is no Unicode.</summary>
    public static Option<T> Read<T>(byte[] utf8, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8, Strict);
            return json.RootElement.ValueKind == JsonValueKind.Object ? Some(read(json.RootElement)) : None;
        }
        catch (JsonException)
        {
            return None;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate in an escape, or bytes that are not UTF-8, show only when the text is taken.
            return None;
        }
    }

    /// <summary>The text of a member; null where there is none or it is something else.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
