using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class FirstWriteTests
{
    private readonly Guid id = Guid.CreateVersion7();

    private string Path => $"/photos/{id}";

    [Fact]
    public async Task Reading_deleting_minting_and_refused_writes_make_no_bucket()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["max_data_rq_size"] = "1000" });

        await server.Do("GET", Path).ShouldBeError(404, "no_such_blob");
        await server.Do("DELETE", Path).ShouldBeError(404, "no_such_blob");
        await server.Do("GET", Path + "/chunks").ShouldBeError(404, "no_such_upload");
        await server.PostPresign($$"""{"action":"update","bucket":"photos","blob_id":"{{id}}"}""").ShouldBeOk();
        await server.Do("POST", Path, new byte[1001]).ShouldBeError(413, "payload_too_large");
        await server.Do("POST", Path, [1], ("content-digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:")).ShouldBeError(422, "digest_mismatch");
        await server.Do("POST", Path, [1], ("x-upload-type", "other")).ShouldBeError(400, "invalid_header");
        await server.Do("PUT", Path, [1], ("if-match", "*")).ShouldBeError(412, "precondition_failed");
        await server.DoChunk("POST", Path, 3, 2, [1]).ShouldBeError(400, "invalid_chunk");
        await server.DoChunk("PUT", Path, 1, 2, [1], ("if-match", "*")).ShouldBeError(412, "precondition_failed");
        await server.DoMerge("POST", Path, 2).ShouldBeError(409, "chunks_missing");
        await server.Send(HttpMethod.Post, server.Signed("POST", Path, secret: "guess"), new ByteArrayContent([1])).ShouldBeError(401, "invalid_signature");
        await server.AskAdmin("GET", "/admin/objects/photos").ShouldBeError(404, "no_such_bucket");

        Assert.Empty(await server.BucketNames());
    }

    [Theory]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    [InlineData("POST", true)]
    [InlineData("PUT", true)]
    public async Task A_bucket_appears_with_its_first_blob_or_chunk_and_stays_when_they_go(string method, bool chunk)
    {
        await using var server = await TestServer.Start();

        await (chunk ? server.DoChunk(method, Path, 1, 2, [1]) : server.Do(method, Path, [1])).ShouldBeOk();
        Assert.Equal(["photos"], await server.BucketNames());
        await server.Do("DELETE", Path).ShouldBeOk();

        Assert.Equal(["photos"], await server.BucketNames());
    }
}
