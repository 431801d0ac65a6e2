using System.Collections.Concurrent;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>
/// A server under many clients at once, with or without a janitor that runs without a pause and finds everything old that no row
/// names. What was acknowledged and what was refused is written down, and looked for when the storm is over.
/// </summary>
internal sealed class Storm : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Spot, byte[]> kept = new();
    private readonly ConcurrentDictionary<Spot, bool> absent = new();
    private readonly CancellationTokenSource over = new();
    private Task cleaning = Task.CompletedTask;

    private Storm(TestServer server) => Server = server;

    public TestServer Server { get; }

    /// <summary>Chunks that the storm's janitor dropped; complete when the storm is over.</summary>
    public int DroppedChunks { get; private set; }

    /// <summary>
    /// Starts a server whose clock is a day ahead of its files, and finds leftovers old, and transfers stalled, after so many seconds.
    /// </summary>
    public static async Task<Storm> Start(bool janitor = false, IDisk? disk = null, int ttl = 1, int timeout = 30)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(1));
        var settings = new Dictionary<string, string>
        {
            ["ttl_orphan_secs"] = $"{ttl}",
            ["janitor_interval_secs"] = "100000",
            ["rq_timeout_secs"] = $"{timeout}",
        };
        var storm = new Storm(await TestServer.Start(settings, disk: disk, time: time));
        storm.cleaning = janitor ? Task.Run(storm.Clean) : Task.CompletedTask;
        return storm;
    }

    /// <summary>Runs so many of them at once, each told its number from 0.</summary>
    public static Task Together(int count, Func<int, Task> act) => Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => act(i))));

    /// <summary>Sends requests at once and returns their answers in order.</summary>
    public static Task<Answer[]> Together(params Func<Task<Answer>>[] requests) => Task.WhenAll(requests.Select(Task.Run));

    public Task<Answer> Post(Spot spot, byte[] bytes, params (string, string)[] headers) => Send("POST", spot, bytes, headers);

    public Task<Answer> Put(Spot spot, byte[] bytes, params (string, string)[] headers) => Send("PUT", spot, bytes, headers);

    public Task<Answer> Chunk(Spot spot, int index, int total, byte[] bytes, string method = "POST") =>
        Send(method, spot, bytes, ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}"));

    public Task<Answer> Merge(Spot spot, int total, string method = "POST", params (string, string)[] headers) =>
        Send(method, spot, [], [("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true"), .. headers]);

    public Task<Answer> Get(Spot spot) => Send("GET", spot, null);

    /// <summary>Asks which chunks wait.</summary>
    public Task<Answer> Status(Spot spot) => Read(Server.Send(HttpMethod.Get, Server.Signed("GET", $"{spot}/chunks")));

    public Task<Answer> Delete(Spot spot, params (string, string)[] headers) => Send("DELETE", spot, null, headers);

    public async Task<Answer> DeleteBucket(string bucket) =>
        await Read(Server.Send(HttpMethod.Delete, $"/admin/buckets/{bucket}", null, ("authorization", $"Bearer {TestServer.ApiKey}")));

    /// <summary>Sends all chunks of an upload, one after the other.</summary>
    public async Task Chunks(Spot spot, string method, params byte[][] chunks)
    {
        for (var i = 0; i < chunks.Length; i++)
        {
            Assert.Equal(200, (await Chunk(spot, i + 1, chunks.Length, chunks[i], method)).Status);
        }
    }

    /// <summary>The same from the last to the first, so that a merge has to read all but that.</summary>
    public async Task ChunksBackwards(Spot spot, string method, params byte[][] chunks)
    {
        for (var i = chunks.Length; i > 0; i--)
        {
            Assert.Equal(200, (await Chunk(spot, i, chunks.Length, chunks[i - 1], method)).Status);
        }
    }

    /// <summary>From here on the blob must be there, whole.</summary>
    public void Keep(Spot spot, byte[] bytes) => kept[spot] = bytes;

    /// <summary>From here on the blob must not be there.</summary>
    public void Lose(Spot spot)
    {
        _ = kept.TryRemove(spot, out _);
        absent[spot] = true;
    }

    /// <summary>The blob is there with these bytes and their digest.</summary>
    public async Task ShouldRead(Spot spot, byte[] bytes)
    {
        var answer = await Get(spot);
        Assert.True(answer.IsOk, $"{spot}: {answer}");
        Assert.Equal((Answers.Sha256(bytes), $"\"{Answers.Sha256(bytes)}\""), (Answers.Sha256(answer.Body), answer.ETag));
    }

    /// <summary>Ends the storm: everything kept is whole, everything lost is away, and the books balance.</summary>
    public async Task Settle()
    {
        await over.CancelAsync();
        await cleaning;
        foreach (var (spot, bytes) in kept)
        {
            await ShouldRead(spot, bytes);
        }

        foreach (var spot in absent.Keys.Except(kept.Keys))
        {
            Assert.Equal(404, (await Get(spot)).Status);
        }

        await Audit.Balance(Server);
        Assert.DoesNotContain(Server.Log.Lines, line => line.Contains("nothing foresaw", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await cleaning;
        await Server.DisposeAsync();
        over.Dispose();
    }

    private async Task Clean()
    {
        while (!over.IsCancellationRequested)
        {
            DroppedChunks += (await Server.Server.Janitor.RunOnce(CancellationToken.None)).Chunks;
            await Task.Yield();
        }
    }

    private Task<Answer> Send(string method, Spot spot, byte[]? bytes, params (string, string)[] headers) =>
        Read(Server.Send(
            new HttpMethod(method), Server.Signed(method, spot.ToString()), bytes is null ? null : new ByteArrayContent(bytes), headers));

    private static async Task<Answer> Read(Task<HttpResponseMessage> sent)
    {
        using var answer = await sent;
        return new Answer((int)answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsByteArrayAsync());
    }
}
