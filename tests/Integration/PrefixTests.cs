using System.Security.Cryptography;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>What of an upload is hashed while its chunks arrive, so that the merge has not to read it again.</summary>
public sealed class PrefixTests
{
    private const int Total = 4;

    /// <summary>In the index, in a file, in a file large enough for two buffers in turn, and nothing.</summary>
    private static readonly byte[][] Chunks = [Answers.Bytes(5_000, 1), Answers.Bytes(100_001, 2), Answers.Bytes(2_500_003, 3), []];

    private readonly TestDisk disk = new();
    private readonly Guid blob = Guid.CreateVersion7();

    [Theory]
    [InlineData("1 2 3 4", "")]
    [InlineData("2 3 4 1", "2 3 4")]
    [InlineData("3 1 2 4", "3 4")]
    [InlineData("1 2 4 3", "4")]
    [InlineData("4 3 2 1", "2 3 4")]
    public async Task A_merge_reads_the_chunks_that_did_not_come_in_order_and_no_other(string order, string read)
    {
        // Of each length first, and each last.
        for (var turned = 0; turned < Total; turned++)
        {
            byte[][] chunks = [.. Chunks.Skip(turned), .. Chunks.Take(turned)];
            await using var server = await TestServer.Start(disk: disk);
            foreach (var position in order.Split(' ').Select(int.Parse))
            {
                await server.Chunk(blob, position, Total, chunks[position - 1]).ShouldBeOk();
            }

            var expected = Positions(read).Select(position => chunks[position - 1]).Where(IsFile).Select(Answers.Sha256);
            Assert.Equal(expected, await Merge(server, chunks));
            Assert.Equal(0, server.Store.Prefixes.Count);
        }
    }

    [Fact]
    public async Task A_first_chunk_of_any_length_is_hashed_for_both_at_once()
    {
        foreach (var chunk in Chunks)
        {
            await using var server = await TestServer.Start(disk: disk);
            var stored = await server.Chunk(blob, 1, 1, chunk).ShouldBeOk();
            Assert.Equal(Answers.Sha256(chunk), stored.GetProperty("sha256_hash").GetString());
            Assert.Empty(await Merge(server, chunk));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Where_a_chunk_was_replaced_a_merge_reads_all_that_came_before_that(int replaced)
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(30_000, 1), Answers.Bytes(30_000, 2), Answers.Bytes(30_000, 3)];
        await Send(server, chunks);
        chunks[replaced - 1] = Answers.Bytes(30_000, 4);
        await server.Chunk(blob, replaced, 3, chunks[replaced - 1]).ShouldBeOk();

        // With a first chunk all begins anew.
        Assert.Equal(chunks.Skip(replaced == 1 ? 1 : 0).Select(Answers.Sha256), await Merge(server, chunks));
    }

    [Fact]
    public async Task A_chunk_replaced_while_a_later_one_arrives_is_not_in_the_digest()
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(30_000, 1), Answers.Bytes(30_000, 2), Answers.Bytes(30_000, 3)];
        await Send(server, chunks[..2], total: 3);
        using var client = await RawClient.Connect(server);
        await client.Send(HeadOfChunk(server, 3, 3, 30_000));
        await client.Send(chunks[2].AsMemory(0, 20_000));
        await Wait.Until(() => server.Store.InProgress.Count == 1, "the third is on its way");
        chunks[1] = Answers.Bytes(30_000, 4);
        await server.Chunk(blob, 2, 3, chunks[1]).ShouldBeOk();
        await client.Send(chunks[2].AsMemory(20_000));
        Assert.Equal(200, (await client.ReadAnswer()).Status);

        Assert.Equal(chunks.Select(Answers.Sha256), await Merge(server, chunks));
    }

    /// <summary>Between its commit and its answer, or after a commit whose outcome nobody knew.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_chunk_of_whose_commit_the_hash_was_not_told_is_in_the_digest(int replaced)
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(30_000, 1), Answers.Bytes(30_000, 2)];
        await Send(server, chunks);
        chunks[replaced - 1] = Answers.Bytes(5_000, 3);
        var committed = await server.Store.Committer.Commit(
            TestStore.Inline(chunks[replaced - 1]),
            (tx, landed) => Decisions.StoreChunk(tx, BucketName.Default, BlobId.From(blob), TestStore.Rules(WriteMode.Create), replaced, 2, landed));
        Assert.True(committed.IsRight);
        Assert.Equal(1, server.Store.Prefixes.Count);

        Assert.Equal([Answers.Sha256(chunks[2 - replaced])], await Merge(server, chunks));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_that_send_one_chunk_at_once_the_one_that_is_stored_is_in_the_digest(bool equal)
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(30_000, 1), Answers.Bytes(30_000, 2)];
        var rival = equal ? chunks[1] : Answers.Bytes(30_000, 3);
        await Send(server, chunks[..1], total: 2);
        using var slow = await RawClient.Connect(server);
        await slow.Send(HeadOfChunk(server, 2, 2, 30_000));
        await slow.Send(chunks[1].AsMemory(0, 20_000));
        await Wait.Until(() => server.Store.InProgress.Count == 1, "it is on its way");
        await server.Chunk(blob, 2, 2, rival).ShouldBeOk();
        await slow.Send(chunks[1].AsMemory(20_000));
        Assert.Equal(200, (await slow.ReadAnswer()).Status);

        Assert.Equal(equal ? [] : chunks.Select(Answers.Sha256), await Merge(server, chunks));
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(3_000_000)]
    public async Task What_came_of_a_chunk_that_was_not_stored_is_not_in_the_digest(int length)
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(length, 1), Answers.Bytes(length, 2)];
        await Send(server, chunks[..1], total: 2);
        var wrong = ("content-digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(chunks[0]))}:");
        await server.Upload(blob, chunks[1], ("x-upload-type", "chunked"), ("x-chunk-index", "2"), ("x-chunk-total", "2"), wrong).ShouldBeError(422, "digest_mismatch");
        using (var leaves = await RawClient.Connect(server))
        {
            await leaves.Send(HeadOfChunk(server, 2, 2, length));
            await leaves.Send(chunks[1].AsMemory(0, length - 1));
            await Wait.Until(() => server.Store.InProgress.Count == 1, "the chunk is on its way");
        }

        await Wait.Until(() => server.Store.InProgress.Count == 0, "the client that left is forgotten");
        await server.Chunk(blob, 2, 2, chunks[1]).ShouldBeOk();

        Assert.Empty(await Merge(server, chunks));
    }

    [Fact]
    public async Task What_a_disk_that_fails_did_not_take_is_not_in_the_digest()
    {
        await using var server = await TestServer.Start(disk: disk);
        byte[][] chunks = [Answers.Bytes(3_000_000, 1), Answers.Bytes(3_000_000, 2)];
        await Send(server, chunks[..1], total: 2);
        var writes = 0;
        disk.Before = (call, path) =>
        {
            if (call == "write" && ++writes == 5)
            {
                TestDisk.Fail(call, path);
            }
        };
        await server.Chunk(blob, 2, 2, chunks[1]).ShouldBeError(503, "storage_unavailable");
        disk.Before = (_, _) => { };
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => !server.Store.Health.Has(Ailment.DiskFailed), "the disk is back");
        await server.Chunk(blob, 2, 2, chunks[1]).ShouldBeOk();

        Assert.Empty(await Merge(server, chunks));
    }

    [Fact]
    public async Task A_restart_forgets_and_the_merge_reads()
    {
        using var home = new TestDirectory();
        byte[][] chunks = [Answers.Bytes(30_000, 1), Answers.Bytes(30_000, 2), Answers.Bytes(30_000, 3)];
        await using (var first = await TestServer.Start(directory: home.Root))
        {
            await Send(first, chunks[..2], total: 3);
        }

        await using var server = await TestServer.Start(directory: home.Root, disk: disk);
        await server.Chunk(blob, 3, 3, chunks[2]).ShouldBeOk();

        Assert.Equal(chunks.Select(Answers.Sha256), await Merge(server, chunks));
    }

    [Fact]
    public async Task Of_more_uploads_than_are_kept_the_merge_of_the_first_reads_and_that_of_the_last_does_not()
    {
        await using var server = await TestServer.Start(disk: disk);
        var (first, last) = (Answers.Bytes(20_000, 1), Answers.Bytes(20_000, 2));
        await Send(server, [first]);
        for (var i = 1; i < Prefixes.Most; i++)
        {
            await server.Chunk(Guid.CreateVersion7(), 1, 2, [1]).ShouldBeOk();
        }

        var other = Guid.CreateVersion7();
        await server.Chunk(other, 1, 1, last).ShouldBeOk();
        Assert.Equal(Prefixes.Most, server.Store.Prefixes.Count);

        var before = disk.Calls.Count;
        await server.Merge(other, 1).ShouldBeOk();
        Assert.Empty(Opened(before));
        Assert.Equal([Answers.Sha256(first)], await Merge(server, first));
    }

    [Fact]
    public async Task Chunks_that_were_dropped_are_forgotten()
    {
        await using var server = await TestServer.Start(disk: disk);
        await server.Chunk(blob, 1, 2, [1]).ShouldBeOk();
        await server.Chunk(blob, 1, 3, [1]).ShouldBeOk();
        await server.Chunk(Guid.CreateVersion7(), 1, 2, [1]).ShouldBeOk();
        Assert.Equal(3, server.Store.Prefixes.Count);

        await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{blob}")).ShouldBeOk();

        Assert.Equal(1, server.Store.Prefixes.Count);
    }

    private static IEnumerable<int> Positions(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    private static bool IsFile(byte[] bytes) => bytes.Length > 16_384;

    private string HeadOfChunk(TestServer server, int position, int total, int length) => RawClient.Head(
        "POST", server.Signed("POST", $"/upload/{blob}"), "x-upload-type: chunked", $"x-chunk-index: {position}", $"x-chunk-total: {total}", $"content-length: {length}");

    private async Task Send(TestServer server, byte[][] chunks, int? total = null)
    {
        for (var i = 0; i < chunks.Length; i++)
        {
            await server.Chunk(blob, i + 1, total ?? chunks.Length, chunks[i]).ShouldBeOk();
        }
    }

    /// <summary>Merges and holds the blob against its chunks.</summary>
    /// <returns>The digests of the files that the merge opened, in its order.</returns>
    private async Task<IReadOnlyList<string>> Merge(TestServer server, params byte[][] chunks)
    {
        var before = disk.Calls.Count;
        var merged = await server.Merge(blob, chunks.Length).ShouldBeOk();
        var opened = Opened(before);
        byte[] whole = [.. chunks.SelectMany(chunk => chunk)];
        Assert.Equal(Answers.Sha256(whole), merged.GetProperty("sha256_hash").GetString());
        await server.Download(blob).ShouldHaveBytes(whole);
        return opened;
    }

    private IReadOnlyList<string> Opened(int before) =>
    [
        .. disk.Calls.Skip(before)
            .Where(call => call.StartsWith("open ", StringComparison.Ordinal) && call.Contains("/parts/", StringComparison.Ordinal))
            .Select(call => Path.GetFileName(call).Split('-')[0]),
    ];
}
