namespace Borderless.Core;

/// <summary>What goes around the ranges of a <c>multipart/byteranges</c> body (RFC 9110 section 14.6), one byte for each character.</summary>
/// <param name="ContentType">The answer's <c>content-type</c>.</param>
/// <param name="PartHeads">The text before each range's bytes.</param>
/// <param name="End">The text after the last range's bytes.</param>
/// <param name="Length">The length of the whole body in bytes.</param>
public sealed record MultipartFrame(string ContentType, Seq<string> PartHeads, string End, long Length);

/// <summary>Several ranges in one body.</summary>
public static class Multipart
{
    /// <summary>Frames ranges (RFC 9110 section 14.6, RFC 2046 section 5.1.1).</summary>
    /// <param name="boundary">1 to 70 letters and digits that do not occur in the bytes, so made by chance.</param>
    /// <param name="contentType">The blob's content type.</param>
    /// <param name="ranges">The ranges in the order in which they are sent.</param>
    /// <param name="size">The blob's length in bytes.</param>
    public static MultipartFrame Frame(string boundary, string contentType, Seq<ByteRange> ranges, long size)
    {
        var heads = toSeq(ranges.Select((range, i) => Head(i == 0 ? "" : "\r\n", boundary, contentType, range, size)).ToArray());
        var end = $"\r\n--{boundary}--\r\n";
        return new($"multipart/byteranges; boundary={boundary}", heads, end, Length(heads, end, ranges));
    }

    private static string Head(string lineEnd, string boundary, string contentType, ByteRange range, long size) =>
        $"{lineEnd}--{boundary}\r\nContent-Type: {contentType}\r\nContent-Range: {Ranges.ContentRange(range, size)}\r\n\r\n";

    private static long Length(Seq<string> heads, string end, Seq<ByteRange> ranges) =>
        (long)Int128.Min(
            long.MaxValue,
            heads.Fold((Int128)end.Length, (sum, head) => sum + head.Length) + ranges.Fold((Int128)0, (sum, range) => sum + range.Length));
}
