using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Observe;

/// <summary>A page of metrics as it was served.</summary>
internal sealed partial record Scrape(string Text)
{
    /// <summary>The value of a series, written as the page has it but for braces without labels; null where there is none.</summary>
    public double? this[string series] =>
        Series().Matches(Text).Select(match => match.Groups).Where(line => line[1].Value + Labels(line[2].Value) == series)
            .Select(line => (double?)double.Parse(line[3].Value, CultureInfo.InvariantCulture)).SingleOrDefault();

    /// <summary>The names of all series.</summary>
    public IReadOnlyList<string> Names => [.. Series().Matches(Text).Select(match => match.Groups[1].Value).Distinct()];

    /// <summary>How many requests were answered so.</summary>
    public double? Requests(string method, string route, int status) =>
        this[$"http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_response_status_code=\"{status}\",http_route=\"{route}\"}}"];

    /// <summary>The page that the server shows under the API key.</summary>
    public static async Task<Scrape> Of(TestServer server)
    {
        using var answer = await server.AskAdmin("GET", "/metrics");
        Assert.Equal(200, (int)answer.StatusCode);
        return new Scrape(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The first page of which the condition holds: a request is counted when it has ended, and so after its client has the answer.</summary>
    public static async Task<Scrape> When(TestServer server, Func<Scrape, bool> condition, Action? meanwhile = null)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (true)
        {
            var page = await Of(server);
            if (condition(page))
            {
                return page;
            }

            Assert.True(Environment.TickCount64 < deadline, $"waited in vain for a page that fits; the last one:\n{page.Text}");
            meanwhile?.Invoke();
            await Task.Delay(5);
        }
    }

    /// <summary>A client of what listens at an address, by TCP or on a Unix socket.</summary>
    public static HttpClient ClientOf(string address) => address.Split("unix:") is [_, var path]
        ? new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://localhost") }
        : new HttpClient { BaseAddress = new Uri(address) };

    private static string Labels(string written) => written == "{}" ? "" : written;

    [GeneratedRegex(@"^([a-z_0-9]+)(\{.*\})? ([-+0-9.eE]+|NaN|[-+]Inf)$", RegexOptions.Multiline)]
    private static partial Regex Series();
}
