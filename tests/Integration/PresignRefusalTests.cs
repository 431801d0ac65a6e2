using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class PresignRefusalTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Upload = """{"action":"upload"}""";

    private readonly TestServer server = shared.Server;

    [Theory]
    [InlineData(null, "missing_api_key")]
    [InlineData("Basic dXNlcjpwYXNz", "missing_api_key")]
    [InlineData("Bearer", "missing_api_key")]
    [InlineData("Bearer wrong", "invalid_api_key")]
    [InlineData("Bearer the-api-key-of-test", "invalid_api_key")]
    [InlineData("Bearer THE-API-KEY-OF-TESTS", "invalid_api_key")]
    [InlineData("Bearer the-api-key-of-tests the-api-key-of-tests", "invalid_api_key")]
    public async Task Without_the_key_nothing_is_minted(string? authorization, string code) =>
        _ = await server.Send(
            HttpMethod.Post,
            "/presign",
            new StringContent(Upload, Encoding.UTF8, "application/json"),
            authorization is null ? [] : [("authorization", authorization)]).ShouldBeError(401, code);

    [Fact]
    public async Task The_key_is_judged_before_the_body() =>
        _ = await server.PostPresign("{", key: "wrong").ShouldBeError(401, "invalid_api_key");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("\"upload\"")]
    [InlineData("null")]
    [InlineData("{\"action\":\"upload\"} {}")]
    [InlineData("{\"action\":\"upload\",}")]
    [InlineData("{\"action\":\"upload\",\"action\":\"download\"}")]
    [InlineData("{\"action\":\"upload\",\"x\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}")]
    public async Task What_is_not_one_json_object_is_refused(string body) =>
        _ = await server.PostPresign(body).ShouldBeError(400, "invalid_json");

    [Theory]
    [InlineData("{\"action\":\"upload\",\"blob\":\"x\"}", "blob_id")]
    [InlineData("{\"action\":\"upload\",\"expires\":60}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"Bucket\":\"photos\"}", "bucket")]
    [InlineData("{\"acton\":\"upload\"}", "action")]
    public async Task An_unknown_field_is_named_with_the_nearest_known_one(string body, string nearest)
    {
        var error = await server.PostPresign(body).ShouldBeError(400, "invalid_json");

        Assert.EndsWith($"the nearest known field is {nearest}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_field_like_none_is_told_which_there_are()
    {
        var error = await server.PostPresign("{\"action\":\"upload\",\"colour\":\"red\"}").ShouldBeError(400, "invalid_json");

        Assert.EndsWith(
            "the fields are action, blob_id, bucket, expires_in, response_content_type, response_content_disposition, "
                + "min_size, max_size, content_type, sha256, not_before, client_ip, once, chunks",
            error.GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "action")]
    [InlineData("{\"action\":1}", "action")]
    [InlineData("{\"action\":null}", "action")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":7}", "blob_id")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":\"\\ud800\"}", "blob_id")]
    [InlineData("{\"action\":\"upload\",\"bucket\":{}}", "bucket")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":\"60\"}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":0}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":-1}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":1.5}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":1e3}", "expires_in")]
    [InlineData("{\"action\":\"upload\",\"expires_in\":true}", "expires_in")]
    public async Task A_field_of_the_wrong_type_is_named(string body, string field)
    {
        var error = await server.PostPresign(body).ShouldBeError(400, "invalid_json");

        Assert.Contains($"the field {field} ", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"action\":\"steal\"}", "unknown_action")]
    [InlineData("{\"action\":\"UPLOAD\"}", "unknown_action")]
    [InlineData("{\"action\":\"\"}", "unknown_action")]
    [InlineData("{\"action\":\"download\"}", "missing_blob_id")]
    [InlineData("{\"action\":\"update\"}", "missing_blob_id")]
    [InlineData("{\"action\":\"delete\",\"blob_id\":null}", "missing_blob_id")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":\"\"}", "invalid_blob_id")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":\"../../etc/passwd\"}", "invalid_blob_id")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":\"01996168e738755296622041482b96c3\"}", "invalid_blob_id")]
    [InlineData("{\"action\":\"upload\",\"blob_id\":\"{01996168-e738-7552-9662-2041482b96c3}\"}", "invalid_blob_id")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"files\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"UPLOAD\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"../x\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"a.b\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"\\u212aelvin\"}", "invalid_bucket")]
    [InlineData("{\"action\":\"upload\",\"bucket\":\"0123456789012345678901234567890123456789012345678901234567890123\"}", "invalid_bucket")]
    public async Task A_value_that_is_none_is_refused_by_its_code(string body, string code) =>
        _ = await server.PostPresign(body).ShouldBeError(400, code);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    public async Task A_body_of_another_media_type_is_refused(string contentType) =>
        _ = await server.PostPresign(Upload, contentType: contentType).ShouldBeError(415, "unsupported_media_type");

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    [InlineData(null)]
    public async Task Json_may_be_named_in_any_way_or_not_at_all(string? contentType) =>
        _ = await server.PostPresign(Upload, contentType: contentType).ShouldBeOk();

    [Fact]
    public async Task A_body_whose_announced_length_is_too_large_is_refused_unread()
    {
        var answer = await RawClient.Ask(server, Head("content-length: 102401"));

        Assert.Contains("102400 bytes", answer.ShouldBeError(413, "payload_too_large").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunked_body_is_refused_as_soon_as_it_is_too_large()
    {
        using var client = await RawClient.Connect(server);
        await client.Send(Head("transfer-encoding: chunked"));
        await client.SendChunk(Answers.Bytes(102_401));

        (await client.ReadAnswer()).ShouldBeError(413, "payload_too_large");
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_read()
    {
        using var client = await RawClient.Connect(server);
        await client.Send(Head("content-length: 102400"));
        await client.Send(Upload.PadRight(102_400));

        Assert.Equal(200, (await client.ReadAnswer()).Status);
    }

    [Fact]
    public async Task A_body_that_does_not_come_in_time_is_a_timeout()
    {
        await using var own = await TestServer.Start();
        using var client = await RawClient.Connect(own);
        await client.Send(Head("content-length: 100") + "{");

        await Wait.Turning(own, TimeSpan.FromSeconds(10), () => client.HasNews, "the request is answered");

        (await client.ReadAnswer()).ShouldBeError(408, "request_timeout");
    }

    private static string Head(string header) =>
        RawClient.Head("POST", "/presign", $"authorization: Bearer {TestServer.ApiKey}", "content-type: application/json", header);
}
