namespace Borderless.Core;

/// <summary>A SHA-256 digest (FIPS 180-4). Two are equal when their 32 bytes are.</summary>
public sealed class Digest : IEquatable<Digest>
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int Length = 32;

    /// <summary>The digest of no bytes at all.</summary>
    public static readonly Digest OfNothing = new(System.Security.Cryptography.SHA256.HashData([]));

    private readonly byte[] bytes;

    private Digest(byte[] bytes) => this.bytes = bytes;

    /// <summary>The 32 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Takes the 32 bytes of a digest.</summary>
    /// <exception cref="ArgumentException">There are not 32 of them.</exception>
    public static Digest From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length ? new(bytes.ToArray()) : throw new ArgumentException($"a SHA-256 digest has {Length} bytes", nameof(bytes));

    /// <summary>Reads 64 hexadecimal digits in either case.</summary>
    /// <returns>The digest, or None for any other text.</returns>
    public static Option<Digest> Parse(string text) =>
        text.Length == 2 * Length && text.All(char.IsAsciiHexDigit) ? new Digest(Convert.FromHexString(text)) : None;

    /// <inheritdoc/>
    public bool Equals(Digest? other) => other is not null && bytes.AsSpan().SequenceEqual(other.bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Digest);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(bytes);

    /// <summary>64 hexadecimal digits in lower case.</summary>
    public override string ToString() => Convert.ToHexStringLower(bytes);
}
