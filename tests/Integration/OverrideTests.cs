using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class OverrideTests(SharedServer shared) : IClassFixture<SharedServer>, IAsyncLifetime
{
    private const string Type = "response_content_type";
    private const string Disposition = "response_content_disposition";

    private readonly TestServer server = shared.Server;
    private readonly Guid id = Guid.CreateVersion7();

    private string Path => $"/files/{id}";

    public async Task InitializeAsync() =>
        _ = await server.Upload(id, [1, 2, 3], ("content-type", "image/png"), ("content-disposition", "inline; filename=own.png")).ShouldBeOk();

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("attachment; filename=\"a|b=c&d%e+f.txt\"")]
    [InlineData("attachment; filename*=UTF-8''%e2%82%ac%20rates.txt")]
    [InlineData("a?b#c/d:e@f!g$h'i(j)*k,l;m[n]o\\p^q`r{s}t~u<v>w")]
    [InlineData("%41%zz%")]
    [InlineData("+ + +")]
    [InlineData("&sig=x&expires=9")]
    [InlineData("x|response_content_type=text/html")]
    public async Task A_minted_value_comes_back_byte_for_byte(string value)
    {
        var target = await Mint(server, new { action = "download", blob_id = id, response_content_disposition = value, response_content_type = value });

        var answer = await Get(target);

        Assert.Equal(200, answer.Status);
        Assert.Equal(value, answer.Header("content-disposition"));
        Assert.Equal(value, answer.Header("content-type"));
        Assert.Equal([1, 2, 3], answer.Body);
    }

    [Fact]
    public async Task One_override_leaves_the_other_header_as_it_was_uploaded()
    {
        var typed = await Get(await Mint(server, new { action = "download", blob_id = id, response_content_type = "text/csv" }));
        var named = await Get(await Mint(server, new { action = "download", blob_id = id, response_content_disposition = "attachment" }));
        var plain = await Get(await Mint(server, new { action = "download", blob_id = id, response_content_disposition = "", response_content_type = (string?)null }));

        Assert.Equal(("text/csv", "inline; filename=own.png"), Content(typed));
        Assert.Equal(("image/png", "attachment"), Content(named));
        Assert.Equal(("image/png", "inline; filename=own.png"), Content(plain));
    }

    [Fact]
    public async Task An_override_also_names_the_parts_of_a_multipart_body_and_works_in_a_bucket()
    {
        await server.Do("POST", $"/photos/{id}", [1, 2, 3]).ShouldBeOk();
        var target = await Mint(server, new { action = "download", bucket = "photos", blob_id = id, response_content_type = "text/csv" });

        var answer = await RawClient.Ask(server, RawClient.Head("GET", target, "range: bytes=0-0,2-2"));

        Assert.Equal(206, answer.Status);
        Assert.Equal(2, answer.Text.Split("Content-Type: text/csv\r\n").Length - 1);
    }

    [Theory]
    [InlineData("upload")]
    [InlineData("update")]
    [InlineData("delete")]
    [InlineData("status")]
    public async Task Overrides_are_minted_for_downloads_only_and_refused_elsewhere(string action)
    {
        await server.PostPresign($$"""{"action":"{{action}}","blob_id":"{{id}}","{{Type}}":"text/csv"}""").ShouldBeError(400, "invalid_json");
        var (method, path) = action switch
        {
            "upload" => ("POST", $"/upload/{id}"),
            "update" => ("PUT", $"/upload/{id}"),
            "delete" => ("DELETE", Path),
            _ => ("GET", $"/upload/{id}"),
        };
        (await Get(Signed(method, path, (Type, "text/csv")), method)).ShouldBeError(400, "unknown_parameter");
    }

    [Theory]
    [InlineData("naïve")]
    [InlineData("€")]
    [InlineData("a\r\nset-cookie: b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a\t")]
    public async Task A_value_that_could_break_a_header_or_be_trimmed_on_the_way_is_refused_at_mint_and_again_at_verification(string value)
    {
        foreach (var name in new[] { Type, Disposition })
        {
            await server.PostPresign(
                JsonSerializer.Serialize(new Dictionary<string, string> { ["action"] = "download", ["blob_id"] = $"{id}", [name] = value }))
                .ShouldBeError(400, "invalid_header");
            (await Get(Signed("GET", Path, (name, value)))).ShouldBeError(400, "invalid_header");
        }
    }

    [Fact]
    public async Task The_longest_values_are_minted_and_served_whatever_is_encoded_in_them_and_longer_ones_are_refused()
    {
        var (longest, bucket) = (new string('"', ContentHeaders.MaxLength), new string('b', 63));
        await server.Do("POST", $"/{bucket}/{id}", [1, 2, 3]).ShouldBeOk();

        var answer = await Get(await Mint(server, new { action = "download", bucket, blob_id = id, response_content_disposition = longest, response_content_type = longest }));

        Assert.Equal((200, longest, longest), (answer.Status, answer.Header("content-disposition"), answer.Header("content-type")));
        await server.PostPresign(JsonSerializer.Serialize(new { action = "download", blob_id = id, response_content_type = longest + "x" }))
            .ShouldBeError(400, "invalid_header");
        (await Get(Signed("GET", Path, (Disposition, longest + "x")))).ShouldBeError(400, "invalid_header");
    }

    [Fact]
    public async Task No_character_of_a_parameter_can_be_changed_and_none_added_or_left_out()
    {
        var target = Signed("GET", Path, (Disposition, "attachment"), (Type, "text/csv"));
        _ = (await Get(target)).Body.Single(b => b == 2);
        var (from, to) = (target.IndexOf('&', StringComparison.Ordinal) + 1, target.IndexOf("&sig=", StringComparison.Ordinal));
        foreach (var i in Enumerable.Range(from, to - from))
        {
            var tampered = target[..i] + (target[i] == 'a' ? 'b' : 'a') + target[(i + 1)..];
            (await Get(tampered)).ShouldBeError(401, "invalid_signature");
        }

        var parameters = target[(from - 1)..to].Split('&', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(parameters, parameter => Assert.NotEqual(target, target.Replace($"&{parameter}", "", StringComparison.Ordinal)));
        foreach (var wrong in parameters.Select(parameter => target.Replace($"&{parameter}", "", StringComparison.Ordinal))
            .Concat(parameters.Select(parameter => $"{target}&{parameter}"))
            .Append($"{target}&x=1").Append($"{target}&{Type}=text/csv").Append($"{target}&"))
        {
            (await Get(wrong)).ShouldBeError(401, "invalid_signature");
        }
    }

    [Fact]
    public async Task Order_and_spelling_of_parameters_do_not_matter()
    {
        var target = Signed("GET", Path, (Disposition, "attachment"), (Type, "text/csv"));
        var (path, query) = (target.Split('?')[0], target.Split('?')[1].Split('&'));

        Assert.Equal(("text/csv", "attachment"), Content(await Get($"{path}?{string.Join('&', query.Reverse())}")));
        Assert.Equal(("text/csv", "attachment"), Content(await Get(target.Replace("%2F", "/", StringComparison.Ordinal))));
        Assert.Equal(("text/csv", "attachment"), Content(await Get(target.Replace("=attachment", "=%61ttachment", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task An_empty_value_is_under_the_signature_and_overrides_nothing()
    {
        var target = Signed("GET", Path, (Disposition, ""));

        Assert.Equal(("image/png", "inline; filename=own.png"), Content(await Get(target)));
        (await Get(target.Replace($"&{Disposition}=", "", StringComparison.Ordinal))).ShouldBeError(401, "invalid_signature");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("response_cache_control")]
    [InlineData("response_content_types")]
    public async Task An_unknown_parameter_is_refused_also_under_a_valid_signature_but_not_before_it(string name)
    {
        (await Get(Signed("GET", Path, (name, "1")))).ShouldBeError(400, "unknown_parameter");
        (await Get(server.Signed("GET", Path) + $"&{name}=1")).ShouldBeError(401, "invalid_signature");
    }

    private static (string?, string?) Content(RawAnswer answer) => (answer.Header("content-type"), answer.Header("content-disposition"));

    private static async Task<string> Mint(TestServer server, object request)
    {
        var url = (await server.PostPresign(JsonSerializer.Serialize(request)).ShouldBeOk()).GetProperty("url").GetString()!;
        return url[url.IndexOf('/', "http://".Length)..];
    }

    /// <summary>Signed by Core alone, which looks at no value: who mints offline can sign anything.</summary>
    private string Signed(string method, string path, params (string Name, string Value)[] parameters) =>
        Presign.UrlOf(
            SigningKey.FromSecret(TestServer.Secret),
            "",
            new Claim(method, path, server.Now.Plus(600), toSeq(parameters.Select(one => new SignedParameter(one.Name, one.Value)).ToArray())));

    private Task<RawAnswer> Get(string target, string method = "GET") =>
        RawClient.Ask(server, RawClient.Head(method, target, "content-length: 0"));
}
