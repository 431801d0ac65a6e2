using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class WellKnownTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Path = "/.well-known/jwks.json";

    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task The_public_keys_of_receipts_are_for_everybody_and_none_without_a_key_file()
    {
        using var answer = await server.Send(HttpMethod.Get, Path);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=300", $"{answer.Headers.CacheControl}");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal("""{"keys":[]}""", text.TrimEnd());
        Assert.True(ReceiptKeys.FromJwks(text).IsRight);
    }

    [Fact]
    public async Task Head_has_the_same_length_and_no_body()
    {
        using var answer = await server.Send(HttpMethod.Head, Path);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(12, answer.Content.Headers.ContentLength);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Other_methods_are_told_which_there_are(string method)
    {
        using var answer = await server.Send(new HttpMethod(method), Path);

        Assert.Equal(405, (int)answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("/.well-known/jwks.jso")]
    [InlineData("/.well-known/jwks.json/")]
    [InlineData("/.Well-Known/security.txt/x")]
    [InlineData("/.well-known/security.txt")]
    [InlineData("/.well-known")]
    public async Task Nothing_else_is_there(string path) => await server.Send(HttpMethod.Get, path).ShouldBeError(404, "no_such_route");
}
