using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class UploadHeaderTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Chunked = "x-upload-type: chunked";

    private readonly TestServer server = shared.Server;
    private readonly Guid blob = Guid.CreateVersion7();

    [Theory]
    [InlineData("0", "3")]
    [InlineData("4", "3")]
    [InlineData("-1", "3")]
    [InlineData("+1", "3")]
    [InlineData("1.0", "3")]
    [InlineData("one", "3")]
    [InlineData("", "3")]
    [InlineData("99999999999999999999", "3")]
    [InlineData("1", "0")]
    [InlineData("1", "10001")]
    [InlineData("1", "1000000000000")]
    [InlineData("1", "-3")]
    [InlineData("1", "three")]
    [InlineData("1", "")]
    [InlineData("1 2", "3")]
    public async Task A_chunk_outside_its_bounds_is_refused(string index, string total) =>
        await ShouldBeRefused("invalid_chunk", Chunked, $"x-chunk-index: {index}", $"x-chunk-total: {total}");

    [Theory]
    [InlineData("x-chunk-index: 1")]
    [InlineData("x-chunk-total: 3")]
    [InlineData("x-chunk-other: 3")]
    public async Task A_chunk_needs_index_and_total(string header) => await ShouldBeRefused("invalid_chunk", Chunked, header);

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("1000000000000")]
    [InlineData("many")]
    [InlineData("")]
    public async Task A_merge_outside_its_bounds_is_refused(string total) =>
        await ShouldBeRefused("invalid_chunk", Chunked, $"x-chunk-total: {total}", "x-chunk-merge: true");

    [Fact]
    public async Task A_merge_needs_a_total() => await ShouldBeRefused("invalid_chunk", Chunked, "x-chunk-merge: true");

    [Theory]
    [InlineData("x-upload-type: resumable")]
    [InlineData("x-upload-type: Chunked")]
    [InlineData("x-upload-type:")]
    public async Task A_type_that_is_none_is_refused(string header) =>
        await ShouldBeRefused("invalid_header", header, "x-chunk-index: 1", "x-chunk-total: 3");

    [Theory]
    [InlineData("x-chunk-index: 1")]
    [InlineData("x-chunk-total: 3")]
    [InlineData("x-chunk-merge: true")]
    public async Task Chunk_headers_without_the_type_are_refused(string header)
    {
        await ShouldBeRefused("invalid_chunk", header);
        await ShouldBeRefused("invalid_chunk", "x-upload-type: full", header);
    }

    [Theory]
    [InlineData("invalid_header", Chunked, Chunked, "x-chunk-index: 1", "x-chunk-total: 3")]
    [InlineData("invalid_chunk", Chunked, "x-chunk-index: 1", "x-chunk-index: 1", "x-chunk-total: 3")]
    [InlineData("invalid_chunk", Chunked, "x-chunk-index: 1", "x-chunk-total: 3", "x-chunk-total: 3")]
    [InlineData("invalid_header", "content-type: text/plain", "content-type: text/html")]
    [InlineData("invalid_header", "content-disposition: inline", "content-disposition: attachment")]
    public async Task A_header_that_comes_twice_is_refused(string code, params string[] headers) => await ShouldBeRefused(code, headers);

    [Theory]
    [InlineData("content-type: text/\u0001plain")]
    [InlineData("content-type: text/plain\u007f")]
    [InlineData("content-type: \u001b[31mred")]
    [InlineData("content-disposition: attachment; filename=\u00e9.txt")]
    [InlineData("content-disposition: attachment; filename=\u00c3\u00a9.txt")]
    [InlineData("content-disposition: attachment; filename=\u00ff\u0080.txt")]
    [InlineData("content-disposition: in\u0008line")]
    public async Task Control_and_non_ascii_characters_are_refused(string header) => await ShouldBeRefused("invalid_header", header);

    [Theory]
    [InlineData("content-range: bytes 0-4/10")]
    [InlineData("content-range: bytes 0-4/5")]
    [InlineData("content-range:")]
    public async Task A_fragment_never_takes_the_place_of_the_whole(string header)
    {
        await ShouldBeRefused("invalid_header", header);
        await ShouldBeStored();
        foreach (var method in new[] { "POST", "PUT" })
        {
            var error = (await RawClient.Ask(
                server, RawClient.Head(method, server.Signed(method, $"/upload/{blob}"), header, "content-length: 4") + "part"))
                .ShouldBeError(400, "invalid_header");
            Assert.Contains("chunks", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await server.Download(blob).ShouldHaveBytes("bytes"u8.ToArray());
    }

    [Fact]
    public async Task A_chunk_is_a_fragment_and_may_say_so()
    {
        await ShouldBeStored(Chunked, "x-chunk-index: 1", "x-chunk-total: 1", "content-range: bytes 0-4/5");

        (await Post("", Chunked, "x-chunk-total: 1", "x-chunk-merge: true", "content-range: bytes 0-4/5")).ShouldBeError(400, "invalid_header");
        (await Post("", Chunked, "x-chunk-total: 1", "x-chunk-merge: true")).ShouldBeOk();
    }

    [Theory]
    [InlineData("content-type: text/plain;\tcharset=utf-8", "content-disposition: attachment;\tfilename=\"a b\"")]
    [InlineData("content-type: not a media type at all", "content-disposition: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    [InlineData("content-type: Text/HTML;  Charset=\"UTF-8\"", "content-disposition: attachment; filename*=UTF-8''%e2%82%ac.txt")]
    public async Task Content_headers_come_back_byte_for_byte(params string[] headers)
    {
        await ShouldBeStored(headers);
        await ShouldComeBackWith(headers);
    }

    [Fact]
    public async Task The_longest_content_headers_come_back_and_longer_ones_are_refused()
    {
        var longest = new string('a', ContentHeaders.MaxLength);
        await ShouldBeRefused("invalid_header", $"content-type: {longest}a");
        await ShouldBeRefused("invalid_header", $"content-disposition: {longest}a");

        string[] headers = [$"content-type: {longest}", $"content-disposition: {longest}"];
        await ShouldBeStored(headers);
        await ShouldComeBackWith(headers);
    }

    [Fact]
    public async Task A_merge_gives_the_blob_its_own_content_headers()
    {
        string[] headers = ["content-type: video/mp4;\tx=1", "content-disposition: inline; filename=\"film, 1.mp4\""];
        await ShouldBeStored("content-type: text/plain", Chunked, "x-chunk-index: 1", "x-chunk-total: 1");

        (await Post("", [.. headers, Chunked, "x-chunk-total: 1", "x-chunk-merge: true"])).ShouldBeOk();

        await ShouldComeBackWith(headers);
    }

    [Fact]
    public async Task A_blob_without_a_type_is_an_octet_stream_without_a_disposition()
    {
        await ShouldBeStored("content-encoding: gzip", "cache-control: public");

        using var answer = await server.Download(blob);

        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.ToString());
        Assert.Null(answer.Content.Headers.ContentDisposition);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.True(answer.Headers.CacheControl?.Private);
    }

    [Fact]
    public async Task A_merge_with_a_body_is_refused_and_its_chunks_stay()
    {
        string[] merge = [Chunked, "x-chunk-total: 1", "x-chunk-merge: true"];
        await ShouldBeStored(Chunked, "x-chunk-index: 1", "x-chunk-total: 1");

        (await Post("body", merge)).ShouldBeError(400, "invalid_chunk");
        (await Ask("4\r\nbody\r\n0\r\n\r\n", [.. merge, "transfer-encoding: chunked"])).ShouldBeError(400, "invalid_chunk");
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
        (await Ask("0\r\n\r\n", [.. merge, "transfer-encoding: chunked"])).ShouldBeOk();
    }

    private Task<RawAnswer> Post(string body, params string[] headers) => Ask(body, [.. headers, $"content-length: {body.Length}"]);

    private Task<RawAnswer> Ask(string body, params string[] headers) =>
        RawClient.Ask(server, RawClient.Head("POST", server.Signed("POST", $"/upload/{blob}"), headers) + body);

    private async Task ShouldBeStored(params string[] headers) => (await Post("bytes", headers)).ShouldBeOk();

    private async Task ShouldComeBackWith(string[] headers)
    {
        var answer = await RawClient.Ask(server, RawClient.Head("GET", server.Signed("GET", $"/files/{blob}")));

        Assert.Equal(200, answer.Status);
        Assert.All(headers, header => Assert.Equal(header.Split(": ", 2)[1], answer.Header(header.Split(": ", 2)[0])));
    }

    private async Task ShouldBeRefused(string code, params string[] headers)
    {
        (await Post("bytes", headers)).ShouldBeError(400, code);
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }
}
