using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Borderless.Web.Http;

/// <summary>
/// Closes connections whose peer does not read what was sent. Only the kernel knows that: the server's own writes end as soon as
/// the bytes are buffered. Linux tells by TCP_INFO how many bytes the peer acknowledged and how many wait.
/// </summary>
internal static class ConnectionWatch
{
    private const int SolTcp = 6;
    private const int TcpInfo = 11;

    // Offsets in struct tcp_info of linux/tcp.h, which only ever grows at its end.
    private const int Unacked = 24;
    private const int BytesAcked = 120;
    private const int NotSent = 144;
    private const int Length = 148;

    private static readonly object Stalled = new();

    public static void UseConnectionWatch(this ListenOptions listen, StallWatch watch, Serilog.ILogger log) =>
        listen.Use(next => async connection =>
        {
            if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { AddressFamily: not AddressFamily.Unix } socket)
            {
                await next(connection);
                return;
            }

            using (watch.Watch(() => Acknowledged(socket), () => Close(connection, log), movesInSteps: true))
            {
                await next(connection);
            }
        });

    /// <summary>
    /// Whether this is seen of the request's reader: a Unix socket acknowledges nothing, and a stream of HTTP/2 may wait for its reader
    /// while the connection does not.
    /// </summary>
    public static bool Sees(HttpContext http) => http.Connection.RemoteIpAddress is not null && !HttpProtocol.IsHttp2(http.Request.Protocol);

    /// <summary>Whether this connection was closed because its peer did not read.</summary>
    public static bool IsStalled(HttpContext http) => http.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Stalled) == true;

    private static void Close(ConnectionContext connection, Serilog.ILogger log)
    {
        connection.Items[Stalled] = true;
        log.Information("connection {Connection} is closed: stalled, its peer does not read", connection.ConnectionId);
        connection.Abort(new ConnectionAbortedException("the peer does not read"));
    }

    /// <summary>How many bytes the peer acknowledged; null while it has no more to acknowledge, or the connection is gone.</summary>
    private static long? Acknowledged(Socket socket)
    {
        Span<byte> info = stackalloc byte[Length];
        try
        {
            return socket.GetRawSocketOption(SolTcp, TcpInfo, info) == Length
                && BinaryPrimitives.ReadUInt32LittleEndian(info[Unacked..]) + BinaryPrimitives.ReadUInt32LittleEndian(info[NotSent..]) > 0
                    ? BinaryPrimitives.ReadInt64LittleEndian(info[BytesAcked..])
                    : null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }
}
