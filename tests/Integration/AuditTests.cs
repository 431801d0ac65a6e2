using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>The audit log: who did what.</summary>
public sealed class AuditTests : IDisposable
{
    private const string MintKey = "key-of-the-shop-0001";
    private const string SpringSecret = "the-secret-of-spring";

    private static readonly string[] Told = ["action", "what", "outcome", "code", "key", "bucket", "blob_id", "bytes", "status"];

    private readonly AuditTrail trail = new();
    private int requests;

    [Fact]
    public async Task Each_deed_has_one_line_with_its_facts()
    {
        await using var server = await TestServer.Start(trail.Settings());
        var (one, many) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        string[] expected =
        [
            await Do("mint download done - default default {0} - 200", one, server, "POST", "/presign", $$"""{"action":"download","blob_id":"{{one}}"}"""),
            await Do("store blob done - - default {0} 70000 200", one, server, "POST", server.Signed("POST", $"/upload/{one}"), 70_000),
            await Do("store blob done - - default {0} 3 200", one, server, "PUT", server.Signed("PUT", $"/default/{one}"), 3),
            await Do("store chunk done - - north {0} 5 200", many, server, "POST", server.Signed("POST", $"/North/{many}"), 5, Chunk(1)),
            await Do("store chunk done - - north {0} 6 200", many, server, "POST", server.Signed("POST", $"/north/{many}"), 6, Chunk(2)),
            await Do("store merge done - - north {0} 11 200", many, server, "POST", server.Signed("POST", $"/north/{many}"), 0, Chunk(null)),
            await Do("store chunk done - - north {0} 5 200", many, server, "PUT", server.Signed("PUT", $"/north/{many}"), 5, Chunk(1)),
            await Do("delete blob done - - north {0} - 200", many, server, "DELETE", server.Signed("DELETE", $"/north/{many}")),
            await Do("delete chunks done - - north {0} - 200", many, server, "DELETE", server.Signed("DELETE", $"/north/{many}")),
            await Do("revoke bucket done - default north - - 200", many, server, "POST", "/admin/buckets/north/revoke"),
            await Do("delete bucket done - default north - - 200", many, server, "DELETE", "/admin/buckets/north"),
        ];
        await Untold(server, "GET", server.Signed("GET", $"/files/{one}"), 200);
        await Untold(server, "HEAD", server.Signed("GET", $"/files/{one}"), 200);
        await Untold(server, "GET", "/admin/stats", 200);
        await Untold(server, "GET", "/healthz", 200);

        await ShouldSay(server, expected);
    }

    [Fact]
    public async Task Each_refusal_has_one_line_that_says_why()
    {
        await using var server = await TestServer.Start(trail.Settings(
            ("max_data_rq_size", "100"), ("api_keys", $"shop:{MintKey}:presign+bucket=photos")));
        var (blob, lost) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await Do("", blob, server, "POST", server.Signed("POST", $"/upload/{blob}"), 3);
        string[] expected =
        [
            "store blob done - - default " + $"{blob} 3 200",
            await Do("mint - refused missing_api_key - - - - 401", blob, server, "POST", "/presign", """{"action":"upload"}""", key: null),
            await Do("mint - refused invalid_api_key - - - - 401", blob, server, "POST", "/admin/presign", """{"action":"upload"}""", key: "stranger"),
            await Do("mint - refused invalid_json default - - - 400", blob, server, "POST", "/presign", "{"),
            await Do("mint upload refused key_not_allowed shop default - - 403", blob, server, "POST", "/presign", """{"action":"upload"}""", key: MintKey),
            await Do("mint download refused invalid_rule default photos {0} - 400", blob, server, "POST", "/presign", $$"""{"action":"download","blob_id":"{{blob}}","bucket":"photos","not_before":99999999999}"""),
            await Do("store - refused missing_signature - default {0} - 401", blob, server, "POST", $"/upload/{blob}", 3),
            await Do("store - refused invalid_signature - default {0} - 401", blob, server, "PUT", server.Signed("POST", $"/upload/{blob}"), 3),
            await Do("store - refused link_expired - default {0} - 401", blob, server, "PUT", server.Signed("PUT", $"/upload/{blob}", -1), 3),
            await Do("store blob refused duplicate_blob - default {0} - 409", blob, server, "POST", server.Signed("POST", $"/upload/{blob}"), 3),
            await Do("store blob refused payload_too_large - default {0} - 413", lost, server, "POST", server.Signed("POST", $"/upload/{lost}"), 101),
            await Do("store merge refused chunks_missing - default {0} - 409", lost, server, "POST", server.Signed("POST", $"/upload/{lost}"), 0, Chunk(null)),
            await Do("store - refused invalid_blob_id - - - - 400", lost, server, "POST", "/default/no-id"),
            await Do("delete - refused no_such_blob - default {0} - 404", lost, server, "DELETE", server.Signed("DELETE", $"/files/{lost}")),
            await Do("delete - refused bucket_not_empty default default - - 409", lost, server, "DELETE", "/admin/buckets/default"),
            await Do("revoke - refused key_not_allowed shop photos - - 403", lost, server, "POST", "/admin/buckets/photos/revoke", key: MintKey),
            await Do("read - refused invalid_signature - default {0} - 401", blob, server, "GET", server.Signed("DELETE", $"/files/{blob}")),
            await Do("read - refused client_not_allowed - default {0} - 403", blob, server, "GET", server.SignedWith("GET", $"/files/{blob}", ("client_ip", "203.0.113.1"))),
            await Do("read - refused missing_signature - north {0} - 401", blob, server, "GET", $"/north/{blob}/chunks"),
            await Do("read - refused invalid_api_key - - - - 401", blob, server, "GET", "/admin/objects", key: "stranger"),
            await Do("read - refused key_not_allowed shop - - - 403", blob, server, "GET", "/admin/stats", key: MintKey),
            await Do("read - refused key_not_allowed shop - - - 403", blob, server, "GET", "/metrics", key: MintKey),
        ];
        await Untold(server, "GET", server.Signed("GET", $"/files/{lost}"), 404);
        await Untold(server, "GET", "/admin/buckets/nowhere", 404);
        await Untold(server, "POST", "/nowhere", 404);
        await Untold(server, "PATCH", $"/upload/{blob}", 405);
        await Untold(server, "OPTIONS", $"/upload/{blob}", 405);

        await ShouldSay(server, expected);
    }

    [Fact]
    public async Task A_line_has_the_names_of_keys_the_client_the_route_and_the_id_of_its_request()
    {
        await using var server = await TestServer.Start(trail.Settings(("signing_keys", $"spring:{SpringSecret}")));
        using var minted = await server.PostPresign("""{"action":"upload","bucket":"photos"}""");
        var json = JsonDocument.Parse(await minted.Content.ReadAsStringAsync()).RootElement;
        await server.Send(HttpMethod.Post, new Uri(json.GetProperty("url").GetString()!).PathAndQuery, new ByteArrayContent([1]), ("x-request-id", "<the+one>")).ShouldBeOk();
        await server.Send(HttpMethod.Post, $"/upload/{Guid.NewGuid()}?expires=1&kid=winter&sig=none", new ByteArrayContent([1])).ShouldBeError(401, "invalid_signature");

        var lines = await trail.Lines(3);

        Assert.Equal(["default", "spring", null], lines.Select(line => line.GetProperty("key").GetString()));
        Assert.Equal(server.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null), lines[1].GetProperty("time").GetString());
        Assert.Equal("127.0.0.1", lines[1].GetProperty("client").GetString());
        Assert.Equal("<the+one>", lines[1].GetProperty("request_id").GetString());
        Assert.Equal("POST", lines[1].GetProperty("method").GetString());
        Assert.Equal("/{bucket}/{blob_id}", lines[1].GetProperty("route").GetString());
        Assert.Equal(json.GetProperty("blob_id").GetString(), lines[1].GetProperty("blob_id").GetString());
    }

    [Fact]
    public async Task An_upload_whose_client_left_is_told_and_nothing_of_it_was_stored()
    {
        await using var server = await TestServer.Start(trail.Settings());
        var blob = Guid.CreateVersion7();
        using (var client = await RawClient.Connect(server))
        {
            await client.Send(RawClient.Head("POST", server.Signed("POST", $"/upload/{blob}"), "content-length: 100000"));
            await client.Send(Answers.Bytes(90_000));
            await Wait.Until(() => server.FilesUnder("tmp").Length == 1, "bytes are on the disk");
            client.Reset();
        }

        Assert.StartsWith($"store blob left - - default {blob} - ", Facts(Assert.Single(await trail.Lines(1))), StringComparison.Ordinal);
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task Lines_of_requests_at_once_are_whole_and_none_is_missing_or_twice()
    {
        await using var server = await TestServer.Start(trail.Settings());

        await Storm.Together(8, async client =>
        {
            for (var i = 0; i < 100; i++)
            {
                await server.Upload(Guid.CreateVersion7(), [1, 2, 3], ("x-request-id", $"{client}-{i}")).ShouldBeOk();
            }
        });

        var ids = (await trail.Lines(800)).Select(line => line.GetProperty("request_id").GetString()!);
        Assert.Equal(Enumerable.Range(0, 800).Select(i => $"{i / 100}-{i % 100}").Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_storm_on_all_routes_leaves_no_secret_signature_or_query()
    {
        await using var server = await TestServer.Start(trail.Settings(("signing_keys", $"spring:{SpringSecret}"), ("api_keys", $"shop:{MintKey}:presign")));
        var blob = Guid.CreateVersion7();
        string[] paths =
        [
            "/presign", "/admin/presign", $"/upload/{blob}", $"/files/{blob}", $"/north/{blob}", $"/north/{blob}/chunks", "/admin/stats", "/admin/buckets",
            "/admin/buckets/north", "/admin/buckets/north/revoke", "/admin/objects", "/admin/objects/north", "/healthz", "/readyz", "/.well-known/jwks.json",
        ];
        string[] methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
        var signatures = new List<string>();
        foreach (var path in paths)
        {
            foreach (var method in methods)
            {
                var target = server.SignedWith(method == "HEAD" ? "GET" : method, path, ("kid", method == "PUT" ? "spring" : $"a-secret-{TestServer.Secret}"));
                signatures.Add(target.Split("sig=")[1].TrimEnd('='));
                foreach (var key in new[] { TestServer.ApiKey, MintKey, "another-key-that-is-wrong" })
                {
                    (await server.Send(new HttpMethod(method), target, Json($$"""{"action":"{{TestServer.Secret}}"}"""), ("authorization", $"Bearer {key}"))).Dispose();
                }
            }
        }

        await server.PostPresign("[]", MintKey).ShouldBeError(400, "invalid_json");
        await Wait.Until(() => File.ReadAllText(trail.Path).Contains("\"invalid_json\"", StringComparison.Ordinal), "the last line is there");
        Assert.True(AuditTrail.Read(trail.Path).Length > 50);
        string[] secrets =
            ["sig=", "expires", "?", "Bearer", TestServer.ApiKey, MintKey, TestServer.Secret, SpringSecret, "another-key-that-is-wrong", .. signatures];
        var text = await File.ReadAllTextAsync(trail.Path);
        Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(0x180, (int)File.GetUnixFileMode(trail.Path));
    }

    [Fact]
    public async Task A_disk_without_room_fails_no_request_and_is_told_once()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["audit_log"] = "/dev/full" });

        for (var i = 0; i < 20; i++)
        {
            await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        }

        await Wait.Until(() => server.Server.Audit.Lost == 20, () => $"20 lines are counted, not {server.Server.Audit.Lost}");
        Assert.Contains("the audit log cannot be written", Assert.Single(server.Log.Problems), StringComparison.Ordinal);

        await server.Server.Audit.DisposeAsync();
        Assert.Equal(2, server.Log.Problems.Count);
        Assert.Contains("until the end; 20 lines are missing", server.Log.Problems[1], StringComparison.Ordinal);
    }

    public void Dispose() => trail.Dispose();

    private static (string, string)[] Chunk(int? index) =>
        [("x-upload-type", "chunked"), ("x-chunk-total", "2"), index is { } number ? ("x-chunk-index", $"{number}") : ("x-chunk-merge", "true")];

    private static StringContent Json(string json) => new(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

    private static string Facts(JsonElement line) => string.Join(
        ' ', Told.Select(name => line.GetProperty(name)).Select(
            value => value.ValueKind == JsonValueKind.Null ? "-" : value.ToString()));

    private Task<string> Do(
        string expected, Guid blob, TestServer server, string method, string target, string json = "", string? key = TestServer.ApiKey) =>
        Do(expected, blob, server, method, target, Json(json), key is null ? [] : [("authorization", $"Bearer {key}")]);

    private Task<string> Do(
        string expected, Guid blob, TestServer server, string method, string target, int bytes, params (string, string)[] headers) =>
        Do(expected, blob, server, method, target, new ByteArrayContent(Answers.Bytes(bytes)), headers);

    private async Task<string> Do(
        string expected, Guid blob, TestServer server, string method, string target, HttpContent body, (string, string)[] headers)
    {
        using var answer = await server.Send(new HttpMethod(method), target, body, [.. headers, ("x-request-id", $"{++requests:d3}")]);
        Assert.True(expected.Length == 0 || expected.EndsWith($" {(int)answer.StatusCode}", StringComparison.Ordinal), $"{expected}: {await answer.Content.ReadAsStringAsync()}");
        return string.Format(null, expected, blob);
    }

    private async Task Untold(TestServer server, string method, string target, int status)
    {
        using var answer = await server.Send(
            new HttpMethod(method), target, null, ("authorization", $"Bearer {TestServer.ApiKey}"), ("x-request-id", $"{++requests:d3}"));
        Assert.Equal(status, (int)answer.StatusCode);
    }

    /// <summary>The lines are these and one of a last request, behind which no other comes.</summary>
    private async Task ShouldSay(TestServer server, string[] expected)
    {
        var last = await Do("mint - refused invalid_json default - - - 400", Guid.Empty, server, "POST", "/presign", "[]");
        var lines = (await trail.Lines(expected.Length + 1)).OrderBy(line => line.GetProperty("request_id").GetString(), StringComparer.Ordinal);
        Assert.Equal([.. expected, last], lines.Select(Facts));
    }
}
