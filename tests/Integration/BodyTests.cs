using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class BodyTests
{
    private readonly Guid blob = Guid.CreateVersion7();

    private string Path => $"/upload/{blob}";

    public enum Leaving
    {
        FinishesSending,
        Closes,
        Resets,
    }

    [Theory]
    [InlineData("content-length: 1000000", Leaving.FinishesSending)]
    [InlineData("content-length: 1000000", Leaving.Closes)]
    [InlineData("content-length: 1000000", Leaving.Resets)]
    [InlineData("transfer-encoding: chunked", Leaving.FinishesSending)]
    [InlineData("transfer-encoding: chunked", Leaving.Closes)]
    [InlineData("transfer-encoding: chunked", Leaving.Resets)]
    public async Task A_body_that_is_cut_short_leaves_nothing(string framing, Leaving leaving)
    {
        await using var server = await TestServer.Start();
        using (var client = await RawClient.Connect(server))
        {
            await client.Send(Head(server, framing));
            await (framing.StartsWith('t') ? client.SendChunk(Answers.Bytes(300_000)) : client.Send(Answers.Bytes(300_000)));
            await Wait.Until(() => server.FilesUnder("tmp").Length == 1, "bytes are on the disk");
            await Leave(client, leaving);
        }

        await NothingIsLeft(server);
    }

    [Theory]
    [InlineData("content-length: 100", "0123456789")]
    [InlineData("transfer-encoding: chunked", "a\r\n0123456789\r\n")]
    [InlineData("transfer-encoding: chunked", "a\r\n01234")]
    [InlineData("transfer-encoding: chunked", "")]
    public async Task A_small_body_that_is_cut_short_leaves_nothing(string framing, string bytes)
    {
        await using var server = await TestServer.Start();
        using (var client = await RawClient.Connect(server))
        {
            await client.Send(Head(server, framing) + bytes);
            client.FinishSending();
            await client.ReadToEnd();
        }

        await NothingIsLeft(server);
    }

    [Theory]
    [InlineData("zz\r\n0123456789\r\n")]
    [InlineData("-1\r\n0123456789\r\n")]
    [InlineData("3\r\n0123456789\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffffffff\r\n0123456789\r\n")]
    public async Task Chunks_that_are_framed_wrong_are_a_broken_stream(string body)
    {
        await using var server = await TestServer.Start();

        (await RawClient.Ask(server, Head(server, "transfer-encoding: chunked") + body)).ShouldBeError(400, "broken_stream");

        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_body_ends_where_it_was_announced_to_end()
    {
        await using var server = await TestServer.Start();
        using var client = await RawClient.Connect(server);
        await client.Send(Head(server, "content-length: 3") + "abcdefgh\r\n\r\n");

        (await client.ReadAnswer()).ShouldBeOk();
        (await client.ReadAnswer()).ShouldBeBare(400);
        await server.Download(blob).ShouldHaveBytes("abc"u8.ToArray());
    }

    [Theory]
    [InlineData("content-length: 101")]
    [InlineData("content-length: 9223372036854775807")]
    [InlineData("content-length: 101", "expect: 100-continue")]
    [InlineData("content-length: 101", "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 1")]
    public async Task A_length_that_is_too_large_is_refused_and_the_body_never_asked_for(params string[] headers)
    {
        await using var server = await Limited(100);

        (await RawClient.Ask(server, Head(server, headers))).ShouldBeError(413, "payload_too_large");

        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_body_that_may_come_is_asked_for_first()
    {
        await using var server = await Limited(100);
        using var client = await RawClient.Connect(server);
        await client.Send(Head(server, "content-length: 100", "expect: 100-continue"));

        Assert.Equal(100, (await client.ReadAnswer()).Status);
        await client.Send(Answers.Bytes(100));
        (await client.ReadAnswer()).ShouldBeOk();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task A_chunked_transfer_is_refused_with_the_first_byte_too_many(int limit)
    {
        await using var server = await Limited(limit);
        using var client = await RawClient.Connect(server);
        await client.Send(Head(server, "transfer-encoding: chunked"));
        await client.SendChunk(Answers.Bytes(limit));
        Assert.False(client.HasNews);
        await client.SendChunk([1]);

        (await client.ReadAnswer()).ShouldBeError(413, "payload_too_large");
        await NothingIsLeft(server);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task A_chunked_transfer_of_exactly_the_limit_is_stored(int limit)
    {
        await using var server = await Limited(limit);
        using var client = await RawClient.Connect(server);
        await client.Send(Head(server, "transfer-encoding: chunked"));
        await client.SendChunk(Answers.Bytes(limit));
        await client.Send("0\r\n\r\n");

        (await client.ReadAnswer()).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(Answers.Bytes(limit));
    }

    [Theory]
    [InlineData("content-length: 8388608", 413, "payload_too_large")]
    [InlineData("transfer-encoding: chunked", 413, "payload_too_large")]
    [InlineData("content-length: 8388608", 401, "missing_signature")]
    [InlineData("content-length: 8388608", 404, "no_such_route")]
    public async Task A_client_that_goes_on_sending_still_reads_why_it_was_refused(string framing, int status, string code)
    {
        await using var server = await Limited(status == 413 ? 1000 : 10_000_000);
        var target = status switch { 413 => server.Signed("POST", Path), 401 => Path, _ => Path + "/more" };
        using var client = await RawClient.Connect(server);
        await client.Send(RawClient.Head("POST", target, framing));
        await (framing.StartsWith('t') ? client.SendChunk(new byte[8 << 20]) : client.Send(new byte[8 << 20]));

        (await client.ReadAnswer()).ShouldBeError(status, code);
        await NothingIsLeft(server);
    }

    private static Task<TestServer> Limited(long bytes) =>
        TestServer.Start(new Dictionary<string, string> { ["max_data_rq_size"] = $"{bytes}" });

    private string Head(TestServer server, params string[] headers) => RawClient.Head("POST", server.Signed("POST", Path), headers);

    private static async Task Leave(RawClient client, Leaving leaving)
    {
        switch (leaving)
        {
            case Leaving.FinishesSending:
                client.FinishSending();
                await client.ReadToEnd();
                break;
            case Leaving.Closes:
                client.Dispose();
                break;
            case Leaving.Resets:
                client.Reset();
                break;
        }
    }

    /// <summary>Once the request is over, the disk and the index are as before, and nobody is called to look at the log.</summary>
    private async Task NothingIsLeft(TestServer server)
    {
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains(Path, StringComparison.Ordinal)), "the request is over");
        Assert.Empty(server.FilesUnder("tmp"));
        Assert.Empty(server.FilesUnder("parts"));
        Assert.DoesNotMatch("\" 5[0-9][0-9] ", server.Log.Lines.Single(line => line.Contains(Path, StringComparison.Ordinal)));
        Assert.Empty(server.Log.Problems);
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
    }
}
