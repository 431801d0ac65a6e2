using System.Text.RegularExpressions;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed partial class RequestLogTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("!\"#$%&'()*+,-./0189:;<=>?@AZ[\\]^_`az{|}~")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456x")]
    public async Task A_request_id_of_visible_ascii_is_taken_over(string id)
    {
        await using var server = await TestServer.Start();

        var answer = await RawClient.Ask(server, RawClient.Head("GET", "/nothing", $"x-request-id: {id}"));

        Assert.Equal(id, answer.ShouldBeError(404, "no_such_route").GetProperty("request_id").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("a\u001b[31mb")]
    [InlineData("\u00e9")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456xy")]
    public async Task Any_other_request_id_is_replaced(string id)
    {
        await using var server = await TestServer.Start();

        var answer = await RawClient.Ask(server, RawClient.Head("GET", "/nothing", $"x-request-id: {id}"));

        Assert.Matches("^[0-9a-f]{32}$", answer.ShouldBeError(404, "no_such_route").GetProperty("request_id").GetString());
    }

    [Fact]
    public async Task Every_answer_has_an_id_and_no_two_the_same()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        HttpResponseMessage[] answers =
        [
            await server.PostPresign("""{"action":"upload"}"""),
            await server.PostPresign("{"),
            await server.Upload(blob, [1]),
            await server.Upload(blob, [1]),
            await server.Merge(Guid.CreateVersion7(), 3),
            await server.Download(blob),
            await server.Send(HttpMethod.Head, server.Signed("GET", $"/files/{blob}")),
            await server.Send(HttpMethod.Get, "/healthz"),
            await server.Send(HttpMethod.Put, "/healthz"),
        ];

        Assert.Equal(answers.Length, answers.Select(answer => answer.Headers.GetValues("x-request-id").Single()).Distinct().Count());
        answers.Iter(answer => answer.Dispose());
    }

    [Fact]
    public async Task Each_request_has_one_line_with_all_that_there_is_to_tell()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Upload(blob, Answers.Bytes(70_000), ("x-request-id", "up-1")).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(Answers.Bytes(70_000));

        var upload = Line().Match(Assert.Single(await LinesOf(server, $"/upload/{blob}")));
        var download = Line().Match(Assert.Single(await LinesOf(server, $"/files/{blob}")));

        Assert.Equal(["POST", $"/upload/{blob}", "200", "70000", "up-1"], Values(upload, "method", "path", "status", "in", "id"));
        Assert.Equal(["GET", $"/files/{blob}", "200", "0", "70000"], Values(download, "method", "path", "status", "in", "out"));
        Assert.True(int.Parse(upload.Groups["out"].Value, null) > 100);
    }

    [Fact]
    public async Task A_path_that_never_ends_is_cut_in_the_log()
    {
        await using var server = await TestServer.Start();

        await server.Send(HttpMethod.Get, "/" + new string('a', 5000)).ShouldBeError(404, "no_such_route");

        Assert.InRange((await LinesOf(server, "/aaaa"))[0].Length, 256, 400);
    }

    [Fact]
    public async Task A_busy_run_never_logs_a_secret_a_signature_or_a_query()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["max_data_rq_size"] = "100000", ["verbose"] = "true" });
        var blob = Guid.CreateVersion7();
        var links = new[] { server.Signed("POST", $"/upload/{blob}"), server.Signed("GET", $"/files/{blob}"), server.Signed("GET", $"/Files/{blob}") };
        foreach (var link in links)
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Post, HttpMethod.Put, HttpMethod.Options })
            {
                (await server.Send(method, link, method == HttpMethod.Post ? new ByteArrayContent(Answers.Bytes(50_000)) : null)).Dispose();
                (await server.Send(method, link + "&x=1")).Dispose();
            }
        }

        (await server.PostPresign("""{"action":"upload"}""")).Dispose();
        (await server.PostPresign($$"""{"action":"{{TestServer.Secret}}"}""")).Dispose();
        (await server.PostPresign("{}", key: "another-key-that-is-wrong")).Dispose();
        (await RawClient.Ask(server, RawClient.Head("POST", server.Signed("POST", $"/upload/{Guid.NewGuid()}"), "content-length: 100001"))).ShouldBeError(413, "payload_too_large");
        await RawClient.Ask(server, $"GET {links[1]} HTTP/1.1\r\nbroken\r\n\r\n");
        using (var client = await RawClient.Connect(server))
        {
            await client.Send(RawClient.Head("POST", server.Signed("POST", "/upload/01996168-e738-7552-9662-2041482b96c3"), "content-length: 100000"));
            await client.Send(Answers.Bytes(90_000));
            await Wait.Until(() => server.FilesUnder("tmp").Length == 1, "bytes are on the disk");
            client.Reset();
        }

        await LinesOf(server, "/upload/01996168-e738-7552-9662-2041482b96c3");
        string[] secrets =
        [
            "sig=", "expires=", "x=1", "?", TestServer.ApiKey, TestServer.Secret, "another-key-that-is-wrong",
            .. links.Select(link => link.Split("sig=")[1].TrimEnd('=')),
        ];
        Assert.True(server.Log.Lines.Count >= 34, $"{server.Log.Lines.Count} lines");
        Assert.All(server.Log.Lines, line => Assert.DoesNotContain(secrets, secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
        Assert.Empty(server.Log.Problems);
    }

    [GeneratedRegex(@"^Information (?<method>[A-Z]+) (?<path>/\S*) (?<status>\d+) (?<ms>\d+\.\d) ms, in (?<in>\d+), out (?<out>\d+) \[(?<id>\S+)\]$")]
    private static partial Regex Line();

    private static string[] Values(Match line, params string[] names) => [.. names.Select(name => line.Groups[name].Value)];

    /// <summary>The answer is out a moment before its line is written.</summary>
    private static async Task<string[]> LinesOf(TestServer server, string path)
    {
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains(path, StringComparison.Ordinal)), $"{path} is logged");
        return [.. server.Log.Lines.Where(line => line.Contains(path, StringComparison.Ordinal)).Select(line => line.Replace("\"", "", StringComparison.Ordinal).TrimEnd())];
    }

    [Fact]
    public async Task What_would_steer_a_terminal_is_not_logged()
    {
        await using var server = await TestServer.Start();

        _ = await RawClient.Ask(server, RawClient.Head("GET", "/\u001b[31mred"));

        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("[31mred", StringComparison.Ordinal)), "the line is there");
        Assert.DoesNotContain(server.Log.Lines, line => line.Any(char.IsControl));
    }
}
