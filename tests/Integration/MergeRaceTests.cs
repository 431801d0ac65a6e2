using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Merges that others meet at moments that the test chooses.</summary>
public sealed class MergeRaceTests
{
    private static readonly byte[] Before = Answers.Bytes(20_000, 410);
    private static readonly byte[] Rival = Answers.Bytes(20_000, 411);
    private static readonly byte[] First = Answers.Bytes(100_000, 412);
    private static readonly byte[] Second = Answers.Bytes(20_000, 413);
    private static readonly byte[] Again = Answers.Bytes(20_000, 414);

    private readonly Spot spot = Spot.New();

    private BucketName Bucket => BucketName.Parse(spot.Bucket).IfLeft(error => throw new InvalidOperationException(error.Code));

    /// <summary>What was true when it was judged early is no longer when it commits.</summary>
    [Theory]
    [InlineData("POST", null, false, "POST", 409, "duplicate_blob")]
    [InlineData("POST", "if-none-match: *", false, "PUT", 412, "precondition_failed")]
    [InlineData("PUT", "if-none-match: *", false, "POST", 412, "precondition_failed")]
    [InlineData("PUT", "if-match: TAG", true, "PUT", 412, "precondition_failed")]
    [InlineData("PUT", "if-match: TAG", true, "DELETE", 412, "precondition_failed")]
    [InlineData("PUT", "if-match: *", true, "DELETE", 412, "precondition_failed")]
    [InlineData("PUT", "if-unmodified-since: NOW", true, "PUT", 412, "precondition_failed")]
    public async Task A_merge_whose_rules_a_rival_breaks_while_it_hashes_is_refused_and_its_chunks_wait_on(
        string method, string? condition, bool exists, string rival, int status, string code)
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(disk: disk);
        if (exists)
        {
            Assert.True((await storm.Post(spot, Before)).IsOk);
        }

        (string, string)[] headers = condition?.Split(": ") is [var name, var value]
            ? [(name, value.Replace("TAG", $"\"{Answers.Sha256(Before)}\"", StringComparison.Ordinal).Replace("NOW", storm.Server.Time.GetUtcNow().ToString("R"), StringComparison.Ordinal))]
            : [];
        await storm.Chunks(spot, method, First, Second);
        storm.Server.ForgetPrefixes();
        var (hashing, gate) = disk.Stop("read", FileOf(storm, First));
        var merge = storm.Merge(spot, 2, method, headers);
        await hashing;
        storm.Server.Time.Advance(TimeSpan.FromSeconds(2));
        var done = await Do(storm, rival);
        gate.Set();

        var refused = await merge;
        Assert.True(done.IsOk);
        Assert.Equal((status, code), (refused.Status, refused.Code));
        if (rival == "DELETE")
        {
            Assert.Equal(404, (await storm.Get(spot)).Status);
        }
        else
        {
            await storm.ShouldRead(spot, Rival);
        }

        Assert.True((await storm.Merge(spot, 2, "PUT")).IsOk);
        storm.Keep(spot, [.. First, .. Second]);
        await storm.Settle();
    }

    [Fact]
    public async Task Parts_that_a_merge_is_about_to_hash_stay_until_it_is_done()
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(disk: disk);
        var other = Spot.New();
        Assert.True((await storm.Post(other, Before)).IsOk);
        await storm.Chunks(spot, "POST", First, Second);
        storm.Server.ForgetPrefixes();
        var (hashing, gate) = disk.Stop("read", FileOf(storm, First));
        var merge = storm.Merge(spot, 2);
        await hashing;
        var old = FileOf(storm, Second);
        try
        {
            Assert.True((await storm.Chunk(spot, 2, 2, Again)).IsOk);

            // When the other one's file is gone, the remover has passed by.
            Assert.True((await storm.Delete(other)).IsOk);
            await Wait.Until(() => !storm.Server.FilesUnder("parts").Any(file => IsOf(file, Before)), "the other file is gone");
            Assert.True(File.Exists(old));
        }
        finally
        {
            gate.Set();
        }

        Assert.True((await merge).IsOk);
        storm.Keep(spot, [.. First, .. Again]);
        storm.Lose(other);
        await storm.Settle();
    }

    [Fact]
    public async Task A_part_that_is_found_damaged_after_it_was_hashed_is_not_merged()
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(disk: disk);
        await storm.Chunks(spot, "POST", First, Second);
        var first = storm.Server.Store.Index.FindChunks(Bucket, BlobId.From(spot.Blob), 2)[0].Part;
        storm.Server.ForgetPrefixes();
        var (hashing, gate) = disk.Stop("read", FileOf(storm, Second));
        var merge = storm.Merge(spot, 2);
        await hashing;
        await storm.Server.Store.Committer.MarkDamaged(storm.Server.Store.Index.FindParts([first])[0]!);
        gate.Set();

        var refused = await merge;
        Assert.Equal((500, "blob_damaged"), (refused.Status, refused.Code));
        Assert.StartsWith("chunk 1 is damaged", refused.Message, StringComparison.Ordinal);
        Assert.True((await storm.Chunk(spot, 1, 2, First)).IsOk);
        Assert.True((await storm.Merge(spot, 2)).IsOk);
        storm.Keep(spot, [.. First, .. Second]);
        _ = await storm.Server.Server.Janitor.RunOnce(CancellationToken.None);
        await storm.Settle();
    }

    /// <summary>Between its look-up and its hold, a chunk is replaced and its old part removed.</summary>
    [Fact]
    public async Task A_merge_that_was_too_late_to_hold_what_it_found_looks_again()
    {
        await using var storm = await Storm.Start();
        await storm.Chunks(spot, "POST", First, Second);

        var merged = await MergeWhileFinding(storm, () =>
        {
            Assert.True(storm.Chunk(spot, 2, 2, Again).GetAwaiter().GetResult().IsOk);
            Wait.Until(() => storm.Server.FilesUnder("parts").Length == 2, "the replaced chunk's file is gone").GetAwaiter().GetResult();
        });

        byte[] whole = [.. First, .. Again];
        Assert.Equal(Right<StoreError, string>(Answers.Sha256(whole)), merged.Map(stored => stored.Sha256.ToString()));
        storm.Keep(spot, whole);
        await storm.Settle();
    }

    [Fact]
    public async Task A_merge_whose_chunks_were_dropped_before_it_could_hold_them_misses_them_all()
    {
        await using var storm = await Storm.Start();
        await storm.Chunks(spot, "POST", First, Second);

        var refused = await MergeWhileFinding(storm, () =>
        {
            Assert.True(storm.Delete(spot).GetAwaiter().GetResult().IsOk);
            Wait.Until(() => storm.Server.FilesUnder("parts").Length == 0, "the chunks' files are gone").GetAwaiter().GetResult();
        });

        Assert.Equal([1, 2], Assert.IsType<StoreError.ChunksMissing>(refused.Case).Missing.ToArray());
        storm.Lose(spot);
        await storm.Settle();
    }

    private static string FileOf(Storm storm, byte[] bytes) =>
        storm.Server.FilesUnder("parts").Single(file => IsOf(file, bytes));

    private static bool IsOf(string file, byte[] bytes) => file.Contains(Answers.Sha256(bytes), StringComparison.Ordinal);

    /// <summary>A merge over the storm's store, in which something happens when the chunks were found and nothing is held yet.</summary>
    private async Task<Either<StoreError, StoredBlob>> MergeWhileFinding(Storm storm, Action happens)
    {
        var store = storm.Server.Store;
        using var merger = new Merger(
            Interposed.Between(store.Index, nameof(IIndexReader.FindChunks), happens), store.Parts, store.Holds, store.InProgress, new Prefixes(), store.Committer, store.Damage,
            strict: true, storm.Server.Time, storm.Server.Log.Logger, CancellationToken.None);
        return await merger.Merge(
            new MergeKey(Bucket, BlobId.From(spot.Blob), 2), new MergeRequest(TestStore.Rules(WriteMode.Create), TestStore.NoHeaders, Empty));
    }

    private Task<Answer> Do(Storm storm, string method) => method switch
    {
        "POST" => storm.Post(spot, Rival),
        "PUT" => storm.Put(spot, Rival),
        _ => storm.Delete(spot),
    };
}
