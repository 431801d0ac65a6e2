using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>What the disk and the hash allow.</summary>
internal sealed class Limits(string directory)
{
    private const int Gibibyte = 1 << 30;

    private static readonly Figure Disk = new("disk: 1 GiB by dd, fdatasync", "MB/s", false, Empty);
    private static readonly Figure Hash = new("hash: SHA-256 by openssl, one core", "MB/s", false, Empty);

    public async Task Measure(Measured measured, int rounds)
    {
        var (source, path) = (new Bodies(directory).Fresh("gibibyte", Gibibyte), Path.Combine(directory, "dd"));
        for (var round = 0; round <= rounds; round++)
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            _ = await Tool.Run("dd", $"if={source}", $"of={path}", "bs=1M", "conv=fdatasync", "status=none");
            var took = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
            File.Delete(path);
            if (round > 0)
            {
                // The first only makes the machine touch its memory, which is slow after an idle time.
                measured.Add(Disk, "machine", Gibibyte / 1e6 / took);
                measured.Add(Hash, "machine", await Sha256());
            }
        }
    }

    private static async Task<double> Sha256()
    {
        var printed = await Tool.Run("openssl", "speed", "-seconds", "1", "-bytes", "262144", "-evp", "sha256", "-mr");
        var line = printed.Split('\n').Last(line => line.StartsWith("+F:", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[^1], CultureInfo.InvariantCulture) / 1e6;
    }
}
