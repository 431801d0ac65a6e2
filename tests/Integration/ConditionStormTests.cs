using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Conditions that many clients meet at once, and that only one of them can have met.</summary>
public sealed class ConditionStormTests
{
    private const int Rivals = 6;

    private static byte[] Body(int seed, int number) => Answers.Bytes(number % 2 == 0 ? 20_000 : 2_000, (seed * 10_000) + number);

    [Theory]
    [InlineData(701)]
    public async Task Of_overwrites_of_one_state_exactly_one_wins(int seed)
    {
        const int Rounds = 30;
        await using var storm = await Storm.Start();
        var spot = Spot.New();
        var current = Body(seed, 0);
        Assert.True((await storm.Put(spot, current)).IsOk);

        for (var round = 1; round <= Rounds; round++)
        {
            var tag = ("if-match", $"\"{Answers.Sha256(current)}\"");
            var bodies = Enumerable.Range(0, Rivals).Select(rival => Body(seed, (round * Rivals) + rival)).ToArray();

            var answers = await Storm.Together([.. bodies.Select(body => (Func<Task<Answer>>)(() => storm.Put(spot, body, tag)))]);

            current = Assert.Single(answers.Zip(bodies), pair => pair.Item1.IsOk).Item2;
            Assert.All(answers.Where(answer => !answer.IsOk), loser => Assert.Equal((412, "precondition_failed"), (loser.Status, loser.Code)));
            await storm.ShouldRead(spot, current);
        }

        storm.Keep(spot, current);
        await storm.Settle();
    }

    [Theory]
    [InlineData(702)]
    public async Task Of_an_overwrite_and_a_delete_of_one_state_exactly_one_wins(int seed)
    {
        const int Rounds = 40;
        await using var storm = await Storm.Start();
        for (var round = 0; round < Rounds; round++)
        {
            var (spot, old, now) = (Spot.New(), Body(seed, 2 * round), Body(seed, (2 * round) + 1));
            Assert.True((await storm.Post(spot, old)).IsOk);
            var tag = ("if-match", $"\"{Answers.Sha256(old)}\"");

            var answers = await Storm.Together(() => storm.Put(spot, now, tag), () => storm.Delete(spot, tag));

            Assert.Equal([200, 412], answers.Select(answer => answer.Status).Order());
            if (answers[0].IsOk)
            {
                storm.Keep(spot, now);
            }
            else
            {
                storm.Lose(spot);
            }
        }

        await storm.Settle();
    }

    [Theory]
    [InlineData(703)]
    public async Task Of_creates_that_ask_for_nothing_to_be_there_exactly_one_wins_under_either_method(int seed)
    {
        const int Rounds = 40;
        await using var storm = await Storm.Start();
        for (var round = 0; round < Rounds; round++)
        {
            var spot = Spot.New();
            var bodies = Enumerable.Range(0, Rivals).Select(rival => Body(seed, (round * Rivals) + rival)).ToArray();
            var none = ("if-none-match", "*");

            var answers = await Storm.Together([.. bodies.Select((body, rival) =>
                (Func<Task<Answer>>)(() => rival % 2 == 0 ? storm.Post(spot, body, none) : storm.Put(spot, body, none)))]);

            var winner = Assert.Single(answers.Zip(bodies), pair => pair.Item1.IsOk);
            Assert.All(answers.Where(answer => !answer.IsOk), loser => Assert.Equal((412, "precondition_failed"), (loser.Status, loser.Code)));
            storm.Keep(spot, winner.Item2);
        }

        await storm.Settle();
    }

    [Theory]
    [InlineData(704, false)]
    [InlineData(705, true)]
    public async Task A_bucket_deleted_against_an_upload_into_it_never_takes_the_blob_along(int seed, bool janitor)
    {
        const int Rounds = 40;
        await using var storm = await Storm.Start(janitor);
        await Storm.Together(2, async lane =>
        {
            for (var round = lane; round < Rounds; round += 2)
            {
                var bucket = $"bucket-{round}";
                var (waiting, spot, bytes) = (Spot.New(bucket), Spot.New(bucket), Body(seed, round));
                Assert.True((await storm.Chunk(waiting, 1, 2, Body(seed, 1000 + round))).IsOk);

                var answers = await Storm.Together(() => storm.Post(spot, bytes), () => storm.DeleteBucket(bucket), () => storm.DeleteBucket(bucket));

                Assert.True(answers[0].IsOk, $"{answers[0]}");
                Assert.All(answers[1..], delete => Assert.True(delete.IsOk || delete.Code is "bucket_not_empty" or "no_such_bucket", $"{delete}"));
                storm.Keep(spot, bytes);

                // The chunk that waited went with the bucket, or waits on in it.
                var gone = answers[1..].Any(delete => delete.IsOk);
                Assert.Equal(gone ? 404 : 200, (await storm.Delete(waiting)).Status);
                storm.Lose(waiting);
            }
        });

        await storm.Settle();
    }
}
