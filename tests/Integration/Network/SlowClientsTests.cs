using System.Net.Sockets;
using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>A thousand clients that want to hold the server.</summary>
[Collection(Alone.Name)]
public sealed class SlowClientsTests
{
    private const int OfEachKind = 200;
    private const int Seconds = 30;

    /// <summary>Requests of these run in the server; a head that does not end is none yet.</summary>
    private const int Requests = 4 * OfEachKind;

    [Fact]
    public async Task A_thousand_slow_clients_leave_the_server_serving_and_are_gone_when_their_time_is_over()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["rq_timeout_secs"] = $"{Seconds}" }, disk: disk);
        var unread = Guid.CreateVersion7();
        _ = await server.Upload(unread, Answers.Bytes(8 << 20)).ShouldBeOk();
        await ShouldServe(server);
        var traces = Traces.Of(server, disk);

        // Heads come last: their time is the machine's.
        var uploads = await Open(server, Upload);
        var chunks = await Open(server, Chunk);
        var presigns = await Open(server, Presign);
        var downloads = await Open(server, i => RawClient.Head("GET", server.Signed("GET", $"/files/{unread}")), receiveBuffer: 4096);
        var heads = await Open(server, i => "GET /healthz HTTP/1.1\r\nhost: store.test\r\nx-slow: ");
        await Wait.Until(
            () => Traces.Running(server) == Requests && Traces.Watched(server) >= (5 + 2) * OfEachKind,
            () => $"all are open: {Traces.Running(server)} requests, {Traces.Watched(server)} watched");

        // Two thirds of what they have, in which all go on trickling.
        Socket[] trickling = [.. uploads, .. chunks, .. heads];
        for (var i = 0; i < 2; i++)
        {
            await ShouldServe(server);
            server.Time.Advance(TimeSpan.FromSeconds(Seconds / 3));
            await Trickle(trickling);
        }

        await ShouldServe(server);
        Assert.Equal(Requests, Traces.Running(server));
        Assert.DoesNotContain(heads, head => head.Poll(0, SelectMode.SelectRead));

        // They do not stop trickling, up to ten times their time, over which a hundred bytes a second are the least.
        await Wait.Until(() => Turn(server, trickling) == 0, () => $"no request runs, but {Traces.Running(server)} do");
        Assert.All(await Hear([.. uploads, .. chunks, .. presigns]), heard => Assert.StartsWith("HTTP/1.1 408 ", heard, StringComparison.Ordinal));
        Assert.All(await Hear(heads), heard => Assert.StartsWith("HTTP/1.1 408 ", heard, StringComparison.Ordinal));
        Assert.All(await Hear(downloads), heard => Assert.True(heard.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) && heard.Length < 8 << 20));
        Assert.Equal(OfEachKind, server.Log.Lines.Count(line => line.Contains($"GET /files/{unread} ", StringComparison.Ordinal) && line.EndsWith(", stalled ", StringComparison.Ordinal)));
        foreach (var client in new[] { uploads, chunks, presigns, downloads, heads }.SelectMany(kind => kind))
        {
            client.Dispose();
        }

        await traces.ShouldVanish();
        await Audit.Balance(server);

        // Half of the uploads have bytes on the disk, the others in memory only.
        string Upload(int i) => RawClient.Head("POST", server.Signed("POST", $"/upload/{Guid.CreateVersion7()}"), "content-length: 1000000")
            + new string('.', i % 2 == 0 ? 70_000 : 10);

        string Chunk(int i) => RawClient.Head(
            "PUT", server.Signed("PUT", $"/upload/{Guid.CreateVersion7()}"), "transfer-encoding: chunked", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2")
            + "1000000\r\n" + new string('.', i % 2 == 0 ? 70_000 : 10);

        string Presign(int i) => RawClient.Head(
            "POST", "/presign", $"authorization: Bearer {TestServer.ApiKey}", "content-type: application/json", "content-length: 1000") + "{";
    }

    /// <summary>All that a client wants, while others hold what they can.</summary>
    private static async Task ShouldServe(TestServer server)
    {
        var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(300_000));
        _ = await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
        _ = await server.PostPresign("""{"action":"upload"}""").ShouldBeOk();
        _ = await server.Upload(blob, bytes).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(bytes);
    }

    private static async Task<Socket[]> Open(TestServer server, Func<int, string> request, int? receiveBuffer = null)
    {
        var sockets = new Socket[OfEachKind];
        await Parallel.ForAsync(0, OfEachKind, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
        {
            sockets[i] = await BadNetwork.Connect(server.Address, receiveBuffer);
            var bytes = Encoding.Latin1.GetBytes(request(i));
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await sockets[i].SendAsync(bytes.AsMemory(sent), token);
            }
        });
        return sockets;
    }

    /// <summary>A byte from each that still may say one.</summary>
    private static async Task Trickle(Socket[] sockets)
    {
        foreach (var socket in sockets)
        {
            try
            {
                _ = await socket.SendAsync("."u8.ToArray());
            }
            catch (SocketException)
            {
                // It is gone.
            }
        }
    }

    private static int Turn(TestServer server, Socket[] trickling)
    {
        Trickle(trickling).GetAwaiter().GetResult();
        server.Time.Advance(TimeSpan.FromSeconds(Seconds / 3));
        return Traces.Running(server);
    }

    /// <summary>What each has got from the server until the end.</summary>
    private static Task<string[]> Hear(Socket[] sockets) => Task.WhenAll(sockets.Select(async socket =>
    {
        using var heard = new MemoryStream();
        var buffer = new byte[16 << 10];
        using var hung = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            while (await socket.ReceiveAsync(buffer, hung.Token) is var read and > 0)
            {
                heard.Write(buffer.AsSpan(0, read));
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }

        return Encoding.Latin1.GetString(heard.ToArray());
    }));
}
