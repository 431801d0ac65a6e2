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

    /// <summary>Looks whether an address can be listened on, by taking it for a moment; of a Unix socket only whether there is room.</summary>
    /// <param name="key">The setting that has it.</param>
    /// <param name="at">The address.</param>
    /// <returns>What is wrong, and what to do.</returns>
    public static Option<string> Probe(string key, ListenAddress at) => (at switch
    {
        ListenAddress.UnixSocket socket => UnixSocket.Probe(socket.Path),
        ListenAddress.Tcp { Host.Case: IPAddress address, Port: var port } => Refusal(new IPEndPoint(address, port)).Map(error => Reason(error, key)),
        ListenAddress.Tcp { Port: var port } => OfLocalhost(port).Map(error => Reason(error, key)),
        _ => None,
    }).Map(reason => CannotListen(at, reason));

    /// <summary>What keeps a socket from being bound, and what to do.</summary>
    public static string Reason(Exception error, string key) => (error as SocketException ?? error.GetBaseException() as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"another process listens there; stop it, or set another {key}{(key == "ip_addr" ? " (and domain)" : "")}",
        SocketError.AddressNotAvailable => "it is not an address of this machine; use 127.0.0.1, 0.0.0.0 or one of its own",
        SocketError.AccessDenied => "this user may not; use a port from 1024 on, a directory that it may write to, or grant the right",
        _ => error.Message,
    };

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

    public static StartProblem Problem(string key, ListenAddress at, string reason) => new($"{key}: {CannotListen(at, reason)}");

    private static string CannotListen(ListenAddress at, string reason) => $"cannot listen on {at}: {reason}";

    /// <summary>Two addresses, as the framework takes them: one is enough where the machine lacks the other, but neither may be another's.</summary>
    private static Option<Exception> OfLocalhost(int port) =>
        toSeq([Refusal(new IPEndPoint(IPAddress.Loopback, port)), Refusal(new IPEndPoint(IPAddress.IPv6Loopback, port))]).Somes().ToSeq().Strict() switch
        {
            { Count: 2 } both => both.Head,
            var one => one.Find(error => error is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }),
        };

    private static Option<Exception> Refusal(IPEndPoint at)
    {
        try
        {
            SocketTransportOptions.CreateDefaultBoundListenSocket(at).Dispose();
            return None;
        }
        catch (SocketException error)
        {
            return error;
        }
    }

    private static Seq<(string Key, ListenAddress.UnixSocket At)> Sockets(ServerSettings settings) =>
        Seq(("ip_addr", Some(settings.Listen)), ("metrics_addr", settings.Metrics))
            .Choose(entry => entry.Item2.Case is ListenAddress.UnixSocket socket ? Some((entry.Item1, socket)) : None)
            .Strict();
}
