using Borderless.Tests.Integration.Support;
using Borderless.Web.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration;

/// <summary>URLs that store once.</summary>
public sealed class OnceTests : IAsyncLifetime
{
    private const string Nonce = "0123456789abcdef0123456789abcdef";

    private readonly Guid blob = Guid.CreateVersion7();
    private readonly byte[] first = Answers.Bytes(20_000, 1);
    private readonly byte[] other = Answers.Bytes(20_000, 2);
    private TestServer server = null!;

    public async Task InitializeAsync() => server = await TestServer.Start();

    public async Task DisposeAsync() => await server.DisposeAsync();

    private string Path => $"/upload/{blob}";

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task The_same_bytes_again_get_the_same_answer_and_others_none(string method)
    {
        var url = Once(method);
        var stored = await Send(method, url, first).ShouldBeOk();
        Assert.Equal(stored.GetRawText(), (await Send(method, url, first).ShouldBeOk()).GetRawText());
        await Send(method, url, other).ShouldBeError(409, "link_used");
        await Send(method, url, [1]).ShouldBeError(409, "link_used");
        await server.Download(blob).ShouldHaveBytes(first);
    }

    [Fact]
    public async Task It_stores_nothing_again_when_its_blob_is_deleted_or_replaced()
    {
        var url = Once("PUT");
        var stored = await Send("PUT", url, first).ShouldBeOk();
        await server.Do("PUT", Path, other).ShouldBeOk();
        Assert.Equal(stored.GetRawText(), (await Send("PUT", url, first).ShouldBeOk()).GetRawText());
        await server.Download(blob).ShouldHaveBytes(other);

        await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();
        Assert.Equal(stored.GetRawText(), (await Send("PUT", url, first).ShouldBeOk()).GetRawText());
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task It_stays_used_when_its_bucket_is_deleted_and_made_again()
    {
        var path = $"/photos/{blob}";
        var url = server.SignedWith("POST", path, ("once", Nonce));
        await Send("POST", url, first).ShouldBeOk();
        await server.Do("DELETE", path).ShouldBeOk();
        await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeOk();
        await server.Do("POST", $"/photos/{Guid.CreateVersion7()}", other).ShouldBeOk();

        await Send("POST", url, other).ShouldBeError(409, "link_used");
    }

    [Fact]
    public async Task It_stays_used_after_a_restart_until_it_expires()
    {
        using var home = new TestDirectory();
        var url = Once("POST");
        await using (var before = await TestServer.Start(directory: home.Root, time: server.Time))
        {
            await before.Send(HttpMethod.Post, url, new ByteArrayContent(first)).ShouldBeOk();
            await before.Do("DELETE", $"/files/{blob}").ShouldBeOk();
        }

        await using var again = await TestServer.Start(directory: home.Root, time: server.Time);
        await again.Send(HttpMethod.Post, url, new ByteArrayContent(other)).ShouldBeError(409, "link_used");
        _ = await again.Server.Janitor.RunOnce(default);
        await again.Send(HttpMethod.Post, url, new ByteArrayContent(other)).ShouldBeError(409, "link_used");

        again.Time.Advance(TimeSpan.FromSeconds(601));
        await again.Send(HttpMethod.Post, url, new ByteArrayContent(other)).ShouldBeError(401, "link_expired");
        _ = await again.Server.Janitor.RunOnce(default);
        Assert.Null(again.Store.Index.FindSpent(BucketName.Default, BlobId.From(blob), Nonce));
    }

    [Fact]
    public async Task What_was_refused_is_not_used()
    {
        var url = server.SignedWith("POST", Path, ("once", Nonce), ("max_size", "20000"), ("content_type", "image/*"));
        await Send("POST", url, first).ShouldBeError(415, "unsupported_media_type");
        await Send("POST", url, Answers.Bytes(20_001), ("content-type", "image/png")).ShouldBeError(413, "payload_too_large");
        await server.Upload(blob, other).ShouldBeOk();
        await Send("POST", url, first, ("content-type", "image/png")).ShouldBeError(409, "duplicate_blob");
        await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();

        await Send("POST", url, first, ("content-type", "image/png")).ShouldBeOk();
    }

    [Fact]
    public async Task Of_many_that_come_at_once_one_body_is_stored()
    {
        var url = Once("PUT");
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(async i =>
        {
            using var answer = await Send("PUT", url, i % 2 == 0 ? first : other);
            return (Body: i % 2 == 0 ? first : other, Status: (int)answer.StatusCode);
        }));

        var won = answers.Where(answer => answer.Status == 200).Select(answer => answer.Body).Distinct().ToArray();
        var winner = Assert.Single(won);
        Assert.All(answers, answer => Assert.Equal(answer.Body == winner ? 200 : 409, answer.Status));
        await server.Download(blob).ShouldHaveBytes(winner);
    }

    [Fact]
    public async Task In_chunks_it_is_used_by_the_merge()
    {
        var url = Once("POST");
        await Chunk(url, 1, 2).ShouldBeOk();
        await Chunk(url, 1, 2).ShouldBeOk();
        await Chunk(url, 2, 2).ShouldBeOk();
        var merged = await Merge(url, 2).ShouldBeOk();

        Assert.Equal(merged.GetRawText(), (await Merge(url, 2).ShouldBeOk()).GetRawText());
        await Chunk(url, 1, 2).ShouldBeError(409, "link_used");
        await Merge(url, 1).ShouldBeError(409, "link_used");
        await Send("POST", url, [.. Answers.Bytes(10, 1), .. Answers.Bytes(10, 2)]).ShouldBeError(409, "link_used");
        await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();
        Assert.Equal(merged.GetRawText(), (await Merge(url, 2).ShouldBeOk()).GetRawText());
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task Many_merges_at_once_are_one()
    {
        var url = Once("POST");
        await Chunk(url, 1, 2).ShouldBeOk();
        await Chunk(url, 2, 2).ShouldBeOk();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => (await Merge(url, 2).ShouldBeOk()).GetRawText()));

        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task The_merge_answers_again_also_when_another_url_sent_a_chunk_since()
    {
        var url = Once("PUT");
        await server.Send(HttpMethod.Put, url, new ByteArrayContent([1]), Chunked(1, 1)).ShouldBeOk();
        var merged = await server.Send(HttpMethod.Put, url, new ByteArrayContent([]), Merging(1)).ShouldBeOk();
        await server.Do("PUT", Path, [2], Chunked(1, 1)).ShouldBeOk();

        Assert.Equal(merged.GetRawText(), (await server.Send(HttpMethod.Put, url, new ByteArrayContent([]), Merging(1)).ShouldBeOk()).GetRawText());
    }

    [Fact]
    public async Task What_another_url_merged_is_no_success_of_it_and_uses_nothing_up()
    {
        await server.Chunk(blob, 1, 1, [1]).ShouldBeOk();
        await server.Merge(blob, 1).ShouldBeOk();
        await Merge(Once("POST"), 1).ShouldBeError(409, "duplicate_blob");
        var url = Once("PUT");
        await server.Send(HttpMethod.Put, url, new ByteArrayContent([]), Merging(1)).ShouldBeError(409, "chunks_missing");

        await Send("PUT", url, first).ShouldBeOk();
        await Send("PUT", url, other).ShouldBeError(409, "link_used");
    }

    [Fact]
    public async Task A_body_that_ends_after_the_url_did_is_not_stored()
    {
        await using var patient = await TestServer.Start(new Dictionary<string, string> { ["rq_timeout_secs"] = "86400" });
        using var client = await RawClient.Connect(patient);
        await client.Send(RawClient.Head("PUT", patient.SignedWith("PUT", Path, ("once", Nonce)), "content-length: 2"));
        await client.Send("a");
        await Wait.Until(() => patient.FilesUnder("tmp").Length > 0 || patient.Server.Services.GetRequiredService<InFlight>().Count > 0, "the request has begun");
        patient.Time.Advance(TimeSpan.FromSeconds(601));
        await client.Send("b");

        Assert.Equal("link_expired", (await client.ReadAnswer()).ShouldBeError(401, "link_expired").GetProperty("code").GetString());
        await patient.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task Two_urls_of_one_blob_are_used_each_for_itself()
    {
        await Send("PUT", Once("PUT"), first).ShouldBeOk();
        await Send("PUT", server.SignedWith("PUT", Path, ("once", "another-nonce-0123")), other).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(other);
    }

    [Fact]
    public async Task The_store_mints_them()
    {
        var minted = await server.PostPresign("""{"action":"upload","once":true}""").ShouldBeOk();
        var url = new Uri(minted.GetProperty("url").GetString()!).PathAndQuery;
        Assert.Contains("&once=", url, StringComparison.Ordinal);
        await Send("POST", url, first).ShouldBeOk();
        await Send("POST", url, other).ShouldBeError(409, "link_used");
    }

    private static (string, string)[] Chunked(int index, int total) =>
        [("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}")];

    private static (string, string)[] Merging(int total) => [("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true")];

    private string Once(string method) => server.SignedWith(method, Path, ("once", Nonce));

    private Task<HttpResponseMessage> Send(string method, string url, byte[] bytes, params (string, string)[] headers) =>
        server.Send(new HttpMethod(method), url, new ByteArrayContent(bytes), headers);

    private Task<HttpResponseMessage> Chunk(string url, int index, int total) =>
        Send("POST", url, Answers.Bytes(10, index), ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}"));

    private Task<HttpResponseMessage> Merge(string url, int total) =>
        Send("POST", url, [], ("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true"));
}
