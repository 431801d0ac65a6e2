using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class MergeTests
{
    private static readonly int[] Sizes = [0, 1, 16_384, 100_000, 300_000, 16_385, 5];

    private static byte[] ChunkOf(int index, int seed = 0) => Answers.Bytes(Sizes[index - 1], index + 100 * seed);

    private static byte[] Whole => [.. Enumerable.Range(1, Sizes.Length).SelectMany(index => ChunkOf(index))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Chunks_in_any_order_and_in_parallel_become_the_file(int seed)
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        var order = Enumerable.Range(1, Sizes.Length).ToArray();
        new Random(seed).Shuffle(order);

        var answers = await Task.WhenAll(order.Select(index => server.Chunk(blob, index, Sizes.Length, ChunkOf(index)).ShouldBeOk()));
        Assert.Contains($"uploaded chunk 1/{Sizes.Length}", answers.Select(answer => answer.GetProperty("message").GetString()));
        await server.Download(blob).ShouldBeError(404, "no_such_blob");
        var merged = await server.Merge(blob, Sizes.Length).ShouldBeOk();

        Assert.Equal($"merged {Sizes.Length} chunks", merged.GetProperty("message").GetString());
        Assert.Equal(Whole.Length, merged.GetProperty("bytes_written").GetInt64());
        Assert.Equal(Answers.Sha256(Whole), merged.GetProperty("sha256_hash").GetString());
        await server.Download(blob).ShouldHaveBytes(Whole);
    }

    [Fact]
    public async Task A_merge_before_all_have_arrived_names_what_is_missing_and_keeps_what_is_there()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Merge(blob, 3).ShouldBeError(409, "chunks_missing");
        await server.Chunk(blob, 2, 4, ChunkOf(4)).ShouldBeOk();

        var error = await server.Merge(blob, 4).ShouldBeError(409, "chunks_missing");

        Assert.Equal([1, 3, 4], error.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32()));
        await server.Chunk(blob, 1, 4, []).ShouldBeOk();
        await server.Chunk(blob, 3, 4, []).ShouldBeOk();
        await server.Chunk(blob, 4, 4, []).ShouldBeOk();
        await server.Merge(blob, 4).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(ChunkOf(4));
    }

    [Fact]
    public async Task A_chunk_sent_again_replaces_the_first_whose_file_goes()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, Answers.Bytes(100_000, 7)).ShouldBeOk();
        await server.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 2, ChunkOf(5)).ShouldBeOk();

        await server.Merge(blob, 2).ShouldBeOk();

        await server.Download(blob).ShouldHaveBytes([.. ChunkOf(4), .. ChunkOf(5)]);
        await Wait.Until(() => server.FilesUnder("parts").Length == 2, "the replaced chunk's file is gone");
    }

    [Fact]
    public async Task A_merge_copies_nothing()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 2, ChunkOf(5)).ShouldBeOk();
        server.ForgetPrefixes();
        var before = disk.Calls.Count;

        await server.Merge(blob, 2).ShouldBeOk();

        Assert.Equal(["open", "read"], disk.Calls.Skip(before).Select(call => call.Split(' ')[0]).Distinct());
        Assert.Equal(2, server.FilesUnder("parts").Length);
    }

    [Fact]
    public async Task A_merge_again_gives_the_same_answer_and_a_chunk_after_it_is_a_duplicate()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 1, ChunkOf(4)).ShouldBeOk();
        var first = await server.Merge(blob, 1).ShouldBeOk();

        var again = await server.Merge(blob, 1).ShouldBeOk();

        Assert.Equal(first.ToString(), again.ToString());
        await server.Merge(blob, 2).ShouldBeError(409, "duplicate_blob");
        await server.Chunk(blob, 1, 1, ChunkOf(4)).ShouldBeError(409, "duplicate_blob");
        await server.Upload(blob, ChunkOf(4)).ShouldBeError(409, "duplicate_blob");
    }

    [Fact]
    public async Task Chunks_with_another_total_belong_to_another_upload()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 3, ChunkOf(5)).ShouldBeOk();

        var error = await server.Merge(blob, 2).ShouldBeError(409, "chunks_missing");

        Assert.Equal([2], error.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32()));
    }

    [Fact]
    public async Task Who_merges_under_a_total_without_chunks_is_told_the_one_that_has_some()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 5, ChunkOf(4)).ShouldBeOk();

        var wrong = await server.Merge(blob, 2).ShouldBeError(409, "chunks_missing");
        var right = await server.Merge(blob, 5).ShouldBeError(409, "chunks_missing");

        Assert.Equal([1, 2], wrong.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32()));
        Assert.Contains("x-chunk-total: 5", wrong.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("x-chunk-total", right.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_chunks_are_the_most_and_are_merged()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await Parallel.ForEachAsync(
            Enumerable.Range(1, 10_000),
            new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (index, _) => await server.Chunk(blob, index, 10_000, [(byte)index, (byte)(index >> 8)]).ShouldBeOk());

        await server.Merge(blob, 10_000).ShouldBeOk();

        await server.Download(blob).ShouldHaveBytes([.. Enumerable.Range(1, 10_000).SelectMany(index => new[] { (byte)index, (byte)(index >> 8) })]);
    }

    [Fact]
    public async Task Two_merges_at_once_are_one_and_while_it_hashes_everything_else_goes_on()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 2, ChunkOf(5)).ShouldBeOk();
        server.ForgetPrefixes();
        var (reading, gate) = Stop(disk, "read");

        var merges = Enumerable.Range(0, 5).Select(_ => server.Merge(blob, 2)).ToArray();
        await reading.Task;
        var other = Guid.CreateVersion7();
        await server.Upload(other, ChunkOf(1)).ShouldBeOk();
        await server.Download(other).ShouldHaveBytes(ChunkOf(1));
        await server.Http.GetAsync("/healthz").ShouldBeOk();
        Assert.All(merges, merge => Assert.False(merge.IsCompleted));
        gate.Set();

        foreach (var merge in merges)
        {
            Assert.Equal("merged 2 chunks", (await merge.ShouldBeOk()).GetProperty("message").GetString());
        }

        Assert.Equal(2, disk.Calls.Count(call => call.StartsWith("open", StringComparison.Ordinal) && call.Contains("/parts/", StringComparison.Ordinal)));
        await server.Download(blob).ShouldHaveBytes([.. ChunkOf(4), .. ChunkOf(5)]);
    }

    [Fact]
    public async Task While_as_many_merges_hash_as_may_everything_else_goes_on()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blobs = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToArray();
        for (var i = 0; i < blobs.Length; i++)
        {
            await server.Chunk(blobs[i], 1, 1, Answers.Bytes(100_000, 50 + i)).ShouldBeOk();
        }

        server.ForgetPrefixes();
        using var gate = new ManualResetEventSlim();
        disk.Before = (call, _) =>
        {
            if (call == "read")
            {
                gate.Wait();
            }
        };
        var merges = blobs.Select(blob => server.Merge(blob, 1)).ToArray();
        await Wait.Until(() => disk.Calls.Count(call => call.StartsWith("read", StringComparison.Ordinal)) == 2, "two merges hash");
        var other = Guid.CreateVersion7();
        await server.Http.GetAsync("/healthz").ShouldBeOk();
        await server.Upload(other, ChunkOf(4)).ShouldBeOk();
        Assert.All(merges, merge => Assert.False(merge.IsCompleted));
        gate.Set();

        foreach (var merge in merges)
        {
            await merge.ShouldBeOk();
        }
    }

    [Fact]
    public async Task A_merge_that_may_overwrite_does_not_share_the_answer_of_one_that_may_not()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 2, ChunkOf(5)).ShouldBeOk();
        server.ForgetPrefixes();
        var (reading, gate) = Stop(disk, "read");
        var create = server.Merge(blob, 2);
        await reading.Task;
        await server.Upload(blob, ChunkOf(2)).ShouldBeOk();

        var replace = server.Send(
            HttpMethod.Put, server.Signed("PUT", $"/upload/{blob}"), new ByteArrayContent([]),
            ("x-upload-type", "chunked"), ("x-chunk-total", "2"), ("x-chunk-merge", "true"));
        var first = await Task.WhenAny(replace, Task.Delay(TimeSpan.FromSeconds(10)));
        gate.Set();

        Assert.Same(replace, first);
        await replace.ShouldBeOk();
        await create.ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes([.. ChunkOf(4), .. ChunkOf(5)]);
    }

    [Fact]
    public async Task A_chunk_replaced_while_the_merge_hashes_is_hashed_again_from_there()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 3, ChunkOf(4)).ShouldBeOk();
        await server.Chunk(blob, 2, 3, ChunkOf(5)).ShouldBeOk();
        await server.Chunk(blob, 3, 3, ChunkOf(6)).ShouldBeOk();
        server.ForgetPrefixes();
        var (reading, gate) = Stop(disk, "read");
        var merge = server.Merge(blob, 3);
        await reading.Task;
        await server.Chunk(blob, 2, 3, ChunkOf(4, seed: 1)).ShouldBeOk();
        gate.Set();

        byte[] now = [.. ChunkOf(4), .. ChunkOf(4, seed: 1), .. ChunkOf(6)];
        Assert.Equal(Answers.Sha256(now), (await merge.ShouldBeOk()).GetProperty("sha256_hash").GetString());
        var first = Answers.Sha256(ChunkOf(4));
        Assert.Equal(1, disk.Calls.Count(call => call.StartsWith("open", StringComparison.Ordinal) && call.Contains(first, StringComparison.Ordinal)));
        await server.Download(blob).ShouldHaveBytes(now);
        await Wait.Until(() => server.FilesUnder("parts").Length == 3, "the replaced chunk's file is gone");
    }

    [Fact]
    public async Task A_merge_goes_on_when_its_client_has_left()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 1, ChunkOf(4)).ShouldBeOk();
        server.ForgetPrefixes();
        var (reading, gate) = Stop(disk, "read");
        using (var client = new HttpClient { BaseAddress = server.Address })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, server.Signed("POST", $"/upload/{blob}"));
            request.Headers.Add("x-upload-type", "chunked");
            request.Headers.Add("x-chunk-total", "1");
            request.Headers.Add("x-chunk-merge", "true");
            using var leave = new CancellationTokenSource();
            var sent = client.SendAsync(request, leave.Token);
            await reading.Task;
            await leave.CancelAsync();
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        }

        gate.Set();
        await Wait.Until(() => server.Store.Index.FindBlob(BucketName.Default, BlobId.From(blob)) is not null, "the merge is done");
        await server.Merge(blob, 1).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(ChunkOf(4));
    }

    [Fact]
    public async Task A_merge_in_a_strict_store_syncs_what_a_relaxed_one_left_to_the_kernel()
    {
        var directory = TestServer.NewDirectory();
        var blob = Guid.CreateVersion7();
        await using (var relaxed = await TestServer.Start(new Dictionary<string, string> { ["durability"] = "relaxed" }, directory))
        {
            await relaxed.Chunk(blob, 1, 1, ChunkOf(4)).ShouldBeOk();
        }

        var disk = new TestDisk();
        await using (var strict = await TestServer.Start(directory: directory, disk: disk))
        {
            await strict.Merge(blob, 1).ShouldBeOk();
            Assert.Contains(disk.Calls, call => call.StartsWith("fdatasync", StringComparison.Ordinal) && call.Contains("/parts/", StringComparison.Ordinal));
            Assert.True(strict.Store.Index.FindBlob(BucketName.Default, BlobId.From(blob))!.Only!.Synced);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task What_a_merge_has_synced_it_says_so_also_when_a_later_chunk_is_replaced_meanwhile()
    {
        using var home = new TestDirectory();
        var blob = Guid.CreateVersion7();
        await using (var relaxed = await TestServer.Start(new Dictionary<string, string> { ["durability"] = "relaxed" }, home.Root))
        {
            await relaxed.Chunk(blob, 1, 2, ChunkOf(4)).ShouldBeOk();
            await relaxed.Chunk(blob, 2, 2, ChunkOf(5)).ShouldBeOk();
        }

        var disk = new TestDisk();
        await using var strict = await TestServer.Start(directory: home.Root, disk: disk);
        var (came, gate) = Stop(disk, "fdatasync");
        var merge = strict.Merge(blob, 2);
        await came.Task;
        await strict.Chunk(blob, 2, 2, ChunkOf(6)).ShouldBeOk();
        gate.Set();
        await merge.ShouldBeOk();

        var manifest = strict.Store.Index.FindBlob(BucketName.Default, BlobId.From(blob))!.Blob.Manifest;
        Assert.All(strict.Store.Index.FindParts([.. manifest.Select(entry => entry.Part)]), part => Assert.True(part!.Synced));
    }

    /// <summary>Stops the first call of a kind: tells when it came, and lets it go on when the gate opens.</summary>
    private static (TaskCompletionSource Came, ManualResetEventSlim Gate) Stop(TestDisk disk, string call)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new ManualResetEventSlim();
        disk.Before = (name, _) =>
        {
            if (name == call && came.TrySetResult())
            {
                gate.Wait();
            }
        };
        return (came, gate);
    }
}
