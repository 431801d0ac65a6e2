using System.Globalization;

namespace Borderless.Core;

/// <summary>A stretch of a blob.</summary>
/// <param name="First">Its first byte, from 0.</param>
/// <param name="Last">Its last byte, included.</param>
public readonly record struct ByteRange(long First, long Last)
{
    /// <summary>How many bytes it has.</summary>
    public long Length => (long)Int128.Clamp((Int128)Last - First + 1, 0, long.MaxValue);
}

/// <summary>What a read sends. Closed: the whole, one range or several.</summary>
public abstract record RangePlan
{
    private RangePlan()
    {
    }

    /// <summary>All bytes (200).</summary>
    public sealed record Whole : RangePlan;

    /// <summary>One range (206).</summary>
    /// <param name="Range">Within the blob.</param>
    public sealed record Single(ByteRange Range) : RangePlan;

    /// <summary>Several ranges as <c>multipart/byteranges</c> (206).</summary>
    /// <param name="Ranges">2 to <see cref="Ranges.MaxRanges"/> within the blob, in the order asked for, none overlapping another.</param>
    public sealed record Several(Seq<ByteRange> Ranges) : RangePlan;
}

/// <summary>A stretch of one part of a blob.</summary>
/// <param name="Part">The part's place, from 0.</param>
/// <param name="Offset">The first byte within the part, from 0.</param>
/// <param name="Length">How many bytes, at least 1.</param>
public readonly record struct PartSlice(int Part, long Offset, long Length);

/// <summary>Range requests (RFC 9110 section 14).</summary>
public static class Ranges
{
    /// <summary>The most ranges of one request; more are answered with the whole (section 14.2).</summary>
    public const int MaxRanges = 16;

    /// <summary>A range as asked for: from First (to Last), or, without First, the last so many bytes.</summary>
    private readonly record struct Wish(long? First, long? Last);

    /// <summary>
    /// Decides what a <c>range</c> header means. One of another unit or malformed, with more than <see cref="MaxRanges"/> ranges or
    /// with overlapping ones is ignored, and so is any of an empty blob, which has no parts (section 14.2). Numbers beyond 64 bits
    /// count as the largest.
    /// </summary>
    /// <param name="range">The header's value; null when there is none.</param>
    /// <param name="size">The blob's length in bytes.</param>
    /// <returns>What to send, or <see cref="StoreError.InvalidRange"/> when no range begins within the blob.</returns>
    public static Either<StoreError, RangePlan> Plan(string? range, long size) =>
        Wishes(range ?? "").Filter(_ => size > 0).Match(
            None: () => new RangePlan.Whole(),
            Some: wishes => Decide(wishes.Choose(wish => Resolve(wish, size)), size));

    /// <summary>Finds the stretches of parts that a range covers.</summary>
    /// <param name="partSizes">The lengths of the blob's parts, in order.</param>
    /// <param name="range">What to cover; bytes outside the parts are left out.</param>
    /// <returns>The slices in order, none of them empty.</returns>
    public static Seq<PartSlice> Slice(Seq<long> partSizes, ByteRange range)
    {
        var slices = new List<PartSlice>();
        var (part, start) = (0, (Int128)0);
        foreach (var size in partSizes.Map(size => Math.Max(0, size)))
        {
            var (from, to) = (Int128.Max(0, range.First - start), Int128.Min(size - 1, range.Last - start));
            if (from <= to)
            {
                slices.Add(new(part, (long)from, (long)(to - from + 1)));
            }

            (part, start) = (part + 1, start + size);
        }

        return toSeq(slices.ToArray());
    }

    /// <summary>The value of <c>content-range</c> (section 14.4), such as <c>bytes 0-9/100</c>.</summary>
    public static string ContentRange(ByteRange range, long size) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {range.First}-{range.Last}/{size}");

    private static Either<StoreError, RangePlan> Decide(Seq<ByteRange> ranges, long size) => ranges.Count switch
    {
        0 => new StoreError.InvalidRange(size),
        1 => new RangePlan.Single(ranges[0]),
        _ when Overlap(ranges) => new RangePlan.Whole(),
        _ => new RangePlan.Several(ranges),
    };

    private static bool Overlap(Seq<ByteRange> ranges)
    {
        var sorted = ranges.OrderBy(range => range.First).ToArray();
        return sorted.Zip(sorted.Skip(1)).Any(pair => pair.Item1.Last >= pair.Item2.First);
    }

    private static Option<ByteRange> Resolve(Wish wish, long size) => wish switch
    {
        { First: { } first } when first < size => Some(new ByteRange(first, Math.Min(wish.Last ?? long.MaxValue, size - 1))),
        { First: null, Last: > 0 and var suffix } => Some(new ByteRange(size - Math.Min(suffix, size), size - 1)),
        _ => None,
    };

    /// <summary>Section 14.1.1; empty elements of the list are skipped (section 5.6.1.2).</summary>
    private static Option<Seq<Wish>> Wishes(string range) =>
        range.Split('=', 2) is [var unit, var set] && unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
        && set.Split(',').Select(one => one.Trim(' ', '\t')).Where(one => one.Length > 0).ToArray()
            is { Length: >= 1 and <= MaxRanges } texts
            ? toSeq(texts).Map(ReadWish).Sequence()
            : None;

    private static Option<Wish> ReadWish(string text) =>
        text.Length > 1 && text.Split('-') is [var first, var last]
        && first.All(char.IsAsciiDigit) && last.All(char.IsAsciiDigit)
        && new Wish(Number(first), Number(last)) is var wish && !(wish.Last < wish.First)
            ? wish
            : None;

    private static long? Number(string digits) =>
        digits.Length == 0 ? null
        : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : long.MaxValue;
}
