using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a URL demands of its use: when, whence, and by whom it was narrowed.</summary>
public sealed class RuleUseTests : IAsyncLifetime
{
    private static readonly byte[] Bytes = [1, 2, 3];

    private readonly Guid blob = Guid.CreateVersion7();
    private TestServer server = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.Start();
        await server.Upload(blob, Bytes).ShouldBeOk();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task It_is_not_valid_before_its_time()
    {
        var url = Get(("not_before", $"{server.Now.Value + 10}"));
        await Open(url).ShouldBeError(401, "link_not_yet_valid");
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await Open(url).ShouldHaveBytes(Bytes);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("192.0.2.7", false)]
    [InlineData("::/0", false)]
    public async Task It_is_for_the_addresses_that_it_names(string range, bool permitted)
    {
        var answer = Open(Get(("client_ip", range)));
        await (permitted ? answer.ShouldHaveBytes(Bytes) : answer.ShouldBeError(403, "client_not_allowed"));
    }

    [Fact]
    public async Task What_was_forwarded_is_no_address_of_a_client() =>
        await server.Send(HttpMethod.Get, Get(("client_ip", "192.0.2.7")), null, ("x-forwarded-for", "192.0.2.7"))
            .ShouldBeError(403, "client_not_allowed");

    [Fact]
    public async Task A_narrowed_url_takes_less_and_the_wider_one_what_it_took()
    {
        var wide = server.SignedWith("POST", $"/upload/{Guid.CreateVersion7()}", ("max_size", "100"));
        var narrow = Narrow(Narrow(wide, new Rule.MaxSize(10)), new Rule.Expires(server.Now.Plus(5)), new Rule.MaxSize(50));

        await Post(narrow, 11).ShouldBeError(413, "payload_too_large");
        server.Time.Advance(TimeSpan.FromSeconds(6));
        await Post(narrow, 10).ShouldBeError(401, "link_expired");
        await Post(wide, 101).ShouldBeError(413, "payload_too_large");
        await Post(wide, 100).ShouldBeOk();
    }

    [Fact]
    public async Task A_narrowed_download_is_kept_no_longer_than_it_is_valid()
    {
        using var answer = await Open(Narrow(Get(), new Rule.Expires(server.Now.Plus(7))));
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.CacheControl?.MaxAge);
    }

    [Fact]
    public async Task A_revocation_kills_what_was_minted_before_and_nothing_else()
    {
        var (old, elsewhere) = (Get(), await Minted("""{"action":"upload","bucket":"photos"}"""));
        var narrowed = Narrow(old, new Rule.Expires(server.Now.Plus(100)));
        Assert.Equal(1, await Revoke("default"));

        await Open(old).ShouldBeError(401, "link_revoked");
        await Open(narrowed).ShouldBeError(401, "link_revoked");
        await server.Send(HttpMethod.Post, elsewhere, new ByteArrayContent(Bytes)).ShouldBeOk();
        var renewed = await Minted($$"""{"action":"download","blob_id":"{{blob}}"}""");
        Assert.Contains("&epoch=1", renewed, StringComparison.Ordinal);
        await Open(renewed).ShouldHaveBytes(Bytes);
        await Open(Get(("epoch", "1"))).ShouldHaveBytes(Bytes);

        Assert.Equal(2, await Revoke("default"));
        await Open(renewed).ShouldBeError(401, "link_revoked");
        Assert.Equal(2, (await server.Admin("/admin/buckets/default")).GetProperty("bucket").GetProperty("epoch").GetInt64());
    }

    [Fact]
    public async Task A_revocation_outlives_restart_and_bucket()
    {
        using var home = new TestDirectory();
        var (photo, old) = (Guid.CreateVersion7(), server.Signed("POST", $"/photos/{blob}"));
        await using (var before = await TestServer.Start(directory: home.Root, time: server.Time))
        {
            await before.AskAdmin("POST", "/admin/buckets/photos/revoke").ShouldBeOk();
            await before.Send(HttpMethod.Post, old, new ByteArrayContent(Bytes)).ShouldBeError(401, "link_revoked");
            await before.Send(HttpMethod.Post, server.SignedWith("POST", $"/photos/{photo}", ("epoch", "1")), new ByteArrayContent(Bytes)).ShouldBeOk();
            await before.Send(HttpMethod.Delete, server.SignedWith("DELETE", $"/photos/{photo}", ("epoch", "1"))).ShouldBeOk();
            await before.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeOk();
            var gone = await before.AskAdmin("GET", "/admin/buckets/photos").ShouldBeError(404, "no_such_bucket");
            Assert.Equal(1, gone.GetProperty("epoch").GetInt64());
        }

        await using var again = await TestServer.Start(directory: home.Root, time: server.Time);
        await again.Send(HttpMethod.Post, old, new ByteArrayContent(Bytes)).ShouldBeError(401, "link_revoked");
    }

    private string Get(params (string, string)[] rules) => server.SignedWith("GET", $"/files/{blob}", rules);

    private Task<HttpResponseMessage> Open(string url) => server.Send(HttpMethod.Get, url);

    private Task<HttpResponseMessage> Post(string url, int length) => server.Send(HttpMethod.Post, url, new ByteArrayContent(Answers.Bytes(length)));

    private async Task<string> Minted(string request) => new Uri((await server.PostPresign(request).ShouldBeOk()).GetProperty("url").GetString()!).PathAndQuery;

    private async Task<long> Revoke(string bucket) =>
        (await server.AskAdmin("POST", $"/admin/buckets/{bucket}/revoke").ShouldBeOk()).GetProperty("epoch").GetInt64();

    private static string Narrow(string url, params ReadOnlySpan<Rule> rules) =>
        Narrowing.Narrow(url, rules).IfLeft(error => throw new InvalidOperationException(error.Message));
}
