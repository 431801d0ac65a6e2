using System.Net;
using Borderless.Web.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Borderless.Web.Start;

/// <summary>How the server takes the addresses of its settings.</summary>
internal static class Listening
{
    public static void ListenOn(this KestrelServerOptions kestrel, ListenAddress at, Action<ListenOptions> configure)
    {
        switch (at)
        {
            case ListenAddress.Tcp { Host.Case: IPAddress address, Port: var port }:
                kestrel.Listen(address, port, configure);
                break;
            case ListenAddress.Tcp { Port: var port }:
                kestrel.ListenLocalhost(port, configure);
                break;
            case ListenAddress.UnixSocket socket:
                kestrel.ListenUnixSocket(socket.Path, configure);
                break;
        }
    }

    /// <summary>Removes what dead servers left where sockets are to be.</summary>
    /// <returns>The first address that cannot be taken, and why.</returns>
    public static Option<StartProblem> MakeRoom(ServerSettings settings) => Sockets(settings)
        .Map(socket => UnixSocket.MakeRoom(socket.At.Path).Map(reason => Problem(socket.Key, socket.At, reason)))
        .Somes()
        .HeadOrNone();

    /// <summary>Starts to listen on all addresses. Who may enter the directory of a socket may connect to it.</summary>
    public static async Task StartListening(this WebApplication app, ServerSettings settings)
    {
        await app.StartAsync();
        Sockets(settings).Iter(socket => UnixSocket.Open(socket.At.Path));
    }

    public static StartProblem Problem(string key, ListenAddress at, string reason) => new($"{key}: cannot listen on {at}: {reason}");

    private static Seq<(string Key, ListenAddress.UnixSocket At)> Sockets(ServerSettings settings) =>
        Seq(("ip_addr", Some(settings.Listen)), ("metrics_addr", settings.Metrics))
            .Choose(entry => entry.Item2.Case is ListenAddress.UnixSocket socket ? Some((entry.Item1, socket)) : None)
            .Strict();
}
