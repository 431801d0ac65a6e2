using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Kills;

/// <summary>A chunk that waits for its merge; when it was sent, in milliseconds of this process.</summary>
internal readonly record struct SentChunk(string Digest, long At);

/// <summary>What is stored under one blob id: the digest of its blob, if any, and the chunks that wait, by position.</summary>
internal sealed record BlobState(string? Blob, Map<int, SentChunk> Chunks)
{
    public static readonly BlobState Nothing = new(null, Empty);

    /// <summary>
    /// Whether this state may be found now as <paramref name="found"/>: the same, but for chunks that the janitor may have dropped,
    /// because they were sent longer than the ttl ago.
    /// </summary>
    public bool MayBe(BlobState found, TimeSpan ttl) =>
        found.Blob == Blob
        && found.Chunks.ForAll((position, chunk) => Chunks.Find(position).Exists(expected => expected.Digest == chunk.Digest))
        && Chunks.ForAll((position, chunk) => found.Chunks.ContainsKey(position) || Environment.TickCount64 - chunk.At > ttl.TotalMilliseconds);

    /// <summary>What is left of this state when that was found.</summary>
    public BlobState Left(BlobState found) => this with { Chunks = Chunks.Filter((position, _) => found.Chunks.ContainsKey(position)) };

    public override string ToString() =>
        $"{(Blob is null ? "no blob" : "blob " + Blob)}, chunks [{string.Join(' ', Chunks.Map((position, chunk) => $"{position}:{chunk.Digest[..12]}").Values)}]";
}

/// <summary>
/// What the one client that owns a blob id has in its journal of it. While a request is under way, and after one that was never
/// answered, there are two states that may be; otherwise there is one.
/// </summary>
internal sealed class Owned(Spot spot, int total)
{
    public Spot Spot => spot;

    /// <summary>How many chunks its uploads have.</summary>
    public int Total => total;

    /// <summary>What was last acknowledged, or seen after a kill.</summary>
    public BlobState Known { get; set; } = BlobState.Nothing;

    /// <summary>What will be, or is already, if a request of unknown outcome was done.</summary>
    public BlobState? Perhaps { get; set; }

    /// <summary>The bytes that were sent as chunks, by position, to know what a merge makes of them.</summary>
    public Dictionary<int, byte[]> Sent { get; } = [];
}
