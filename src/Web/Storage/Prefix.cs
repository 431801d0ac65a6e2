using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Borderless.Web.Storage;

/// <summary>
/// Chunks in their order, by what their bytes are. Two are equal when they have the same chunks; however many these are, it is as
/// short.
/// </summary>
/// <param name="Count">How many there are.</param>
/// <param name="Name">The digest of all but the last one's name and of the last one.</param>
/// <param name="Last">The last one; null where there is none.</param>
internal sealed record ChunkList(int Count, Digest Name, Stored? Last)
{
    public static readonly ChunkList Empty = new(0, Digest.OfNothing, null);

    /// <summary>The same and one more.</summary>
    public ChunkList Add(Stored chunk)
    {
        Span<byte> link = stackalloc byte[(2 * Digest.Length) + sizeof(long)];
        Name.Bytes.CopyTo(link);
        chunk.Sha256.Bytes.CopyTo(link[Digest.Length..]);
        BinaryPrimitives.WriteInt64LittleEndian(link[(2 * Digest.Length)..], chunk.Size);
        return new(Count + 1, Digest.From(SHA256.HashData(link)), chunk);
    }
}

/// <summary>The hash of an upload's first chunks, and which these are.</summary>
internal sealed record Prefix(ChunkList Chunks, IncrementalHash Hash) : IDisposable
{
    public bool IsEmpty => Chunks.Count == 0;

    /// <summary>That of no chunks.</summary>
    public static Prefix Empty() => new(ChunkList.Empty, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));

    /// <summary>A hash of its own, of the same chunks.</summary>
    public Prefix Copy() => new(Chunks, Hash.Clone());

    /// <summary>The same hash, of one chunk more, whose bytes it was fed.</summary>
    public Prefix With(Stored chunk) => new(Chunks.Add(chunk), Hash);

    public void Dispose() => Hash.Dispose();
}
