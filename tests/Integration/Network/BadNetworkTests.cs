using System.Net;
using System.Net.Sockets;

namespace Borderless.Tests.Integration.Network;

/// <summary>The network does what it is told, or the tests that use it would prove nothing.</summary>
public sealed class BadNetworkTests : IDisposable
{
    private static readonly byte[] Said = [1, 2, 3, 4, 5, 6, 7, 8];

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public BadNetworkTests() => listener.Start();

    private Uri Address => new($"http://{listener.LocalEndpoint}");

    [Theory]
    [InlineData(Fault.Cuts, Way.ToServer)]
    [InlineData(Fault.Cuts, Way.ToClient)]
    [InlineData(Fault.Resets, Way.ToServer)]
    [InlineData(Fault.Resets, Way.ToClient)]
    public async Task Both_ends_hear_what_came_before_and_then_that_the_other_is_gone(Fault fault, Way way)
    {
        await using var network = new BadNetwork(Address, _ => new Mishap(fault, way, 5));
        using var client = await BadNetwork.Connect(network.Address);
        using var server = await listener.AcceptSocketAsync();
        var (from, to) = way == Way.ToServer ? (client, server) : (server, client);

        _ = await from.SendAsync(Said.AsMemory(0, 4));
        Assert.Equal(Said[..4], await Hear(to, 4));
        _ = await from.SendAsync(Said.AsMemory(4));

        // A reset overtakes what was given before it.
        Assert.Equal(fault == Fault.Cuts ? "end" : "reset", await End(to));
        Assert.Equal(fault == Fault.Cuts ? "end" : "reset", await End(from));
        Assert.Equal(1, network.Happened);
    }

    [Theory]
    [InlineData(Way.ToServer)]
    [InlineData(Way.ToClient)]
    public async Task Half_a_cut_leaves_the_other_way_open(Way way)
    {
        await using var network = new BadNetwork(Address, _ => new Mishap(Fault.CutsHalf, way, 5));
        using var client = await BadNetwork.Connect(network.Address);
        using var server = await listener.AcceptSocketAsync();
        var (from, to) = way == Way.ToServer ? (client, server) : (server, client);

        _ = await from.SendAsync(Said);
        Assert.Equal(Said[..5], await Hear(to, 5));
        Assert.Equal("end", await End(to));

        _ = await to.SendAsync(Said);
        Assert.Equal(Said, await Hear(from, 8));
    }

    [Theory]
    [InlineData(Way.ToServer)]
    [InlineData(Way.ToClient)]
    public async Task A_stall_swallows_one_way_and_ends_with_the_other(Way way)
    {
        await using var network = new BadNetwork(Address, _ => new Mishap(Fault.Stalls, way, 5));
        using var client = await BadNetwork.Connect(network.Address);
        using var server = await listener.AcceptSocketAsync();
        var (from, to) = way == Way.ToServer ? (client, server) : (server, client);

        _ = await from.SendAsync(Said);
        Assert.Equal(Said[..5], await Hear(to, 5));
        _ = await to.SendAsync(Said);
        Assert.Equal(Said, await Hear(from, 8));
        Assert.Equal(0, to.Available);

        to.Close();
        Assert.Equal("end", await End(from));
    }

    [Theory]
    [InlineData(Way.ToServer)]
    [InlineData(Way.ToClient)]
    public async Task What_trickles_arrives_all_the_same(Way way)
    {
        await using var network = new BadNetwork(Address, _ => new Mishap(Fault.Trickles, way, 5));
        using var client = await BadNetwork.Connect(network.Address);
        using var server = await listener.AcceptSocketAsync();
        var (from, to) = way == Way.ToServer ? (client, server) : (server, client);

        _ = await from.SendAsync(Said);

        Assert.Equal(Said, await Hear(to, 8));
        Assert.Equal(1, network.Happened);
    }

    [Fact]
    public async Task A_duplicate_says_all_again()
    {
        await using var network = new BadNetwork(Address, _ => new Mishap(Fault.Duplicates, Way.ToServer, 5));
        using var client = await BadNetwork.Connect(network.Address);
        using var server = await listener.AcceptSocketAsync();

        _ = await client.SendAsync(Said);
        using var twin = await listener.AcceptSocketAsync();
        _ = await client.SendAsync(Said);

        Assert.Equal((byte[])[.. Said, .. Said], await Hear(server, 16));
        Assert.Equal((byte[])[.. Said, .. Said], await Hear(twin, 16));
        client.Close();
        Assert.Equal("end", await End(server));
        Assert.Equal("end", await End(twin));
    }

    public void Dispose() => listener.Dispose();

    private static async Task<byte[]> Hear(Socket socket, int count)
    {
        var heard = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await socket.ReceiveAsync(heard.AsMemory(at));
            Assert.True(read > 0, $"it ended after {at} of {count} bytes");
            at += read;
        }

        return heard;
    }

    private static async Task<string> End(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[64]) > 0)
            {
            }

            return "end";
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "reset";
        }
    }
}
