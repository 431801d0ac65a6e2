using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class PresignTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Id = "01996168-e738-7552-9662-2041482b96c3";

    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData("/presign")]
    [InlineData("/admin/presign")]
    public async Task The_answer_has_exactly_these_fields_in_this_order_and_nobody_may_keep_it(string route)
    {
        using var answer = await server.Send(
            HttpMethod.Post, route, Json($$"""{"action":"upload","blob_id":"{{Id}}"}"""), ("authorization", $"Bearer {TestServer.ApiKey}"));

        var expires = server.Now.Plus(900);
        var signature = Signing.Sign(SigningKey.FromSecret(TestServer.Secret), new Claim("POST", $"/upload/{Id}", expires, Empty));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal(
            $$"""{"success":true,"action":"upload","bucket":"default","blob_id":"{{Id}}","url":"http://store.test/upload/{{Id}}?expires={{expires}}&sig={{signature}}","method":"POST","expires_in":900}""" + "\n",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("upload", null, "POST", "/upload/")]
    [InlineData("update", null, "PUT", "/upload/")]
    [InlineData("download", null, "GET", "/files/")]
    [InlineData("delete", null, "DELETE", "/files/")]
    [InlineData("upload", "Photos", "POST", "/photos/")]
    [InlineData("download", "photos", "GET", "/photos/")]
    [InlineData("delete", "default", "DELETE", "/default/")]
    public async Task Each_action_has_its_method_and_path(string action, string? bucket, string method, string path)
    {
        var minted = await server.PostPresign(
            JsonSerializer.Serialize(new { action, blob_id = Id, bucket })).ShouldBeOk();

        Assert.Equal(method, minted.GetProperty("method").GetString());
        Assert.Equal(bucket?.ToLowerInvariant() ?? "default", minted.GetProperty("bucket").GetString());
        Assert.StartsWith($"http://store.test{path}{Id}?expires=", minted.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_without_an_id_gets_a_new_one_of_version_7()
    {
        var first = await server.PostPresign("""{"action":"upload"}""").ShouldBeOk();
        var second = await server.PostPresign("""{"action":"upload","blob_id":null,"bucket":null,"expires_in":null}""").ShouldBeOk();

        Assert.Equal(7, first.GetProperty("blob_id").GetGuid().Version);
        Assert.NotEqual(first.GetProperty("blob_id").GetGuid(), second.GetProperty("blob_id").GetGuid());
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("86400", 86_400)]
    [InlineData("86401", 86_400)]
    [InlineData("99999999999999999999999999", 86_400)]
    public async Task A_wish_for_validity_is_met_up_to_the_limit(string wish, long expected)
    {
        var minted = await server.PostPresign($$"""{"action":"upload","expires_in":{{wish}}}""").ShouldBeOk();

        Assert.Equal(expected, minted.GetProperty("expires_in").GetInt64());
        Assert.Contains($"?expires={server.Now.Plus(expected)}&", minted.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_longer_default_is_cut_to_the_limit_of_the_settings()
    {
        await using var strict = await TestServer.Start(new Dictionary<string, string> { ["max_expiry_secs"] = "60" });

        var minted = await strict.PostPresign("""{"action":"upload"}""").ShouldBeOk();

        Assert.Equal(60, minted.GetProperty("expires_in").GetInt64());
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    [InlineData("bEaReR")]
    public async Task The_scheme_of_the_key_may_be_in_any_case(string scheme) =>
        _ = await server.Send(
            HttpMethod.Post, "/presign", Json("""{"action":"upload"}"""), ("authorization", $"{scheme} {TestServer.ApiKey}")).ShouldBeOk();

    [Fact]
    public async Task Minted_urls_work_and_a_download_carries_the_digest_of_what_exists()
    {
        var bytes = Answers.Bytes(1234);
        var upload = await server.PostPresign("""{"action":"upload"}""").ShouldBeOk();
        var id = upload.GetProperty("blob_id").GetString();
        var before = await server.PostPresign($$"""{"action":"download","blob_id":"{{id}}"}""").ShouldBeOk();

        await server.Send(HttpMethod.Post, TargetOf(upload), new ByteArrayContent(bytes)).ShouldBeOk();
        var after = await server.PostPresign($$"""{"action":"download","blob_id":"{{id}}"}""").ShouldBeOk();

        Assert.False(before.TryGetProperty("sha256_hash", out _));
        Assert.Equal(Answers.Sha256(bytes), after.GetProperty("sha256_hash").GetString());
        await server.Send(HttpMethod.Get, TargetOf(after)).ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task A_url_minted_by_core_alone_works()
    {
        var origin = Origin.Parse(server.Address.GetLeftPart(UriPartial.Authority) + "/").IfNone(() => throw new InvalidOperationException("an origin"));
        var minted = Presign.Mint(
                new Minter(NamedKey.Default(SigningKey.FromSecret(TestServer.Secret)), origin),
                server.Now,
                new PresignRequest(BlobAction.Upload, None, None, None),
                BlobId.From(Guid.CreateVersion7()),
                "a-nonce-of-a-test")
            .IfLeft(error => throw new InvalidOperationException(error.Message));

        var stored = await server.Send(new HttpMethod(minted.Method), new Uri(minted.Url).PathAndQuery, new ByteArrayContent([1, 2, 3])).ShouldBeOk();

        Assert.Equal(minted.Blob.ToString(), stored.GetProperty("blob_id").GetString());
    }

    private static string TargetOf(JsonElement minted) => new Uri(minted.GetProperty("url").GetString()!).PathAndQuery;

    private static StringContent Json(string text) => new(text, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
}
