using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class LinkTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Guid blob = Guid.CreateVersion7();

    private string Upload => $"/upload/{blob}";

    [Theory]
    [InlineData("", "missing_signature")]
    [InlineData("?", "missing_signature")]
    [InlineData("?expires=99999999999", "missing_signature")]
    [InlineData("?sig=BDtmjKQ2iImF5emvbyqPdivEojq60UI6gYuKDRQBSO4=", "missing_signature")]
    [InlineData("?expires=99999999999&sig=", "invalid_signature")]
    [InlineData("?expires=99999999999&sig", "invalid_signature")]
    [InlineData("?expires=99999999999&sig=nonsense", "invalid_signature")]
    [InlineData("?expires=99999999999&sig=%", "invalid_signature")]
    [InlineData("?expires=99999999999&sig=%ff%fe", "invalid_signature")]
    [InlineData("?&expires=99999999999&sig=x", "invalid_signature")]
    [InlineData("?Expires=99999999999&sig=x", "invalid_signature")]
    [InlineData("?=&=&=", "invalid_signature")]
    public async Task A_url_without_a_signature_of_ours_is_refused(string query, string code) =>
        await ShouldBeRefused("POST", Upload + query, 401, code);

    [Fact]
    public async Task A_query_of_many_parameters_is_refused_before_anything_is_made_of_it()
    {
        var many = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"&a{i}"));
        await server.Send(HttpMethod.Get, $"/files/{Guid.NewGuid()}?expires=99999999999&sig=a{many}").ShouldBeError(401, "invalid_signature");
    }

    [Fact]
    public async Task A_link_works_in_its_last_second_and_not_after()
    {
        await using var own = await TestServer.Start();
        var target = own.Signed("GET", $"/files/{blob}", validFor: 5);

        own.Time.Advance(TimeSpan.FromSeconds(5));
        await own.Send(HttpMethod.Get, target).ShouldBeError(404, "no_such_blob");
        own.Time.Advance(TimeSpan.FromSeconds(1));
        await own.Send(HttpMethod.Get, target).ShouldBeError(401, "link_expired");
    }

    [Fact]
    public async Task A_late_link_is_refused_and_nothing_is_written()
    {
        await ShouldBeRefused("POST", server.Signed("POST", Upload, validFor: -1), 401, "link_expired");
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task A_forged_link_does_not_learn_that_it_is_late() =>
        await ShouldBeRefused("POST", server.Signed("POST", Upload, validFor: -1, secret: "guess"), 401, "invalid_signature");

    [Fact]
    public async Task No_character_of_a_link_can_be_changed()
    {
        var link = server.Signed("POST", Upload);
        var signature = link.IndexOf("sig=", StringComparison.Ordinal) + 4;
        foreach (var i in Enumerable.Range(signature, link.Length - signature))
        {
            var tampered = link[..i] + (link[i] == 'A' ? 'B' : 'A') + link[(i + 1)..];
            await server.Send(HttpMethod.Post, tampered, new ByteArrayContent([1])).ShouldBeError(401, "invalid_signature");
        }

        await ShouldBeRefused("POST", link.Replace("expires=", "expires=9", StringComparison.Ordinal), 401, "invalid_signature");
        await ShouldBeRefused("POST", link.Replace($"{blob}", $"{Guid.NewGuid()}", StringComparison.Ordinal), 401, "invalid_signature");
        await ShouldBeRefused("POST", link + "=", 401, "invalid_signature");
        await ShouldBeRefused("POST", link.TrimEnd('='), 401, "invalid_signature");
        await ShouldBeRefused("POST", link.Replace("/upload/", "/other/", StringComparison.Ordinal), 401, "invalid_signature");
    }

    [Fact]
    public async Task The_padding_may_be_percent_encoded() =>
        await server.Send(HttpMethod.Post, server.Signed("POST", Upload).TrimEnd('=') + "%3D", new ByteArrayContent([1])).ShouldBeOk();

    [Theory]
    [InlineData("GET", "/upload/")]
    [InlineData("PUT", "/upload/")]
    [InlineData("DELETE", "/upload/")]
    [InlineData("POST", "/files/")]
    public async Task A_link_signed_for_another_method_or_path_is_refused(string method, string path)
    {
        var query = server.Signed(method, path + blob).Split('?')[1];

        await ShouldBeRefused("POST", $"{Upload}?{query}", 401, "invalid_signature");
    }

    [Fact]
    public async Task A_link_signed_for_GET_answers_HEAD_and_one_signed_for_HEAD_answers_neither()
    {
        await server.Upload(blob, [1, 2, 3]).ShouldBeOk();

        using var head = await server.Send(HttpMethod.Head, server.Signed("GET", $"/files/{blob}"));

        Assert.Equal(200, (int)head.StatusCode);
        await ShouldBeRefused("GET", server.Signed("HEAD", $"/files/{blob}"), 401, "invalid_signature");
        using var refused = await server.Send(HttpMethod.Head, server.Signed("HEAD", $"/files/{blob}"));
        Assert.Equal(401, (int)refused.StatusCode);
    }

    [Theory]
    [InlineData("expires=1", 1)]
    [InlineData("sig=x", 1)]
    [InlineData("sig={sig}", 2)]
    [InlineData("expires={expires}", 2)]
    public async Task A_parameter_that_comes_twice_is_refused(string again, int place)
    {
        var (path, expires, sig) = Parts(server.Signed("POST", Upload));
        var extra = again.Replace("{sig}", sig, StringComparison.Ordinal).Replace("{expires}", expires, StringComparison.Ordinal);
        var query = place == 1 ? $"{extra}&expires={expires}&sig={sig}" : $"expires={expires}&sig={sig}&{extra}";

        await ShouldBeRefused("POST", $"{path}?{query}", 401, "invalid_signature");
    }

    [Theory]
    [InlineData("999999999999", 404, "no_such_blob")]
    [InlineData("0", 401, "link_expired")]
    [InlineData("1000000000000", 401, "invalid_signature")]
    [InlineData("9223372036854775807", 401, "invalid_signature")]
    [InlineData("99999999999999999999999999", 401, "invalid_signature")]
    [InlineData("-1", 401, "invalid_signature")]
    [InlineData("00", 401, "invalid_signature")]
    [InlineData("099999999999", 401, "invalid_signature")]
    [InlineData("1e9", 401, "invalid_signature")]
    [InlineData("", 401, "invalid_signature")]
    public async Task Expires_is_a_number_of_seconds_and_not_a_date(string expires, int status, string code)
    {
        var path = $"/files/{blob}";
        var claim = new Claim("GET", path, new UnixSeconds(long.TryParse(expires, out var seconds) ? seconds : 0), Empty);
        var sig = Signing.Sign(SigningKey.FromSecret(TestServer.Secret), claim);

        await ShouldBeRefused("GET", $"{path}?expires={expires}&sig={sig}", status, code);
    }

    [Fact]
    public async Task A_parameter_that_was_not_signed_is_refused_and_a_signed_one_is_named_as_unknown()
    {
        var claim = new Claim("POST", Upload, server.Now.Plus(60), Seq1(new SignedParameter("color", "blue & green")));
        var link = Presign.UrlOf(SigningKey.FromSecret(TestServer.Secret), "", claim);

        await ShouldBeRefused("POST", server.Signed("POST", Upload) + "&color=blue", 401, "invalid_signature");
        await ShouldBeRefused("POST", link.Replace("blue", "red", StringComparison.Ordinal), 401, "invalid_signature");
        var error = await server.Send(HttpMethod.Post, link, new ByteArrayContent([1])).ShouldBeError(400, "unknown_parameter");
        Assert.Contains("color", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static (string Path, string Expires, string Sig) Parts(string link) =>
        link.Split("?expires=") is [var path, var query] && query.Split("&sig=") is [var expires, var sig]
            ? (path, expires, sig)
            : throw new ArgumentException("not a signed link", nameof(link));

    private async Task ShouldBeRefused(string method, string target, int status, string code) =>
        (await RawClient.Ask(server, RawClient.Head(method, target, "content-length: 0"))).ShouldBeError(status, code);
}
