using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Kills;

/// <summary>What the clients of a storm send.</summary>
internal static class Bodies
{
    /// <summary>Random bytes of which bodies are cut: each its own by eight bytes at its beginning, or shared by many.</summary>
    private static readonly byte[] Noise = Answers.Bytes(3 << 20);

    /// <summary>From nothing to 3 MiB, one in four of a few that all clients send.</summary>
    public static byte[] Next(Random random)
    {
        if (random.Next(4) == 0)
        {
            var shared = random.Next(6);
            return Noise[shared..(shared + (shared * shared * 9_000))];
        }

        var length = random.Next(20) switch
        {
            0 => random.Next(8),
            < 7 => random.Next(1_000),
            < 12 => random.Next(16_000, 17_000),
            < 18 => random.Next(200_000),
            _ => random.Next(Noise.Length),
        };
        var body = Noise[..length];
        BitConverter.GetBytes(random.NextInt64()).AsSpan()[..Math.Min(8, length)].CopyTo(body);
        return body;
    }
}
