namespace Borderless.Web.Http;

/// <summary>A stretch of an answer's body.</summary>
internal abstract record Stretch
{
    private Stretch()
    {
    }

    /// <summary>Text between ranges.</summary>
    public sealed record Text(string Latin1) : Stretch;

    /// <summary>Bytes of the blob.</summary>
    public sealed record Bytes(ByteRange Range) : Stretch;
}

/// <summary>What a download's body consists of, in order.</summary>
internal sealed record BodyPlan(bool IsPartial, string ContentType, string ContentRange, long Length, Seq<Stretch> Stretches)
{
    /// <summary>Lays out what was planned: the whole, one range, or several in a multipart body.</summary>
    public static BodyPlan Of(RangePlan plan, string contentType, long size, Func<string> newBoundary) => plan switch
    {
        RangePlan.Single single => new(
            true, contentType, Ranges.ContentRange(single.Range, size), single.Range.Length, Seq1<Stretch>(new Stretch.Bytes(single.Range))),
        RangePlan.Several several => Framed(several.Ranges, Multipart.Frame(newBoundary(), contentType, several.Ranges, size)),
        _ => new(
            false, contentType, "", size, size == 0 ? Seq<Stretch>() : Seq1<Stretch>(new Stretch.Bytes(new ByteRange(0, size - 1)))),
    };

    private static BodyPlan Framed(Seq<ByteRange> ranges, MultipartFrame frame) =>
        new(
            true,
            frame.ContentType,
            "",
            frame.Length,
            toSeq(frame.PartHeads.Zip(ranges).Bind(part => Seq<Stretch>(new Stretch.Text(part.Item1), new Stretch.Bytes(part.Item2))).ToArray())
                .Add(new Stretch.Text(frame.End)));
}
