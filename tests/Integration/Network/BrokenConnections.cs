using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>Connections that break in every way, many of them, and for each the same number of requests of each kind.</summary>
internal static class BrokenConnections
{
    /// <summary>What is counted as a leak: so many bytes kept for each broken connection.</summary>
    public const long Leak = 64 << 10;

    private const int AtOnce = 8;

    /// <summary>How long a client whose connection stalls waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly byte[] Body = Answers.Bytes(150_000);

    /// <summary>Breaks so many connections to a server that has a blob, and returns when all are over.</summary>
    /// <param name="server">Where it listens.</param>
    /// <param name="sign">Signs a method and a path.</param>
    /// <param name="blob">A blob of about 150,000 bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Decides which break how.</param>
    public static async Task Break(Uri server, Func<string, string, string> sign, Guid blob, int count, int seed)
    {
        await using var network = new BadNetwork(server, number => Mishap.Any(new Random((seed * 100_000) + number), Body.Length));
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, token) =>
        {
            using var leaves = CancellationTokenSource.CreateLinkedTokenSource(token);
            leaves.CancelAfter(Patience);
            _ = await Caller.Ask(network.Address, Request(i % 5, sign, blob), leaves.Token);
        });
        Assert.InRange(network.Happened, count / 2, count);
    }

    private static byte[] Request(int kind, Func<string, string, string> sign, Guid blob)
    {
        var other = Guid.CreateVersion7();
        return kind switch
        {
            0 => Caller.Request("PUT", sign("PUT", $"/upload/{blob}"), Body),
            1 => Caller.RequestInPieces("POST", sign("POST", $"/upload/{other}"), Body),
            2 => Caller.Request("POST", sign("POST", $"/upload/{other}"), Body, "x-upload-type: chunked", "x-chunk-index: 1", "x-chunk-total: 2"),
            3 => Caller.Request("POST", sign("POST", $"/upload/{other}"), [], "x-upload-type: chunked", "x-chunk-merge: true", "x-chunk-total: 2"),
            _ => Caller.Request("GET", sign("GET", $"/files/{blob}"), []),
        };
    }
}
