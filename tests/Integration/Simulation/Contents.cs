using System.Security.Cryptography;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>The few bodies that are uploaded, so that equal ones meet: short ones, which live in the index, and files of some pages.</summary>
internal static class Contents
{
    /// <summary>Bodies up to this length are inline.</summary>
    private const int InlineLimit = 300;

    private static readonly byte[][] Bodies =
        [.. new[] { 0, 10, 300, 1_000, 4_096, 5_000, 9_000, 13_000 }.Select((length, i) => Answers.Bytes(length, i + 1))];

    private static readonly Digest[] Digests = [.. Bodies.Select(body => Core.Digest.From(SHA256.HashData(body)))];

    public static int Count => Bodies.Length;

    public static int Longest => Bodies[^1].Length;

    public static byte[] Body(int content) => Bodies[content];

    public static Digest Digest(int content) => Digests[content];

    public static bool IsInline(int content) => Bodies[content].Length <= InlineLimit;

    /// <summary>The digest of contents one after the other, named as in <see cref="KeyState.Blob"/>.</summary>
    public static Digest DigestOf(string contents) =>
        int.TryParse(contents, out var one)
            ? Digests[one]
            : Core.Digest.From(SHA256.HashData(contents.Split('+').SelectMany(content => Bodies[int.Parse(content, null)]).ToArray()));
}
