using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>
/// Hashes a body, and the whole that it continues, if it is a chunk. A whole's first chunk is the whole so far: one hash is both. For any
/// other the whole's hash runs beside the body's, on another thread, so that it arrives about as fast.
/// </summary>
/// <param name="whole">The hash of what comes before the body; stays its owner's.</param>
internal sealed class BodyHash(Prefix? whole) : IDisposable
{
    private readonly IncrementalHash own = whole is { IsEmpty: true } ? whole.Hash : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? beside = whole is { IsEmpty: false } ? whole.Hash : null;

    /// <summary>Hashes more bytes; they are the hash's until the result is complete.</summary>
    public Task Append(ReadOnlySequence<byte> bytes)
    {
        var hashing = beside is null ? Task.CompletedTask : Task.Run(() => Feed(beside, bytes));
        Feed(own, bytes);
        return hashing;
    }

    /// <summary>The body's own digest.</summary>
    public Digest Sha256() => Digest.From(own.GetCurrentHash());

    public void Dispose()
    {
        if (own != whole?.Hash)
        {
            own.Dispose();
        }
    }

    private static void Feed(IncrementalHash hash, ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            hash.AppendData(segment.Span);
        }
    }
}
