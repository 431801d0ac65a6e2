using Borderless.Web.Http;
using Borderless.Web.Start;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Borderless.Web.OpenApi;

/// <summary>The text of <c>/openapi.json</c>, made when it is asked for the first time: a start pays nothing for it.</summary>
internal sealed class ApiDocument(IServiceProvider services)
{
    private const string Name = "borderless";

    private Task<byte[]>? text;

    /// <summary>One that failed is made again.</summary>
    public Task<byte[]> Text => text is { IsFaulted: false } made ? made : text = Write(services);

    public static void Add(IServiceCollection services) =>
        services
            .AddOpenApi(Name, options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                _ = options.AddDocumentTransformer((document, context, _) =>
                {
                    Describe(document, context.ApplicationServices);
                    return Task.CompletedTask;
                });
            })
            .AddSingleton<ApiDocument>();

    /// <summary>The operations of all routes that are mapped, but for the answers to the methods that a route does not take.</summary>
    public static IEnumerable<(string Path, string Method, string Pattern)> Mapped(EndpointDataSource endpoints) =>
        from endpoint in endpoints.Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let pattern = endpoint.RoutePattern.RawText!
        select (Routes.TemplateOf(pattern), method, pattern);

    private static async Task<byte[]> Write(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync();
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1);
        return [.. json.ToArray(), (byte)'\n'];
    }

    private static void Describe(OpenApiDocument document, IServiceProvider services)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Borderless.Functional",
            Version = CommandLine.Version,
            Summary = "A small object store for application back ends",
            Description = "A back end that shows an API key mints a pre-signed URL; whoever has the URL uploads or downloads the bytes through it. "
                + "Every error is JSON with a code that never changes. A path that is none is 404 no_such_route; another method than a path takes is "
                + "405 method_not_allowed, with the header allow.",
            License = new OpenApiLicense { Name = "MIT OR Apache-2.0", Identifier = "MIT OR Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = services.GetRequiredService<Settings>().Server.Domain.Value }];
        document.Tags = new System.Collections.Generic.HashSet<OpenApiTag>
        {
            new() { Name = "urls", Description = "Pre-signed URLs" },
            new() { Name = "blobs", Description = "Blobs under pre-signed URLs" },
            new() { Name = "admin", Description = "What is stored" },
            new() { Name = "service", Description = "The server itself" },
        };
        document.Components = new OpenApiComponents { SecuritySchemes = Schemes(), Headers = Headers() };
        var shape = new DocumentShape(document);
        shape.AddErrors();
        document.Paths = [];
        foreach (var (path, method, pattern) in Mapped(services.GetRequiredService<EndpointDataSource>()))
        {
            if (Operations.Of(method, pattern) is { } operation)
            {
                var item = document.Paths.TryGetValue(path, out var known) ? (OpenApiPathItem)known : new OpenApiPathItem();
                item.AddOperation(new HttpMethod(method), shape.Of(operation, path, hasBody: method != "HEAD"));
                document.Paths[path] = item;
            }
        }
    }

    private static Dictionary<string, IOpenApiSecurityScheme> Schemes() => new()
    {
        ["apiKey"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "a key of presign_api_key or api_keys" },
        ["expires"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Query,
            Name = "expires",
            Description = "the last second in which the URL is valid, in Unix seconds, such as 1758276788",
        },
        ["sig"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Query,
            Name = "sig",
            Description = "base64url(HMAC-SHA256(secret, \"{METHOD}|{PATH}|{EXPIRES}\")), with |name=value of every other query parameter, sorted by name; HEAD is signed as GET. "
                + "Such as BDtmjKQ2iImF5emvbyqPdivEojq60UI6gYuKDRQBSO4=",
        },
    };

    private static Dictionary<string, IOpenApiHeader> Headers() => new()
    {
        ["RequestId"] = new OpenApiHeader { Description = "the id of the request, which its line in the log has", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
    };
}
