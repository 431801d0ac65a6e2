using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class SafeServingTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Guid id = Guid.CreateVersion7();

    private string Path => $"/files/{id}";

    [Theory]
    [InlineData("text/html")]
    [InlineData("image/svg+xml")]
    [InlineData("application/javascript")]
    [InlineData("text/html; charset=utf-7")]
    public async Task What_a_stranger_uploaded_does_not_run_here(string type)
    {
        await server.Upload(id, "<script>alert(1)</script>"u8.ToArray(), ("content-type", type)).ShouldBeOk();
        var known = await server.Ask("GET", Path, $"if-none-match: {(await server.Ask("GET", Path)).Header("etag")}");
        Assert.Equal(304, known.Status);

        foreach (var answer in new[]
        {
            await server.Ask("GET", Path),
            await server.Ask("HEAD", Path),
            await server.Ask("GET", $"/default/{id}"),
            await server.Ask("GET", Path, "range: bytes=0-4"),
            await server.Ask("GET", Path, "range: bytes=0-4,6-7"),
            await server.Ask("GET", Path, "origin: https://page.example"),
            known,
        })
        {
            Assert.Equal("nosniff", answer.Header("x-content-type-options"));
            Assert.Equal("sandbox; default-src 'none'", answer.Header("content-security-policy"));
            Assert.Equal("cross-origin", answer.Header("cross-origin-resource-policy"));
            Assert.Equal("no-referrer", answer.Header("referrer-policy"));
        }

        Assert.Equal(type, (await server.Ask("GET", Path)).Header("content-type"));
    }

    [Fact]
    public async Task No_signed_override_takes_the_safety_away()
    {
        await server.Upload(id, [1]).ShouldBeOk();
        var minted = await server.PostPresign(
            $$"""{"action":"download","blob_id":"{{id}}","response_content_type":"text/html","response_content_disposition":"inline"}""").ShouldBeOk();

        using var answer = await server.Send(HttpMethod.Get, new Uri(minted.GetProperty("url").GetString()!).PathAndQuery);

        Assert.Equal("text/html", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("sandbox; default-src 'none'", answer.Headers.GetValues("content-security-policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("x-content-type-options").Single());
    }

    [Theory]
    [InlineData(600, "private, max-age=60, must-revalidate")]
    [InlineData(60, "private, max-age=60, must-revalidate")]
    [InlineData(59, "private, max-age=59, must-revalidate")]
    [InlineData(0, "private, max-age=0, must-revalidate")]
    public async Task A_download_is_fresh_for_a_minute_at_most_and_never_longer_than_its_url(long validFor, string expected)
    {
        await server.Upload(id, [1]).ShouldBeOk();
        var target = server.Signed("GET", Path, validFor);

        var whole = await RawClient.Ask(server, RawClient.Head("GET", target));
        var known = await RawClient.Ask(server, RawClient.Head("GET", target, $"if-none-match: {whole.Header("etag")}"));

        Assert.Equal(expected, whole.Header("cache-control"));
        Assert.Equal(expected, known.Header("cache-control"));
    }

    [Fact]
    public async Task After_a_PUT_the_old_tag_is_no_longer_current()
    {
        await server.Do("PUT", $"/upload/{id}", [1]).ShouldBeOk();
        var before = await server.Ask("GET", Path);
        await server.Do("PUT", $"/upload/{id}", [2]).ShouldBeOk();

        var after = await server.Ask("GET", Path, $"if-none-match: {before.Header("etag")}");

        Assert.Equal(200, after.Status);
        Assert.Equal([2], after.Body);
        Assert.NotEqual(before.Header("etag"), after.Header("etag"));
    }
}
