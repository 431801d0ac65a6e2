using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Borderless.Web.Http;
using Borderless.Web.Tls;

namespace Borderless.Web.Start;

/// <summary>What came of asking: whether the server is ready, and one line that says so or what is wrong.</summary>
internal sealed record Condition(bool Ready, string Line);

/// <summary>Asks a server on this machine whether it is ready, as a container's health check does.</summary>
internal static class HealthCommand
{
    private const int LongestAnswer = 64 << 10;

    /// <summary>Asks; and where that fails, a second time by plain HTTP instead of TLS or the other way round, to say why.</summary>
    /// <param name="listen">Where the server listens.</param>
    /// <param name="tls">Whether it serves TLS there.</param>
    /// <param name="timeout">How long it may take, connecting included.</param>
    public static Task<Condition> Ask(ListenAddress listen, bool tls, TimeSpan timeout) => listen switch
    {
        ListenAddress.Tcp { Port: 0 } => Task.FromResult(
            new Condition(false, $"ip_addr {listen} means any free port: set the one that the server listens on")),
        ListenAddress.Tcp tcp => Ask(new Place($"{Target(tcp)}", $"{Target(tcp)}", () => new SocketsHttpHandler(), NoAnswer.At(tcp)), tls, timeout),
        ListenAddress.UnixSocket unix => Ask(new Place($"{unix}", "localhost", () => Through(unix), NoAnswer.At(unix)), tls, timeout),
        _ => throw new InvalidOperationException("an address of no known kind"),
    };

    /// <summary>An address to connect to: who listens on all is there on loopback too, and so is who listens on <c>localhost</c>.</summary>
    internal static IPEndPoint Target(ListenAddress.Tcp listen) => new(
        listen.Host.Match(
            Some: address => address.Equals(IPAddress.Any) ? IPAddress.Loopback
                : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
                : address,
            None: () => IPAddress.Loopback),
        listen.Port);

    private static SocketsHttpHandler Through(ListenAddress.UnixSocket unix) => new()
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(unix.Path), stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static async Task<Condition> Ask(Place place, bool tls, TimeSpan timeout)
    {
        using var stop = new CancellationTokenSource(timeout);
        try
        {
            using var http = Client(place);
            using var answer = await http.GetAsync(place.Ready(tls), stop.Token);
            return (await Said(answer.Content)).Match(
                Some: ours => ours.Success && answer.StatusCode == HttpStatusCode.OK
                    ? new Condition(true, $"ready at {place.Name}")
                    : new Condition(false, $"not ready at {place.Name}: status {(int)answer.StatusCode}, {Printable.Text(ours.Message)}"),
                None: () => new Condition(false, $"not ready at {place.Name}: {NoAnswer.Stranger}"));
        }
        catch (OperationCanceledException)
        {
            return new Condition(false, $"not ready at {place.Name}: no answer within {timeout.TotalSeconds} s");
        }
        catch (HttpRequestException error)
        {
            var reason = place.NotReached(error).Case as string
                ?? (IsStrange(error) ? NoAnswer.Stranger : null)
                ?? (await Answers(place, !tls, stop.Token) ? NoAnswer.Otherwise(tls) : Printable.Text(error.GetBaseException().Message));
            return new Condition(false, $"not ready at {place.Name}: {reason}");
        }
    }

    /// <summary>Whether it answers by TLS, or by plain HTTP, whatever it says.</summary>
    private static async Task<bool> Answers(Place place, bool tls, CancellationToken stop)
    {
        try
        {
            using var http = Client(place);
            using var answer = await http.GetAsync(place.Ready(tls), stop);
            return true;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static HttpClient Client(Place place)
    {
        // No proxy of the environment stands between a machine and itself.
        var handler = place.Handler();
        (handler.UseProxy, handler.AllowAutoRedirect) = (false, false);
        Home.Have();
#pragma warning disable CA5359 // It is asked by address, for which no certificate is made, and nothing secret is sent to whoever answers.
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>What an answer says, if it is one of ours.</summary>
    private static async Task<Option<MessageBody>> Said(HttpContent content)
    {
        try
        {
            return content.Headers.ContentType is MediaTypeHeaderValue { MediaType: "application/json" }
                ? Optional(await content.ReadFromJsonAsync(Json.Readable.MessageBody)).Filter(body => body.Message is { Length: > 0 })
                : None;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NotSupportedException)
        {
            return None;
        }
    }

    /// <summary>Whether something came back, but longer than any answer of ours.</summary>
    private static bool IsStrange(HttpRequestException error) => error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded;

    /// <summary>Where a server is asked, and how that is reached.</summary>
    /// <param name="Name">As it is told.</param>
    /// <param name="Authority">The host of its URL.</param>
    /// <param name="Handler">Makes what connects.</param>
    /// <param name="NotReached">Why there was no connection, where that is what failed.</param>
    private sealed record Place(string Name, string Authority, Func<SocketsHttpHandler> Handler, Func<Exception, Option<string>> NotReached)
    {
        public Uri Ready(bool tls) => new($"{(tls ? "https" : "http")}://{Authority}/readyz");
    }
}
