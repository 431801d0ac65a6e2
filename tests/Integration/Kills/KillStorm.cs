using System.Diagnostics;
using System.Globalization;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Kills;

/// <summary>
/// The real server under many clients, killed at random moments and started again, with a janitor that finds everything old after
/// a few seconds. After each start every blob is held against the clients' journals; at the end fsck must find nothing wrong and, after
/// a janitor run, nothing at all.
/// </summary>
internal sealed class KillStorm : IDisposable
{
    private const int Clients = 12;
    private const int TtlSeconds = 4;

    private readonly TestDirectory directory = new();
    private readonly Random random;
    private readonly StormClient[] clients;
    private readonly Stopwatch took = Stopwatch.StartNew();
    private TimeSpan longestStart;
    private int killedWhileStarting;

    private KillStorm(int seed)
    {
        random = new Random(seed);
        clients = [.. Enumerable.Range(0, Clients).Select(i => new StormClient(unchecked((seed * 1000) + i), Tally, TimeSpan.FromSeconds(TtlSeconds)))];
    }

    public Tally Tally { get; } = new();

    /// <summary>Arguments: how many kills, and a seed. Prints progress, what was counted, and a closing line of counts.</summary>
    public static async Task<int> Run(string[] args)
    {
        var kills = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
        var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Random.Shared.Next();
        Console.WriteLine($"{kills} kills, seed {seed}, {Clients} clients");
        try
        {
            Console.WriteLine(await Rage(kills, seed, Console.WriteLine));
            Console.WriteLine("2 passed, 0 failed");
            return 0;
        }
#pragma warning disable CA1031 // Whatever it was, it is what the storm found.
        catch (Exception error)
        {
            Console.WriteLine($"FAILED with seed {seed}: {error.Message}\n0 passed, 1 failed");
            return 1;
        }
#pragma warning restore CA1031
    }

    /// <summary>Kills so many times, and fails where anything that was acknowledged is lost or anything is left over.</summary>
    /// <returns>What was counted.</returns>
    public static async Task<string> Rage(int kills, int seed, Action<string> progress)
    {
        using var storm = new KillStorm(seed);
        for (var kill = 1; kill <= kills; kill++)
        {
            await storm.Live(kill);
            progress($"kill {kill} of {kills}: {storm.Tally.Operations} acknowledged, {storm.Tally.InFlight} were cut off, {storm.Tally.Losses.Count} lost");
            storm.NothingIsLost();
        }

        await using (var last = await ServerProcess.Serve(storm.directory.Root))
        {
            await Task.WhenAll(storm.clients.Select(client => client.Check(last)));
            last.Signal(ServerProcess.SigTerm);
            Assert.Equal(0, (await last.End()).Code);
        }

        storm.NothingIsLost();
        _ = await Fsck(storm.directory.Root);
        await Aftermath.ShouldBeClean(storm.directory.Root);
        var said = await Fsck(storm.directory.Root);
        Assert.Contains("result: clean; 0 damaged, 0 repaired, 0 notes", said);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{kills} kills ({storm.killedWhileStarting} of them while it started) in {storm.took.Elapsed.TotalSeconds:F0} s, longest start {storm.longestStart.TotalSeconds:F1} s\n{storm.Tally}\nfsck --deep: {said[^1]}");
    }

    public void Dispose() => directory.Dispose();

    /// <summary>What the program's own check says, which must end with 0.</summary>
    private static async Task<IReadOnlyList<string>> Fsck(string root)
    {
        var ended = await ServerProcess.Run(["fsck", "--deep", $"--data-dir={root}"]);
        Assert.True(ended.Code == 0, string.Join('\n', ended.Output.Concat(ended.Errors.TakeLast(5))));
        return ended.Output;
    }

    /// <summary>One life of the server: it starts by itself, is held to the journals, and is killed under load or already while it starts.</summary>
    private async Task Live(int number)
    {
        await using var server = ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, $"--ttl-orphan-secs={TtlSeconds}", "--janitor-interval-secs=1"));
        if (number > 1 && random.Next(6) == 0)
        {
            await Task.Delay(random.Next(1_500));
            killedWhileStarting++;
            server.Signal(ServerProcess.SigKill);
            return;
        }

        var start = Stopwatch.GetTimestamp();
        _ = await ServerProcess.Serve(server);
        longestStart = Stopwatch.GetElapsedTime(start) is var took && took > longestStart ? took : longestStart;
        await Task.WhenAll(clients.Select(client => client.Check(server)));
        var acting = clients.Select(client => Task.Run(() => client.Act(server))).ToArray();
        await Task.Delay(random.Next(20, 1_500));
        server.Signal(ServerProcess.SigKill);
        await Task.WhenAll(acting);
    }

    private void NothingIsLost() => Assert.True(Tally.Losses.Count == 0, string.Join('\n', Tally.Losses.Take(10)));
}
