using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Borderless.Tests.Integration.Support;

/// <summary>The document of <c>/openapi.json</c>, to hold real answers against it.</summary>
internal sealed class ApiContract
{
    private static readonly EvaluationOptions Strict = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonNode document;

    private ApiContract(JsonNode document) => this.document = document;

    /// <summary>Method, path and status of every answer that was held against it, and the codes among them.</summary>
    public System.Collections.Generic.HashSet<string> Seen { get; } = [];

    public IEnumerable<(string Method, string Path, JsonNode Operation)> Operations =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value);

    public JsonNode this[string name] => document[name]!;

    public static async Task<ApiContract> Of(TestServer server) =>
        new(JsonNode.Parse(await server.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)))!);

    /// <summary>The answer has a status, a type and a body that the document tells of.</summary>
    public async Task Check(string method, string path, Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        var status = $"{(int)answer.StatusCode}";
        var (text, where) = (await answer.Content.ReadAsStringAsync(), $"{method} {path} {status}");
        var operation = Assert.Single(Operations, one => one.Method == method && one.Path == path).Operation;
        var response = operation["responses"]![status];
        Assert.True(response is not null, $"{where} is not in the document: {text}");
        var content = response["content"]?.AsObject();
        _ = Seen.Add(where);
        if (method == "HEAD" || content is null or { Count: 0 })
        {
            Assert.True(content is null or { Count: 0 }, $"{where} tells of a body");
            Assert.Equal("", text);
            return;
        }

        var type = answer.Content.Headers.ContentType?.MediaType;
        var schema = (content[type!] ?? content["*/*"])?["schema"];
        Assert.True(schema is not null, $"{where} is of a type that is not in the document: {type}");
        if (type == "application/json")
        {
            var result = SchemaOf(schema).Evaluate(JsonDocument.Parse(text).RootElement, Strict);
            Assert.True(result.IsValid, $"{where}: {text} {JsonSerializer.Serialize(result)}");
            var code = JsonNode.Parse(text)!["code"]?.ToString();
            _ = code is not null && Seen.Add(code);
            Assert.True(code is null || content[type]!["examples"]![code] is not null, $"{where} has no example of {code}");
        }
    }

    /// <summary>Whether a JSON text is one of a schema among the components, or of the schema itself.</summary>
    public bool Fits(JsonNode schema, string json) => SchemaOf(schema).Evaluate(JsonDocument.Parse(json).RootElement, Strict).IsValid;

    /// <summary>A schema with those that it refers to.</summary>
    private JsonSchema SchemaOf(JsonNode schema)
    {
        var whole = schema.DeepClone().AsObject();
        whole["$defs"] = document["components"]!["schemas"]!.DeepClone();
        return JsonSchema.FromText(whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }
}
