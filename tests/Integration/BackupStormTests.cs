using System.Collections.Concurrent;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Backups of a server under load, and servers that are started from them.</summary>
public sealed class BackupStormTests
{
    private const int Clients = 6;
    private const int Backed = 5;

    private static readonly int[] Sizes = [0, 500, 16_384, 30_000, 200_000, 1_500_000];

    /// <summary>
    /// What a client did with its blobs, each in order: the digests that a blob had, null for none. What is asked for is written
    /// down before, what was acknowledged after.
    /// </summary>
    private sealed class Journal
    {
        private readonly Lock gate = new();
        private readonly List<string?> asked = [null];
        private int acknowledged;

        public void Ask(string? digest)
        {
            lock (gate)
            {
                asked.Add(digest);
            }
        }

        public void Acknowledge()
        {
            lock (gate)
            {
                acknowledged = asked.Count - 1;
            }
        }

        /// <summary>How many changes were acknowledged, and how many were asked for.</summary>
        public (int Acknowledged, int Asked) Now()
        {
            lock (gate)
            {
                return (acknowledged, asked.Count - 1);
            }
        }

        public IReadOnlyList<string?> Between(int from, int to)
        {
            lock (gate)
            {
                return asked[from..(to + 1)];
            }
        }
    }

    private readonly ConcurrentDictionary<Spot, Journal> journals = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_has_what_was_acknowledged_before_it_began_and_is_whole(bool copy)
    {
        await using var storm = await Storm.Start(janitor: true);
        using var backups = new Backups(storm.Server.Directory);
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(() => Load(storm, client, over.Token))).ToArray();
        await Wait.Until(() => journals.Count > 3 * Clients, "there is something to back up");
        var (unchanged, kept) = (0, 0L);
        for (var i = 0; i < Backed; i++)
        {
            var before = journals.ToDictionary(journal => journal.Key, journal => journal.Value.Now());
            var report = await Task.Run(() => backups.Run(copy));
            var after = journals.ToDictionary(journal => journal.Key, journal => journal.Value.Now());

            Assert.True(report.ExitCode == 0, $"{report}: {string.Join('\n', backups.Told)}");
            kept += report.Kept;
            unchanged += await ShouldHave(backups, before, after);
        }

        await over.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(unchanged > 0, "everything changed under every backup, so that nothing was compared exactly");
        Assert.True(kept > 0, "no backup found a part of an earlier one");

        // What the backups kept from being removed goes now.
        await Wait.Turning(storm.Server, TimeSpan.FromSeconds(5), () => storm.Server.Store.Index.Garbage(0, 1).Count == 0, "the remover is done");
        await storm.Settle();
    }

    /// <returns>How many blobs did not change meanwhile, and so had to be exactly so.</returns>
    private async Task<int> ShouldHave(
        Backups backups, Dictionary<Spot, (int Acknowledged, int Asked)> before, Dictionary<Spot, (int Acknowledged, int Asked)> after)
    {
        await using var restored = await backups.Restore();
        foreach (var (spot, (_, asked)) in after)
        {
            var possible = journals[spot].Between(before.GetValueOrDefault(spot).Acknowledged, asked);
            using var answer = await restored.Send(HttpMethod.Get, restored.Signed("GET", spot.ToString()), null);
            Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode == 404, $"{spot}: {answer.StatusCode}");
            var found = answer.IsSuccessStatusCode ? Answers.Sha256(await answer.Content.ReadAsByteArrayAsync()) : null;
            Assert.Contains(found, possible);
        }

        await Audit.Balance(restored);
        return before.Count(journal => journal.Value.Acknowledged == after[journal.Key].Asked);
    }

    /// <summary>Uploads, chunks, merges, overwrites and deletes of one client, whose bytes are in part the others' too.</summary>
    private async Task Load(Storm storm, int client, CancellationToken over)
    {
        var random = new Random(client);
        var own = new List<Spot>();
        while (!over.IsCancellationRequested)
        {
            var bytes = Answers.Bytes(Sizes[random.Next(Sizes.Length)], random.Next(50));
            var spot = own.Count < 4 || random.Next(3) == 0 ? Spot.New() : own[random.Next(own.Count)];
            var isNew = !own.Contains(spot);
            var journal = journals.GetOrAdd(spot, _ => new Journal());
            switch (random.Next(isNew ? 2 : 4))
            {
                case 0:
                    await Change(journal, Answers.Sha256(bytes), () => storm.Put(spot, bytes));
                    break;
                case 1:
                    var half = bytes.Length / 2;
                    await storm.Chunks(spot, "PUT", bytes[..half], bytes[half..]);
                    await Change(journal, Answers.Sha256(bytes), () => storm.Merge(spot, 2, "PUT"));
                    break;
                default:
                    await Change(journal, null, () => storm.Delete(spot));
                    _ = own.Remove(spot);
                    continue;
            }

            if (isNew)
            {
                own.Add(spot);
            }
        }
    }

    private static async Task Change(Journal journal, string? digest, Func<Task<Answer>> send)
    {
        journal.Ask(digest);
        var answer = await send();
        Assert.True(answer.IsOk, answer.ToString());
        journal.Acknowledge();
    }
}
