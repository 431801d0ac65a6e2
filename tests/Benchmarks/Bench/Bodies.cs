using System.Security.Cryptography;

namespace Borderless.Benchmarks.Bench;

/// <summary>Files to upload, in memory already when they are sent: random bytes, whose beginning is new for each upload.</summary>
internal sealed class Bodies(string directory)
{
    /// <summary>A file of so many bytes that no upload had before.</summary>
    public string Fresh(string name, long bytes)
    {
        var path = Path.Combine(directory, name);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
        if (file.Length != bytes)
        {
            var block = RandomNumberGenerator.GetBytes(1 << 20);
            for (file.SetLength(0); file.Length < bytes;)
            {
                block[0]++;
                file.Write(block.AsSpan(0, (int)Math.Min(block.Length, bytes - file.Length)));
            }

            file.Position = 0;
        }

        file.Write(RandomNumberGenerator.GetBytes(16));
        return path;
    }
}
