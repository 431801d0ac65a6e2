using System.Globalization;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class AdminTests
{
    private static readonly Guid One = Guid.Parse("01996168-0000-7552-9662-2041482b96c3");
    private static readonly Guid Two = Guid.Parse("01996168-1111-7552-9662-2041482b96c3");

    [Fact]
    public async Task An_empty_store_has_exactly_these_answers()
    {
        await using var server = await TestServer.Start();

        Assert.Equal(
            """{"success":true,"stats":{"buckets":[],"total_objects":0,"total_logical_size":0,"total_logical_size_human":"0 B","unique_content_count":0,"actual_storage_size":0,"actual_storage_size_human":"0 B","total_references":0,"deduplication_ratio":0,"deduplication_percentage":"0.0%","space_saved":0,"space_saved_human":"0 B","pending_chunks":0,"pending_size":0}}""",
            await Text(server, "/admin/stats"));
        Assert.Equal("""{"success":true,"buckets":[]}""", await Text(server, "/admin/buckets"));
        Assert.Equal("""{"success":true,"objects":[],"total":0,"limit":100,"offset":0}""", await Text(server, "/admin/objects"));
    }

    [Fact]
    public async Task A_store_with_blobs_has_exactly_these_answers()
    {
        await using var server = await TestServer.Start();
        var bytes = Answers.Bytes(1_234_567);
        var first = Time(server);
        await server.Do("POST", $"/photos/{One}", bytes, ("content-type", "image/png"), ("content-disposition", "inline; filename=\"a+b.png\"")).ShouldBeOk();
        server.Time.Advance(TimeSpan.FromMilliseconds(1500));
        var second = Time(server);
        await server.Do("POST", $"/upload/{Two}", bytes).ShouldBeOk();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var third = Time(server);
        await server.Do("PUT", $"/upload/{Two}", bytes).ShouldBeOk();
        await server.DoChunk("POST", $"/upload/{One}", 1, 2, [1, 2, 3]).ShouldBeOk();
        var sha = Answers.Sha256(bytes);

        Assert.Equal(
            """{"success":true,"stats":{"buckets":[{"name":"default","object_count":1,"logical_size":1234567,"logical_size_human":"1.2 MB"},{"name":"photos","object_count":1,"logical_size":1234567,"logical_size_human":"1.2 MB"}],"total_objects":2,"total_logical_size":2469134,"total_logical_size_human":"2.5 MB","unique_content_count":1,"actual_storage_size":1234567,"actual_storage_size_human":"1.2 MB","total_references":2,"deduplication_ratio":0.5,"deduplication_percentage":"50.0%","space_saved":1234567,"space_saved_human":"1.2 MB","pending_chunks":1,"pending_size":3}}""",
            await Text(server, "/admin/stats"));
        var @default = $$"""{"name":"default","created_at":"{{second}}","object_count":1,"total_size":1234567,"total_size_human":"1.2 MB","epoch":0}""";
        var photos = $$"""{"name":"photos","created_at":"{{first}}","object_count":1,"total_size":1234567,"total_size_human":"1.2 MB","epoch":0}""";
        Assert.Equal($$"""{"success":true,"buckets":[{{@default}},{{photos}}]}""", await Text(server, "/admin/buckets"));
        Assert.Equal($$"""{"success":true,"bucket":{{photos}}}""", await Text(server, "/admin/buckets/photos"));
        Assert.Equal($$"""{"success":true,"bucket":{{photos}}}""", await Text(server, "/admin/buckets/Photos"));
        var newer = $$"""{"bucket":"default","blob_id":"{{Two}}","file_size":1234567,"file_size_human":"1.2 MB","sha256_hash":"{{sha}}","created_at":"{{second}}","updated_at":"{{third}}"}""";
        var older = $$"""{"bucket":"photos","blob_id":"{{One}}","content_type":"image/png","content_disposition":"inline; filename=\"a+b.png\"","file_size":1234567,"file_size_human":"1.2 MB","sha256_hash":"{{sha}}","created_at":"{{first}}","updated_at":"{{first}}"}""";
        Assert.Equal($$"""{"success":true,"objects":[{{newer}},{{older}}],"total":2,"limit":100,"offset":0}""", await Text(server, "/admin/objects"));
        Assert.Equal($$"""{"success":true,"objects":[{{older}}],"total":1,"limit":100,"offset":0}""", await Text(server, "/admin/objects/photos"));
    }

    [Theory]
    [InlineData("GET", "/admin/stats")]
    [InlineData("GET", "/admin/buckets")]
    [InlineData("GET", "/admin/buckets/photos")]
    [InlineData("DELETE", "/admin/buckets/photos")]
    [InlineData("POST", "/admin/buckets/photos/revoke")]
    [InlineData("GET", "/admin/objects")]
    [InlineData("GET", "/admin/objects/photos")]
    public async Task Every_route_wants_the_key_before_anything_else(string method, string path)
    {
        await using var server = await TestServer.Start();
        var ask = (string target, params (string, string)[] headers) => server.Send(new HttpMethod(method), target, null, headers);

        await ask(path + "?nonsense=1").ShouldBeError(401, "missing_api_key");
        await ask(path + "?nonsense=1", ("authorization", "Bearer wrong")).ShouldBeError(401, "invalid_api_key");
        await ask(path + "?nonsense=1", ("authorization", $"bearer {TestServer.ApiKey}")).ShouldBeError(400, "unknown_parameter");
        using var refused = await ask(path);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        await server.Send(new HttpMethod(method), server.Signed(method, path)).ShouldBeError(401, "missing_api_key");
    }

    [Fact]
    public async Task A_bucket_is_deleted_only_when_no_blob_is_in_it_and_its_chunks_go_with_it()
    {
        await using var server = await TestServer.Start();
        await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeError(404, "no_such_bucket");
        await server.AskAdmin("GET", "/admin/buckets/photos").ShouldBeError(404, "no_such_bucket");
        await server.Do("POST", $"/photos/{One}", [1]).ShouldBeOk();
        await server.DoChunk("POST", $"/photos/{Two}", 1, 2, Answers.Bytes(20_000)).ShouldBeOk();
        await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeError(409, "bucket_not_empty");
        await server.Do("DELETE", $"/photos/{One}").ShouldBeOk();

        var deleted = await server.AskAdmin("DELETE", "/admin/buckets/Photos").ShouldBeOk();

        Assert.Equal("""{"success":true,"message":"deleted bucket photos"}""", deleted.ToString());
        await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeError(404, "no_such_bucket");
        await server.AskAdmin("DELETE", "/admin/buckets/files").ShouldBeError(400, "invalid_bucket");
        await server.Do("GET", $"/photos/{Two}/chunks").ShouldBeError(404, "no_such_upload");
        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the chunk is off the disk");
        Assert.Equal(0, (await server.Admin("/admin/stats")).GetProperty("stats").GetProperty("pending_size").GetInt64());
        await server.Do("POST", $"/photos/{One}", [2]).ShouldBeOk();
        Assert.Equal(1, (await server.Admin("/admin/buckets/photos")).GetProperty("bucket").GetProperty("object_count").GetInt64());
    }

    [Fact]
    public async Task The_wrong_path_is_no_route_and_the_wrong_method_is_told_the_right_ones()
    {
        await using var server = await TestServer.Start();

        await server.AskAdmin("GET", "/admin").ShouldBeError(404, "no_such_route");
        await server.AskAdmin("GET", "/admin/nothing").ShouldBeError(404, "no_such_route");
        await server.AskAdmin("PATCH", "/admin/nothing").ShouldBeError(404, "no_such_route");
        await server.AskAdmin("GET", "/admin/stats/").ShouldBeError(404, "no_such_route");
        await server.AskAdmin("POST", "/admin/buckets/photos").ShouldBeError(405, "method_not_allowed");
        await server.AskAdmin("GET", "/admin/buckets/photos/revoke").ShouldBeError(405, "method_not_allowed");
    }

    private static async Task<string> Text(TestServer server, string target)
    {
        using var answer = await server.AskAdmin("GET", target);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        return (await answer.Content.ReadAsStringAsync()).TrimEnd();
    }

    /// <summary>RFC 3339 in UTC.</summary>
    private static string Time(TestServer server) =>
        server.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
