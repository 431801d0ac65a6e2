using Borderless.Tests.Integration.Support;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

public sealed class ConditionTests
{
    private static readonly byte[] Body = Answers.Bytes(1000);
    private static readonly string Tag = $"\"{Answers.Sha256(Body)}\"";
    private static readonly string OtherTag = $"\"{Answers.Sha256([])}\"";

    private readonly Guid id = Guid.CreateVersion7();

    private string Path => $"/files/{id}";

    [Fact]
    public async Task A_download_tells_its_validators()
    {
        await using var server = await Stored();

        var answer = await server.Ask("GET", Path);

        Assert.Equal(Tag, answer.Header("etag"));
        Assert.Equal(Date(server, -10), answer.Header("last-modified"));
        Assert.Equal($"sha-256=:{Convert.ToBase64String(Convert.FromHexString(Answers.Sha256(Body)))}:", answer.Header("repr-digest"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, -1)]
    [InlineData(-1, 0)]
    [InlineData(-86_400, 0)]
    public async Task Nothing_is_modified_later_than_the_answer_says_it_was_made(int secondsAfterStoring, int said)
    {
        using var directory = new TestDirectory();
        var stored = DateTimeOffset.UtcNow;
        await using (var before = await TestServer.Start(directory: directory.Root, time: new FakeTimeProvider(stored)))
        {
            await before.Upload(id, Body).ShouldBeOk();
        }

        // A clock that was set back, or an import of times to come, makes blobs of the future.
        await using var server = await TestServer.Start(
            directory: directory.Root, time: new FakeTimeProvider(stored.AddSeconds(secondsAfterStoring)));
        foreach (var headers in new string[][] { [], ["range: bytes=0-0"], [$"if-none-match: {Tag}"] })
        {
            var answer = await server.Ask("GET", Path, headers);

            Assert.Equal(Date(server, 0), answer.Header("date"));
            Assert.Equal(Date(server, said), answer.Header("last-modified"));
        }
    }

    [Theory]
    [InlineData("if-none-match: TAG")]
    [InlineData("if-none-match: W/TAG")]
    [InlineData("if-none-match: *")]
    [InlineData("if-none-match: OTHER, TAG")]
    [InlineData("if-none-match: OTHER", "if-none-match: TAG")]
    [InlineData("if-modified-since: SAME")]
    [InlineData("if-modified-since: LATER")]
    [InlineData("if-none-match: TAG", "if-modified-since: EARLIER")]
    [InlineData("if-match: TAG", "if-none-match: TAG", "range: bytes=0-4")]
    [InlineData("if-match: TAG", "if-unmodified-since: EARLIER", "if-modified-since: SAME")]
    public async Task What_the_client_has_is_304_with_what_a_cache_needs(params string[] headers)
    {
        await using var server = await Stored();
        var whole = await server.Ask("GET", Path);
        foreach (var method in new[] { "GET", "HEAD" })
        {
            var answer = await server.Ask(method, Path, Filled(server, headers));

            Assert.Equal(304, answer.Status);
            Assert.Empty(answer.Body);
            Assert.All(["etag", "last-modified", "cache-control"], name => Assert.Equal(whole.Header(name), answer.Header(name)));
            Assert.All(["content-type", "content-length", "content-range"], name => Assert.Null(answer.Header(name)));
        }
    }

    [Theory]
    [InlineData("if-none-match: OTHER")]
    [InlineData("if-none-match: no tag")]
    [InlineData("if-modified-since: EARLIER")]
    [InlineData("if-modified-since: no date")]
    [InlineData("if-none-match: OTHER", "if-modified-since: SAME")]
    [InlineData("if-match: *")]
    [InlineData("if-match: OTHER, TAG")]
    [InlineData("if-match: TAG", "if-unmodified-since: EARLIER")]
    [InlineData("if-unmodified-since: SAME")]
    [InlineData("if-unmodified-since: no date")]
    public async Task What_the_client_lacks_is_sent(params string[] headers)
    {
        await using var server = await Stored();

        var answer = await server.Ask("GET", Path, Filled(server, headers));

        Assert.Equal(200, answer.Status);
        Assert.Equal(Body, answer.Body);
    }

    [Theory]
    [InlineData("if-match: OTHER")]
    [InlineData("if-match: W/TAG")]
    [InlineData("if-unmodified-since: EARLIER")]
    [InlineData("if-match: OTHER", "if-none-match: TAG")]
    [InlineData("if-match: OTHER", "range: bytes=5000-")]
    public async Task A_read_under_a_condition_that_fails_is_412(params string[] headers)
    {
        await using var server = await Stored();

        (await server.Ask("GET", Path, Filled(server, headers))).ShouldBeError(412, "precondition_failed");

        Assert.Equal(412, (await server.Ask("HEAD", Path, Filled(server, headers))).Status);
    }

    [Theory]
    [InlineData("TAG", 206)]
    [InlineData("W/TAG", 200)]
    [InlineData("OTHER", 200)]
    [InlineData("SAME", 206)]
    [InlineData("EARLIER", 200)]
    [InlineData("LATER", 200)]
    [InlineData("neither", 200)]
    public async Task A_range_counts_only_for_the_bytes_that_if_range_names(string ifRange, int status)
    {
        await using var server = await Stored();

        var answer = await server.Ask("GET", Path, Filled(server, ["range: bytes=10-19", $"if-range: {ifRange}"]));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 206 ? Body[10..20] : Body, answer.Body);
        var behind = await server.Ask("GET", Path, Filled(server, ["range: bytes=5000-", $"if-range: {ifRange}"]));
        Assert.Equal(status == 206 ? 416 : 200, behind.Status);
    }

    [Fact]
    public async Task A_date_names_no_bytes_while_its_second_is_not_over()
    {
        await using var server = await TestServer.Start();
        await server.Upload(id, Body).ShouldBeOk();

        var answer = await server.Ask("GET", Path, "range: bytes=0-4", $"if-range: {Date(server, 0)}");

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("PUT", true, "if-match: TAG", 200)]
    [InlineData("PUT", true, "if-match: *", 200)]
    [InlineData("PUT", true, "if-match: OTHER", 412)]
    [InlineData("PUT", true, "if-match: W/TAG", 412)]
    [InlineData("PUT", true, "if-none-match: *", 412)]
    [InlineData("PUT", true, "if-none-match: TAG", 412)]
    [InlineData("PUT", true, "if-none-match: OTHER", 200)]
    [InlineData("PUT", true, "if-unmodified-since: SAME", 200)]
    [InlineData("PUT", true, "if-unmodified-since: EARLIER", 412)]
    [InlineData("PUT", true, "if-modified-since: LATER", 200)]
    [InlineData("PUT", false, "if-match: *", 412)]
    [InlineData("PUT", false, "if-match: TAG", 412)]
    [InlineData("PUT", false, "if-none-match: *", 200)]
    [InlineData("PUT", false, "if-unmodified-since: EARLIER", 200)]
    [InlineData("POST", true, "if-none-match: *", 412)]
    [InlineData("POST", true, "if-match: OTHER", 412)]
    [InlineData("POST", true, "if-match: TAG", 409)]
    [InlineData("POST", false, "if-none-match: *", 200)]
    [InlineData("POST", false, "if-match: *", 412)]
    [InlineData("PUT", true, "if-none-match: HEX", 400)]
    [InlineData("PUT", true, "if-match: HEX", 400)]
    [InlineData("PUT", false, "if-match:", 400)]
    [InlineData("POST", false, "if-none-match: HEX", 400)]
    [InlineData("DELETE", true, "if-none-match: HEX", 400)]
    [InlineData("DELETE", true, "if-match: TAG", 200)]
    [InlineData("DELETE", true, "if-match: *", 200)]
    [InlineData("DELETE", true, "if-match: OTHER", 412)]
    [InlineData("DELETE", true, "if-none-match: *", 412)]
    [InlineData("DELETE", true, "if-unmodified-since: EARLIER", 412)]
    [InlineData("DELETE", false, "if-match: *", 412)]
    [InlineData("DELETE", false, "if-none-match: *", 404)]
    public async Task A_write_is_done_only_under_its_condition(string method, bool exists, string header, int status)
    {
        await using var server = await Stored(exists);

        var answer = await server.Ask(method, method == "DELETE" ? Path : $"/upload/{id}", Filled(server, [header]));

        Assert.Equal(status, answer.Status);
        var after = await server.Ask("GET", Path);
        var (afterStatus, afterBody) = (status, method, exists) switch
        {
            (200, "DELETE", _) => (404, after.Body),
            (200, _, _) => (200, []),
            (_, _, true) => (200, Body),
            _ => (404, after.Body),
        };
        Assert.Equal(afterStatus, after.Status);
        Assert.Equal(afterBody, after.Body);
    }

    [Theory]
    [InlineData("POST", true, 409, "duplicate_blob")]
    [InlineData("POST", true, 409, "duplicate_blob", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2")]
    [InlineData("POST", true, 412, "precondition_failed", "if-none-match: *")]
    [InlineData("PUT", true, 412, "precondition_failed", "if-none-match: *")]
    [InlineData("PUT", true, 412, "precondition_failed", "if-match: OTHER")]
    [InlineData("PUT", false, 412, "precondition_failed", "if-match: *")]
    [InlineData("PUT", true, 412, "precondition_failed", "if-match: OTHER", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2")]
    public async Task A_write_that_may_not_be_done_is_refused_before_its_body_is_asked_for(
        string method, bool exists, int status, string code, params string[] headers)
    {
        await using var server = await Stored(exists);
        using var client = await RawClient.Connect(server);

        await client.Send(RawClient.Head(
            method, server.Signed(method, $"/upload/{id}"), [.. Filled(server, headers), "content-length: 1000", "expect: 100-continue"]));

        (await client.ReadAnswer()).ShouldBeError(status, code);
    }

    /// <summary>What was permitted before the body is judged again when it is stored.</summary>
    [Theory]
    [InlineData("POST", false, 409, "duplicate_blob")]
    [InlineData("POST", false, 409, "duplicate_blob", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2")]
    [InlineData("PUT", false, 412, "precondition_failed", "if-none-match: *")]
    [InlineData("PUT", true, 412, "precondition_failed", "if-match: TAG")]
    [InlineData("PUT", true, 412, "precondition_failed", "if-match: TAG", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2")]
    public async Task A_write_whose_rules_a_rival_breaks_while_its_body_is_on_its_way_is_refused(
        string method, bool exists, int status, string code, params string[] headers)
    {
        await using var server = await Stored(exists);
        using var client = await RawClient.Connect(server);
        await client.Send(RawClient.Head(
            method, server.Signed(method, $"/upload/{id}"), [.. Filled(server, headers), "content-length: 20000", "expect: 100-continue"]));
        Assert.Equal(100, (await client.ReadAnswer()).Status);

        await server.Do("PUT", $"/upload/{id}", [1, 2, 3]).ShouldBeOk();
        await client.Send(Answers.Bytes(20_000, 2));

        (await client.ReadAnswer()).ShouldBeError(status, code);
        await server.Do("GET", Path).ShouldHaveBytes([1, 2, 3]);
        await server.Do("GET", $"/upload/{id}").ShouldBeError(404, "no_such_upload");
        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the refused bytes are off the disk");
    }

    [Fact]
    public async Task Chunks_and_merges_are_done_only_under_their_condition()
    {
        await using var server = await Stored();
        var upload = $"/upload/{id}";
        await server.DoChunk("PUT", upload, 1, 1, [1], ("if-match", OtherTag)).ShouldBeError(412, "precondition_failed");
        await server.DoChunk("PUT", upload, 1, 1, [1], ("if-match", Tag.Trim('"'))).ShouldBeError(400, "invalid_header");
        await server.DoChunk("PUT", upload, 1, 1, [1], ("if-match", Tag)).ShouldBeOk();

        await server.DoMerge("PUT", upload, 1, ("if-none-match", Tag.Trim('"'))).ShouldBeError(400, "invalid_header");
        await server.DoMerge("PUT", upload, 1, ("if-none-match", "*")).ShouldBeError(412, "precondition_failed");
        await server.DoMerge("PUT", upload, 1, ("if-match", OtherTag)).ShouldBeError(412, "precondition_failed");
        await server.Do("GET", Path).ShouldHaveBytes(Body);

        await server.DoMerge("PUT", upload, 1, ("if-match", Tag)).ShouldBeOk();
        await server.Do("GET", Path).ShouldHaveBytes([1]);
    }

    /// <summary>A server with the blob, ten seconds later.</summary>
    private async Task<TestServer> Stored(bool exists = true)
    {
        var server = await TestServer.Start();
        if (exists)
        {
            await server.Upload(id, Body, ("content-type", "text/plain")).ShouldBeOk();
        }

        server.Time.Advance(TimeSpan.FromSeconds(10));
        return server;
    }

    private static string[] Filled(TestServer server, string[] headers) =>
    [
        .. headers.Select(header => header
            .Replace("HEX", Tag.Trim('"'), StringComparison.Ordinal)
            .Replace("OTHER", OtherTag, StringComparison.Ordinal)
            .Replace("TAG", Tag, StringComparison.Ordinal)
            .Replace("EARLIER", Date(server, -11), StringComparison.Ordinal)
            .Replace("SAME", Date(server, -10), StringComparison.Ordinal)
            .Replace("LATER", Date(server, -9), StringComparison.Ordinal)),
    ];

    private static string Date(TestServer server, int seconds) => server.Time.GetUtcNow().AddSeconds(seconds).ToString("R");
}
