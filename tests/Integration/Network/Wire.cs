using System.Net.Sockets;

namespace Borderless.Tests.Integration.Network;

/// <summary>One connection through a bad network.</summary>
internal sealed class Wire(Socket client, Socket server, Mishap? mishap, Uri serverAddress, Action happens, CancellationToken over)
{
    private readonly TaskCompletionSource oneWayEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> toServer = [];
    private volatile bool cut;
    private Twin? twin;

    /// <summary>Carries until both ways have ended.</summary>
    public async Task Run()
    {
        using (client)
        using (server)
        {
            var ways = new[] { Carry(client, server, Way.ToServer), Carry(server, client, Way.ToClient) };
            _ = await Task.WhenAny(ways);
            oneWayEnded.SetResult();
            await Task.WhenAll(ways);
        }

        using (twin)
        {
            await (twin?.End() ?? Task.CompletedTask);
        }
    }

    private async Task Carry(Socket from, Socket to, Way way)
    {
        try
        {
            await CarryToEnd(from, to, way);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // One end was reset: the other learns it.
            if (!cut)
            {
                Reset();
            }
        }
        catch (OperationCanceledException)
        {
            // The network is taken down.
        }
    }

    private async Task CarryToEnd(Socket from, Socket to, Way way)
    {
        var buffer = new byte[16 << 10];
        var happensAt = mishap?.Way == way ? mishap.After : long.MaxValue;
        var trickling = 0;
        for (long carried = 0; await from.ReceiveAsync(buffer, over) is var read and > 0; carried += read)
        {
            var bytes = buffer.AsMemory(0, read);
            if (carried + read >= happensAt)
            {
                var before = (int)(happensAt - carried);
                await Give(to, bytes[..before], way);
                (bytes, happensAt) = (bytes[before..], long.MaxValue);
                happens();
                if (mishap!.Loses)
                {
                    await Lose(from, to);
                    return;
                }

                trickling = mishap.Fault == Fault.Trickles ? Mishap.Trickled : 0;
                if (mishap.Fault == Fault.Duplicates)
                {
                    await Duplicate();
                }
            }

            for (; trickling > 0 && bytes.Length > 0; trickling--, bytes = bytes[1..])
            {
                await Give(to, bytes[..1], way);
            }

            await Give(to, bytes, way);
        }

        if (!cut)
        {
            to.Shutdown(SocketShutdown.Send);
        }

        if (way == Way.ToServer)
        {
            await (twin?.Finish() ?? Task.CompletedTask);
        }
    }

    private async Task Lose(Socket from, Socket to)
    {
        switch (mishap!.Fault)
        {
            case Fault.Stalls:
                await oneWayEnded.Task.WaitAsync(over);
                break;
            case Fault.CutsHalf:
                to.Shutdown(SocketShutdown.Send);
                await Twin.Swallow(from, over);
                break;
            case Fault.Cuts:
                cut = true;
                client.Shutdown(SocketShutdown.Both);
                server.Shutdown(SocketShutdown.Both);
                break;
            default:
                Reset();
                break;
        }
    }

    private void Reset()
    {
        foreach (var end in new[] { client, server })
        {
            try
            {
                end.LingerState = new LingerOption(true, 0);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // It is gone.
            }

            end.Dispose();
        }
    }

    /// <summary>Remembers what went to the server only where it will be said again.</summary>
    private async Task Give(Socket to, ReadOnlyMemory<byte> bytes, Way way)
    {
        await Twin.Send(to, bytes, over);
        if (way == Way.ToServer && mishap?.Fault == Fault.Duplicates)
        {
            toServer.AddRange(bytes.Span);
            await (twin?.Say(bytes) ?? Task.CompletedTask);
        }
    }

    private async Task Duplicate()
    {
        twin = await Twin.Connect(serverAddress, over);
        await twin.Say(toServer.ToArray());
    }
}
