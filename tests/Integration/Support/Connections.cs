using System.Globalization;

namespace Borderless.Tests.Integration.Support;

/// <summary>What the kernel says of connections over IPv4.</summary>
internal static class Connections
{
    private const string Established = "01";

    /// <summary>How many bytes were sent from a port, and their peers have not acknowledged them yet (<c>/proc/net/tcp</c>, proc(5)).</summary>
    public static long Unacknowledged(int port) =>
        File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == Established && columns[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
            .Sum(columns => long.Parse(columns[4].Split(':')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
