using System.Collections.Concurrent;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Single uploads, overwrites and deletes by many clients at once.</summary>
public sealed class StormTests
{
    private const int Inline = 3_000;
    private const int File = 20_000;

    [Theory]
    [InlineData(101, false)]
    [InlineData(102, true)]
    public async Task Equal_bytes_uploaded_while_their_last_reference_is_deleted_stay_readable(int seed, bool janitor)
    {
        const int Clients = 8;
        const int Each = 100;
        await using var storm = await Storm.Start(janitor);

        await Storm.Together(Clients, async client =>
        {
            var random = new Random((seed * Clients) + client);
            for (var i = 0; i < Each; i++)
            {
                // All clients are at about the same few contents, each of which few blobs name at any time.
                var bytes = Answers.Bytes(i / 5 % 2 == 0 ? File : Inline, (seed * 1000) + (i / 10));
                var spot = Spot.New(random.Next(2) == 0 ? "north" : "south");
                var upload = random.Next(2) == 0 ? storm.Post(spot, bytes) : storm.Put(spot, bytes);
                Assert.Equal((200, Answers.Sha256(bytes)), ((await upload).Status, (await upload).Sha256));
                await storm.ShouldRead(spot, bytes);
                if (random.Next(20) == 0)
                {
                    storm.Keep(spot, bytes);
                    continue;
                }

                Assert.Equal(200, (await storm.Delete(spot)).Status);
                storm.Lose(spot);
            }
        });

        await storm.Settle();
    }

    [Theory]
    [InlineData(201, false)]
    [InlineData(202, true)]
    public async Task A_reader_among_overwrites_and_deletes_gets_one_body_whole(int seed, bool janitor)
    {
        const int Writers = 4;
        const int Readers = 4;
        const int Each = 60;
        await using var storm = await Storm.Start(janitor);
        var spots = Enumerable.Range(0, 2).Select(_ => Spot.New()).ToArray();
        var sent = new ConcurrentDictionary<string, bool>();
        using var written = new CountdownEvent(Writers);

        var writing = Storm.Together(Writers, async client =>
        {
            var random = new Random((seed * Writers) + client);
            for (var i = 0; i < Each; i++)
            {
                var spot = spots[random.Next(spots.Length)];
                var bytes = Answers.Bytes(new[] { Inline, File, 300_000 }[random.Next(3)], (seed * 1000) + random.Next(8));
                sent[Answers.Sha256(bytes)] = true;
                var answer = await (random.Next(4) == 0 ? storm.Delete(spot) : storm.Put(spot, bytes));
                Assert.True(answer.Status is 200 or 404, $"{answer}");
            }

            _ = written.Signal();
        });
        var found = 0;
        await Storm.Together(Readers, async client =>
        {
            for (var i = client; !written.IsSet; i++)
            {
                var answer = await storm.Get(spots[i % spots.Length]);
                if (answer.Status != 404)
                {
                    Assert.True(answer.IsOk, $"{answer}");
                    Assert.Equal(answer.ETag, $"\"{Answers.Sha256(answer.Body)}\"");
                    Assert.Contains(Answers.Sha256(answer.Body), sent.Keys);
                    _ = Interlocked.Increment(ref found);
                }
            }
        });
        await writing;

        Assert.True(found > Each, $"only {found} reads found a blob");
        foreach (var spot in spots)
        {
            var last = Answers.Bytes(File, seed);
            Assert.True((await storm.Put(spot, last)).IsOk);
            storm.Keep(spot, last);
        }

        await storm.Settle();
    }

    [Theory]
    [InlineData(301, false)]
    [InlineData(302, true)]
    public async Task Of_creates_of_one_id_exactly_one_wins_and_nothing_of_the_others_stays(int seed, bool janitor)
    {
        const int Rounds = 60;
        const int Rivals = 4;
        await using var storm = await Storm.Start(janitor);

        await Storm.Together(4, async lane =>
        {
            for (var round = lane; round < Rounds; round += 4)
            {
                var spot = Spot.New();
                var bodies = Enumerable.Range(0, Rivals).Select(rival =>
                    Answers.Bytes(rival % 2 == 0 ? File + rival : Inline + rival, (seed * 1000) + (round * Rivals) + rival)).ToArray();

                var answers = await Storm.Together([.. bodies.Select(body => (Func<Task<Answer>>)(() => storm.Post(spot, body)))]);

                var winner = Assert.Single(answers.Zip(bodies), pair => pair.Item1.IsOk);
                Assert.All(answers.Where(answer => !answer.IsOk), loser => Assert.Equal((409, "duplicate_blob"), (loser.Status, loser.Code)));
                Assert.Equal(Answers.Sha256(winner.Item2), winner.Item1.Sha256);
                storm.Keep(spot, winner.Item2);
            }
        });

        await storm.Settle();
        Assert.Equal(Rounds, storm.Server.Store.Index.Counts().Totals.Contents);
    }
}
