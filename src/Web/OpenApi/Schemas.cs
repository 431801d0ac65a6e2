using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Borderless.Web.Http;

namespace Borderless.Web.OpenApi;

/// <summary>JSON Schemas (2020-12) of what the server answers, taken from the types that it writes.</summary>
internal static class Schemas
{
    /// <summary>What a field of a name is, wherever it stands.</summary>
    private static readonly Dictionary<string, string> Fields = new()
    {
        ["blob_id"] = """{"format":"uuid"}""",
        ["sha256_hash"] = """{"pattern":"^[0-9a-f]{64}$","description":"SHA-256 in lower-case hexadecimal digits"}""",
        ["bucket"] = """{"pattern":"^[a-z0-9_-]{1,63}$"}""",
        ["created_at"] = """{"format":"date-time"}""",
        ["updated_at"] = """{"format":"date-time"}""",
        ["url"] = """{"format":"uri","description":"the pre-signed URL"}""",
        ["action"] = """{"enum":["upload","update","download","delete","status"]}""",
        ["method"] = """{"enum":["POST","PUT","GET","DELETE"],"description":"the method that the URL is for"}""",
        ["expires_in"] = """{"description":"seconds for which the URL is valid"}""",
        ["receipt"] = """{"description":"a statement of the store that the blob is there: a compact JWS"}""",
        ["epoch"] = """{"description":"how often the URLs of the bucket were revoked"}""",
        ["message"] = """{"description":"for people; it may change, a code never does"}""",
        ["request_id"] = """{"description":"the id under which the log has the request"}""",
        ["missing_chunks"] = """{"description":"the indices of the chunks that have not arrived"}""",
        ["reasons"] = """{"description":"why the store takes no writes"}""",
        ["next"] = """{"description":"the parameter after of the next page; missing on the last"}""",
        ["total"] = """{"description":"how many there are in all"}""",
    };

    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };

    /// <summary>The schema of a type. It permits no other fields than those that there are.</summary>
    public static JsonNode Of(Type type) => JsonSchemaExporter.GetJsonSchemaAsNode(Json.Readable.Options, type, Options);

    /// <summary>What is null is not written: such a field may be missing, and every other is there.</summary>
    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
        {
            return node;
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(property => !property.IsGetNullable).Select(property => (JsonNode)property.Name)]);
            schema["additionalProperties"] = false;
        }

        if (context.PropertyInfo is { } field)
        {
            if (schema["type"] is JsonArray types)
            {
                schema["type"] = types.Select(type => (string?)type).First(type => type != "null");
            }

            Describe(schema, field);
        }

        return schema;
    }

    private static void Describe(JsonObject schema, JsonPropertyInfo field)
    {
        if (field.Name == "success")
        {
            schema["enum"] = new JsonArray(field.DeclaringType != typeof(ErrorBody));
        }
        else if (schema["properties"] is null && Fields.TryGetValue(field.Name, out var known))
        {
            JsonNode.Parse(known)!.AsObject().Iter(member => schema[member.Key] = member.Value?.DeepClone());
        }
    }
}
