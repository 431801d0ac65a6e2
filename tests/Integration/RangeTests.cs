using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class RangeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Guid id = Guid.CreateVersion7();

    private string Path => $"/files/{id}";

    [Theory]
    [InlineData("bytes=0-0", 0, 0)]
    [InlineData("bytes=0-9", 0, 9)]
    [InlineData("bytes=500-999", 500, 999)]
    [InlineData("bytes=990-", 990, 999)]
    [InlineData("bytes=0-", 0, 999)]
    [InlineData("bytes=-1", 999, 999)]
    [InlineData("bytes=-100", 900, 999)]
    [InlineData("bytes=-5000", 0, 999)]
    [InlineData("bytes=990-99999999999999999999", 990, 999)]
    [InlineData("BYTES=1-2", 1, 2)]
    [InlineData("bytes= 1-2 ,", 1, 2)]
    [InlineData("bytes=1-2,5000-", 1, 2)]
    public async Task One_range_is_sent_alone_and_says_where_it_stands(string range, int first, int last)
    {
        var bytes = await Store(1000);

        var answer = await server.Ask("GET", Path, $"range: {range}");

        Assert.Equal(206, answer.Status);
        Assert.Equal(bytes[first..(last + 1)], answer.Body);
        Assert.Equal($"bytes {first}-{last}/1000", answer.Header("content-range"));
        Assert.Equal("text/plain", answer.Header("content-type"));
    }

    [Theory]
    [InlineData("bytes=0-9,20-29", "0-9", "20-29")]
    [InlineData("bytes=990-,0-0", "990-999", "0-0")]
    [InlineData("bytes=-1, 0-499,5000-6000", "999-999", "0-499")]
    [InlineData("bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10,11-11,12-12,13-13,14-14,15-15", "0-0", "1-1", "2-2", "3-3", "4-4", "5-5", "6-6", "7-7", "8-8", "9-9", "10-10", "11-11", "12-12", "13-13", "14-14", "15-15")]
    public async Task Several_ranges_are_parts_of_one_body_in_the_order_asked_for(string range, params string[] expected)
    {
        var bytes = await Store(1000);

        var answer = await server.Ask("GET", Path, $"range: {range}");

        Assert.Equal(206, answer.Status);
        Assert.Null(answer.Header("content-range"));
        Assert.Equal(Multipart(answer, bytes, expected), answer.Body);
    }

    [Theory]
    [InlineData("bytes=0-9,5-20")]
    [InlineData("bytes=0-,0-")]
    [InlineData("bytes=-10,990-991")]
    [InlineData("bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9,10-10,11-11,12-12,13-13,14-14,15-15,16-16")]
    [InlineData("bytes=9-0")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=0-1;2-3")]
    [InlineData("bytes 0-1")]
    [InlineData("lines=0-1")]
    public async Task Abusive_malformed_and_foreign_ranges_get_the_whole(string range)
    {
        var bytes = await Store(1000);

        var answer = await server.Ask("GET", Path, $"range: {range}");

        Assert.Equal(200, answer.Status);
        Assert.Equal(bytes, answer.Body);
        Assert.Null(answer.Header("content-range"));
    }

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=5-,-5")]
    public async Task A_range_of_an_empty_blob_is_ignored(string range)
    {
        _ = await Store(0);

        var answer = await server.Ask("GET", Path, $"range: {range}");

        Assert.Equal(200, answer.Status);
        Assert.Empty(answer.Body);
        Assert.Null(answer.Header("content-range"));
    }

    [Theory]
    [InlineData(1000, "bytes=1000-")]
    [InlineData(1000, "bytes=1000-2000,3000-")]
    [InlineData(1000, "bytes=-0")]
    public async Task A_range_that_begins_behind_the_end_is_416_and_says_how_long_the_blob_is(int size, string range)
    {
        _ = await Store(size);

        var answer = await server.Ask("GET", Path, $"range: {range}");

        answer.ShouldBeError(416, "invalid_range");
        Assert.Equal($"bytes */{size}", answer.Header("content-range"));
        Assert.Null(answer.Header("etag"));
    }

    [Theory]
    [InlineData(0, 1_000_000)]
    [InlineData(9, 10)]
    [InlineData(10, 50_009)]
    [InlineData(50_009, 50_010)]
    [InlineData(5, 150_020)]
    [InlineData(150_000, 200_000)]
    public async Task Ranges_go_across_the_parts_of_a_merged_blob(int first, int last)
    {
        var bytes = await Store(10, 50_000, 0, 7, 100_003);
        last = Math.Min(last, bytes.Length - 1);
        first = Math.Min(first, last);

        var single = await server.Ask("GET", Path, $"range: bytes={first}-{last}");
        var several = await server.Ask("GET", Path, "range: bytes=100000-,8-11,49000-51000");

        Assert.Equal(bytes[first..(last + 1)], single.Body);
        Assert.Equal(Multipart(several, bytes, $"100000-{bytes.Length - 1}", "8-11", "49000-51000"), several.Body);
    }

    [Fact]
    public async Task A_connection_lives_on_after_ranges_and_after_416()
    {
        var bytes = await Store(10, 200_000);
        using var client = await RawClient.Connect(server);
        foreach (var (range, length) in new[] { ("bytes=5-150000", 149_996), ("bytes=900000-", -1), ("bytes=-7", 7), ("lines=1", bytes.Length) })
        {
            await client.Send(RawClient.Head("GET", server.Signed("GET", Path), $"range: {range}"));
            var answer = await client.ReadAnswer();
            Assert.Equal(length < 0 ? answer.Length : length, answer.Body.Length);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(10, 50_000)]
    public async Task HEAD_is_GET_in_every_header_and_knows_no_ranges(params int[] sizes)
    {
        _ = await Store(sizes);

        var get = await server.Ask("GET", Path);
        var head = await server.Ask("HEAD", Path);
        var ranged = await server.Ask("HEAD", Path, "range: bytes=0-4");

        Assert.Equal(Told(get), Told(head));
        Assert.Equal(Told(get), Told(ranged));
        Assert.Equal([200, 200, 200], [get.Status, head.Status, ranged.Status]);
        Assert.Equal("bytes", get.Header("accept-ranges"));
    }

    private static IEnumerable<string> Told(RawAnswer answer) =>
        answer.Headers.Where(header => header.Name.ToLowerInvariant() is not ("date" or "x-request-id")).Select(header => $"{header.Name}: {header.Value}").Order();

    /// <summary>The body of RFC 9110 section 14.6, with the boundary that the answer chose.</summary>
    private static byte[] Multipart(RawAnswer answer, byte[] bytes, params string[] ranges)
    {
        Assert.StartsWith("multipart/byteranges; boundary=", answer.Header("content-type"), StringComparison.Ordinal);
        var boundary = answer.Header("content-type")!.Split("boundary=")[1];
        var parts = ranges.Select((range, i) => (byte[])
        [
            .. Encoding.ASCII.GetBytes(
                $"{(i == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes {range}/{bytes.Length}\r\n\r\n"),
            .. bytes[int.Parse(range.Split('-')[0], null)..(int.Parse(range.Split('-')[1], null) + 1)],
        ]);
        return [.. parts.SelectMany(part => part), .. Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n")];
    }

    /// <summary>One body, or the chunks of a merged one.</summary>
    private async Task<byte[]> Store(params int[] sizes)
    {
        foreach (var (i, size) in sizes.Index())
        {
            await (sizes.Length == 1
                ? server.Upload(id, Answers.Bytes(size, i), ("content-type", "text/plain"))
                : server.Chunk(id, i + 1, sizes.Length, Answers.Bytes(size, i))).ShouldBeOk();
        }

        if (sizes.Length > 1)
        {
            await server.Merge(id, sizes.Length, ("content-type", "text/plain")).ShouldBeOk();
        }

        return [.. sizes.SelectMany((size, i) => Answers.Bytes(size, i))];
    }
}
