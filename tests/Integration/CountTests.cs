using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class CountTests
{
    private readonly Guid[] ids = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7())];

    [Fact]
    public async Task Counts_follow_uploads_overwrites_deletes_merges_and_dedup()
    {
        await using var server = await TestServer.Start();
        var (a, b) = (Answers.Bytes(30_000, 1), Answers.Bytes(1000, 2));

        await server.Do("POST", $"/one/{ids[0]}", a).ShouldBeOk();
        await ShouldCount(server, objects: 1, logical: 30_000, contents: 1, stored: 30_000, references: 1, "0.0%");

        await server.Do("POST", $"/two/{ids[0]}", a).ShouldBeOk();
        await server.Do("POST", $"/two/{ids[1]}", a).ShouldBeOk();
        await ShouldCount(server, objects: 3, logical: 90_000, contents: 1, stored: 30_000, references: 3, "66.7%");

        await server.Do("PUT", $"/two/{ids[1]}", b).ShouldBeOk();
        await ShouldCount(server, objects: 3, logical: 61_000, contents: 2, stored: 31_000, references: 3, "49.2%");

        await server.DoChunk("POST", $"/one/{ids[2]}", 1, 3, a).ShouldBeOk();
        await server.DoChunk("POST", $"/one/{ids[2]}", 2, 3, b).ShouldBeOk();
        await server.DoChunk("POST", $"/one/{ids[2]}", 3, 3, [1]).ShouldBeOk();
        await server.DoChunk("POST", $"/one/{ids[2]}", 3, 3, [1, 2]).ShouldBeOk();
        await ShouldCount(server, objects: 3, logical: 61_000, contents: 2, stored: 31_000, references: 3, "49.2%", chunks: 3, pending: 31_002);

        await server.DoMerge("POST", $"/one/{ids[2]}", 3).ShouldBeOk();
        await ShouldCount(server, objects: 4, logical: 92_002, contents: 3, stored: 31_002, references: 6, "66.3%");

        await server.Do("DELETE", $"/one/{ids[2]}").ShouldBeOk();
        await server.Do("DELETE", $"/two/{ids[1]}").ShouldBeOk();
        await server.Do("POST", $"/one/{ids[3]}", []).ShouldBeOk();
        await ShouldCount(server, objects: 3, logical: 60_000, contents: 2, stored: 30_000, references: 3, "50.0%");
        Assert.Equal((2, 30_000), await Bucket(server, "one"));
        Assert.Equal((1, 30_000), await Bucket(server, "two"));

        await server.Do("DELETE", $"/one/{ids[0]}").ShouldBeOk();
        await server.Do("DELETE", $"/two/{ids[0]}").ShouldBeOk();
        await server.Do("DELETE", $"/one/{ids[3]}").ShouldBeOk();
        await ShouldCount(server, objects: 0, logical: 0, contents: 0, stored: 0, references: 0, "0.0%");
    }

    [Fact]
    public async Task A_blob_that_repeats_a_chunk_names_its_bytes_twice()
    {
        await using var server = await TestServer.Start();
        var bytes = Answers.Bytes(20_000);
        await server.Chunk(ids[0], 1, 2, bytes).ShouldBeOk();
        await server.Chunk(ids[0], 2, 2, bytes).ShouldBeOk();
        await ShouldCount(server, objects: 0, logical: 0, contents: 0, stored: 0, references: 0, "0.0%", chunks: 2, pending: 40_000);

        await server.Merge(ids[0], 2).ShouldBeOk();
        await ShouldCount(server, objects: 1, logical: 40_000, contents: 1, stored: 20_000, references: 2, "50.0%");
        await server.Do("GET", $"/files/{ids[0]}").ShouldHaveBytes([.. bytes, .. bytes]);
        await server.Do("DELETE", $"/files/{ids[0]}").ShouldBeOk();
        await ShouldCount(server, objects: 0, logical: 0, contents: 0, stored: 0, references: 0, "0.0%");
    }

    [Fact]
    public async Task Refused_writes_and_bytes_that_are_sent_again_count_nothing()
    {
        await using var server = await TestServer.Start();
        await server.Upload(ids[0], [1, 2]).ShouldBeOk();

        await server.Upload(ids[0], [1, 2, 3]).ShouldBeError(409, "duplicate_blob");
        await server.Do("PUT", $"/upload/{ids[0]}", [3], ("if-none-match", "*")).ShouldBeError(412, "precondition_failed");
        await server.Do("PUT", $"/upload/{ids[0]}", [1, 2]).ShouldBeOk();

        await ShouldCount(server, objects: 1, logical: 2, contents: 1, stored: 2, references: 1, "0.0%");
    }

    [Fact]
    public async Task Stats_are_of_one_moment_also_while_others_write()
    {
        await using var server = await TestServer.Start();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < 150; i++)
            {
                var id = Guid.CreateVersion7();
                await server.Upload(id, Answers.Bytes(500, 1000 * writer + i)).ShouldBeOk();
                await server.Do("DELETE", $"/files/{id}").ShouldBeOk();
            }
        }));
        var seen = 0;
        while (!writing.IsCompleted)
        {
            var stats = (await server.Admin("/admin/stats")).GetProperty("stats");
            Assert.Equal(stats.GetProperty("total_objects").GetInt64(), stats.GetProperty("total_references").GetInt64());
            Assert.Equal(0, stats.GetProperty("space_saved").GetInt64());
            seen++;
        }

        await writing;
        Assert.True(seen > 10, $"only {seen} looks");
    }

    private static async Task ShouldCount(
        TestServer server, long objects, long logical, long contents, long stored, long references, string percentage, long chunks = 0, long pending = 0)
    {
        var stats = (await server.Admin("/admin/stats")).GetProperty("stats");
        long Of(string name) => stats.GetProperty(name).GetInt64();
        Assert.Equal(
            (objects, logical, contents, stored, references, logical - stored, chunks, pending),
            (Of("total_objects"), Of("total_logical_size"), Of("unique_content_count"), Of("actual_storage_size"), Of("total_references"),
                Of("space_saved"), Of("pending_chunks"), Of("pending_size")));
        Assert.Equal(percentage, stats.GetProperty("deduplication_percentage").GetString());
        Assert.Equal(logical == 0 ? 0 : (double)(logical - stored) / logical, stats.GetProperty("deduplication_ratio").GetDouble(), 12);
        var shares = stats.GetProperty("buckets").EnumerateArray().ToArray();
        Assert.Equal(objects, shares.Sum(share => share.GetProperty("object_count").GetInt64()));
        Assert.Equal(logical, shares.Sum(share => share.GetProperty("logical_size").GetInt64()));
    }

    private static async Task<(long, long)> Bucket(TestServer server, string name)
    {
        JsonElement bucket = (await server.Admin($"/admin/buckets/{name}")).GetProperty("bucket");
        return (bucket.GetProperty("object_count").GetInt64(), bucket.GetProperty("total_size").GetInt64());
    }
}
