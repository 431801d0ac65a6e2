using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Borderless.Web.Http;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Borderless.Web.OpenApi;

/// <summary>Puts operations into the form of an OpenAPI document.</summary>
internal sealed partial class DocumentShape(OpenApiDocument document)
{
    private const string JsonType = "application/json";

    private string Domain => document.Servers![0].Url!;

    /// <summary>The schemas that all errors share.</summary>
    public void AddErrors()
    {
        var codes = new JsonArray([.. ErrorExamples.All.Values.Select(error => (JsonNode)error.Code).DistinctBy(code => (string?)code)]);
        _ = document.AddComponent("ErrorCode", (IOpenApiSchema)Parsed(new JsonObject { ["type"] = "string", ["enum"] = codes, ["description"] = "a code never changes once it was shipped" }.ToJsonString()));
        var body = Schemas.Of(typeof(ErrorBody));
        body["properties"]!["code"] = new JsonObject { ["$ref"] = "#/components/schemas/ErrorCode" };
        _ = document.AddComponent("Error", (IOpenApiSchema)Parsed(body.ToJsonString()));
    }

    public OpenApiOperation Of(Operation operation, string path, bool hasBody) => new()
    {
        OperationId = operation.Id,
        Summary = operation.Summary,
        Description = operation.Details,
        Tags = new System.Collections.Generic.HashSet<OpenApiTagReference> { new(operation.Tag, document) },
        Parameters = [.. ParametersOf(operation, path).Select(Shaped)],
        RequestBody = operation.Body is { } body ? Shaped(body) : null,
        Responses = ResponsesOf(operation, path, hasBody),
        Security = operation.Access switch
        {
            Access.ApiKey => [Needs("apiKey")],
            Access.SignedUrl => [Needs("expires", "sig")],
            Access.Everybody => [],
        },
    };

    private static IEnumerable<Parameter> ParametersOf(Operation operation, string path) =>
    [
        .. Braces().Matches(path).Select(match => Parts.OfPath(match.Groups[1].Value)),
        .. operation.Access == Access.SignedUrl ? Parts.Signed : [],
        .. operation.Parameters,
        Parts.RequestId,
    ];

    private static IEnumerable<Type> ErrorsOf(Operation operation, string path) =>
    [
        .. operation.Access switch { Access.ApiKey => Parts.OfApiKey, Access.SignedUrl => Parts.OfSignedUrl, Access.Everybody => [] },
        .. path.Contains("{bucket}", StringComparison.Ordinal) ? [typeof(StoreError.InvalidBucket)] : System.Array.Empty<Type>(),
        .. operation.Errors,
        typeof(StoreError.InternalError),
    ];

    private OpenApiResponses ResponsesOf(Operation operation, string path, bool hasBody)
    {
        var responses = new OpenApiResponses();
        foreach (var answer in operation.Answers)
        {
            responses[$"{answer.Status}"] = Shaped(answer);
        }

        foreach (var status in ErrorsOf(operation, path).Distinct().Select(type => ErrorExamples.All[type]).GroupBy(error => Reply.StatusOf(error.Kind)).OrderBy(group => group.Key))
        {
            responses[$"{status.Key}"] = Shaped([.. status], hasBody);
        }

        responses["414"] = new OpenApiResponse { Description = "the target is longer than 16 KiB; the answer is bare, and the connection is closed" };
        responses["431"] = new OpenApiResponse { Description = "the head of the request is too large; the answer is bare, and the connection is closed" };
        return responses;
    }

    private OpenApiResponse Shaped(Answer answer) => new()
    {
        Description = answer.Says,
        Headers = HeadersOf(answer.Headers),
        Content = answer.MediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType
        {
            Schema = answer.Json is { } json ? Component(json) : Parsed(answer.Schema),
            Example = answer.Example is { } example ? JsonNode.Parse(example.Replace(Operations.Domain, Domain, StringComparison.Ordinal)) : null,
        }),
    };

    /// <summary>The errors of one status: their form, and which codes it may be.</summary>
    private OpenApiResponse Shaped(StoreError[] errors, bool hasBody) => new()
    {
        Description = string.Join(", ", errors.Select(error => error.Code)),
        Headers = HeadersOf(errors[0].Kind switch
        {
            ErrorKind.Unavailable or ErrorKind.OutOfSpace => [("retry-after", "seconds")],
            ErrorKind.RangeNotSatisfiable => [("content-range", "how many bytes there are")],
            _ when errors.Any(error => error is StoreError.InvalidApiKey) => [("www-authenticate", "Bearer")],
            _ => [],
        }),
        Content = !hasBody ? null : new Dictionary<string, OpenApiMediaType>
        {
            [JsonType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    AllOf =
                    [
                        new OpenApiSchemaReference("Error", document),
                        new OpenApiSchema
                        {
                            Properties = new Dictionary<string, IOpenApiSchema>
                            {
                                ["code"] = new OpenApiSchema { Enum = [.. errors.Select(error => (JsonNode)error.Code)] },
                            },
                        },
                    ],
                },
                Examples = errors.ToDictionary(error => error.Code, ExampleOf),
            },
        },
    };

    /// <summary>An example stands in the document once, however many operations answer with it.</summary>
    private IOpenApiExample ExampleOf(StoreError error)
    {
        var body = (ReplyBody.JsonText)Reply.Error(error, "5b1fd3b1d2c94b0c9f6f3c0f8f1f8a55").Body;
        _ = document.AddComponent(error.Code, (IOpenApiExample)new OpenApiExample { Value = JsonNode.Parse(body.Utf8) });
        return new OpenApiExampleReference(error.Code, document);
    }

    private Dictionary<string, IOpenApiHeader> HeadersOf(IEnumerable<(string Name, string Says)> headers) =>
        headers
            .Select(header => KeyValuePair.Create(header.Name, (IOpenApiHeader)new OpenApiHeader { Description = header.Says, Schema = new OpenApiSchema { Type = JsonSchemaType.String } }))
            .Append(KeyValuePair.Create("x-request-id", (IOpenApiHeader)new OpenApiHeaderReference("RequestId", document)))
            .ToDictionary();

    private IOpenApiParameter Shaped(Parameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.In,
        Required = parameter.In == ParameterLocation.Path,
        Description = parameter.Says,
        Schema = Parsed(parameter.Schema),
        Example = parameter.Example?.DeepClone(),
    };

    private OpenApiRequestBody Shaped(Body body) => new()
    {
        Description = body.Says,
        Required = body.Required,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [body.MediaType] = new OpenApiMediaType
            {
                Schema = Parsed(body.Schema),
                Examples = body.Examples.Length == 0 ? null
                    : body.Examples.ToDictionary(example => example.Name, IOpenApiExample (example) => new OpenApiExample { Value = JsonNode.Parse(example.Json) }),
            },
        },
    };

    private OpenApiSchemaReference Component(Type type)
    {
        var name = type.Name.Replace("Body", "", StringComparison.Ordinal);
        _ = document.AddComponent(name, (IOpenApiSchema)Parsed(Schemas.Of(type).ToJsonString()));
        return new OpenApiSchemaReference(name, document);
    }

    private OpenApiSecurityRequirement Needs(params string[] schemes)
    {
        var all = new OpenApiSecurityRequirement();
        schemes.Iter(scheme => all[new OpenApiSecuritySchemeReference(scheme, document)] = []);
        return all;
    }

    private IOpenApiSchema Parsed(string schema) =>
        OpenApiModelFactory.Parse<OpenApiSchema>(schema, OpenApiSpecVersion.OpenApi3_1, document, out _)
        ?? throw new InvalidOperationException($"no schema: {schema}");

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Braces();
}
