using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>A server with a key of each kind, for tests that only look.</summary>
public sealed class ScopedServer : IAsyncLifetime
{
    private TestServer? server;

    internal TestServer Server => server ?? throw new InvalidOperationException("the server has not started");

    /// <summary>Of each key its name is the beginning of its text.</summary>
    internal static string Key(string name) => $"{name}-key-of-the-tests";

    public async Task InitializeAsync()
    {
        server = await TestServer.Start(new Dictionary<string, string>
        {
            ["api_keys"] = string.Join('\n', new[]
            {
                ("mint", "presign"), ("ops", "admin"), ("both", "presign+admin"), ("photos", "bucket=photos"), ("two", "bucket=Photos+bucket=docs"),
                ("mint-photos", "presign+bucket=photos"), ("ops-photos", "admin+bucket=photos"), ("both-photos", "bucket=photos+admin+presign"),
            }.Select(key => $"{key.Item1}:{Key(key.Item1)}:{key.Item2}")),
        });
        await server.Do("POST", $"/photos/{Guid.CreateVersion7()}", [1]).ShouldBeOk();
        await server.Do("POST", $"/docs/{Guid.CreateVersion7()}", [2]).ShouldBeOk();
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>Each kind of key on each route: what its scopes permit, and 403 for all else.</summary>
public sealed class ScopeTests(ScopedServer scoped) : IClassFixture<ScopedServer>
{
    private static readonly string[] Routes =
    [
        "mint photos", "mint docs", "mint default", "GET /admin/stats", "GET /admin/buckets", "GET /admin/objects", "GET /admin/buckets/photos",
        "GET /admin/buckets/docs", "GET /admin/objects/photos", "GET /admin/objects/docs", "POST /admin/buckets/photos/revoke",
        "POST /admin/buckets/docs/revoke", "DELETE /admin/buckets/photos", "DELETE /admin/buckets/docs",
    ];

    private readonly TestServer server = scoped.Server;

    /// <summary>One column for each of the routes above, in their order: + is permitted.</summary>
    [Theory]
    [InlineData("mint", "+++ --- -- -- -- --")]
    [InlineData("ops", "--- +++ ++ ++ ++ ++")]
    [InlineData("both", "+++ +++ ++ ++ ++ ++")]
    [InlineData("photos", "+-- --- +- +- +- --")]
    [InlineData("two", "++- --- ++ ++ ++ --")]
    [InlineData("mint-photos", "+-- --- -- -- -- --")]
    [InlineData("ops-photos", "--- --- +- +- +- +-")]
    [InlineData("both-photos", "+-- --- +- +- +- +-")]
    public async Task A_key_may_what_its_scopes_say_and_nothing_else(string name, string table)
    {
        var permitted = new StringBuilder();
        foreach (var route in Routes)
        {
            using var answer = await Ask(route, ScopedServer.Key(name));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal((int)answer.StatusCode == 403, text.Contains("\"key_not_allowed\"", StringComparison.Ordinal));
            Assert.False((int)answer.StatusCode is 400 or 401 or 404 or 405, $"{route}: {text}");
            _ = permitted.Append((int)answer.StatusCode == 403 ? '-' : '+');
        }

        Assert.Equal(table.Replace(" ", "", StringComparison.Ordinal), permitted.ToString());
    }

    [Fact]
    public async Task The_key_without_a_list_still_may_everything_beside_the_list()
    {
        foreach (var route in Routes)
        {
            using var answer = await Ask(route, TestServer.ApiKey);
            Assert.NotEqual(403, (int)answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("/presign")]
    [InlineData("/admin/presign")]
    public async Task Whether_a_key_may_mint_at_all_is_judged_before_the_body(string route)
    {
        await Post(route, "{", "ops").ShouldBeError(403, "key_not_allowed");
        await Post(route, "{", "mint").ShouldBeError(400, "invalid_json");
        await Post(route, "{", "photos").ShouldBeError(400, "invalid_json");
        await Post(route, """{"action":"upload"}""", "photos").ShouldBeError(403, "key_not_allowed");
        await Post(route, """{"action":"upload","bucket":"PHOTOS"}""", "photos").ShouldBeOk();
    }

    [Fact]
    public async Task A_key_learns_nothing_of_buckets_that_are_none_of_its_own()
    {
        foreach (var bucket in new[] { "docs", "no-such-bucket" })
        {
            await Ask($"GET /admin/buckets/{bucket}", ScopedServer.Key("photos")).ShouldBeError(403, "key_not_allowed");
            await Ask($"GET /admin/objects/{bucket}?nonsense=1", ScopedServer.Key("photos")).ShouldBeError(403, "key_not_allowed");
            await Ask($"DELETE /admin/buckets/{bucket}", ScopedServer.Key("ops-photos")).ShouldBeError(403, "key_not_allowed");
        }

        await Ask("GET /admin/buckets/no-such-bucket", ScopedServer.Key("ops")).ShouldBeError(404, "no_such_bucket");
        await Ask("GET /admin/objects/photos?nonsense=1", ScopedServer.Key("photos")).ShouldBeError(400, "unknown_parameter");
    }

    private Task<HttpResponseMessage> Post(string route, string json, string key) => server.Send(
        HttpMethod.Post, route, new StringContent(json, Encoding.UTF8, "application/json"), ("authorization", $"Bearer {ScopedServer.Key(key)}"));

    private Task<HttpResponseMessage> Ask(string route, string key) => route.Split(' ') switch
    {
        ["mint", var bucket] => server.PostPresign($$"""{"action":"upload","bucket":"{{bucket}}"}""", key),
        [var method, var target] => server.Send(new HttpMethod(method), target, null, ("authorization", $"Bearer {key}")),
        _ => throw new InvalidOperationException(route),
    };
}
