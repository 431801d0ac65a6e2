using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>The command that says why a URL is refused: its exit codes, its report, and what it keeps to itself.</summary>
public sealed class ExplainCommandTests
{
    private const string Secret = "a secret of 16 and more";
    private const string Path = "/docs/01996168-e738-7552-9662-2041482b96c3";
    private const long Expires = 1_758_276_788;

    private static readonly string Wide = Presign.UrlOf(
        SigningKey.FromSecret(Secret), "https://blobs.example.com", new Claim("POST", Path, new(Expires), Seq1(new SignedParameter("max_size", "9"))));

    private static readonly string Narrow = Narrowing.Narrow(
        Wide, new Rule.Expires(new(Expires - 60)), new Rule.MaxSize(5)).IfLeft("");

    private static Task<Ended> Run(params string[] args) => ServerProcess.Run(["explain", $"--presign-hmac-secret={Secret}", .. args]);

    [Fact]
    public async Task A_url_that_would_be_accepted_ends_with_0_and_says_what_it_is_for()
    {
        var ended = await Run(Narrow, "--at", $"{Expires - 100}");

        Assert.Equal(0, ended.Code);
        Assert.Equal(
            [
                "action: upload", "bucket: docs", "blob: 01996168-e738-7552-9662-2041482b96c3", "expires: 2025-09-19T10:13:08Z, in 1 min 40 s",
                "key: the default key",
                "epoch: 0; that of its bucket: 0 (assumed: there is no data_dir to look it up in)", "rule: max_size=9", $"level 1: expires={Expires - 60} (2025-09-19T10:12:08Z), max_size=5",
                "method: POST", "signed for: POST", "result: it would be accepted",
            ],
            ended.Output);
        Assert.Empty(ended.Errors);
    }

    [Fact]
    public async Task A_url_that_would_be_refused_ends_with_1_and_all_reasons_and_shows_neither_query_nor_secret()
    {
        var ended = await Run(Narrow.Replace("/docs/", "/DOCS/", StringComparison.Ordinal), "--method=put", "--epoch=2", $"--at={Expires + 1}");

        Assert.Equal(1, ended.Code);
        Assert.Equal(
            ["invalid_signature", "link_revoked", "link_expired", "link_expired"],
            ended.Output.Where(line => line.StartsWith("refused: ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1].TrimEnd(':')).ToArray());
        Assert.Contains(ended.Output, line => line.EndsWith("(it was signed for POST on the same path in other upper and lower case)", StringComparison.Ordinal));
        Assert.Equal("result: it would be refused with invalid_signature", ended.Output[^1]);
        Assert.All(ended.Output.Concat(ended.Errors), line => Assert.False(
            line.Contains(Narrow[^44..], StringComparison.Ordinal) || line.Contains("sig=", StringComparison.Ordinal) || line.Contains(Secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_url_may_come_on_standard_input()
    {
        await using var process = ServerProcess.Launch(
            ["explain", "-", $"--at={Expires}"], new Dictionary<string, string> { ["PRESIGN_HMAC_SECRET"] = Secret, ["URL"] = Wide },
            ["sh", "-c", "printf '%s\\n' \"$URL\" | \"$@\"", "sh"]);

        var ended = await process.End();

        Assert.Equal((0, "result: it would be accepted"), (ended.Code, ended.Output[^1]));
    }

    [Fact]
    public async Task A_rule_on_addresses_needs_the_client_that_is_meant()
    {
        var url = Narrowing.Narrow(Wide, new Rule.ClientIp(ClientRange.Parse("192.0.2.0/24").IfNone(() => throw new InvalidOperationException("a range")))).IfLeft("");

        var (inside, nobody) = (await Run(url, $"--at={Expires}", "--client=::ffff:192.0.2.7"), await Run(url, $"--at={Expires}"));

        Assert.Equal((0, 1), (inside.Code, nobody.Code));
        Assert.Contains(nobody.Output, line => line.StartsWith("refused: client_not_allowed: ", StringComparison.Ordinal) && line.EndsWith("(no --client was given)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("explain needs a <url>", "--method=GET")]
    [InlineData("explain takes one <url>", "/hidden-value", "/hidden-value")]
    [InlineData("the flag --epoch needs a whole number", "/hidden-value", "--epoch=-1")]
    [InlineData("the flag --at needs a time in Unix seconds", "/hidden-value", "--at=now")]
    [InlineData("the flag --client needs an address", "/hidden-value", "--client=hidden-value")]
    [InlineData("the flag --method needs an HTTP method", "/hidden-value", "--method=")]
    [InlineData("the flag --cors-origins is not known to explain", "/hidden-value", "--cors-origins=hidden-value")]
    public async Task A_command_line_that_makes_no_sense_ends_with_2_and_shows_no_value(string problem, params string[] args)
    {
        var ended = await Run(args);

        Assert.Equal(2, ended.Code);
        Assert.StartsWith($"borderless-web: {problem}", ended.Errors[0], StringComparison.Ordinal);
        Assert.Equal("borderless-web explain --help lists what there is", ended.Errors[1].Replace("borderless-web: ", "", StringComparison.Ordinal));
        Assert.DoesNotContain(ended.Errors, line => line.Contains("hidden-value", StringComparison.Ordinal));
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task Without_a_secret_nothing_can_be_judged()
    {
        var ended = await ServerProcess.Run(["explain", Wide]);

        Assert.Equal(2, ended.Code);
        Assert.Contains("presign_hmac_secret", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_explains_each_flag()
    {
        var ended = await ServerProcess.Run(["explain", "--help"]);

        Assert.Equal(0, ended.Code);
        Assert.All(["<url>", "--method", "--client", "--epoch", "--at", "--config", "--presign-hmac-secret"], word =>
            Assert.Contains(ended.Output, line => line.TrimStart().StartsWith(word + " ", StringComparison.Ordinal)));
    }
}
