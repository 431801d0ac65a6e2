using System.Numerics;

namespace Borderless.Tests.Properties;

public sealed class SlicesLaws
{
    [Property(MaxTest = 1000)]
    public Property Slices_are_the_range_of_the_parts_put_together(PartedRange parted)
    {
        var next = 0;
        var parts = parted.Sizes.Map(size => Enumerable.Range(0, (int)size).Select(_ => next++).ToArray()).ToArray();
        var slices = Ranges.Slice(parted.Sizes, parted.Range);
        var sent = slices.SelectMany(slice => parts[slice.Part][(int)slice.Offset..(int)(slice.Offset + slice.Length)]);
        var whole = parts.SelectMany(part => part);
        return (sent.SequenceEqual(whole.Where(at => at >= parted.Range.First && at <= parted.Range.Last))
                && slices.ForAll(slice => slice.Length > 0))
            .Classify(slices.Count > 1, "over several parts")
            .Classify(parted.Sizes.Contains(0), "with an empty part")
            .Classify(slices.IsEmpty, "nothing");
    }

    [Property(MaxTest = 300)]
    public bool No_sizes_throw(Wide one, Wide two, Wide three, Wide first, Wide last)
    {
        var range = new ByteRange(first.Value, last.Value);
        var slices = Ranges.Slice(Seq(one.Value, two.Value, three.Value), range);
        var total = slices.Fold(BigInteger.Zero, (sum, slice) => sum + slice.Length);
        return slices.ForAll(slice => slice.Offset >= 0 && slice.Length > 0)
            && total <= BigInteger.Max(0, (BigInteger)range.Last - BigInteger.Max(0, range.First) + 1);
    }
}
