using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Merges against merges, chunks, overwrites, deletes and reads of the same blob.</summary>
public sealed class MergeStormTests
{
    private const int Rounds = 32;
    private const int Lanes = 4;

    private static byte[] Body(int seed, int round, int part) =>
        Answers.Bytes(part % 2 == 0 ? 20_000 + part : 2_000 + part, (seed * 10_000) + (round * 10) + part);

    private static byte[] Whole(params byte[][] chunks) => [.. chunks.SelectMany(chunk => chunk)];

    /// <summary>In every second round so that the merge has something to read.</summary>
    private static Task Send(Storm storm, int round, Spot spot, string method, params byte[][] chunks) =>
        round % 8 < 4 ? storm.Chunks(spot, method, chunks) : storm.ChunksBackwards(spot, method, chunks);

    /// <summary>Several rounds at once, each about a blob of its own.</summary>
    private static async Task Rage(bool janitor, Func<Storm, int, Task> round)
    {
        await using var storm = await Storm.Start(janitor);
        await Storm.Together(Lanes, async lane =>
        {
            for (var i = lane; i < Rounds; i += Lanes)
            {
                await round(storm, i);
            }
        });
        await storm.Settle();
    }

    [Theory]
    [InlineData(401, false)]
    [InlineData(402, true)]
    public Task Merges_of_one_id_against_a_chunk_sent_again_agree_on_what_was_merged(int seed, bool janitor) => Rage(janitor, async (storm, round) =>
    {
        var spot = Spot.New();
        var (first, second, again, third) = (Body(seed, round, 0), Body(seed, round, 1), Body(seed, round, 2), Body(seed, round, 3));
        await Send(storm, round, spot, "POST", first, second, third);

        var answers = await Storm.Together(
            () => storm.Merge(spot, 3), () => storm.Chunk(spot, 2, 3, again), () => storm.Merge(spot, 3), () => storm.Merge(spot, 3));

        byte[] expected = answers[1].IsOk ? Whole(first, again, third) : Whole(first, second, third);
        Assert.All([answers[0], answers[2], answers[3]], merge => Assert.Equal((200, Answers.Sha256(expected)), (merge.Status, merge.Sha256)));
        Assert.True(answers[1].IsOk || answers[1].Code == "duplicate_blob", $"{answers[1]}");
        storm.Keep(spot, expected);
    });

    [Theory]
    [InlineData(403, false)]
    [InlineData(404, true)]
    public Task A_merge_against_a_delete_of_its_chunks_takes_all_of_them_or_none(int seed, bool janitor) => Rage(janitor, async (storm, round) =>
    {
        var spot = Spot.New();
        await Send(storm, round, spot, "POST", Body(seed, round, 0), Body(seed, round, 1), Body(seed, round, 2));

        var answers = await Storm.Together(() => storm.Merge(spot, 3), () => storm.Delete(spot), () => storm.Merge(spot, 3));

        var merges = new[] { answers[0], answers[2] };
        Assert.All(merges, merge => Assert.True(merge.IsOk || merge.Code == "chunks_missing", $"{merge}"));
        Assert.Equal(200, answers[1].Status);
        Assert.Equal(merges.Any(merge => merge.IsOk) ? $"deleted blob {spot.Blob}" : "dropped 3 chunks", answers[1].Message);
        storm.Lose(spot);
    });

    [Theory]
    [InlineData(405, false)]
    [InlineData(406, true)]
    public Task Merges_over_a_blob_against_an_overwrite_of_it_leave_one_of_them_whole(int seed, bool janitor) => Rage(janitor, async (storm, round) =>
    {
        var spot = Spot.New();
        byte[] old = Body(seed, round, 0), rival = Body(seed, round, 1), merged = Whole(Body(seed, round, 2), Body(seed, round, 3), old);
        Assert.True((await storm.Post(spot, old)).IsOk);
        await Send(storm, round, spot, "PUT", Body(seed, round, 2), Body(seed, round, 3), old);

        var answers = await Storm.Together(
            () => storm.Merge(spot, 3, "PUT"), () => storm.Get(spot), () => storm.Put(spot, rival), () => storm.Get(spot), () => storm.Merge(spot, 3, "PUT"),
            () => storm.Merge(spot, 3));

        var digests = new[] { old, rival, merged }.Select(Answers.Sha256).ToArray();
        Assert.All(answers[..5], answer => Assert.True(answer.IsOk || answer.Code == "chunks_missing", $"{answer}"));
        Assert.All([answers[1], answers[3]], read => Assert.Contains(Answers.Sha256(read.Body), digests));
        Assert.Contains(new[] { answers[0], answers[4] }, merge => merge.IsOk && merge.Sha256 == digests[2]);

        // Under POST a merge over a blob is refused, or is the repetition of one that was done, or comes when no chunk waits.
        Assert.True(answers[5].IsOk ? answers[5].Sha256 == digests[2] : answers[5].Code is "duplicate_blob" or "chunks_missing", $"{answers[5]}");
        var now = await storm.Get(spot);
        var kept = new[] { rival, merged }.Single(body => Answers.Sha256(body) == Answers.Sha256(now.Body));
        storm.Keep(spot, kept);
    });

    [Theory]
    [InlineData(407, false)]
    [InlineData(408, true)]
    public Task One_id_sent_in_chunks_to_two_buckets_at_once_becomes_two_blobs(int seed, bool janitor) => Rage(janitor, async (storm, round) =>
    {
        var north = Spot.New();
        var south = north with { Bucket = "south" };
        byte[][] left = [Body(seed, round, 0), Body(seed, round, 1), Body(seed, round, 2)];

        // Equal bytes at other places: shared on the disk, kept apart in the blobs.
        byte[][] right = [left[2], left[1], Body(seed, round, 3)];

        await Task.WhenAll(Task.Run(() => Upload(north, left)), Task.Run(() => Upload(south, right)));

        async Task Upload(Spot spot, byte[][] chunks)
        {
            await Send(storm, round, spot, "POST", chunks);
            var merged = await storm.Merge(spot, 3);
            Assert.Equal((200, Answers.Sha256(Whole(chunks))), (merged.Status, merged.Sha256));
            storm.Keep(spot, Whole(chunks));
        }
    });
}
