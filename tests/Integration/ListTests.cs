using System.Text.Json;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

public sealed class ListTests
{
    [Theory]
    [InlineData("/admin/objects", 23)]
    [InlineData("/admin/objects/a", 12)]
    public async Task Pages_by_offset_and_pages_by_cursor_visit_everything_once_newest_first(string path, int count)
    {
        await using var server = await TestServer.Start();
        var stored = (await Fill(server, 23)).Where(blob => count == 23 || blob.Bucket == "a").ToArray();
        Assert.Equal(count, stored.Length);

        foreach (var limit in new[] { 1, 5, 22, 23, 24 })
        {
            Assert.Equal(stored, await ByCursor(server, $"{path}?limit={limit}"));
            Assert.Equal(stored, await ByOffset(server, path, limit));
        }

        var mixed = await server.Admin($"{path}?limit=3&offset=2");
        var next = await server.Admin($"{path}?limit=3&offset=1&after={mixed.GetProperty("next").GetString()}");
        Assert.Equal(stored[6..9], Blobs(next));
        Assert.Equal((count, 3, 1), (next.GetProperty("total").GetInt32(), next.GetProperty("limit").GetInt32(), next.GetProperty("offset").GetInt32()));
    }

    [Fact]
    public async Task By_cursor_no_blob_comes_twice_or_is_left_out_while_new_ones_arrive_and_seen_ones_go()
    {
        await using var server = await TestServer.Start();
        var stored = await Fill(server, 20);
        var seen = new List<(string Bucket, Guid Id)>();
        for (string? next = ""; next is not null;)
        {
            var page = await server.Admin($"/admin/objects?limit=3{next}");
            seen.AddRange(Blobs(page));
            next = page.TryGetProperty("next", out var cursor) ? $"&after={cursor.GetString()}" : null;
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await server.Do("POST", $"/b/{Guid.CreateVersion7()}", [1]).ShouldBeOk();
            await server.Do("DELETE", $"/{seen[^1].Bucket}/{seen[^1].Id}").ShouldBeOk();
        }

        Assert.Equal(stored, seen);
    }

    [Fact]
    public async Task Blobs_with_times_that_no_date_can_say_are_listed_and_paged_like_all_others()
    {
        await using var server = await TestServer.Start();
        long[] times = [long.MaxValue, 300_000_000_000_000, 0, -1, -5_000, long.MinValue];
        foreach (var time in times)
        {
            var part = new LandedPart(Digest.From(new byte[32]), 1, new PartPlace.Inline([1]), Synced: true);
            Assert.True((await server.Store.Committer.Commit(tx => Decisions.ImportBlob(
                tx, BucketName.Default, BlobId.From(Guid.NewGuid()), ContentHeaders.None, time, time, part, lost: false))).IsRight);
        }

        Assert.Equal(times.Length, (await ByCursor(server, "/admin/objects?limit=1")).Distinct().Count());
        Assert.Equal(
            ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:55.000Z", "0001-01-01T00:00:00.000Z"],
            (await server.Admin("/admin/objects")).GetProperty("objects").EnumerateArray().Select(blob => blob.GetProperty("created_at").GetString()));
    }

    [Theory]
    [InlineData("01996168", 6)]
    [InlineData("01996168-AAAA", 4)]
    [InlineData("01996168-aaaa-7552-9662-2041482b96c", 4)]
    [InlineData("01996168-aaaa-7552-9662-2041482b96c1", 2)]
    [InlineData("01996168-", 6)]
    [InlineData("f", 1)]
    [InlineData("e", 0)]
    public async Task A_prefix_of_ids_selects_in_one_bucket_and_over_all(string prefix, int count)
    {
        await using var server = await TestServer.Start();
        string[] ids =
        [
            "01996168-aaaa-7552-9662-2041482b96c1", "01996168-aaaa-7552-9662-2041482b96c2", "01996168-bbbb-7552-9662-2041482b96c1",
            "01996169-aaaa-7552-9662-2041482b96c1",
        ];
        foreach (var (bucket, id) in ids.SelectMany(id => new[] { ("a", id), ("b", id) }).Append(("a", "ffffffff-ffff-ffff-ffff-ffffffffffff")))
        {
            await server.Do("POST", $"/{bucket}/{id}", [1]).ShouldBeOk();
        }

        var all = await server.Admin($"/admin/objects?blob_id={prefix}");
        var paged = await ByCursor(server, $"/admin/objects?blob_id={prefix}&limit=1");
        var one = await server.Admin($"/admin/objects/a?blob_id={prefix}");

        Assert.Equal(count, all.GetProperty("total").GetInt32());
        Assert.Equal(count, Blobs(all).Length);
        Assert.All(Blobs(all), blob => Assert.StartsWith(prefix, $"{blob.Id}", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(Blobs(all), paged);
        Assert.Equal(Blobs(all), await ByOffset(server, "/admin/objects", 2, $"&blob_id={prefix}"));
        Assert.Equal(Blobs(all).Where(blob => blob.Bucket == "a"), Blobs(one));
        Assert.Equal(Blobs(one).Length, one.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_limit_over_1000_is_cut_and_an_offset_beyond_the_end_finds_nothing()
    {
        await using var server = await TestServer.Start();
        Assert.Equal(1000, (await server.Admin("/admin/objects?limit=1001")).GetProperty("limit").GetInt32());
        Assert.Equal(1000, (await server.Admin("/admin/objects?limit=999999999999")).GetProperty("limit").GetInt32());
        await server.Do("POST", $"/a/{Guid.Parse("01996168-e738-7552-9662-2041482b96c3")}", [1]).ShouldBeOk();
        foreach (var query in new[] { "offset=999999999999", "offset=4294967296", "offset=4294967296&blob_id=0" })
        {
            Assert.Empty(Blobs(await server.Admin($"/admin/objects?{query}")));
            Assert.Empty(Blobs(await server.Admin($"/admin/objects/a?{query}")));
        }
    }

    [Theory]
    [InlineData("limit=0", "invalid_parameter")]
    [InlineData("limit=-1", "invalid_parameter")]
    [InlineData("limit=ten", "invalid_parameter")]
    [InlineData("limit=", "invalid_parameter")]
    [InlineData("limit=1&limit=2", "invalid_parameter")]
    [InlineData("limit=9999999999999", "invalid_parameter")]
    [InlineData("offset=-1", "invalid_parameter")]
    [InlineData("offset=1.5", "invalid_parameter")]
    [InlineData("after=", "invalid_parameter")]
    [InlineData("after=nonsense", "invalid_parameter")]
    [InlineData("after=1.01996168-e738-7552-9662-2041482b96c3", "invalid_parameter")]
    [InlineData("after=-0.01996168-e738-7552-9662-2041482b96c3.a", "invalid_parameter")]
    [InlineData("after=%2B1.01996168-e738-7552-9662-2041482b96c3.a", "invalid_parameter")]
    [InlineData("after=01.01996168-e738-7552-9662-2041482b96c3.a", "invalid_parameter")]
    [InlineData("after=1.01996168-e738-7552-9662-2041482b96c3.FILES", "invalid_parameter")]
    [InlineData("blob_id=", "invalid_parameter")]
    [InlineData("blob_id=x", "invalid_parameter")]
    [InlineData("blob_id=01996168e738", "invalid_parameter")]
    [InlineData("blob_id=%25", "invalid_parameter")]
    [InlineData("blob_id=01996168-e738-7552-9662-2041482b96c30", "invalid_parameter")]
    [InlineData("page=2", "unknown_parameter")]
    [InlineData("Limit=2", "unknown_parameter")]
    [InlineData("limit=2&prefix=a", "unknown_parameter")]
    [InlineData("=2", "unknown_parameter")]
    public async Task Parameters_that_mean_nothing_are_refused(string query, string code)
    {
        await using var server = await TestServer.Start();
        await server.Do("POST", $"/a/{Guid.CreateVersion7()}", [1]).ShouldBeOk();

        await server.AskAdmin("GET", $"/admin/objects?{query}").ShouldBeError(400, code);
        await server.AskAdmin("GET", $"/admin/objects/a?{query}").ShouldBeError(400, code);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_has_no_list()
    {
        await using var server = await TestServer.Start();
        await server.AskAdmin("GET", "/admin/objects/a").ShouldBeError(404, "no_such_bucket");
        await server.AskAdmin("GET", "/admin/objects/a?blob_id=0").ShouldBeError(404, "no_such_bucket");
        await server.AskAdmin("GET", "/admin/objects/FILES").ShouldBeError(400, "invalid_bucket");
    }

    /// <summary>Blobs in two buckets, three to a moment, some ids in both; in the order of the list.</summary>
    private static async Task<(string Bucket, Guid Id)[]> Fill(TestServer server, int count)
    {
        var stored = new List<(string Bucket, Guid Id, DateTimeOffset At)>();
        for (var i = 0; i < count; i++)
        {
            var (bucket, id) = (i % 2 == 0 ? "a" : "b", i % 6 == 1 ? stored[^1].Id : Guid.NewGuid());
            await server.Do("POST", $"/{bucket}/{id}", [(byte)i]).ShouldBeOk();
            stored.Add((bucket, id, server.Time.GetUtcNow()));
            server.Time.Advance(TimeSpan.FromMilliseconds(i % 3 == 2 ? 1 : 0));
        }

        return
        [
            .. stored.OrderByDescending(blob => blob.At).ThenByDescending(blob => $"{blob.Id}", StringComparer.Ordinal)
                .ThenByDescending(blob => blob.Bucket, StringComparer.Ordinal).Select(blob => (blob.Bucket, blob.Id)),
        ];
    }

    private static async Task<(string, Guid)[]> ByCursor(TestServer server, string target)
    {
        var seen = new List<(string, Guid)>();
        for (string? next = ""; next is not null;)
        {
            var page = await server.Admin(target + next);
            seen.AddRange(Blobs(page));
            next = page.TryGetProperty("next", out var cursor) ? $"&after={cursor.GetString()}" : null;
        }

        return [.. seen];
    }

    private static async Task<(string, Guid)[]> ByOffset(TestServer server, string path, int limit, string rest = "")
    {
        var seen = new List<(string, Guid)>();
        (string, Guid)[] page;
        do
        {
            seen.AddRange(page = Blobs(await server.Admin($"{path}?limit={limit}&offset={seen.Count}{rest}")));
        }
        while (page.Length > 0);

        return [.. seen];
    }

    private static (string Bucket, Guid Id)[] Blobs(JsonElement page) =>
        [.. page.GetProperty("objects").EnumerateArray().Select(blob => (blob.GetProperty("bucket").GetString()!, blob.GetProperty("blob_id").GetGuid()))];
}
