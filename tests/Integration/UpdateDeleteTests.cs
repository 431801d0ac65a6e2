using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class UpdateDeleteTests
{
    private readonly Guid id = Guid.CreateVersion7();

    private string Upload => $"/upload/{id}";

    private string File => $"/files/{id}";

    [Fact]
    public async Task PUT_creates_and_then_replaces_bytes_and_headers_and_keeps_the_time_of_creation()
    {
        await using var server = await TestServer.Start();
        await server.Do("PUT", Upload, Answers.Bytes(50_000), ("content-type", "text/plain"), ("content-disposition", "inline")).ShouldBeOk();
        var before = await Row(server);
        server.Time.Advance(TimeSpan.FromHours(1));

        var replaced = await server.Do("PUT", Upload, Answers.Bytes(60_000, 2), ("content-type", "image/png")).ShouldBeOk();

        var after = await Row(server);
        Assert.Equal(60_000, replaced.GetProperty("bytes_written").GetInt64());
        Assert.Equal("uploaded blob", replaced.GetProperty("message").GetString());
        Assert.Equal(before.GetProperty("created_at").GetString(), after.GetProperty("created_at").GetString());
        Assert.Equal(before.GetProperty("created_at").GetDateTimeOffset().AddHours(1), after.GetProperty("updated_at").GetDateTimeOffset());
        Assert.False(after.TryGetProperty("content_disposition", out _));
        using var answer = await server.Do("GET", File);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(Answers.Bytes(60_000, 2), await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task POST_after_PUT_is_a_duplicate_and_a_deleted_id_is_free_again()
    {
        await using var server = await TestServer.Start();
        await server.Do("PUT", Upload, [1]).ShouldBeOk();
        await server.Do("POST", Upload, [2]).ShouldBeError(409, "duplicate_blob");

        var deleted = await server.Do("DELETE", File).ShouldBeOk();
        await server.Do("DELETE", File).ShouldBeError(404, "no_such_blob");

        Assert.Equal($"deleted blob {id}", deleted.GetProperty("message").GetString());
        await server.Do("POST", Upload, [2]).ShouldBeOk();
        await server.Do("GET", File).ShouldHaveBytes([2]);
    }

    [Fact]
    public async Task Presigned_updates_and_deletes_work_and_each_only_for_its_own_method()
    {
        await using var server = await TestServer.Start();
        var update = await Minted(server, "update");
        var delete = await Minted(server, "delete");

        await server.Send(HttpMethod.Put, update, new ByteArrayContent([1])).ShouldBeOk();
        await server.Send(HttpMethod.Post, update, new ByteArrayContent([1])).ShouldBeError(401, "invalid_signature");
        await server.Send(HttpMethod.Get, delete).ShouldBeError(401, "invalid_signature");
        await server.Send(HttpMethod.Delete, delete).ShouldBeOk();
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Bytes_that_were_replaced_or_deleted_are_off_the_disk(string method)
    {
        await using var server = await TestServer.Start();
        await server.Do("POST", Upload, Answers.Bytes(100_000)).ShouldBeOk();
        var old = Assert.Single(server.FilesUnder("parts"));

        await server.Do(method, method == "PUT" ? Upload : File, method == "PUT" ? [1] : null).ShouldBeOk();

        await Wait.Until(() => !System.IO.File.Exists(old), "the old bytes are off the disk");
        Assert.Empty(server.FilesUnder("parts"));
        Assert.Empty(server.FilesUnder("tmp"));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_reader_that_began_before_gets_the_whole_old_blob(string method)
    {
        await using var server = await TestServer.Start();
        var bytes = Answers.Bytes(24 << 20);
        await server.Do("POST", Upload, bytes).ShouldBeOk();
        var reading = server.Do("GET", File);
        using var begun = await reading;

        await server.Do(method, method == "PUT" ? Upload : File, method == "PUT" ? [1] : null).ShouldBeOk();

        Assert.Single(server.FilesUnder("parts"));
        await reading.ShouldHaveBytes(bytes);
        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the old bytes are off the disk");
    }

    [Fact]
    public async Task Chunks_under_PUT_replace_at_the_merge_and_not_before()
    {
        await using var server = await TestServer.Start();
        await server.Do("POST", Upload, Answers.Bytes(30_000)).ShouldBeOk();
        var created = (await Row(server)).GetProperty("created_at").GetString();
        server.Time.Advance(TimeSpan.FromMinutes(1));

        await server.DoChunk("PUT", Upload, 2, 2, Answers.Bytes(20_000, 2)).ShouldBeOk();
        await server.DoMerge("PUT", Upload, 2).ShouldBeError(409, "chunks_missing");
        await server.DoChunk("PUT", Upload, 1, 2, Answers.Bytes(20_000, 1)).ShouldBeOk();
        await server.Do("GET", File).ShouldHaveBytes(Answers.Bytes(30_000));
        var merged = await server.DoMerge("PUT", Upload, 2, ("content-type", "video/mp4")).ShouldBeOk();

        byte[] whole = [.. Answers.Bytes(20_000, 1), .. Answers.Bytes(20_000, 2)];
        Assert.Equal("merged 2 chunks", merged.GetProperty("message").GetString());
        Assert.Equal(Answers.Sha256(whole), merged.GetProperty("sha256_hash").GetString());
        await server.Do("GET", File).ShouldHaveBytes(whole);
        Assert.Equal(created, (await Row(server)).GetProperty("created_at").GetString());
        await Wait.Until(() => server.FilesUnder("parts").Length == 2, "the old bytes are off the disk");
    }

    [Fact]
    public async Task Under_POST_neither_a_chunk_nor_a_merge_overwrites()
    {
        await using var server = await TestServer.Start();
        await server.DoChunk("POST", Upload, 1, 1, [1]).ShouldBeOk();
        await server.Do("POST", Upload, [2]).ShouldBeOk();

        await server.DoChunk("POST", Upload, 1, 1, [3]).ShouldBeError(409, "duplicate_blob");
        await server.DoMerge("POST", Upload, 1).ShouldBeError(409, "duplicate_blob");
        await server.Do("GET", File).ShouldHaveBytes([2]);

        await server.DoMerge("PUT", Upload, 1).ShouldBeOk();
        await server.Do("GET", File).ShouldHaveBytes([1]);
    }

    [Fact]
    public async Task DELETE_with_nothing_but_chunks_drops_those_of_every_total()
    {
        await using var server = await TestServer.Start();
        await server.DoChunk("POST", Upload, 1, 2, Answers.Bytes(20_000, 1)).ShouldBeOk();
        await server.DoChunk("POST", Upload, 2, 2, Answers.Bytes(20_000, 2)).ShouldBeOk();
        await server.DoChunk("PUT", Upload, 1, 3, Answers.Bytes(20_000, 3)).ShouldBeOk();

        var dropped = await server.Do("DELETE", File).ShouldBeOk();

        Assert.Equal("dropped 3 chunks", dropped.GetProperty("message").GetString());
        await server.Do("DELETE", File).ShouldBeError(404, "no_such_blob");
        await server.DoMerge("POST", Upload, 2).ShouldBeError(409, "chunks_missing");
        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the chunks are off the disk");
    }

    [Fact]
    public async Task DELETE_takes_the_blob_first_then_the_chunks_that_wait_under_its_id()
    {
        await using var server = await TestServer.Start();
        await server.Do("POST", Upload, [1]).ShouldBeOk();
        await server.DoChunk("PUT", Upload, 1, 2, [2]).ShouldBeOk();

        foreach (var message in new[] { $"deleted blob {id}", "dropped 1 chunks" })
        {
            Assert.Equal(message, (await server.Do("DELETE", File).ShouldBeOk()).GetProperty("message").GetString());
        }

        await server.Do("DELETE", File).ShouldBeError(404, "no_such_blob");
    }

    private async Task<JsonElement> Row(TestServer server) =>
        (await server.Admin($"/admin/objects?blob_id={id}")).GetProperty("objects").EnumerateArray().Single();

    private async Task<string> Minted(TestServer server, string action) =>
        new Uri((await server.PostPresign($$"""{"action":"{{action}}","blob_id":"{{id}}"}""").ShouldBeOk()).GetProperty("url").GetString()!).PathAndQuery;
}
