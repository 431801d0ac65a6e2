using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Serilog.Core;

namespace Borderless.Tests.Integration;

/// <summary>What SIGTERM and SIGINT do to a server that is busy.</summary>
public sealed class ShutdownTests : IDisposable
{
    private const int Length = 300_000;

    /// <summary>Seconds in which a server with a grace of one has ended, also on a busy machine; far less than what it cuts.</summary>
    private const double Soon = 20;

    private readonly TestDirectory directory = new();

    [Theory]
    [InlineData(ServerProcess.SigTerm)]
    [InlineData(ServerProcess.SigInt)]
    public async Task An_upload_in_flight_may_end_while_new_connections_are_refused(int signal)
    {
        await using var server = await ServerProcess.Serve(directory.Root);
        var bytes = Answers.Bytes(Length);
        using var upload = await BeginUpload(server, bytes.AsMemory(0, Length / 2));

        server.Signal(signal);
        await Wait.Until(() => IsRefused(server.Address), "connections are refused");
        Assert.False(server.HasExited);
        await upload.GetStream().WriteAsync(bytes.AsMemory(Length / 2));

        Assert.StartsWith("HTTP/1.1 200 ", await Answer(upload), StringComparison.Ordinal);
        Assert.Equal(0, (await server.End()).Code);
        Assert.Empty(directory.Temporary());
    }

    /// <summary>Less than another write's worth has come, so that the server waits in the middle of gathering it.</summary>
    [Fact]
    public async Task A_slow_upload_has_its_grace()
    {
        await using var server = await ServerProcess.Serve(directory.Root);
        var bytes = Answers.Bytes(Length);
        using var upload = await BeginUpload(server, bytes.AsMemory(0, 70_000));
        await upload.GetStream().WriteAsync(bytes.AsMemory(70_000, 1000));

        server.Signal(ServerProcess.SigTerm);
        await Wait.Until(() => IsRefused(server.Address), "connections are refused");
        for (var sent = 71_000; sent < Length; sent += 1000)
        {
            await upload.GetStream().WriteAsync(bytes.AsMemory(sent, 1000));
        }

        Assert.StartsWith("HTTP/1.1 200 ", await Answer(upload), StringComparison.Ordinal);
        Assert.Equal(0, (await server.End()).Code);
    }

    [Theory]
    [InlineData(ServerProcess.SigTerm)]
    [InlineData(ServerProcess.SigInt)]
    public async Task A_stalled_upload_is_cut_after_the_grace_and_its_file_removed(int signal)
    {
        await using var server = await ServerProcess.Serve(directory.Root, "--shutdown-grace-secs=1");
        using var upload = await BeginUpload(server, Answers.Bytes(Length / 2));

        var taken = await StopAndTime(server, signal);

        Assert.InRange(taken.TotalSeconds, 0.9, Soon);
        Assert.Empty(directory.Temporary());
        Assert.Equal("", await Answer(upload));
    }

    [Fact]
    public async Task A_download_that_nobody_reads_is_cut_after_the_grace()
    {
        await using var server = await ServerProcess.Serve(directory.Root, "--shutdown-grace-secs=1");
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, new byte[64 << 20]).ShouldBeOk();
        using var download = await server.Begin("GET", $"/files/{blob}");
        await Wait.Until(() => download.Available > 0, "the download runs");

        Assert.InRange((await StopAndTime(server, ServerProcess.SigTerm)).TotalSeconds, 0.9, Soon);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_merge_that_hashes_is_stopped_and_its_chunks_wait(bool clientStays)
    {
        // 160 GB to hash, which takes far longer than the test may.
        const int total = 10_000;
        var blob = Guid.CreateVersion7();
        PrepareChunks(blob, total, new byte[16 << 20]);
        await using var server = await ServerProcess.Serve(directory.Root, "--shutdown-grace-secs=1");
        var read = BytesRead(server);
        using var merge = await server.Begin(
            "POST", $"/upload/{blob}", $"x-upload-type: chunked\r\nx-chunk-total: {total}\r\nx-chunk-merge: true\r\ncontent-length: 0\r\n");
        await Wait.Until(() => BytesRead(server) > read + (128 << 20), "the merge hashes");
        if (!clientStays)
        {
            merge.Close();
        }

        Assert.InRange((await StopAndTime(server, ServerProcess.SigTerm)).TotalSeconds, 0, Soon);

        using var store = OpenStore();
        Assert.Null(store.Index.FindBlob(BucketName.Default, BlobId.From(blob)));
        Assert.Equal(total, store.Index.FindChunks(BucketName.Default, BlobId.From(blob), total).Count);
    }

    [Theory]
    [InlineData(ServerProcess.SigTerm, 128 + 15)]
    [InlineData(ServerProcess.SigInt, 128 + 2)]
    public async Task A_signal_that_comes_a_second_later_ends_at_once(int signal, int code)
    {
        await using var server = await ServerProcess.Serve(directory.Root, "--shutdown-grace-secs=600");
        using var upload = await BeginUpload(server, Answers.Bytes(Length / 2));

        server.Signal(signal);
        await server.WaitForLine("stopping");

        // Within a second of the first it would count with it.
        var since = Stopwatch.GetTimestamp();
        await Wait.Until(() => Stopwatch.GetElapsedTime(since).TotalSeconds > 1, "a second is over");
        server.Signal(signal);

        Assert.Equal(code, (await server.End()).Code);
    }

    [Fact]
    public async Task An_idle_server_stops_at_once_although_a_connection_is_kept_alive()
    {
        await using var server = await ServerProcess.Serve(directory.Root);
        _ = await server.Http.GetStringAsync("/healthz");

        Assert.InRange((await StopAndTime(server, ServerProcess.SigTerm)).TotalSeconds, 0, Soon);
    }

    public void Dispose() => directory.Dispose();

    /// <summary>An upload of which a part has reached the disk.</summary>
    private async Task<TcpClient> BeginUpload(ServerProcess server, ReadOnlyMemory<byte> first)
    {
        var upload = await server.Begin("POST", $"/upload/{Guid.CreateVersion7()}", $"content-length: {Length}\r\n", first);
        await Wait.Until(() => directory.Temporary().Length == 1, "the upload has a temporary file");
        return upload;
    }

    private static async Task<TimeSpan> StopAndTime(ServerProcess server, int signal)
    {
        var since = Stopwatch.GetTimestamp();
        server.Signal(signal);
        var ended = await server.End();
        Assert.True(ended.Code == 0, $"ended with {ended.Code}: {string.Join('\n', ended.Output.Concat(ended.Errors))}");
        Assert.DoesNotContain(ended.Output, line => line.Contains("WRN", StringComparison.Ordinal) && !line.Contains("cors", StringComparison.Ordinal));
        return Stopwatch.GetElapsedTime(since);
    }

    private static bool IsRefused(Uri address)
    {
        try
        {
            using var client = new TcpClient(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>All that still comes on the connection; empty when it was cut.</summary>
    private static async Task<string> Answer(TcpClient client)
    {
        var text = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(text);
        }
        catch (IOException)
        {
            // Cut by a reset: what came before it counts.
        }

        return Encoding.Latin1.GetString(text.ToArray());
    }

    /// <summary>What the process has read by system calls.</summary>
    private static long BytesRead(ServerProcess server) =>
        long.Parse(File.ReadLines($"/proc/{server.Id}/io").First().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private Store OpenStore() =>
        Store.Open(TestServer.SettingsFor(directory.Root).Storage, new PosixDisk(), TimeProvider.System, Logger.None)
            .IfLeft(problem => throw new InvalidOperationException(problem.Message));

    /// <summary>Many chunks of the same bytes, which are stored once.</summary>
    private void PrepareChunks(Guid blob, int total, byte[] bytes)
    {
        using var store = OpenStore();
        var file = store.Parts.Begin();
        file.Append(new System.Buffers.ReadOnlySequence<byte>(bytes));
        var part = new ReceivedPart.File(Digest.From(System.Security.Cryptography.SHA256.HashData(bytes)), file);
        var stored = store.Committer.Commit(part, (tx, landed) => toSeq(Enumerable.Range(1, total))
            .Map(i => Decisions.StoreChunk(tx, BucketName.Default, BlobId.From(blob), TestStore.Rules(WriteMode.Create), i, total, landed)).Strict().Last);
        Assert.True(stored.Result.IsRight);
    }
}
