using System.Net;
using System.Net.Sockets;
using Borderless.Web.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

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

    /// <summary>Binds as the framework does, and lets whoever may enter a socket's directory connect before anybody is told that it listens.</summary>
    public static Socket Bind(EndPoint at)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(at);
        if (at is UnixDomainSocketEndPoint)
        {
            UnixSocket.Open(at.ToString()!);
        }

        return socket;
    }

    public static StartProblem Problem(string key, ListenAddress at, string reason) => new($"{key}: cannot listen on {at}: {reason}");

    private static Seq<(string Key, ListenAddress.UnixSocket At)> Sockets(ServerSettings settings) =>
        Seq(("ip_addr", Some(settings.Listen)), ("metrics_addr", settings.Metrics))
            .Choose(entry => entry.Item2.Case is ListenAddress.UnixSocket socket ? Some((entry.Item1, socket)) : None)
            .Strict();
}
