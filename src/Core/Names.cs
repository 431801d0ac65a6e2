using System.Buffers;
using System.Collections.Frozen;

namespace Borderless.Core;

/// <summary>A bucket's name: 1 to 63 characters of <c>a-z 0-9 - _</c>, none of the reserved words. Only <see cref="Parse"/> makes one.</summary>
public sealed record BucketName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>The bucket that <c>/upload/…</c> and <c>/files/…</c> mean.</summary>
    public static readonly BucketName Default = new("default");

    /// <summary>Words that are first segments of other routes, and so no names of buckets.</summary>
    public static readonly FrozenSet<string> Reserved =
        FrozenSet.Create("upload", "files", "admin", "presign", "healthz", "readyz", "metrics", "openapi", "console", ".well-known");

    private BucketName(string value) => Value = value;

    /// <summary>The name, in lower case.</summary>
    public string Value { get; }

    /// <summary>Lowers ASCII upper case, then checks length, characters and reserved words.</summary>
    /// <returns>The name, or <see cref="StoreError.InvalidBucket"/>.</returns>
    public static Either<StoreError, BucketName> Parse(string text) => text.ToLowerInvariant() switch
    {
        { Length: 0 or > MaxLength } => Refused($"a bucket's name has 1 to {MaxLength} characters"),
        var name when !text.All(IsNameCharacter) => Refused("a bucket's name is made of a-z, 0-9, - and _"),
        var name when Reserved.Contains(name) => Refused($"{name} is a reserved word and no bucket's name"),
        var name => new BucketName(name),
    };

    /// <summary>The name.</summary>
    public override string ToString() => Value;

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static Either<StoreError, BucketName> Refused(string why) => new StoreError.InvalidBucket(why);
}

/// <summary>A blob's id: a UUID (RFC 9562). Only <see cref="Parse"/> and <see cref="From"/> make one.</summary>
public readonly record struct BlobId
{
    private static readonly SearchValues<char> HexDigitsAndDash = SearchValues.Create("0123456789abcdefABCDEF-");

    private BlobId(Guid value) => Value = value;

    /// <summary>The UUID.</summary>
    public Guid Value { get; }

    /// <summary>Takes a UUID made elsewhere; new ones should be version 7 (RFC 9562 section 5.7).</summary>
    public static BlobId From(Guid value) => new(value);

    /// <summary>Reads the 36-character form, <c>8-4-4-4-12</c> hexadecimal digits in either case.</summary>
    /// <returns>The id, or <see cref="StoreError.InvalidBlobId"/>.</returns>
    public static Either<StoreError, BlobId> Parse(string text) =>
        text.Length == 36 && !text.AsSpan().ContainsAnyExcept(HexDigitsAndDash) && Guid.TryParseExact(text, "D", out var value)
            ? new BlobId(value)
            : new StoreError.InvalidBlobId();

    /// <summary>The 36-character form in lower case.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Whole seconds since 1970-01-01T00:00:00Z. A number, not a date: a URL may name any.</summary>
/// <param name="Value">The seconds.</param>
public readonly record struct UnixSeconds(long Value) : IComparable<UnixSeconds>
{
    /// <inheritdoc/>
    public int CompareTo(UnixSeconds other) => Value.CompareTo(other.Value);

    /// <summary>Earlier.</summary>
    public static bool operator <(UnixSeconds left, UnixSeconds right) => left.Value < right.Value;

    /// <summary>Later.</summary>
    public static bool operator >(UnixSeconds left, UnixSeconds right) => left.Value > right.Value;

    /// <summary>Earlier or the same.</summary>
    public static bool operator <=(UnixSeconds left, UnixSeconds right) => left.Value <= right.Value;

    /// <summary>Later or the same.</summary>
    public static bool operator >=(UnixSeconds left, UnixSeconds right) => left.Value >= right.Value;

    /// <summary>So many seconds later, or the last second there is.</summary>
    public UnixSeconds Plus(long seconds) => new(Value > 0 && seconds > long.MaxValue - Value ? long.MaxValue : Value + seconds);

    /// <summary>The seconds in decimal digits.</summary>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
