using System.Net;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration;

/// <summary>What was made for connections of one request at a time, on connections of many.</summary>
public sealed class Http2Tests : IAsyncLifetime, IDisposable
{
    private const int Large = 32 << 20;

    private readonly TestAuthority authority = new();
    private readonly TestDirectory files = new();
    private readonly Guid blob = Guid.CreateVersion7();
    private TestClient client = null!;
    private TestServer server = null!;

    public async Task InitializeAsync()
    {
        TestAuthority.Write(files, authority.New());
        client = new TestClient(HttpVersion.Version20, authority.Root);
        server = await TestServer.Start(TestAuthority.Settings(files), client: client);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task What_will_be_refused_is_refused_before_its_body_is_sent()
    {
        await server.Upload(blob, [1]).ShouldBeOk();
        var endless = new SlowContent(Answers.Bytes(100_000));
        await server.Send(HttpMethod.Post, server.Signed("POST", $"/upload/{blob}"), endless).ShouldBeError(409, "duplicate_blob");
        await server.Send(HttpMethod.Put, server.Signed("POST", $"/upload/{blob}"), new SlowContent([])).ShouldBeError(401, "invalid_signature");
        await StillServes();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200_000)]
    public async Task An_upload_that_is_cut_leaves_nothing(int sent)
    {
        var cut = new SlowContent(Answers.Bytes(sent));
        var upload = server.Send(HttpMethod.Post, server.Signed("POST", $"/upload/{blob}"), cut);
        await Wait.Until(() => IsUnderWay(sent), "the upload is under way");

        cut.Fail();
        _ = await Assert.ThrowsAnyAsync<Exception>(() => upload);

        await Wait.Until(() => server.Log.Lines.Any(IsOfBlob), "the request is over");
        Assert.Empty(server.FilesUnder("tmp"));
        Assert.DoesNotContain(server.Log.Problems, line => line.StartsWith("Error", StringComparison.Ordinal));
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
        await StillServes();
    }

    [Fact]
    public async Task An_upload_that_makes_no_progress_is_a_timeout_and_its_connection_goes_on()
    {
        var upload = server.Send(HttpMethod.Post, server.Signed("POST", $"/upload/{blob}"), new SlowContent(Answers.Bytes(200_000)));
        await Wait.Until(() => IsUnderWay(200_000), "the upload is under way");

        await Wait.Turning(server, TimeSpan.FromSeconds(10), () => upload.IsCompleted, "the upload is answered");

        _ = await upload.ShouldBeError(408, "request_timeout");
        Assert.Empty(server.FilesUnder("tmp"));
        await StillServes();
    }

    [Fact]
    public async Task A_download_that_nobody_reads_ends_and_is_logged_as_stalled_and_its_connection_goes_on()
    {
        await server.Upload(blob, Answers.Bytes(Large)).ShouldBeOk();
        using var answer = await server.Download(blob);
        Assert.Equal(Large, answer.Content.Headers.ContentLength);

        // What is on its way to the peer must not meet a clock that runs: what nobody acknowledges is the connection's stall.
        await Wait.Until(
            () =>
            {
                if (Connections.Unacknowledged(server.Address.Port) == 0)
                {
                    server.Time.Advance(TimeSpan.FromSeconds(10));
                }

                return server.Log.Lines.Any(line => line.Contains($"GET /files/{blob} 499", StringComparison.Ordinal) && line.EndsWith("stalled ", StringComparison.Ordinal));
            },
            "the download is logged as stalled");

        _ = await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsByteArrayAsync());
        await StillServes();
    }

    [Fact]
    public async Task A_download_that_is_read_slowly_goes_through()
    {
        await server.Upload(blob, Answers.Bytes(Large)).ShouldBeOk();
        using var answer = await server.Download(blob);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[4 << 20];
        for (var i = 0; i < Large / buffer.Length; i++)
        {
            await body.ReadExactlyAsync(buffer);
            server.Time.Advance(TimeSpan.FromSeconds(1));
            server.Time.Advance(TimeSpan.FromSeconds(19));
        }

        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains($"GET /files/{blob} 200", StringComparison.Ordinal)), "the request is over");
    }

    [Fact]
    public async Task Many_uploads_at_once_share_one_connection()
    {
        await StillServes();
        var blobs = await Task.WhenAll(Enumerable.Range(0, 30).Select(async seed =>
        {
            var id = Guid.CreateVersion7();
            await server.Upload(id, Answers.Bytes(300_000 + seed, seed)).ShouldBeOk();
            return (id, seed);
        }));

        foreach (var (id, seed) in blobs)
        {
            await server.Download(id).ShouldHaveBytes(Answers.Bytes(300_000 + seed, seed));
        }

        Assert.Equal(1, client.Connections);
    }

    [Fact]
    public async Task A_url_as_long_as_a_request_line_may_be_is_taken()
    {
        var query = new string('x', Presign.MaxRequestLine - 100);
        await server.Send(HttpMethod.Get, $"/files/{blob}?expires=1&sig={query}").ShouldBeError(401, "invalid_signature");
        await StillServes();
    }

    private bool IsUnderWay(int sent) =>
        sent < 70_000 ? server.Server.Services.GetRequiredService<InFlight>().Count == 1 : server.FilesUnder("tmp").Length == 1;

    private bool IsOfBlob(string line) => line.Contains($"/upload/{blob}", StringComparison.Ordinal);

    /// <summary>On the same connection.</summary>
    private async Task StillServes()
    {
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
        Assert.Equal(1, client.Connections);
    }

    /// <summary>A body of 1 GB that stops after its first bytes, until it fails.</summary>
    private sealed class SlowContent(byte[] first) : HttpContent
    {
        private readonly TaskCompletionSource ends = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail() => ends.SetException(new IOException("cut"));

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(first);
            await stream.FlushAsync();
            await ends.Task;
        }

        protected override bool TryComputeLength(out long length) => (length = 1_000_000_000) > 0;
    }
}
