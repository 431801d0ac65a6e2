using System.Collections.Concurrent;
using Borderless.Tests.Integration.Support;
using Xunit.Abstractions;

namespace Borderless.Tests.Integration.Network;

/// <summary>Hundreds of transfers through networks that misbehave at random, by clients that try again until they are told.</summary>
[Collection(Alone.Name)]
public sealed class NetworkStormTests(ITestOutputHelper output)
{
    private const int Clients = 10;
    private const int Each = 9;

    private static readonly int[] Sizes = [0, 3_000, 20_000, 200_000];

    [Theory]
    [InlineData(701, false)]
    [InlineData(702, true)]
    public async Task What_was_acknowledged_is_there_whole_and_nothing_else_is_left(int seed, bool janitor)
    {
        var disk = new TestDisk();

        // Chunks wait for their merge in the storm's time; files, whose times are the machine's, are a day old to the janitor.
        await using var storm = await Storm.Start(janitor, disk, ttl: 43_200);
        var traces = Traces.Of(storm.Server, disk);
        var faults = new ConcurrentDictionary<Fault, int>();
        var tries = 0;
        using var calm = new CancellationTokenSource();
        var turning = Turn(storm.Server, calm.Token);

        await Storm.Together(Clients, async number =>
        {
            var random = new Random((seed * Clients) + number);
            await using var network = new BadNetwork(storm.Server.Address, _ => Noted(faults, Mishap.Sometimes(random, 200_000)));
            var client = new PersistentClient(storm, network.Address, () => Interlocked.Increment(ref tries));
            for (var i = 0; i < Each; i++)
            {
                var bytes = (int part) => Answers.Bytes(Sizes[(i + part) % 4], (seed * 100_000) + (number * 1000) + (i * 10) + part);
                await (i % 3 == 0 ? client.UploadInChunks(bytes(1), bytes(2), bytes(3)) : client.Upload(i % 2 == 0 ? "POST" : "PUT", bytes(0)));
                await client.Download();
            }
        });
        await calm.CancelAsync();
        await turning;

        output.WriteLine($"{Clients * Each} uploads and as many downloads, {tries} tries; {string.Join(", ", faults.OrderBy(fault => fault.Key).Select(fault => $"{fault.Value} {fault.Key}"))}");
        Assert.Equal(Enum.GetValues<Fault>(), faults.Keys.Order());
        await traces.ShouldVanish();
        await storm.Settle();
    }

    private static Mishap? Noted(ConcurrentDictionary<Fault, int> faults, Mishap? mishap)
    {
        _ = mishap is null ? 0 : faults.AddOrUpdate(mishap.Fault, 1, (_, count) => count + 1);
        return mishap;
    }

    /// <summary>A clock that runs, but faster: what stalls is given up soon.</summary>
    private static async Task Turn(TestServer server, CancellationToken calm)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!calm.IsCancellationRequested)
        {
            _ = await timer.WaitForNextTickAsync(CancellationToken.None);
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
