using System.Security.Cryptography;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Fsck;

/// <summary>Reads the bytes of parts, as many at a time as fit a buffer, and counts them.</summary>
internal sealed class PartReading(SqliteConnection index, DataLayout layout, IDisk disk, Action<long> moved, CancellationToken stop)
{
    private readonly byte[] buffer = new byte[256 << 10];

    /// <summary>How many bytes were read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Feeds the first bytes of a part to a hash; fewer where there are not so many.</summary>
    public void Feed(long part, Digest sha256, PartPlace.File? file, long length, IncrementalHash hash)
    {
        if (file is not null)
        {
            Feed(layout.PartFile(sha256, file), length, hash);
            return;
        }

        var bytes = index.Rows("SELECT bytes FROM parts WHERE part = $part", ("$part", part)).Select(row => row.Bytes(0)).First();
        hash.AppendData(bytes.AsSpan(0, (int)Math.Min(length, bytes.Length)));
        Count(bytes.Length);
    }

    private void Feed(string path, long length, IncrementalHash hash)
    {
        using var opened = disk.Open(path);
        for (long offset = 0; offset < length;)
        {
            stop.ThrowIfCancellationRequested();
            var read = opened.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset)), offset);
            if (read == 0)
            {
                return;
            }

            hash.AppendData(buffer, 0, read);
            offset += read;
            Count(read);
        }
    }

    private void Count(int read)
    {
        Bytes += read;
        moved(Bytes);
    }
}
