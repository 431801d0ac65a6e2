using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Borderless.Tests.Integration.Support;

/// <summary>A connection whose bytes the test chooses itself, for requests that no well-behaved client would send.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket;
    private readonly List<byte> unread = [];

    // No run should come near it: it turns a hang into a failure.
    private readonly CancellationTokenSource hung = new(TimeSpan.FromSeconds(60));

    private RawClient(Socket socket) => this.socket = socket;

    /// <summary>Opens a connection; a small receive buffer makes a reader that soon takes no more.</summary>
    public static async Task<RawClient> Connect(TestServer server, int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Address.Port));
        return new RawClient(socket);
    }

    /// <summary>Sends one request on a connection of its own and reads the answer.</summary>
    public static async Task<RawAnswer> Ask(TestServer server, string request)
    {
        using var client = await Connect(server);
        await client.Send(request);
        return await client.ReadAnswer(hasBody: !request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>A request's head with <c>host</c> and these header lines.</summary>
    public static string Head(string method, string target, params string[] headers) =>
        $"{method} {target} HTTP/1.1\r\nhost: store.test\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    /// <summary>Sends text, each character one byte (Latin-1).</summary>
    public Task Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, hung.Token)..];
        }
    }

    /// <summary>Sends bytes in the framing of a chunked transfer.</summary>
    public async Task SendChunk(byte[] bytes)
    {
        await Send($"{bytes.Length:x}\r\n");
        await Send(bytes);
        await Send("\r\n");
    }

    /// <summary>Says that nothing more comes, and still reads.</summary>
    public void FinishSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Goes away without a word: the server sees a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Whether bytes of an answer, or the end, are there to read.</summary>
    public bool HasNews => unread.Count > 0 || socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Reads one answer whose length is announced.</summary>
    public async Task<RawAnswer> ReadAnswer(bool hasBody = true)
    {
        var head = await ReadHead();
        var length = hasBody ? head.Length : 0;
        while (unread.Count < length)
        {
            Assert.True(await Receive(), $"the connection ended after {unread.Count} of {length} bytes");
        }

        return head with { Body = Take(length) };
    }

    /// <summary>Reads an answer up to its body.</summary>
    public async Task<RawAnswer> ReadHead()
    {
        int end;
        while ((end = Encoding.Latin1.GetString([.. unread]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            Assert.True(await Receive(), $"the connection ended before an answer: '{Encoding.Latin1.GetString([.. unread])}'");
        }

        return RawAnswer.OfHead(Encoding.Latin1.GetString(Take(end + 4)).TrimEnd());
    }

    /// <summary>Reads so many bytes.</summary>
    public async Task<byte[]> Read(int count)
    {
        while (unread.Count < count)
        {
            Assert.True(await Receive(), $"the connection ended after {unread.Count} of {count} bytes");
        }

        return Take(count);
    }

    /// <summary>Reads so many bytes and forgets them.</summary>
    public async Task Skip(int count)
    {
        while (count > 0)
        {
            Assert.True(unread.Count > 0 || await Receive(), $"the connection ended {count} bytes early");
            count -= Take(Math.Min(count, unread.Count)).Length;
        }
    }

    /// <summary>Reads until the server closes, or resets, the connection, and returns how many bytes came.</summary>
    public async Task<long> ReadToEnd()
    {
        var buffer = new byte[64 << 10];
        long count = unread.Count;
        try
        {
            while (await socket.ReceiveAsync(buffer, hung.Token) is var read and > 0)
            {
                count += read;
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }

        return count;
    }

    public void Dispose()
    {
        socket.Dispose();
        hung.Dispose();
    }

    private byte[] Take(int count)
    {
        byte[] taken = [.. unread[..count]];
        unread.RemoveRange(0, count);
        return taken;
    }

    private async Task<bool> Receive()
    {
        var buffer = new byte[16 << 10];
        var read = await socket.ReceiveAsync(buffer, hung.Token);
        unread.AddRange(buffer.AsSpan(0, read));
        return read > 0;
    }
}
