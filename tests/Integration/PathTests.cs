using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class PathTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Id = "01996168-e738-7552-9662-2041482b96c3";

    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData($"/%66iles/{Id}")]
    [InlineData($"/files/%30{Id}")]
    [InlineData($"/files%2f{Id}")]
    [InlineData($"/files/..%2f{Id}")]
    [InlineData($"/files/{Id}/")]
    [InlineData($"/files//{Id}")]
    [InlineData($"//files/{Id}")]
    [InlineData($"/x/../files/{Id}")]
    [InlineData($"/./files/{Id}")]
    [InlineData($"/files/./{Id}")]
    [InlineData("/files/..")]
    [InlineData("/files/../../../../etc/passwd")]
    [InlineData($"/files/{Id}/more")]
    [InlineData($"/Files/{Id}/more")]
    [InlineData($"/files/{Id}/chunks")]
    [InlineData("/files")]
    [InlineData("/")]
    [InlineData("/nothing")]
    [InlineData($"/readyz/{Id}")]
    [InlineData($"http://store.test//files/{Id}")]
    [InlineData($"http://store.test/x/../files/{Id}")]
    [InlineData($"http://store.test/files\\{Id}")]
    [InlineData($"http://store.test/%66iles/{Id}")]
    [InlineData("http://store.test")]
    [InlineData("http://store.test/")]
    public async Task A_path_that_is_not_canonical_is_no_route_even_when_it_is_signed(string path) =>
        await ShouldBeRefused("GET", server.Signed("GET", path), 404, "no_such_route");

    [Theory]
    [InlineData("http://store.test")]
    [InlineData("http://store.test:80")]
    [InlineData("https://store.test")]
    public async Task A_target_in_absolute_form_counts_from_behind_its_authority(string origin)
    {
        var blob = Guid.CreateVersion7();
        (await RawClient.Ask(server, Head("POST", server.Signed("POST", $"/upload/{blob}")) + "1")).ShouldBeOk();

        (await RawClient.Ask(server, Head("GET", "/healthz"))).ShouldBeOk();
        Assert.Equal("1", (await RawClient.Ask(server, Head("GET", server.Signed("GET", $"/files/{blob}")))).Text);
        (await RawClient.Ask(server, Head("GET", $"/files/{blob}"))).ShouldBeError(401, "missing_signature");
        (await RawClient.Ask(server, Head("GET", $"/FILES/{blob}"))).ShouldBeError(400, "invalid_bucket");
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains($"GET /files/{blob} 200 ", StringComparison.Ordinal)), "the path is logged");

        string Head(string method, string target) =>
            $"{method} {origin}{target} HTTP/1.1\r\nhost: {origin.Split("//")[1]}\r\ncontent-length: {(method == "POST" ? 1 : 0)}\r\n\r\n";
    }

    [Theory]
    [InlineData($"/FILES/{Id}")]
    [InlineData($"/Files/{Id}")]
    [InlineData($"/fileS/{Id}")]
    [InlineData($"/Upload/{Id}")]
    [InlineData($"/PRESIGN/{Id}")]
    [InlineData($"/Files/{Id}/chunks")]
    [InlineData($"/UPLOAD/{Id}/chunks")]
    public async Task A_reserved_word_in_other_case_is_no_bucket(string path) =>
        await ShouldBeRefused("GET", server.Signed("GET", path), 400, "invalid_bucket");

    [Theory]
    [InlineData("1")]
    [InlineData("..%20")]
    [InlineData("01996168e73875529662204148296c300000")]
    [InlineData("01996168-e738-7552-9662-2041482b96c")]
    [InlineData("01996168-e738-7552-9662-2041482b96cg")]
    [InlineData("{01996168-e738-7552-9662-2041482b96c3}")]
    [InlineData("-1996168-e738-7552-9662-2041482b96c3")]
    [InlineData("parts.store")]
    [InlineData("01996168-e738-7552-9662-2041482b96c3;v=1")]
    [InlineData("01996168-e738-7552-9662-2041482b96c3#top")]
    [InlineData("..\\..\\x")]
    public async Task An_id_that_is_no_uuid_is_refused(string id)
    {
        var canonical = !id.Contains('%', StringComparison.Ordinal);
        await ShouldBeRefused("GET", server.Signed("GET", $"/files/{id}"), canonical ? 400 : 404, canonical ? "invalid_blob_id" : "no_such_route");
        await ShouldBeRefused("POST", server.Signed("POST", $"/upload/{id}"), canonical ? 400 : 404, canonical ? "invalid_blob_id" : "no_such_route");
    }

    [Fact]
    public async Task An_id_of_thousands_of_characters_is_refused_like_any_other() =>
        await ShouldBeRefused("GET", server.Signed("GET", $"/files/{new string('a', 8000)}"), 400, "invalid_blob_id");

    [Fact]
    public async Task An_id_may_be_in_upper_case_and_is_the_same_blob()
    {
        var blob = Guid.CreateVersion7();
        var upper = $"{blob}".ToUpperInvariant();

        var stored = await server.Send(HttpMethod.Post, server.Signed("POST", $"/upload/{upper}"), new ByteArrayContent([1])).ShouldBeOk();

        Assert.Equal($"{blob}", stored.GetProperty("blob_id").GetString());
        await server.Download(blob).ShouldHaveBytes([1]);
        await ShouldBeRefused(
            "GET", server.Signed("GET", $"/files/{upper}").Replace(upper, $"{blob}", StringComparison.Ordinal), 401, "invalid_signature");
    }

    [Theory]
    [InlineData("GET", "/presign", "POST")]
    [InlineData("HEAD", "/presign", "POST")]
    [InlineData("PUT", "/admin/presign", "POST")]
    [InlineData("POST", "/healthz", "GET, HEAD")]
    [InlineData("BREW", "/healthz", "GET, HEAD")]
    [InlineData("DELETE", $"/upload/{Id}", "POST, PUT, GET, HEAD")]
    [InlineData("POST", $"/files/{Id}", "GET, HEAD, DELETE")]
    [InlineData("PUT", $"/files/{Id}", "GET, HEAD, DELETE")]
    [InlineData("OPTIONS", $"/files/{Id}", "GET, HEAD, DELETE")]
    [InlineData("PATCH", $"/bucket/{Id}", "POST, PUT, GET, HEAD, DELETE")]
    [InlineData("POST", $"/bucket/{Id}/chunks", "GET, HEAD")]
    [InlineData("POST", "/admin/stats", "GET")]
    [InlineData("PUT", "/admin/buckets/a", "GET, DELETE")]
    [InlineData("DELETE", "/admin/objects/a", "GET")]
    public async Task Another_method_than_the_route_has_is_told_which_it_has(string method, string path, string allowed)
    {
        var answer = await RawClient.Ask(server, RawClient.Head(method, path, "content-length: 0"));

        Assert.Equal(405, answer.Status);
        Assert.Superset(
            allowed.Split(", ").ToHashSet(), (answer.Header("allow") ?? "").Split(", ").ToHashSet());
        if (method != "HEAD")
        {
            answer.ShouldBeError(405, "method_not_allowed");
        }
    }

    [Theory]
    [InlineData("GET /files/x\0y HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData($"GET /files/{Id}%00 HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData($"GET http:/files/{Id} HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET /healthz\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nhost: a\r\nbroken header\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nhost: a\r\nx-y: a\0b\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nhost: a\r\n x-y: folded\r\n\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\n\r\n")]
    [InlineData("GET /h\u00e9althz HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("POST /presign HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n")]
    [InlineData("POST /presign HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n")]
    public async Task What_is_not_http_gets_a_bare_400(string request) =>
        (await RawClient.Ask(server, request)).ShouldBeBare(400);

    [Fact]
    public async Task A_line_or_head_that_never_fits_gets_a_bare_status()
    {
        (await RawClient.Ask(server, RawClient.Head("GET", $"/files/{new string('a', Presign.MaxRequestLine)}"))).ShouldBeBare(414);
        (await RawClient.Ask(server, RawClient.Head("GET", "/healthz", $"x-long: {new string('a', 40_000)}"))).ShouldBeBare(431);
    }

    [Fact]
    public async Task The_server_is_well_after_all_this() => _ = await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();

    private async Task ShouldBeRefused(string method, string target, int status, string code) =>
        (await RawClient.Ask(server, RawClient.Head(method, target, "content-length: 0"))).ShouldBeError(status, code);
}
