using System.Collections.Concurrent;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Trace;

/// <summary>Writes of every kind, each with bytes of its own, so that a digest in the trace belongs to one answer only.</summary>
internal sealed class TracedWriter
{
    private readonly ConcurrentDictionary<string, int> acknowledged = new();
    private int distinct;

    /// <summary>How many 2xx answers came, by their kind.</summary>
    public IReadOnlyDictionary<string, int> Acknowledged => acknowledged;

    /// <summary>
    /// One request after the other: bytes that go into the index, into pages of their own there, into a file that its batch syncs,
    /// and into a file that its own request syncs, which is one of more than 1 MiB.
    /// </summary>
    public async Task Write(ServerProcess server, int large)
    {
        foreach (var size in new[] { 100, 16_384, 100_000, large })
        {
            var path = $"/upload/{Guid.CreateVersion7()}";
            await Send(server, TracedAnswer.Upload, "POST", path, Fresh(size));
            await Send(server, TracedAnswer.Overwrite, "PUT", path, Fresh(size / 2));
            await Send(server, TracedAnswer.Delete, "DELETE", path.Replace("/upload/", "/files/", StringComparison.Ordinal));
        }

        var merged = $"/upload/{Guid.CreateVersion7()}";
        await Chunks(server, merged, large);
        await Send(server, TracedAnswer.Merge, "POST", merged, [], ("x-upload-type", "chunked"), ("x-chunk-total", "3"), ("x-chunk-merge", "true"));
        var abandoned = $"/upload/{Guid.CreateVersion7()}";
        await Chunks(server, abandoned, large);
        foreach (var path in new[] { merged, abandoned })
        {
            await Send(server, TracedAnswer.Delete, "DELETE", path.Replace("/upload/", "/files/", StringComparison.Ordinal));
        }
    }

    private async Task Chunks(ServerProcess server, string path, int large)
    {
        foreach (var (index, size) in new[] { (3, 100), (1, 100_000), (2, large) })
        {
            await Send(
                server, TracedAnswer.Chunk, "POST", path, Fresh(size), ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", "3"));
        }
    }

    private byte[] Fresh(int size) => Answers.Bytes(size, 1000 + Interlocked.Increment(ref distinct));

    private async Task Send(ServerProcess server, string kind, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var answer = await server.Ask(method, path, body, headers);
        Assert.True(answer is { IsOk: true }, $"{method} {path}: {answer}");
        _ = acknowledged.AddOrUpdate(kind, 1, (_, count) => count + 1);
    }
}
