using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class CorsTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string App = "https://app.example.com";
    private const string Other = "https://other.example.com";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE"];

    private static readonly string[] RequestHeaders =
    [
        "authorization", "content-type", "content-disposition", "x-upload-type", "x-chunk-index", "x-chunk-total", "x-chunk-merge",
        "x-request-id", "range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
        "content-digest", "repr-digest", "traceparent", "tracestate",
    ];

    private static readonly string[] Exposed =
    [
        "content-disposition", "content-length", "content-range", "accept-ranges", "etag", "repr-digest", "x-request-id", "retry-after", "traceresponse",
    ];

    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("/upload/01996168-e738-7552-9662-2041482b96c3", "POST")]
    [InlineData("/upload/01996168-e738-7552-9662-2041482b96c3", "PUT")]
    [InlineData("/files/01996168-e738-7552-9662-2041482b96c3", "DELETE")]
    [InlineData("/photos/01996168-e738-7552-9662-2041482b96c3", "GET")]
    [InlineData("/presign", "POST")]
    public async Task A_preflight_needs_neither_key_nor_signature(string path, string method)
    {
        var answer = await Preflight(server, path, method);

        Assert.InRange(answer.Status, 200, 204);
        Assert.Equal("*", answer.Header("access-control-allow-origin"));
        Assert.Equal("86400", answer.Header("access-control-max-age"));
        Assert.Equal(Methods.Order(), List(answer, "access-control-allow-methods").Order());
        Assert.Equal(RequestHeaders.Order(), List(answer, "access-control-allow-headers").Order());
        Assert.NotNull(answer.Header("x-request-id"));
        ShouldNotAllowCredentials(answer);
    }

    [Fact]
    public async Task Answers_expose_what_scripts_need_to_read()
    {
        var answer = await RawClient.Ask(server, RawClient.Head("GET", "/healthz", $"origin: {App}"));

        Assert.Equal("*", answer.Header("access-control-allow-origin"));
        Assert.Equal(Exposed.Order(), List(answer, "access-control-expose-headers").Order());
        ShouldNotAllowCredentials(answer);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/%66iles/x", 404)]
    [InlineData("GET", "/Files/x", 400)]
    [InlineData("PUT", "/presign", 405)]
    [InlineData("POST", "/presign", 401)]
    [InlineData("GET", "/files/01996168-e738-7552-9662-2041482b96c3", 401)]
    [InlineData("POST", "/upload/01996168-e738-7552-9662-2041482b96c3", 401)]
    public async Task Errors_carry_the_headers_too(string method, string path, int status)
    {
        var answer = await RawClient.Ask(server, RawClient.Head(method, path, $"origin: {App}", "content-length: 0"));

        Assert.Equal(status, answer.Status);
        Assert.Equal("*", answer.Header("access-control-allow-origin"));
        Assert.Contains("x-request-id", List(answer, "access-control-expose-headers"));
        ShouldNotAllowCredentials(answer);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_a_body_carries_the_headers_too()
    {
        await using var small = await TestServer.Start(new Dictionary<string, string> { ["max_data_rq_size"] = "10" });
        var target = small.Signed("POST", $"/upload/{Guid.NewGuid()}");
        using var client = await RawClient.Connect(small);
        await client.Send(RawClient.Head("POST", target, $"origin: {App}", "transfer-encoding: chunked"));
        await client.SendChunk(new byte[11]);

        var answer = await client.ReadAnswer();

        answer.ShouldBeError(413, "payload_too_large");
        Assert.Equal("*", answer.Header("access-control-allow-origin"));
    }

    [Fact]
    public async Task A_list_of_origins_echoes_the_one_that_asks_and_says_so()
    {
        await using var listed = await TestServer.Start(new Dictionary<string, string> { ["cors_origins"] = $"{Other}, {App}" });

        foreach (var answer in new[]
        {
            await Preflight(listed, "/presign", "POST"),
            await RawClient.Ask(listed, RawClient.Head("GET", "/healthz", $"origin: {App}")),
            await RawClient.Ask(listed, RawClient.Head("GET", "/nothing", $"origin: {App}")),
        })
        {
            Assert.Equal(App, answer.Header("access-control-allow-origin"));
            Assert.Equal("origin", answer.Header("vary"), ignoreCase: true);
            ShouldNotAllowCredentials(answer);
        }
    }

    [Theory]
    [InlineData("https://evil.example.com")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:8443")]
    [InlineData("https://app.example.com.evil.com")]
    [InlineData("null")]
    public async Task An_origin_that_is_not_listed_gets_no_permission(string origin)
    {
        await using var listed = await TestServer.Start(new Dictionary<string, string> { ["cors_origins"] = App });

        var preflight = await Preflight(listed, "/presign", "POST", origin);
        var answer = await RawClient.Ask(listed, RawClient.Head("GET", "/healthz", $"origin: {origin}"));

        Assert.Equal(200, answer.Status);
        Assert.Null(preflight.Header("access-control-allow-origin"));
        Assert.Null(answer.Header("access-control-allow-origin"));
        Assert.Equal("origin", answer.Header("vary"), ignoreCase: true);
    }

    private static Task<RawAnswer> Preflight(TestServer server, string path, string method, string origin = App) =>
        RawClient.Ask(server, RawClient.Head(
            "OPTIONS",
            path,
            $"origin: {origin}",
            $"access-control-request-method: {method}",
            "access-control-request-headers: content-type,x-upload-type"));

    private static string[] List(RawAnswer answer, string header) =>
        (answer.Header(header) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void ShouldNotAllowCredentials(RawAnswer answer) =>
        Assert.DoesNotContain("access-control-allow-credentials", answer.Headers.Select(header => header.Name.ToLowerInvariant()));
}
