using Borderless.Tests.Integration.Support;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

/// <summary>Several signing keys at once: which one signs, and until when each verifies.</summary>
public sealed class SigningKeyTests
{
    private const string Today = "2027-03-01";
    private const string New = "new-secret-of-the-store";
    private const string Old = "old-secret-of-the-store";

    private static readonly DateTimeOffset Noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Midnight = Noon.AddHours(12);

    [Fact]
    public async Task The_first_key_signs_and_each_verifies_what_names_it_until_its_last_day_is_over()
    {
        await using var server = await Start($"new:{New},old:{Old}:{Today},gone:{Old}:2020-02-29");

        var minted = await server.PostPresign("""{"action":"upload"}""").ShouldBeOk();
        Assert.Contains("&kid=new&sig=", minted.GetProperty("url").GetString(), StringComparison.Ordinal);
        await Upload(server, "new", New).ShouldBeOk();
        await Upload(server, "old", Old).ShouldBeOk();
        await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        await Upload(server, "old", New).ShouldBeError(401, "invalid_signature");
        await Upload(server, "gone", Old).ShouldBeError(401, "invalid_signature");
        await Upload(server, "none", New).ShouldBeError(401, "invalid_signature");

        server.Time.SetUtcNow(Midnight.AddSeconds(-1));
        await Upload(server, "old", Old).ShouldBeOk();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await Upload(server, "old", Old).ShouldBeError(401, "invalid_signature");
        await Upload(server, "new", New).ShouldBeOk();
    }

    [Fact]
    public async Task When_the_first_key_has_ended_the_next_one_signs_and_after_the_last_none()
    {
        await using var server = await Start($"today:{New}:{Today}");
        Assert.Contains("&kid=today&", await Url(server), StringComparison.Ordinal);
        server.Time.SetUtcNow(Midnight);
        Assert.DoesNotContain("kid=", await Url(server), StringComparison.Ordinal);

        await using var alone = await Start($"today:{New}:{Today}", TestServer.NotSet);
        alone.Time.SetUtcNow(Midnight);
        await alone.PostPresign("""{"action":"upload"}""").ShouldBeError(503, "no_signing_key");
    }

    private static Task<TestServer> Start(string keys, string secret = TestServer.Secret) => TestServer.Start(
        new Dictionary<string, string> { ["signing_keys"] = keys, ["presign_hmac_secret"] = secret }, time: new FakeTimeProvider(Noon));

    private static async Task<string> Url(TestServer server) =>
        (await server.PostPresign("""{"action":"upload"}""").ShouldBeOk()).GetProperty("url").GetString()!;

    private static Task<HttpResponseMessage> Upload(TestServer server, string kid, string secret) => server.Send(
        HttpMethod.Post,
        Presign.UrlOf(
            SigningKey.FromSecret(secret), "",
            new Claim("POST", $"/upload/{Guid.CreateVersion7()}", server.Now.Plus(100_000), Seq1(new SignedParameter("kid", kid)))),
        new ByteArrayContent([1]));
}
