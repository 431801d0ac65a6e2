using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Whose request it is behind proxies, as the rule on addresses judges it.</summary>
public sealed class ClientsTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Theory]
    [InlineData("127.0.0.0/8", true, "192.0.2.7")]
    [InlineData("127.0.0.0/8", true, "198.51.100.1, 192.0.2.7")]
    [InlineData("127.0.0.0/8", true, "198.51.100.1", "192.0.2.7:4711, 127.0.0.2")]
    [InlineData("127.0.0.0/8", false, "192.0.2.7, 198.51.100.1")]
    [InlineData("127.0.0.0/8", false, "192.0.2.7", "198.51.100.1")]
    [InlineData("127.0.0.0/8", false, "192.0.2.7, unknown")]
    [InlineData("127.0.0.0/8", false)]
    [InlineData("10.0.0.0/8, unix:", false, "192.0.2.7")]
    [InlineData(TestServer.NotSet, false, "192.0.2.7")]
    public async Task A_rule_on_addresses_judges_the_client_that_a_trusted_proxy_names(string trusted, bool permitted, params string[] lines)
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["trusted_proxies"] = trusted });
        await ShouldBePermitted(server, permitted, lines);
    }

    [Theory]
    [InlineData("unix:", true, "192.0.2.7")]
    [InlineData("unix:", false, "192.0.2.7, 198.51.100.1")]
    [InlineData("unix:", false)]
    [InlineData("127.0.0.1", false, "192.0.2.7")]
    [InlineData(TestServer.NotSet, false, "192.0.2.7")]
    public async Task On_a_unix_socket_only_what_a_trusted_peer_says_is_an_address(string trusted, bool permitted, params string[] lines)
    {
        await using var server = await TestServer.Start(
            new Dictionary<string, string> { ["ip_addr"] = $"unix:{directory.At("http.sock")}", ["trusted_proxies"] = trusted });
        await ShouldBePermitted(server, permitted, lines);
    }

    public void Dispose() => directory.Dispose();

    private static async Task ShouldBePermitted(TestServer server, bool permitted, string[] lines)
    {
        var url = server.SignedWith("GET", $"/files/{Guid.CreateVersion7()}", ("client_ip", "192.0.2.7"));
        var answer = server.Send(HttpMethod.Get, url, null, [.. lines.Select(line => ("x-forwarded-for", line))]);
        await (permitted ? answer.ShouldBeError(404, "no_such_blob") : answer.ShouldBeError(403, "client_not_allowed"));
    }
}
