using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Parts whose bytes were lost, and how equal bytes that come in make everything whole that names them.</summary>
public sealed class DamageTests
{
    private static readonly byte[] Body = Answers.Bytes(100_000, 601);
    private static readonly byte[] Small = Answers.Bytes(2_000, 602);

    private static string FileOf(Storm storm, byte[] bytes) =>
        storm.Server.FilesUnder("parts").Single(file => file.Contains(Answers.Sha256(bytes), StringComparison.Ordinal));

    private static void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.SetLength(file.Length - 1);
    }

    private static async Task ShouldBeDamaged(Storm storm, Spot spot)
    {
        var answer = await storm.Get(spot);
        Assert.Equal((500, "blob_damaged"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_merge_of_rotten_chunks_is_refused_and_heals_when_they_are_sent_again()
    {
        await using var storm = await Storm.Start();
        var merged = Spot.New();
        await storm.Chunks(merged, "POST", Body, Small);
        var path = FileOf(storm, Body);
        var rotten = Body.ToArray();
        rotten[5000] ^= 1;
        File.WriteAllBytes(path, rotten);
        storm.Server.ForgetPrefixes();

        var refused = await storm.Merge(merged, 2);
        Assert.Equal((500, "blob_damaged"), (refused.Status, refused.Code));

        await storm.Chunks(merged, "POST", Body, Small);
        Assert.True((await storm.Merge(merged, 2)).IsOk);
        await storm.ShouldRead(merged, [.. Body, .. Small]);
    }

    [Fact]
    public async Task A_merge_never_takes_up_a_part_that_is_known_to_be_damaged()
    {
        await using var storm = await Storm.Start();
        var (first, merged) = (Spot.New(), Spot.New());
        Assert.True((await storm.Post(first, Body)).IsOk);
        await storm.Chunks(merged, "POST", Body);
        var path = FileOf(storm, Body);
        File.Move(path, path + ".away");
        await ShouldBeDamaged(storm, first);
        File.Move(path + ".away", path);

        var refused = await storm.Merge(merged, 1);

        Assert.Equal((500, "blob_damaged"), (refused.Status, refused.Code));
        Assert.StartsWith("chunk 1 is damaged", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task The_next_upload_of_the_same_bytes_makes_every_blob_whole_that_names_them(bool missing, bool asChunk)
    {
        await using var storm = await Storm.Start();
        var (first, second, merged, next) = (Spot.New(), Spot.New("south"), Spot.New(), Spot.New());
        Assert.True((await storm.Post(first, Body)).IsOk);
        Assert.True((await storm.Post(second, Body)).IsOk);
        await storm.Chunks(merged, "POST", Small, Body);
        Assert.True((await storm.Merge(merged, 2)).IsOk);
        var path = FileOf(storm, Body);
        (missing ? File.Delete : (Action<string>)Truncate)(path);
        await ShouldBeDamaged(storm, first);
        await ShouldBeDamaged(storm, second);

        await (asChunk ? storm.Chunks(next, "POST", Body) : storm.Post(next, Body));
        if (asChunk)
        {
            Assert.True((await storm.Merge(next, 1)).IsOk);
        }

        storm.Keep(first, Body);
        storm.Keep(second, Body);
        storm.Keep(merged, [.. Small, .. Body]);
        storm.Keep(next, Body);
        await storm.Settle();
        Assert.NotEqual(path, FileOf(storm, Body));
        Assert.Equal(new Totals(2, Body.Length + Small.Length, 5, 0, 0), storm.Server.Store.Index.Counts().Totals);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_parts_are_not_mounted_nothing_counts_as_damaged_and_no_file_is_taken(bool another)
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Body).ShouldBeOk();
        var (parts, away) = (Path.Combine(server.Directory, "parts"), Path.Combine(server.Directory, "away"));
        Directory.Move(parts, away);
        if (another)
        {
            _ = Directory.CreateDirectory(Path.Combine(parts, "0001"));
            File.WriteAllText(Path.Combine(parts, ".store"), $"{Guid.NewGuid()}\n");
        }

        _ = await server.Download(blob).ShouldBeError(503, "storage_unavailable");
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100_000)).ShouldBeError(503, "storage_unavailable");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("could not be brought back", StringComparison.Ordinal)), "the parts were looked for");
        Assert.True(server.Store.Health.Has(Ailment.DiskFailed));
        if (another)
        {
            Assert.Empty(Directory.GetFiles(Path.Combine(parts, "0001")));
            Directory.Delete(parts, recursive: true);
        }

        Directory.Move(away, parts);
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => !server.Store.Health.Has(Ailment.DiskFailed), "the parts are back");
        await server.Download(blob).ShouldHaveBytes(Body);
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100_000)).ShouldBeOk();
    }

    [Fact]
    public async Task The_file_of_damaged_bytes_goes_when_equal_ones_have_taken_their_place_and_not_before()
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(disk: disk);
        var spot = Spot.New();
        Assert.True((await storm.Post(spot, Body)).IsOk);
        var path = FileOf(storm, Body);
        Truncate(path);
        await ShouldBeDamaged(storm, spot);
        var wasNamed = new List<bool>();
        disk.Before = (call, unlinked) =>
        {
            if (call == "unlink" && unlinked == path)
            {
                wasNamed.Add(storm.Server.Store.Index.NamesFile(Digest.From(System.Security.Cryptography.SHA256.HashData(Body)), path[^16..]));
            }
        };

        Assert.True((await storm.Put(spot, Body)).IsOk);

        await Wait.Until(() => !File.Exists(path), "the old file is gone");
        Assert.Equal([false], wasNamed);
        storm.Keep(spot, Body);
        await storm.Settle();
    }

    [Fact]
    public async Task Damage_in_the_middle_of_a_blob_cuts_the_answer_and_is_healed_by_the_chunk_alone()
    {
        await using var storm = await Storm.Start();
        var merged = Spot.New();
        await storm.Chunks(merged, "POST", Small, Body, Small);
        Assert.True((await storm.Merge(merged, 3)).IsOk);
        Truncate(FileOf(storm, Body));

        _ = await Assert.ThrowsAnyAsync<Exception>(() => storm.Get(merged));
        Assert.True((await storm.Chunk(Spot.New(), 1, 2, Body)).IsOk);

        storm.Keep(merged, [.. Small, .. Body, .. Small]);
        await storm.Settle();
    }

    [Fact]
    public async Task A_merge_that_meets_a_damaged_chunk_is_refused_until_the_chunk_is_sent_again()
    {
        await using var storm = await Storm.Start();
        var spot = Spot.New();
        await storm.Chunks(spot, "POST", Small, Body);
        File.Delete(FileOf(storm, Body));
        storm.Server.ForgetPrefixes();

        Assert.Equal((500, "blob_damaged"), (await storm.Merge(spot, 2) is var refused ? (refused.Status, refused.Code) : default));
        Assert.True((await storm.Chunk(spot, 2, 2, Body)).IsOk);
        Assert.True((await storm.Merge(spot, 2)).IsOk);

        storm.Keep(spot, [.. Small, .. Body]);
        await storm.Settle();
    }

    [Fact]
    public async Task A_small_part_that_is_marked_is_not_served_and_is_healed_like_any_other()
    {
        await using var storm = await Storm.Start();
        var (first, next) = (Spot.New(), Spot.New());
        Assert.True((await storm.Post(first, Small)).IsOk);
        await storm.Server.Store.Committer.MarkDamaged(Find(storm, first).Only!);
        await ShouldBeDamaged(storm, first);

        Assert.True((await storm.Post(next, Small)).IsOk);

        storm.Keep(first, Small);
        storm.Keep(next, Small);
        await storm.Settle();
    }

    [Fact]
    public async Task Damage_seen_in_bytes_that_were_healed_meanwhile_is_no_damage()
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(disk: disk);
        var (spot, next) = (Spot.New(), Spot.New());
        Assert.True((await storm.Post(spot, Body)).IsOk);
        var path = FileOf(storm, Body);
        File.Delete(path);
        var (opening, gate) = disk.Stop("open", path);

        var late = storm.Get(spot);
        await opening;
        await ShouldBeDamaged(storm, spot);
        Assert.True((await storm.Post(next, Body)).IsOk);
        gate.Set();
        _ = await late;

        // What the late reader saw was reported before its answer, and is judged by now.
        Assert.True((await storm.Server.Store.Committer.Commit<LanguageExt.Unit>(_ => unit)).IsRight);

        storm.Keep(spot, Body);
        storm.Keep(next, Body);
        await storm.Settle();
    }

    private static FoundBlob Find(Storm storm, Spot spot) =>
        storm.Server.Store.Index.FindBlob(
            BucketName.Parse(spot.Bucket).IfLeft(error => throw new InvalidOperationException(error.Code)), BlobId.From(spot.Blob))!;
}
