using System.Text.RegularExpressions;

namespace Borderless.Tests.Properties;

public sealed partial class MultipartLaws
{
    [GeneratedRegex(@"\Amultipart/byteranges; boundary=(?<boundary>[A-Za-z0-9]{1,70})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Type();

    /// <summary>RFC 2046 the naive way: cut at the boundary, then at the blank line. It trusts no length.</summary>
    private static (string Type, string Range, string Bytes)[] Parsed(string contentType, string body)
    {
        var boundary = Type().Match(contentType).Groups["boundary"].Value;
        var pieces = $"\r\n{body}".Split($"\r\n--{boundary}");
        Assert.Equal("", pieces[0]);
        Assert.Equal("--\r\n", pieces[^1]);
        return [.. pieces[1..^1].Select(piece =>
        {
            var (head, blank) = (piece.IndexOf("\r\n\r\n", StringComparison.Ordinal), 4);
            var fields = piece[2..head].Split("\r\n").Select(line => line.Split(": ", 2)).ToDictionary(
                field => field[0], field => field[1], StringComparer.OrdinalIgnoreCase);
            return piece.StartsWith("\r\n", StringComparison.Ordinal) && fields.Count == 2
                ? (fields["content-type"], fields["content-range"], piece[(head + blank)..])
                : throw new InvalidOperationException(piece);
        })];
    }

    [Property(MaxTest = 500)]
    public Property A_naive_parser_finds_each_range(FramedBlob blob)
    {
        var frame = Multipart.Frame(blob.Boundary, blob.ContentType, blob.Ranges, blob.Bytes.Length);
        var ranges = blob.Ranges.Map(range => blob.Bytes.Substring((int)range.First, (int)range.Length));
        var body = string.Concat(frame.PartHeads.Zip(ranges, (head, bytes) => head + bytes)) + frame.End;
        var expected = blob.Ranges.Zip(ranges, (range, bytes) =>
            (blob.ContentType, $"bytes {range.First}-{range.Last}/{blob.Bytes.Length}", bytes));
        return (frame.PartHeads.Count == blob.Ranges.Count && frame.Length == body.Length
                && Parsed(frame.ContentType, body).SequenceEqual(expected))
            .Classify(blob.Bytes.Contains("\r\n--", StringComparison.Ordinal), "bytes near a boundary");
    }

    [Property]
    public bool Nothing_throws(Hostile boundary, Hostile type, Wide first, Wide last, Wide size) =>
        Multipart.Frame(boundary.Text, type.Text, Seq(new ByteRange(first.Value, last.Value), new(0, long.MaxValue)), size.Value).Length > 0
        && Multipart.Frame(boundary.Text, type.Text, Seq<ByteRange>(), size.Value).PartHeads.IsEmpty;
}
