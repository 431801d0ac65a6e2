using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>Requests in few words: signed by Core alone, or under the API key.</summary>
internal static class SignedRequests
{
    /// <summary>A request with its signed URL.</summary>
    public static Task<HttpResponseMessage> Do(
        this TestServer server, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers) =>
        server.Send(new HttpMethod(method), server.SignedFor(method, path), body is null ? null : new ByteArrayContent(body), headers);

    /// <summary>The same without a body, on a connection of its own: the answer as it came over the wire.</summary>
    public static Task<RawAnswer> Ask(this TestServer server, string method, string path, params string[] headers) =>
        RawClient.Ask(server, RawClient.Head(method, server.SignedFor(method, path), [.. headers, "content-length: 0"]));

    /// <summary>A chunk that is sent to any path by any method.</summary>
    public static Task<HttpResponseMessage> DoChunk(
        this TestServer server, string method, string path, int index, int total, byte[] body, params (string, string)[] headers) =>
        server.Do(method, path, body, [("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}"), .. headers]);

    public static Task<HttpResponseMessage> DoMerge(
        this TestServer server, string method, string path, int total, params (string, string)[] headers) =>
        server.Do(method, path, [], [("x-upload-type", "chunked"), ("x-chunk-merge", "true"), ("x-chunk-total", $"{total}"), .. headers]);

    /// <summary>Asks the admin API for what is 200.</summary>
    public static Task<JsonElement> Admin(this TestServer server, string target) => server.AskAdmin("GET", target).ShouldBeOk();

    public static Task<HttpResponseMessage> AskAdmin(this TestServer server, string method, string target) =>
        server.Send(new HttpMethod(method), target, null, ("authorization", $"Bearer {TestServer.ApiKey}"));

    public static async Task<string[]> BucketNames(this TestServer server) =>
        [.. (await server.Admin("/admin/buckets")).GetProperty("buckets").EnumerateArray().Select(bucket => bucket.GetProperty("name").GetString()!)];

    /// <summary>A URL signed for GET answers HEAD.</summary>
    private static string SignedFor(this TestServer server, string method, string path) => server.Signed(method == "HEAD" ? "GET" : method, path);
}
