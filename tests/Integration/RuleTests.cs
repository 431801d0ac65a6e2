using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a URL demands of the blob, asked of the real server; what it demands of its use is <see cref="RuleUseTests"/>'.</summary>
public sealed class RuleTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Hundred = "100";

    private readonly TestServer server = shared.Server;
    private readonly Guid blob = Guid.CreateVersion7();

    private string Path => $"/upload/{blob}";

    [Theory]
    [InlineData("max_size", Hundred, 100, null)]
    [InlineData("max_size", Hundred, 101, "413 payload_too_large")]
    [InlineData("max_size", "0", 0, null)]
    [InlineData("min_size", Hundred, 100, null)]
    [InlineData("min_size", Hundred, 99, "422 too_small")]
    public async Task A_size_is_judged_as_announced_and_as_counted(string rule, string value, int length, string? refused)
    {
        var bytes = Answers.Bytes(length, 1);
        foreach (var announced in new[] { true, false })
        {
            await Expect(refused, Send("POST", Announced(bytes, announced), (rule, value)));
            await ShouldExist(refused is null);
            _ = await server.Do("DELETE", $"/files/{blob}");
        }
    }

    [Fact]
    public async Task A_body_that_announces_too_much_is_refused_before_it_is_read()
    {
        using var client = await RawClient.Connect(server);
        await client.Send(RawClient.Head("POST", server.SignedWith("POST", Path, ("max_size", Hundred)), "content-length: 101", "expect: 100-continue"));

        Assert.Equal(413, (await client.ReadAnswer()).Status);
    }

    [Theory]
    [InlineData("image/*", "image/png", true)]
    [InlineData("image/*", "IMAGE/svg+xml; charset=utf-8", true)]
    [InlineData("image/*", "image/png, text/html", false)]
    [InlineData("image/*", "imagetext/html", false)]
    [InlineData("image/*", "text/html", false)]
    [InlineData("image/*", null, false)]
    [InlineData("text/plain", "text/plain", true)]
    [InlineData("text/plain", "Text/Plain", true)]
    [InlineData("text/plain", "text/plain; charset=utf-8", false)]
    [InlineData("text/plain; charset=utf-8", "text/plain; charset=utf-8", true)]
    [InlineData("application/octet-stream", null, true)]
    public async Task A_content_type_is_met_exactly_or_within_its_type(string rule, string? sent, bool permitted)
    {
        (string, string)[] headers = sent is null ? [] : [("content-type", sent)];
        var refused = permitted ? null : "415 unsupported_media_type";
        await Expect(refused, server.Send(HttpMethod.Post, server.SignedWith("POST", Path, ("content_type", rule)), Body(5), headers));
        await ShouldExist(permitted);
    }

    [Fact]
    public async Task A_digest_admits_these_bytes_and_no_others()
    {
        var bytes = Answers.Bytes(200_000, 3);
        var rule = ("sha256", Answers.Sha256(bytes));
        await Expect("422 digest_mismatch", Send("POST", new ByteArrayContent(Answers.Bytes(200_000, 4)), rule));
        await ShouldExist(false);
        await Expect(null, Send("POST", new ByteArrayContent(bytes), rule));
        await server.Download(blob).ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task Chunks_together_never_wait_with_more_than_the_largest_size()
    {
        var url = server.SignedWith("POST", Path, ("max_size", Hundred));
        await Expect(null, Chunk(url, 1, 3, 60));
        await Expect("413 payload_too_large", Chunk(url, 2, 3, 41));
        await Expect("413 payload_too_large", Chunk(url, 2, 3, 41, announced: false));
        await Expect("413 payload_too_large", Chunk(url, 1, 2, 41));
        await Expect(null, Chunk(url, 2, 3, 40));
        await Expect("413 payload_too_large", Chunk(url, 1, 3, 61));
        await Expect(null, Chunk(url, 1, 3, 50));
        await Expect(null, Chunk(url, 3, 3, 10));
        await Expect(null, Merge(url, 3));
    }

    [Fact]
    public async Task Chunks_that_came_without_a_rule_are_judged_by_the_merge_that_has_one()
    {
        var free = server.Signed("POST", Path);
        await Expect(null, Chunk(free, 1, 2, 60));
        await Expect(null, Chunk(free, 2, 2, 60));
        await Expect("413 payload_too_large", Merge(server.SignedWith("POST", Path, ("max_size", "119")), 2));
        await Expect("422 too_small", Merge(server.SignedWith("POST", Path, ("min_size", "121")), 2));
        await Expect("422 digest_mismatch", Merge(server.SignedWith("POST", Path, ("sha256", Answers.Sha256([1]))), 2));
        await Expect("415 unsupported_media_type", Merge(server.SignedWith("POST", Path, ("content_type", "image/*")), 2));
        await ShouldExist(false);

        byte[] whole = [.. Answers.Bytes(60, 1), .. Answers.Bytes(60, 2)];
        await Expect(null, Merge(
            server.SignedWith("POST", Path, ("content_type", "image/*"), ("max_size", "120"), ("min_size", "120"), ("sha256", Answers.Sha256(whole))),
            2,
            ("content-type", "image/png")));
        await server.Download(blob).ShouldHaveBytes(whole);
    }

    [Fact]
    public async Task A_merge_again_is_judged_by_what_is_there()
    {
        await Expect(null, Chunk(server.Signed("POST", Path), 1, 1, 60));
        await Expect(null, Merge(server.Signed("POST", Path), 1));
        await Expect("413 payload_too_large", Merge(server.SignedWith("POST", Path, ("max_size", "59")), 1));
        await Expect("415 unsupported_media_type", Merge(server.SignedWith("POST", Path, ("content_type", "image/*")), 1));
        await Expect(null, Merge(server.SignedWith("POST", Path, ("max_size", "60")), 1));
    }

    [Fact]
    public async Task What_is_said_of_the_whole_is_not_asked_of_a_chunk()
    {
        var url = server.SignedWith("POST", Path, ("content_type", "image/png"), ("min_size", Hundred), ("sha256", Answers.Sha256([1])));
        await Expect(null, Chunk(url, 1, 2, 10));
    }

    [Fact]
    public async Task A_workers_url_takes_its_chunks_and_nothing_else()
    {
        var url = server.SignedWith("POST", Path, ("chunks", "2-3"));
        await Expect(null, Chunk(url, 2, 4, 10));
        await Expect(null, Chunk(url, 3, 4, 10));
        await Expect("400 invalid_chunk", Chunk(url, 1, 4, 10));
        await Expect("400 invalid_chunk", Chunk(url, 4, 4, 10));
        await Expect("400 invalid_chunk", server.Send(HttpMethod.Post, url, Body(10)));
        await Expect("400 invalid_chunk", Merge(url, 4));
        await ShouldExist(false);
    }

    [Fact]
    public async Task An_update_is_bound_as_an_upload_is()
    {
        await server.Upload(blob, [1]).ShouldBeOk();
        await Expect("413 payload_too_large", Send("PUT", Body(101), ("max_size", Hundred)));
        await server.Download(blob).ShouldHaveBytes([1]);
        await Expect(null, Send("PUT", Body(100), ("max_size", Hundred)));
    }

    [Theory]
    [InlineData("GET", "/files/", "max_size", "1", "invalid_rule")]
    [InlineData("DELETE", "/files/", "once", "0123456789abcdef", "invalid_rule")]
    [InlineData("GET", "/upload/", "chunks", "1-2", "invalid_rule")]
    [InlineData("POST", "/upload/", "max_size", "-1", "invalid_rule")]
    [InlineData("POST", "/upload/", "max_sizes", "1", "unknown_parameter")]
    [InlineData("POST", "/upload/", "narrow", "mystery=1", "invalid_signature")]
    public async Task A_signed_rule_that_means_nothing_is_refused(string method, string prefix, string name, string value, string code) =>
        await Expect(
            code == "invalid_signature" ? "401 invalid_signature" : $"400 {code}",
            server.Send(new HttpMethod(method), server.SignedWith(method, $"{prefix}{blob}", (name, value)), method == "POST" ? Body(1) : null));

    private static ByteArrayContent Body(int length) => new(Answers.Bytes(length, 1));

    private static HttpContent Announced(byte[] bytes, bool announced) => announced ? new ByteArrayContent(bytes) : new Unannounced(bytes);

    private Task<HttpResponseMessage> Send(string method, HttpContent body, params (string, string)[] rules) =>
        server.Send(new HttpMethod(method), server.SignedWith(method, Path, rules), body);

    private Task<HttpResponseMessage> Chunk(string url, int index, int total, int length, bool announced = true) =>
        server.Send(
            HttpMethod.Post, url, Announced(Answers.Bytes(length, index), announced),
            ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}"));

    private Task<HttpResponseMessage> Merge(string url, int total, params (string, string)[] headers) =>
        server.Send(
            HttpMethod.Post, url, new ByteArrayContent([]),
            [("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true"), .. headers]);

    private Task ShouldExist(bool exists) => exists ? server.Download(blob).ShouldBeFound() : server.Download(blob).ShouldBeError(404, "no_such_blob");

    private static Task Expect(string? refused, Task<HttpResponseMessage> answer) =>
        refused is null ? answer.ShouldBeOk() : answer.ShouldBeError(int.Parse(refused[..3], System.Globalization.CultureInfo.InvariantCulture), refused[4..]);

    /// <summary>A body whose length is not said before.</summary>
    private sealed class Unannounced(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(bytes, 0, bytes.Length);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
