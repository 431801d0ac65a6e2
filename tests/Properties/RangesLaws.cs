using System.Numerics;

namespace Borderless.Tests.Properties;

public sealed class RangesLaws
{
    /// <summary>What each range selects of an array of all positions, found by asking each position.</summary>
    private static int[] Selected(RangeWish wish, int size)
    {
        var positions = Enumerable.Range(0, size).ToArray();
        return wish.First is { } first
            ? [.. positions.Where(at => at >= first && (wish.Last is null || at <= wish.Last))]
            : [.. positions.Reverse().Where((_, i) => i < wish.Last).Reverse()];
    }

    private static string Model(RangeText text)
    {
        var isInvalid = text.Wishes.Exists(wish => wish.First is { } first && wish.Last < first);
        if (!text.IsReadable || isInvalid || text.Wishes.Count > 16 || text.Size == 0) return "whole";
        var selected = text.Wishes.Map(wish => Selected(wish, text.Size)).Filter(positions => positions.Length > 0).ToArray();
        if (selected.Length == 0) return "416";
        var all = selected.SelectMany(positions => positions).ToArray();
        return all.Distinct().Count() < all.Length ? "whole" : string.Join(';', selected.Select(positions => string.Join(',', positions)));
    }

    private static string Plan(RangeText text)
    {
        static string Positions(ByteRange range) => string.Join(',', Enumerable.Range((int)range.First, (int)range.Length));
        return Ranges.Plan(text.Text, text.Size).Match(
            Left: error => error == new StoreError.InvalidRange(text.Size) ? "416" : "?",
            Right: plan => plan switch
            {
                RangePlan.Whole => "whole",
                RangePlan.Single single => Positions(single.Range),
                RangePlan.Several { Ranges.Count: > 1 } several => string.Join(';', several.Ranges.Map(Positions)),
                _ => "?",
            });
    }

    [Property(MaxTest = 3000)]
    public Property A_plan_selects_the_bytes_that_the_array_has_there(RangeText text) =>
        (Plan(text) == Model(text))
        .Collect(Model(text) switch { "whole" => "whole", "416" => "416", var some => some.Contains(';', StringComparison.Ordinal) ? "several" : "one" })
        .Classify(!text.IsReadable, "malformed")
        .Classify(text.Size == 0, "of nothing")
        .Classify(text.Wishes.Count > 16, "too many");

    [Theory]
    [InlineData("bytes=0-499", "0-499")]
    [InlineData("bytes=500-999", "500-999")]
    [InlineData("bytes=-500", "9500-9999")]
    [InlineData("bytes=9500-", "9500-9999")]
    [InlineData("bytes=0-0,-1", "0-0 9999-9999")]
    [InlineData("bytes= 0-999, 4500-5499, -1000", "0-999 4500-5499 9000-9999")]
    [InlineData("bytes=500-600,601-999", "500-600 601-999")]
    [InlineData("bytes=500-700,601-999", "whole")]
    [InlineData("bytes=9999-9999,10000-", "9999-9999")]
    [InlineData("bytes=5-4", "whole")]
    [InlineData("bytes=10000-", "416")]
    [InlineData("bytes=-0", "416")]
    [InlineData("bytes=-99999999999999999999999", "0-9999")]
    [InlineData("bytes=0-99999999999999999999999", "0-9999")]
    [InlineData("bytes=99999999999999999999999-", "416")]
    [InlineData("items=0-1", "whole")]
    [InlineData(null, "whole")]
    public void The_examples_of_the_RFC_of_10000_bytes(string? range, string expected) =>
        Assert.Equal(expected, Ranges.Plan(range, 10_000).Match(
            Left: _ => "416",
            Right: plan => plan switch
            {
                RangePlan.Single single => $"{single.Range.First}-{single.Range.Last}",
                RangePlan.Several several => string.Join(' ', several.Ranges.Map(range => $"{range.First}-{range.Last}")),
                _ => "whole",
            }));

    /// <summary>The answer's promises hold for any size and any text.</summary>
    [Property(MaxTest = 1000)]
    public bool Ranges_lie_within_the_blob_and_nothing_throws(RangeText text, Hostile hostile, Wide size, bool isNear) =>
        Ranges.Plan(isNear ? text.Text : hostile.Text, size.Value).Match(
            Left: error => error == new StoreError.InvalidRange(size.Value),
            Right: plan => plan switch
            {
                RangePlan.Single single => IsWithin(single.Range, size.Value),
                RangePlan.Several several => several.Ranges.Count is > 1 and <= Ranges.MaxRanges
                    && several.Ranges.ForAll(range => IsWithin(range, size.Value)),
                _ => true,
            });

    private static bool IsWithin(ByteRange range, long size) =>
        range.First >= 0 && range.First <= range.Last && range.Last < size && range.Length == (BigInteger)range.Last - range.First + 1;

    [Property]
    public bool A_content_range_is_what_a_client_can_read(Wide first, Wide last, Wide size) =>
        Ranges.ContentRange(new(first.Value, last.Value), size.Value) == $"bytes {(BigInteger)first.Value}-{(BigInteger)last.Value}/{(BigInteger)size.Value}"
        && new ByteRange(first.Value, last.Value).Length
            == BigInteger.Max(0, BigInteger.Min(long.MaxValue, (BigInteger)last.Value - first.Value + 1));
}
