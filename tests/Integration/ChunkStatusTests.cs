using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class ChunkStatusTests
{
    private readonly Guid id = Guid.CreateVersion7();

    [Theory]
    [InlineData("/upload/", "")]
    [InlineData("/photos/", "/chunks")]
    [InlineData("/default/", "/chunks")]
    public async Task The_answer_has_exactly_these_fields(string before, string after)
    {
        await using var server = await TestServer.Start();
        await server.DoChunk("POST", $"{before}{id}", 3, 4, Answers.Bytes(20_000)).ShouldBeOk();
        await server.DoChunk("POST", $"{before}{id}", 1, 4, []).ShouldBeOk();

        using var answer = await server.Do("GET", $"{before}{id}{after}");

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $$"""{"success":true,"chunks":[{"index":1,"size":0,"sha256_hash":"{{Answers.Sha256([])}}"},{"index":3,"size":20000,"sha256_hash":"{{Answers.Sha256(Answers.Bytes(20_000))}}"}],"total":4,"missing_chunks":[2,4]}""",
            (await answer.Content.ReadAsStringAsync()).TrimEnd());
        Assert.Equal(200, (await server.Ask("HEAD", $"{before}{id}{after}")).Status);
    }

    [Theory]
    [InlineData(null, "/upload/ID")]
    [InlineData("photos", "/photos/ID/chunks")]
    [InlineData("default", "/default/ID/chunks")]
    public async Task Presign_mints_the_url(string? bucket, string path)
    {
        await using var server = await TestServer.Start();
        await server.DoChunk("POST", bucket is null ? $"/upload/{id}" : $"/{bucket}/{id}", 1, 1, [1]).ShouldBeOk();
        var minted = await server.PostPresign(JsonSerializer.Serialize(new { action = "status", blob_id = id, bucket })).ShouldBeOk();
        var url = new Uri(minted.GetProperty("url").GetString()!);

        Assert.Equal("GET", minted.GetProperty("method").GetString());
        Assert.Equal("status", minted.GetProperty("action").GetString());
        Assert.Equal(path.Replace("ID", $"{id}", StringComparison.Ordinal), url.AbsolutePath);
        Assert.Empty((await server.Send(HttpMethod.Get, url.PathAndQuery).ShouldBeOk()).GetProperty("missing_chunks").EnumerateArray());
        await server.PostPresign("""{"action":"status"}""").ShouldBeError(400, "missing_blob_id");
    }

    [Fact]
    public async Task It_tells_of_the_total_last_written_to_or_of_the_one_asked_for()
    {
        await using var server = await TestServer.Start();
        foreach (var total in new[] { 3, 2, 3, 5 })
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await server.Chunk(id, total == 5 ? 4 : total, total, [(byte)total]).ShouldBeOk();
        }

        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.Chunk(id, 1, 2, [9]).ShouldBeOk();

        Assert.Equal((2, "1 2", ""), Told(await Ask(server).ShouldBeOk()));
        Assert.Equal((3, "3", "1 2"), Told(await Ask(server, "3").ShouldBeOk()));
        Assert.Equal((5, "4", "1 2 3 5"), Told(await Ask(server, "5").ShouldBeOk()));
        await Ask(server, "4").ShouldBeError(404, "no_such_upload");
        foreach (var wrong in new[] { "0", "10001", "two", "", "-1" })
        {
            await Ask(server, wrong).ShouldBeError(400, "invalid_chunk");
        }
    }

    [Fact]
    public async Task Nothing_waits_before_the_first_chunk_after_the_merge_or_when_the_chunks_were_dropped()
    {
        await using var server = await TestServer.Start();
        await Ask(server).ShouldBeError(404, "no_such_upload");

        await server.Chunk(id, 1, 1, [1]).ShouldBeOk();
        await server.Merge(id, 1).ShouldBeOk();
        await Ask(server).ShouldBeError(404, "no_such_upload");

        var other = Guid.CreateVersion7();
        await server.Chunk(other, 1, 2, [1]).ShouldBeOk();
        await server.Do("DELETE", $"/files/{other}").ShouldBeOk();
        await server.Do("GET", $"/upload/{other}").ShouldBeError(404, "no_such_upload");
    }

    [Fact]
    public async Task A_download_url_tells_nothing_of_chunks_nor_a_status_url_of_bytes()
    {
        await using var server = await TestServer.Start();
        await server.Do("POST", $"/photos/{id}", [1]).ShouldBeOk();
        string Query(string path) => server.Signed("GET", path).Split('?')[1];

        await server.Send(HttpMethod.Get, $"/photos/{id}/chunks?{Query($"/photos/{id}")}").ShouldBeError(401, "invalid_signature");
        await server.Send(HttpMethod.Get, $"/photos/{id}?{Query($"/photos/{id}/chunks")}").ShouldBeError(401, "invalid_signature");
        await server.Send(HttpMethod.Get, $"/upload/{id}").ShouldBeError(401, "missing_signature");
    }

    private Task<HttpResponseMessage> Ask(TestServer server, string? total = null) =>
        server.Do("GET", $"/upload/{id}", null, total is null ? [] : [("x-chunk-total", total)]);

    private static (int, string, string) Told(JsonElement status) =>
        (status.GetProperty("total").GetInt32(),
            string.Join(' ', status.GetProperty("chunks").EnumerateArray().Select(chunk => chunk.GetProperty("index").GetInt32())),
            string.Join(' ', status.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32())));
}
