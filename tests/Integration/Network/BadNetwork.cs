using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Borderless.Tests.Integration.Network;

/// <summary>Carries connections of 127.0.0.1 to a server, and does to each what the test decides.</summary>
internal sealed class BadNetwork : IAsyncDisposable
{
    private readonly Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource over = new();
    private readonly ConcurrentBag<Task> wires = [];
    private readonly Task accepting;
    private int happened;

    /// <param name="server">Where the server listens.</param>
    /// <param name="decide">What happens to a connection, told its number from 0; null for nothing.</param>
    public BadNetwork(Uri server, Func<int, Mishap?> decide)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        accepting = Accept(server, decide);
    }

    /// <summary>Where clients connect.</summary>
    public Uri Address { get; }

    /// <summary>To how many connections something happened so far.</summary>
    public int Happened => Volatile.Read(ref happened);

    /// <summary>Connects, to the network or to a server; a small receive buffer makes a reader that soon takes no more.</summary>
    public static async Task<Socket> Connect(Uri to, int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, to.Port));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(wires);
        over.Dispose();
    }

    private async Task Accept(Uri server, Func<int, Mishap?> decide)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var client = await listener.AcceptAsync(over.Token);
                client.NoDelay = true;

                // A fixed buffer: what a stalled direction still takes in must not grow.
                var wire = new Wire(client, await Connect(server, receiveBuffer: 64 << 10), decide(i), server, () => Interlocked.Increment(ref happened), over.Token);
                wires.Add(wire.Run());
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The network is taken down.
        }
    }
}
