using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Files that vanish from the disk under load.</summary>
public sealed class DamageStormTests
{
    [Theory]
    [InlineData(603)]
    public async Task Damage_among_uploads_deletes_and_reads_is_healed_and_the_books_balance(int seed)
    {
        const int Clients = 6;
        const int Each = 40;
        await using var storm = await Storm.Start(janitor: true);
        await Storm.Together(Clients, async client =>
        {
            var random = new Random((seed * Clients) + client);
            for (var i = 0; i < Each; i++)
            {
                var (spot, bytes) = (Spot.New(), Answers.Bytes(20_000, (seed * 1000) + (i / 10)));
                Assert.True((await storm.Post(spot, bytes)).IsOk);
                if (client == 0 && storm.Server.FilesUnder("parts") is [var file, ..])
                {
                    File.Delete(file);
                }

                var answer = await storm.Get(spot);
                Assert.True(answer.IsOk ? answer.Body.SequenceEqual(bytes) : answer.Code == "blob_damaged", $"{answer}");
                if (random.Next(4) > 0)
                {
                    Assert.Equal(200, (await storm.Delete(spot)).Status);
                    storm.Lose(spot);
                }
                else
                {
                    storm.Keep(spot, bytes);
                }
            }
        });

        // Each content is read once more, so that all damage is known, and then sent once more.
        foreach (var content in Enumerable.Range(0, Each / 10))
        {
            var (spot, bytes) = (Spot.New(), Answers.Bytes(20_000, (seed * 1000) + content));
            Assert.True((await storm.Post(spot, bytes)).IsOk);
            if (!(await storm.Get(spot)).IsOk)
            {
                Assert.True((await storm.Put(spot, bytes)).IsOk);
            }

            storm.Keep(spot, bytes);
        }

        await storm.Settle();
    }
}
