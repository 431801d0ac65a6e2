using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json.Nodes;
using Borderless.Tests.Integration.Support;
using Borderless.Web.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration;

/// <summary>/openapi.json tells of all that there is, and the server does what it tells.</summary>
public sealed class OpenApiTests
{
    /// <summary>Codes that no operation of the document answers: another method is no operation of it, and a receipt is judged elsewhere.</summary>
    private static readonly string[] OfNoOperation = ["method_not_allowed", "invalid_receipt"];

    private const string Mint = "/presign";
    private const string Narrow = "a-key-of-one-bucket";

    [Fact]
    public async Task It_is_an_OpenAPI_document_for_everybody_and_Head_has_its_length()
    {
        await using var server = await TestServer.Start();

        using var answer = await server.Send(HttpMethod.Get, "/openapi.json");
        using var head = await server.Send(HttpMethod.Head, "/openapi.json");

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=300", $"{answer.Headers.CacheControl}");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("3.1.", JsonNode.Parse(text)!["openapi"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("http://store.test", JsonNode.Parse(text)!["servers"]![0]!["url"]!.ToString());
        Assert.Equal(200, (int)head.StatusCode);
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(text), head.Content.Headers.ContentLength);
        await server.Send(HttpMethod.Post, "/openapi.json").ShouldBeError(405, "method_not_allowed");
    }

    [Fact]
    public async Task Every_route_is_described_and_nothing_else_is_in_the_document()
    {
        await using var server = await TestServer.Start();
        var endpoints = server.Server.Services.GetRequiredService<EndpointDataSource>();

        var mapped = ApiDocument.Mapped(endpoints).ToArray();

        Assert.All(mapped, route => Assert.True(Operations.Of(route.Method, route.Pattern) is not null, $"{route.Method} {route.Pattern}: describe it in Operations.cs"));
        Assert.All(endpoints.Endpoints, endpoint => Assert.True(
            endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not null || endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is not null,
            $"{endpoint.DisplayName} takes every method"));
        Assert.True(mapped.Length >= 31);
        Assert.Equal(
            mapped.Select(route => $"{route.Method} {route.Path}").Order(),
            (await ApiContract.Of(server)).Operations.Select(one => $"{one.Method} {one.Path}").Order());
    }

    [Fact]
    public async Task Every_operation_has_an_id_of_its_own_and_every_code_has_a_place_and_an_example()
    {
        await using var server = await TestServer.Start();
        var contract = await ApiContract.Of(server);
        var cases = typeof(StoreError).GetNestedTypes(BindingFlags.Public).Where(type => type.IsSubclassOf(typeof(StoreError))).ToArray();
        var codes = cases.Select(type => ErrorExamples.All[type].Code).Order(StringComparer.Ordinal).ToArray();

        var ids = contract.Operations.Select(one => one.Operation["operationId"]!.ToString()).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(codes, contract["components"]["schemas"]!["ErrorCode"]!["enum"]!.AsArray().Select(code => $"{code}").Order(StringComparer.Ordinal));
        var placed = contract.Operations
            .SelectMany(one => one.Operation["responses"]!.AsObject())
            .SelectMany(response => response.Value!["content"]?["application/json"]?["examples"]?.AsObject().Select(example => example.Key) ?? [])
            .Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(codes.Except(OfNoOperation), placed);
        Assert.All(contract["components"]["examples"]!.AsObject(), example =>
            Assert.True(contract.Fits(contract["components"]["schemas"]!["Error"]!, example.Value!["value"]!.ToJsonString()), example.Key));
    }

    [Fact]
    public async Task Examples_of_bodies_are_what_their_schemas_say()
    {
        await using var server = await TestServer.Start();
        var contract = await ApiContract.Of(server);
        var bodies = contract.Operations
            .SelectMany(one => one.Operation["responses"]!.AsObject().Select(response => response.Value!).Append(one.Operation["requestBody"]))
            .Select(body => body?["content"]?["application/json"]).OfType<JsonNode>().ToArray();
        var examples = bodies
            .SelectMany(body => (body["examples"]?.AsObject().Select(one => one.Value!["value"]) ?? []).Append(body["example"]).Select(one => (Schema: body["schema"]!, Example: one)))
            .Where(one => one.Example is not null).ToArray();

        Assert.True(examples.Length > 15);
        Assert.All(examples, one => Assert.True(contract.Fits(one.Schema, one.Example!.ToJsonString()), one.Example!.ToJsonString()));
        Assert.False(contract.Fits(examples[0].Schema, """{"success":true}"""));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_what_stands_in_its_URL_has_an_example_that_fits()
    {
        await using var server = await TestServer.Start();
        var contract = await ApiContract.Of(server);
        var inUrl = contract.Operations
            .SelectMany(one => one.Operation["parameters"]!.AsArray().OfType<JsonNode>())
            .Where(parameter => $"{parameter["in"]}" is "path" or "query").ToArray();
        var minted = contract.Operations.Single(one => one is { Path: Mint }).Operation["responses"]!["200"]!["content"]!["application/json"]!["example"]!;

        Assert.All(contract.Operations, one => Assert.False(string.IsNullOrEmpty($"{one.Operation["description"]}"), $"{one.Method} {one.Path}"));
        Assert.True(inUrl.DistinctBy(parameter => $"{parameter["name"]}").Count() >= 18);
        Assert.All(inUrl, parameter => Assert.True(
            parameter["example"] is { } example && contract.Fits(parameter["schema"]!, example.ToJsonString()), $"{parameter["name"]}: {parameter["example"]}"));
        Assert.StartsWith("http://store.test/upload/", $"{minted["url"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fields_of_a_presign_request_are_those_that_are_read()
    {
        await using var server = await TestServer.Start();
        var contract = await ApiContract.Of(server);
        var schema = contract.Operations.Single(one => one is { Path: Mint }).Operation["requestBody"]!["content"]!["application/json"]!["schema"]!;

        var refusal = await server.PostPresign("""{"zzzzzzzzzzzzzzzzzzzzzzzz":1}""").ShouldBeError(400, "invalid_json");

        Assert.EndsWith(
            $"the fields are {string.Join(", ", schema["properties"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal))}",
            Sorted(refusal.GetProperty("message").GetString()!), StringComparison.Ordinal);
        Assert.True(contract.Fits(schema, """{"action":"upload","bucket":null}"""));

        static string Sorted(string message) =>
            message.Split("the fields are ") is [var before, var fields] ? $"{before}the fields are {string.Join(", ", fields.Split(", ").Order(StringComparer.Ordinal))}" : message;
    }

    [Fact]
    public async Task Every_operation_answers_as_the_document_says()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string>
        {
            ["max_data_rq_size"] = "100000",
            ["max_presign_rq_size"] = "2000",
            ["api_keys"] = $"shop:{Narrow}:presign+bucket=photos",
        });
        var contract = await ApiContract.Of(server);
        await OfPresign(server, contract);
        foreach (var (bucket, upload, files, chunks) in new[]
        {
            ("default", "/upload/{blob_id}", "/files/{blob_id}", "/upload/{blob_id}"),
            ("photos", "/{bucket}/{blob_id}", "/{bucket}/{blob_id}", "/{bucket}/{blob_id}/chunks"),
        })
        {
            await OfUploads(server, contract, bucket, upload);
            await OfDownloads(server, contract, bucket, upload, files);
            await OfChunks(server, contract, bucket, upload, chunks);
        }

        await OfAdmin(server, contract);
        foreach (var (method, path, _) in contract.Operations.Where(one => one.Method is "GET" or "HEAD" && !one.Path.Contains('{', StringComparison.Ordinal)))
        {
            await contract.Check(method, path, server.AskAdmin(method, path));
        }

        foreach (var method in new[] { "GET", "HEAD" })
        {
            await contract.Check(method, "/console", server.Send(new HttpMethod(method), "/console", null, ("if-none-match", "*")));
            await contract.Check(method, "/console", server.Send(new HttpMethod(method), "/console", null, ("if-match", "\"other\"")));
        }

        await contract.Check("GET", "/metrics", server.Send(
            HttpMethod.Get, "/metrics", null, ("authorization", $"Bearer {TestServer.ApiKey}"), ("accept", "application/openmetrics-text")));

        var silent = contract.Operations
            .SelectMany(one => one.Operation["responses"]!.AsObject().Where(response => response.Key[0] is '2' or '3').Select(response => $"{one.Method} {one.Path} {response.Key}"))
            .Except(contract.Seen).ToArray();
        Assert.True(silent.Length == 0, $"never answered: {string.Join("; ", silent)}");
        Assert.True(contract.Seen.Count(seen => !seen.Contains(' ', StringComparison.Ordinal)) >= 33, string.Join(" ", contract.Seen.Where(seen => !seen.Contains(' ', StringComparison.Ordinal))));
    }

    private static async Task OfPresign(TestServer server, ApiContract contract)
    {
        var blob = Guid.CreateVersion7();
        foreach (var action in new[] { "upload", "update", "download", "delete", "status" })
        {
            await contract.Check("POST", Mint, server.PostPresign($$"""{"action":"{{action}}","blob_id":"{{blob}}","bucket":"photos"}"""));
        }

        await contract.Check("POST", "/admin/presign", server.Send(
            HttpMethod.Post, "/admin/presign", new StringContent("""{"action":"upload"}""", new MediaTypeHeaderValue("application/json")), ("authorization", $"Bearer {TestServer.ApiKey}")));
        foreach (var wrong in new[]
        {
            "{", """{"action":"fly"}""", """{"action":"download"}""", """{"action":"download","blob_id":"1"}""", """{"action":"upload","bucket":"files"}""",
            """{"action":"upload","max_size":1,"min_size":2}""", $$"""{"action":"download","blob_id":"{{blob}}","response_content_type":" x"}""", $"{{\"action\":\"{new string('x', 2000)}\"}}",
        })
        {
            await contract.Check("POST", Mint, server.PostPresign(wrong));
        }

        await contract.Check("POST", Mint, server.PostPresign("{}", key: null));
        await contract.Check("POST", Mint, server.PostPresign("{}", key: "stranger"));
        await contract.Check("POST", Mint, server.PostPresign("""{"action":"upload"}""", key: Narrow));
        await contract.Check("POST", Mint, server.PostPresign("{}", contentType: "text/plain"));
    }

    private static async Task OfUploads(TestServer server, ApiContract contract, string bucket, string path)
    {
        foreach (var method in new[] { "POST", "PUT" })
        {
            var target = PathOf(path, bucket);
            Task<HttpResponseMessage> Send(string url, int bytes = 3, params (string, string)[] headers) =>
                server.Send(new HttpMethod(method), url, new ByteArrayContent(Answers.Bytes(bytes)), headers);
            Task Check(string url, int bytes = 3, params (string, string)[] headers) => contract.Check(method, path, Send(url, bytes, headers));
            string With(string name, string value) => server.SignedWith(method, PathOf(path, bucket), (name, value));

            await Check(server.Signed(method, target), 3, ("content-type", "text/plain"));
            await Check(server.Signed(method, target));
            await Check(server.Signed(method, target), 3, ("if-none-match", "*"));
            await Check(server.Signed(method, target), 3, ("if-match", "none"));
            await Check(server.Signed(method, target, -1));
            await Check(server.Signed(method, PathOf(path, bucket)), 100_001);
            await Check(server.Signed(method, PathOf(path, bucket)), 3, ("content-digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:"));
            await Check(server.Signed(method, PathOf(path, bucket)), 3, ("x-upload-type", "whole"));
            await Check(server.Signed(method, PathOf(path, bucket)), 3, ("x-upload-type", "chunked"));
            await Check(target);
            await Check($"{target}?expires=1&sig=none");
            await Check(PathOf(path, bucket).Replace('-', 'x'));
            await Check(With("not_before", "99999999999"));
            await Check(With("client_ip", "203.0.113.1"));
            await Check(With("page", "1"));
            await Check(With("max_size", "many"));
            await Check(With("min_size", "10"));
            await Check(With("content_type", "image/*"));
            var once = With("once", "0123456789abcdef");
            await Check(once);
            await Check(once, 4);
        }
    }

    private static async Task OfDownloads(TestServer server, ApiContract contract, string bucket, string upload, string path)
    {
        var target = PathOf(upload, bucket);
        (await server.Send(HttpMethod.Post, server.Signed("POST", target), new ByteArrayContent(Answers.Bytes(100)))).Dispose();
        target = target.Replace("/upload/", "/files/", StringComparison.Ordinal);
        var url = server.Signed("GET", target);
        var etag = $"\"{Answers.Sha256(Answers.Bytes(100))}\"";
        foreach (var method in new[] { "GET", "HEAD" })
        {
            Task Check(string to, params (string, string)[] headers) => contract.Check(method, path, server.Send(new HttpMethod(method), to, null, headers));
            await Check(url);
            await Check(url, ("if-none-match", etag));
            await Check(url, ("if-match", "\"other\""));
            await Check(url, ("if-match", "other"));
            await Check(url, ("range", "bytes=0-4"));
            await Check(url, ("range", "bytes=0-4,10-14"));
            await Check(url, ("range", "bytes=100-"));
            await Check(server.Signed("GET", PathOf(path, bucket)));
            await Check(server.Signed("DELETE", target));
            await Check(server.SignedWith("GET", target, ("response_content_type", "é")));
        }

        Task Delete(string to, params (string, string)[] headers) => contract.Check("DELETE", path, server.Send(HttpMethod.Delete, to, null, headers));
        await Delete(server.Signed("DELETE", target), ("if-match", "\"other\""));
        await Delete(server.Signed("DELETE", target));
        await Delete(server.Signed("DELETE", target));
        await Delete(url);
    }

    private static async Task OfChunks(TestServer server, ApiContract contract, string bucket, string upload, string chunks)
    {
        var target = PathOf(upload, bucket);
        var url = server.Signed("POST", target);
        var status = server.Signed("GET", bucket == "default" ? target : $"{target}/chunks");
        Task Check(string method, string path, string to, int bytes, params (string, string)[] headers) => contract.Check(
            method, path, server.Send(new HttpMethod(method), to, method == "POST" ? new ByteArrayContent(Answers.Bytes(bytes)) : null, headers));
        (string, string)[] first = [("x-upload-type", "chunked"), ("x-chunk-total", "2"), ("x-chunk-index", "1")];
        (string, string)[] merge = [("x-upload-type", "chunked"), ("x-chunk-total", "2"), ("x-chunk-merge", "true")];
        await Check("GET", chunks, status, 0);
        await Check("POST", upload, url, 10, first);
        await Check("GET", chunks, status, 0);
        await Check("HEAD", chunks, status, 0);
        await Check("GET", chunks, status, 0, ("x-chunk-total", "many"));
        await Check("GET", chunks, status + "x", 0);
        await Check("POST", upload, url, 0, merge);
        await Check("POST", upload, url, 11, [.. first[..2], ("x-chunk-index", "2")]);
        await Check("POST", upload, url, 0, merge);
        await Check("POST", upload, server.Signed("POST", PathOf(upload, bucket)), 10, first);
    }

    private static async Task OfAdmin(TestServer server, ApiContract contract)
    {
        Task Check(string method, string path, string target, string key = TestServer.ApiKey) =>
            contract.Check(method, path, server.Send(new HttpMethod(method), target, null, ("authorization", $"Bearer {key}")));
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/photos");
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/nowhere");
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/no.name");
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/photos?x=1");
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/photos", "stranger");
        await Check("GET", "/admin/objects", "/admin/objects?limit=1");
        await Check("GET", "/admin/objects", "/admin/objects?limit=none");
        await Check("GET", "/admin/objects/{bucket}", "/admin/objects/photos?limit=2");
        await Check("GET", "/admin/objects/{bucket}", "/admin/objects/nowhere");
        await Check("GET", "/admin/stats", "/admin/stats", Narrow);
        await Check("GET", "/{bucket}/{blob_id}", $"/metrics/{Guid.NewGuid()}");
        await Check("DELETE", "/admin/buckets/{bucket}", "/admin/buckets/photos");
        await Check("DELETE", "/admin/buckets/{bucket}", "/admin/buckets/nowhere");
        await Check("POST", "/admin/buckets/{bucket}/revoke", "/admin/buckets/empty/revoke");
        await Check("GET", "/admin/buckets/{bucket}", "/admin/buckets/empty");
        (await server.Send(HttpMethod.Post, server.SignedWith("POST", $"/gone/{Guid.NewGuid()}", ("chunks", "1")), new ByteArrayContent([1]),
            ("x-upload-type", "chunked"), ("x-chunk-total", "2"), ("x-chunk-index", "1"))).Dispose();
        await Check("DELETE", "/admin/buckets/{bucket}", "/admin/buckets/gone");
        await contract.Check("POST", "/{bucket}/{blob_id}", server.Send(HttpMethod.Post, server.Signed("POST", $"/empty/{Guid.NewGuid()}"), new ByteArrayContent([1])));
    }

    private static string PathOf(string path, string bucket) =>
        path.Replace("{bucket}", bucket, StringComparison.Ordinal).Replace("{blob_id}", $"{Guid.CreateVersion7()}", StringComparison.Ordinal);
}
