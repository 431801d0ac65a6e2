using System.Net.Sockets;
using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>A client that sends one request and hears what comes back, be it nothing, a piece, or a whole answer.</summary>
internal static class Caller
{
    /// <summary>A request as bytes.</summary>
    public static byte[] Request(string method, string target, byte[] body, params string[] headers) =>
        [.. Encoding.ASCII.GetBytes(RawClient.Head(method, target, [.. headers, $"content-length: {body.Length}"])), .. body];

    /// <summary>The same where the body's length is not announced: it comes in pieces.</summary>
    public static byte[] RequestInPieces(string method, string target, byte[] body, params string[] headers) =>
    [
        .. Encoding.ASCII.GetBytes(RawClient.Head(method, target, [.. headers, "transfer-encoding: chunked"])),
        .. body.Chunk(30_000).SelectMany(piece => (byte[])[.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8]),
        .. "0\r\n\r\n"u8,
    ];

    /// <summary>Sends, listens meanwhile, and leaves after a whole answer, at the end of the connection, or when it is called away.</summary>
    /// <returns>The answer, if it came whole, and all bytes that came.</returns>
    public static async Task<(RawAnswer? Answer, byte[] Heard)> Ask(Uri to, byte[] request, CancellationToken calledAway)
    {
        using var socket = await BadNetwork.Connect(to);
        using var heard = new MemoryStream();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(calledAway);
        var sending = Send(socket, request, done.Token);
        RawAnswer? answer = null;
        try
        {
            var buffer = new byte[64 << 10];
            while (answer is null && await socket.ReceiveAsync(buffer, done.Token) is var read and > 0)
            {
                heard.Write(buffer.AsSpan(0, read));
                answer = Whole(heard);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Cut off, or called away.
        }

        await done.CancelAsync();
        await sending;
        return (answer, heard.ToArray());
    }

    private static async Task Send(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken done)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, done)..];
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Cut off, or the answer has come before the end of the request.
        }
    }

    private static RawAnswer? Whole(MemoryStream heard)
    {
        var bytes = heard.GetBuffer().AsSpan(0, (int)heard.Length);
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = RawAnswer.OfHead(Encoding.Latin1.GetString(bytes[..end]));
        var body = bytes[(end + 4)..];
        return body.Length < head.Length ? null : head with { Body = body[..head.Length].ToArray() };
    }
}
