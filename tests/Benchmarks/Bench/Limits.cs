using System.Diagnostics;
using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>What the disk and the hash allow.</summary>
internal sealed class Limits(string directory, bool quick)
{
    private const int Gibibyte = 1 << 30;

    private static readonly Figure Disk = new("disk: 1 GiB by dd, fdatasync", "MB/s", false, Empty);
    private static readonly Figure Hash = new("hash: SHA-256 by openssl, one core", "MB/s", false, Empty);

    private readonly string source = new Bodies(directory).Fresh("whole", Gibibyte);

    /// <summary>Writes and reads some GiB, because the first touch of memory is slow after an idle time.</summary>
    public async Task TouchMemory()
    {
        var copies = Enumerable.Range(0, quick ? 2 : 6).Select(number => Path.Combine(directory, $"touch-{number}")).ToArray();
        foreach (var copy in copies)
        {
            _ = await Tool.Run("cp", "--reflink=never", source, copy);
            _ = await Tool.Run("dd", $"if={copy}", "of=/dev/null", "bs=1M", "status=none");
        }

        copies.Iter(File.Delete);
    }

    public async Task Measure(Measured measured, int rounds)
    {
        var path = Path.Combine(directory, "dd");
        for (var round = 0; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = await Tool.Run("dd", $"if={source}", $"of={path}", "bs=1M", "conv=fdatasync", "status=none");
            measured.Add(Disk, "machine", Gibibyte / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds);
            File.Delete(path);
            measured.Add(Hash, "machine", await Sha256());
        }
    }

    private static async Task<double> Sha256()
    {
        var printed = await Tool.Run("openssl", "speed", "-seconds", "1", "-bytes", "262144", "-evp", "sha256", "-mr");
        var line = printed.Split('\n').Last(line => line.StartsWith("+F:", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[^1], CultureInfo.InvariantCulture) / 1e6;
    }
}
