using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Import;

/// <summary>Reads files of the source. What fails here is the source's fault, and so a reason to skip, not to stop.</summary>
internal sealed class SourceReading(Action<int> moved, CancellationToken stop)
{
    private readonly byte[] buffer = new byte[256 << 10];

    /// <summary>Reads so many bytes from the beginning, hands them on and hashes them.</summary>
    /// <returns>Their digest, or why they cannot be had.</returns>
    public Either<string, Digest> Read(SafeFileHandle file, long length, Action<ReadOnlyMemory<byte>> sink)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < length;)
        {
            stop.ThrowIfCancellationRequested();
            var read = Next(file, offset, length);
            if (read.Case is not int count)
            {
                return (string)read.Case;
            }

            hash.AppendData(buffer, 0, count);
            sink(buffer.AsMemory(0, count));
            moved(count);
            offset += count;
        }

        return Digest.From(hash.GetHashAndReset());
    }

    private Either<string, int> Next(SafeFileHandle file, long offset, long length)
    {
        try
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            return read > 0 ? read : "became shorter while it was read";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {error.Message}";
        }
    }
}
