using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class StallTests
{
    /// <summary>More than is gathered for one write, so that each piece is seen to arrive on the disk.</summary>
    private const int Piece = 70_000;

    private readonly Guid blob = Guid.CreateVersion7();

    [Theory]
    [InlineData("content-length: 1000000", 0)]
    [InlineData("content-length: 1000000", 10)]
    [InlineData("content-length: 1000000", 200_000)]
    [InlineData("transfer-encoding: chunked", 200_000)]
    public async Task An_upload_that_makes_no_progress_is_a_timeout_and_leaves_nothing(string framing, int sent)
    {
        await using var server = await TestServer.Start();
        using var client = await RawClient.Connect(server);
        await client.Send(Head(server, framing));
        await (framing.StartsWith('t') ? client.SendChunk(Answers.Bytes(sent)) : client.Send(Answers.Bytes(sent)));
        await Wait.Until(() => sent < Piece || server.FilesUnder("tmp").Length == 1, "bytes are on the disk");

        await Wait.Turning(server, TimeSpan.FromSeconds(10), () => client.HasNews, "the upload is answered");

        (await client.ReadAnswer()).ShouldBeError(408, "request_timeout");
        Assert.Empty(server.FilesUnder("tmp"));
        client.FinishSending();
        Assert.Equal(0, await client.ReadToEnd());
        Assert.Empty(server.Log.Problems);
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task An_upload_that_moves_may_take_longer_than_the_timeout()
    {
        await using var server = await TestServer.Start();
        using var client = await RawClient.Connect(server);
        var bytes = Answers.Bytes(10 * Piece);
        await client.Send(Head(server, $"content-length: {bytes.Length}"));
        for (var i = 0; i < 9; i++)
        {
            await SendPiece(server, client, bytes, i);
            Turn(server, TimeSpan.FromSeconds(20));
        }

        await client.Send(bytes.AsMemory(9 * Piece));

        (await client.ReadAnswer()).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task An_upload_that_only_trickles_ends_after_ten_periods()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["rq_timeout_secs"] = "1000" });
        using var client = await RawClient.Connect(server);
        var bytes = Answers.Bytes(14 * Piece);
        await client.Send(Head(server, $"content-length: {bytes.Length}"));

        // 70,000 bytes in 900 seconds always move within a period, and are less than 100 bytes a second.
        for (var i = 0; i < 11; i++)
        {
            await SendPiece(server, client, bytes, i);
            Turn(server, TimeSpan.FromSeconds(900));
            Assert.False(client.HasNews, $"cut in period {i}");
        }

        await SendPiece(server, client, bytes, 11);
        Turn(server, TimeSpan.FromSeconds(900));

        (await client.ReadAnswer()).ShouldBeError(408, "request_timeout");
        Assert.Empty(server.FilesUnder("tmp"));
    }

    [Fact]
    public async Task A_download_that_nobody_reads_is_closed_and_logged_as_stalled()
    {
        await using var server = await TestServer.Start();
        await server.Upload(blob, Answers.Bytes(32 << 20)).ShouldBeOk();
        using var client = await RawClient.Connect(server, receiveBuffer: 4096);
        await client.Send(RawClient.Head("GET", server.Signed("GET", $"/files/{blob}")));

        await Wait.Turning(
            server,
            TimeSpan.FromSeconds(10),
            () => server.Log.Lines.Any(line => IsDownload(line) && line.Contains("stalled", StringComparison.Ordinal)),
            "the download is logged as stalled");

        Assert.InRange(await client.ReadToEnd(), 1, (32 << 20) - 1);
        Assert.Single(server.Log.Lines, IsDownload);
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
    }

    [Fact]
    public async Task A_download_that_is_read_slowly_goes_through()
    {
        const int Step = 1 << 20;
        await using var server = await TestServer.Start();
        await server.Upload(blob, Answers.Bytes(16 * Step)).ShouldBeOk();
        using var client = await RawClient.Connect(server, receiveBuffer: 64 << 10);
        await client.Send(RawClient.Head("GET", server.Signed("GET", $"/files/{blob}")));
        var head = await client.ReadHead();
        for (var i = 0; i < 8; i++)
        {
            await client.Skip(Step);
            Turn(server, TimeSpan.FromSeconds(20));
        }

        await client.Skip(8 * Step);

        Assert.Equal(16 * Step, head.Length);
        await Wait.Until(() => server.Log.Lines.Any(IsDownload), "the request is over");
        Assert.DoesNotContain("stalled", server.Log.Lines.Single(IsDownload), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("G")]
    [InlineData("GET /healthz HTTP/1.1\r\n")]
    [InlineData("GET /healthz HTTP/1.1\r\nhost: store.test\r\nx-slow: ")]
    public async Task A_request_head_that_never_ends_is_closed(string start)
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["rq_timeout_secs"] = "1" });
        using var client = await RawClient.Connect(server);
        await client.Send(start);

        (await client.ReadAnswer()).ShouldBeBare(408);
        Assert.Equal(0, await client.ReadToEnd());
    }

    private string Head(TestServer server, string framing) => RawClient.Head("POST", server.Signed("POST", $"/upload/{blob}"), framing);

    private bool IsDownload(string line) => line.Contains($"/files/{blob}", StringComparison.Ordinal);

    private static async Task SendPiece(TestServer server, RawClient client, byte[] bytes, int i)
    {
        var before = OnDisk(server);
        await client.Send(bytes.AsMemory(i * Piece, Piece));
        await Wait.Until(() => OnDisk(server) > before, $"piece {i} arrives on the disk");
    }

    private static long OnDisk(TestServer server) => server.FilesUnder("tmp").Sum(file => new FileInfo(file).Length);

    /// <summary>The first second lets the watch see what moved.</summary>
    private static void Turn(TestServer server, TimeSpan by)
    {
        server.Time.Advance(TimeSpan.FromSeconds(1));
        server.Time.Advance(by - TimeSpan.FromSeconds(1));
    }
}
