using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class DownloadTests
{
    private readonly Guid blob = Guid.CreateVersion7();

    private string Path => $"/files/{blob}";

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(100_000)]
    [InlineData(10, 20)]
    [InlineData(100_000, 10, 0, 200_000)]
    public async Task GET_and_HEAD_have_the_same_headers_and_only_GET_has_bytes(params int[] sizes)
    {
        await using var server = await TestServer.Start();
        var bytes = await Store(server, sizes);

        var get = await Ask(server, "GET");
        var head = await Ask(server, "HEAD");

        Assert.Equal(bytes, get.Body);
        Assert.Empty(head.Body);
        foreach (var answer in new[] { get, head })
        {
            Assert.Equal(200, answer.Status);
            Assert.Equal($"{bytes.Length}", answer.Header("content-length"));
            Assert.Equal("text/plain; charset=latin1", answer.Header("content-type"));
            Assert.Equal("attachment; filename=a.txt", answer.Header("content-disposition"));
            Assert.Equal("private, max-age=60, must-revalidate", answer.Header("cache-control"));
        }

        Assert.Equal(Names(get), Names(head));
    }

    [Fact]
    public async Task An_answer_to_HEAD_leaves_the_connection_as_it_found_it()
    {
        await using var server = await TestServer.Start();
        await Store(server, 100_000);
        using var client = await RawClient.Connect(server);
        foreach (var method in new[] { "HEAD", "GET", "HEAD", "GET" })
        {
            await client.Send(RawClient.Head(method, server.Signed("GET", Path)));
            Assert.Equal(method == "GET" ? 100_000 : 0, (await client.ReadAnswer(hasBody: method == "GET")).Body.Length);
        }
    }

    [Fact]
    public async Task A_download_may_be_kept_as_long_as_its_url_is_valid()
    {
        await using var server = await TestServer.Start();
        await Store(server, 10);
        var link = server.Signed("GET", Path, validFor: 100);
        server.Time.Advance(TimeSpan.FromSeconds(99));

        using var late = await server.Send(HttpMethod.Get, link);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        using var last = await server.Send(HttpMethod.Get, link);

        Assert.Equal(["private, must-revalidate, max-age=1"], late.Headers.GetValues("cache-control").Select(Sorted));
        Assert.Equal(["private, must-revalidate, max-age=0"], last.Headers.GetValues("cache-control").Select(Sorted));
    }

    [Fact]
    public async Task Nobody_may_keep_what_an_upload_or_an_error_says()
    {
        await using var server = await TestServer.Start();
        using var upload = await server.Upload(blob, [1]);
        using var duplicate = await server.Upload(blob, [1]);
        using var missing = await server.Download(Guid.NewGuid());

        Assert.All([upload, duplicate, missing], answer => Assert.Equal("no-store", answer.Headers.CacheControl?.ToString()));
    }

    [Fact]
    public async Task A_blob_that_does_not_exist_is_not_found_by_any_method()
    {
        await using var server = await TestServer.Start();
        await server.Chunk(blob, 1, 2, [1]).ShouldBeOk();

        (await Ask(server, "GET")).ShouldBeError(404, "no_such_blob");
        var head = await Ask(server, "HEAD");

        Assert.Equal(404, head.Status);
        Assert.Equal("application/json", head.Header("content-type"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99_999)]
    [InlineData(null)]
    public async Task A_blob_whose_file_is_missing_or_cut_is_damaged(int? left)
    {
        await using var server = await TestServer.Start();
        await Store(server, 100_000);
        Damage(server.FilesUnder("parts").Single(), left);

        (await Ask(server, "GET")).ShouldBeError(500, "blob_damaged");

        Assert.Equal(500, (await Ask(server, "HEAD")).Status);
        Assert.DoesNotContain(server.Directory, (await Ask(server, "GET")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("range: bytes=1-2")]
    [InlineData("accept: */*")]
    public async Task An_answer_that_fails_before_its_first_byte_says_nothing_of_the_blob(string header)
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk, settings: new Dictionary<string, string> { ["cors_origins"] = "https://app.example" });
        await Store(server, 100_000);
        disk.Before = (call, path) =>
        {
            if (call == "read" && path.StartsWith(server.Directory, StringComparison.Ordinal))
            {
                TestDisk.Fail(call, path);
            }
        };

        var answer = await server.Ask("GET", Path, header, "origin: https://app.example", "x-request-id: mine");

        answer.ShouldBeError(500, "internal_error");
        Assert.Equal(("mine", "Origin", "https://app.example"), (answer.Header("x-request-id"), answer.Header("vary"), answer.Header("access-control-allow-origin")));
        Assert.Equal(
            [
                "access-control-allow-origin", "access-control-expose-headers", "cache-control", "content-length", "content-type", "date", "vary",
                "x-request-id",
            ],
            Names(answer));
        Assert.Equal("no-store", answer.Header("cache-control"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(null)]
    public async Task A_later_part_that_is_damaged_ends_the_connection_before_the_announced_length(int? left)
    {
        await using var server = await TestServer.Start();
        await Store(server, 100_000, 200_000);
        Damage(server.FilesUnder("parts").Single(file => new FileInfo(file).Length == 200_000), left);
        using var client = await RawClient.Connect(server);
        await client.Send(RawClient.Head("GET", server.Signed("GET", Path)));

        var bytes = await client.ReadToEnd();

        Assert.InRange(bytes, 0, 101_000);
        Assert.Contains(server.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>One body, or the chunks of a merged one.</summary>
    private async Task<byte[]> Store(TestServer server, params int[] sizes)
    {
        (string, string)[] headers = [("content-type", "text/plain; charset=latin1"), ("content-disposition", "attachment; filename=a.txt")];
        if (sizes is [var size])
        {
            await server.Upload(blob, Answers.Bytes(size), headers).ShouldBeOk();
            return Answers.Bytes(size);
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            await server.Chunk(blob, i + 1, sizes.Length, Answers.Bytes(sizes[i], i)).ShouldBeOk();
        }

        await server.Merge(blob, sizes.Length, headers).ShouldBeOk();
        return [.. sizes.SelectMany((length, i) => Answers.Bytes(length, i))];
    }

    private Task<RawAnswer> Ask(TestServer server, string method) => RawClient.Ask(server, RawClient.Head(method, server.Signed("GET", Path)));

    private static void Damage(string file, int? left)
    {
        if (left is not { } length)
        {
            File.Delete(file);
            return;
        }

        using var open = File.OpenWrite(file);
        open.SetLength(length);
    }

    private static IEnumerable<string> Names(RawAnswer answer) => answer.Headers.Select(header => header.Name.ToLowerInvariant()).Order();

    private static string Sorted(string value) => string.Join(", ", value.Split(", ").OrderDescending());
}
