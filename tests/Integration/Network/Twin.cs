using System.Net.Sockets;

namespace Borderless.Tests.Integration.Network;

/// <summary>A second connection to the server on which everything is said again. Whatever becomes of it, the first does not feel it.</summary>
internal sealed class Twin : IDisposable
{
    private readonly Socket socket;
    private readonly CancellationToken over;
    private readonly Task answered;

    private Twin(Socket socket, CancellationToken over)
    {
        (this.socket, this.over) = (socket, over);
        answered = Bear(() => Swallow(socket, over));
    }

    public static async Task<Twin> Connect(Uri server, CancellationToken over) => new(await BadNetwork.Connect(server), over);

    /// <summary>Sends all bytes.</summary>
    public static async Task Send(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken over)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, SocketFlags.None, over)..];
        }
    }

    /// <summary>Reads until the other end has finished.</summary>
    public static async Task Swallow(Socket from, CancellationToken over)
    {
        var buffer = new byte[16 << 10];
        while (await from.ReceiveAsync(buffer, over) > 0)
        {
        }
    }

    public Task Say(ReadOnlyMemory<byte> bytes) => Bear(() => Send(socket, bytes, over));

    /// <summary>Says that nothing more comes.</summary>
    public Task Finish() => Bear(() =>
    {
        socket.Shutdown(SocketShutdown.Send);
        return Task.CompletedTask;
    });

    /// <summary>Says so, and returns when the server has finished, too. Nobody asked for what it answers.</summary>
    public async Task End()
    {
        await Finish();
        await answered;
    }

    public void Dispose() => socket.Dispose();

    private static async Task Bear(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It ends in any way.
        }
    }
}
