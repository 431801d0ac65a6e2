using System.Collections.Concurrent;
using System.Globalization;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>Runs many seeds, on every processor one.</summary>
internal static class SimulateCommand
{
    public static IReadOnlyList<SeedResult> Run(int first, int seeds, Action<SeedResult> ended)
    {
        var results = new ConcurrentBag<SeedResult>();
        _ = Parallel.For(first, first + seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var result = Simulated.Run(seed);
            results.Add(result);
            ended(result);
        });
        return [.. results.OrderBy(result => result.Seed)];
    }

    /// <summary>Runs a seed again and says all that happened in it.</summary>
    public static string Replay(SeedResult failed)
    {
        var trace = new List<string>();
        _ = Simulated.Run(failed.Seed, trace: trace);
        return $"{string.Join('\n', trace)}\nseed {failed.Seed}, after {failed.Crashes} crashes: {failed.Violation}";
    }

    /// <summary><c>simulate [seeds] [first seed]</c>: progress once a second, each failing seed with its trace, and the sums.</summary>
    public static async Task<int> Simulate(string[] words)
    {
        if (words.Length > 2 || words.Any(word => !int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            await Console.Error.WriteLineAsync("usage: simulate [seeds] [first seed]");
            return 2;
        }

        var seeds = words.Length > 0 ? int.Parse(words[0], CultureInfo.InvariantCulture) : 20_000;
        var first = words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 0;
        var (done, crashes, failed) = (0, 0, 0);
        await using var progress = new Timer(_ => Console.Error.WriteLine($"{done} of {seeds} seeds, {crashes} crashes, {failed} failed"), null, 1_000, 1_000);
        var results = Run(first, seeds, result =>
        {
            _ = Interlocked.Increment(ref done);
            _ = Interlocked.Add(ref crashes, result.Crashes);
            if (result.Violation is not null && Interlocked.Increment(ref failed) <= 3)
            {
                Console.WriteLine(Replay(result));
            }
        });
        Console.WriteLine($"seeds {first} to {first + seeds - 1}, {crashes} crashes, {results.Sum(result => (long)result.Answers)} operations answered");
        results.Where(result => result.Violation is not null).Iter(result => Console.WriteLine($"FAILED seed {result.Seed}: {result.Violation}"));
        Console.WriteLine($"{seeds - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }
}
