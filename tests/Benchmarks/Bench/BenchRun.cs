using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>What is asked for.</summary>
/// <param name="Quick">Few rounds, shorter and with smaller bodies, and without growth.</param>
/// <param name="Only">Cases of which a figure's name contains this, or growth; all when empty.</param>
/// <param name="Program">The server that is measured.</param>
/// <param name="Peer">Another one with the same contract, or null.</param>
/// <param name="Json">Where the machine-readable figures go.</param>
internal sealed record BenchOptions(bool Quick, string Only, string Program, string? Peer, string Json);

/// <summary>Measures all cases, in each round one contestant after the other, because the machine's speed changes while it goes.</summary>
internal sealed class BenchRun(BenchOptions options, string directory)
{
    private readonly Measured measured = new();
    private readonly int rounds = options.Quick ? 3 : 5;

    /// <returns>False when nothing is named as asked for.</returns>
    public async Task<bool> Run()
    {
        var cases = Cases.All(directory, options.Quick)
            .Filter(one => one.Figures.Exists(figure => figure.Name.Contains(options.Only, StringComparison.Ordinal))).Strict();
        var grows = options.Only == "growth" || (options.Only.Length == 0 && !options.Quick);
        if (cases.IsEmpty && !grows)
        {
            return false;
        }

        await Console.Error.WriteLineAsync("the disk and the hash");
        var limits = new Limits(directory, options.Quick);
        await limits.TouchMemory();
        await limits.Measure(measured, options.Only.Length == 0 ? rounds : 0);
        foreach (var (number, one) in cases.Map((number, one) => (number + 1, one)))
        {
            await Measure(one, string.Create(CultureInfo.InvariantCulture, $"{number}/{cases.Count}"));
        }

        Report();
        if (grows)
        {
            Console.WriteLine($"\n{await new Growth(directory, options.Program, measured).Measure()}");
        }

        await File.WriteAllTextAsync(options.Json, measured.Json());
        Console.WriteLine($"\nAll figures: {options.Json}");
        return true;
    }

    private async Task Measure(Case one, string number)
    {
        var home = Path.Combine(directory, number.Replace('/', '-'));
        var sides = Sides(one).Map(name => Make(name, Path.Combine(home, name))).Strict();
        try
        {
            foreach (var side in sides)
            {
                _ = await side.Start();
                await one.Prepare(side);
            }

            foreach (var side in one.Once ? Empty : sides)
            {
                await Console.Error.WriteAsync($"\r\x1b[K{number} {one.Figures[0].Name}: warming up, {side.Name}");
                await side.WarmUp(() => one.Measure(side));
            }

            for (var round = 1; round <= (one.Once ? 1 : rounds); round++)
            {
                // Who begins a round has what the last one left in the caches, so each does in its turn.
                foreach (var side in sides.Skip(round % sides.Count).Concat(sides.Take(round % sides.Count)))
                {
                    await Console.Error.WriteAsync($"\r\x1b[K{number} {one.Figures[0].Name}: round {round} of {(one.Once ? 1 : rounds)}, {side.Name}");
                    var values = await Quietly(() => one.Measure(side));
                    one.Figures.Zip(values).Iter(pair => measured.Add(pair.Item1, side.Name, pair.Item2));
                }
            }

            await Console.Error.WriteLineAsync();
        }
        finally
        {
            foreach (var side in sides)
            {
                await side.DisposeAsync();
            }
        }

        // Large files make room; to delete many small ones would slow down what comes next.
        Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length > 1 << 20).Iter(File.Delete);
    }

    /// <summary>What others wrote without a sync goes to the disk first: it is their work, and would be done in this one's time.</summary>
    private async Task<double[]> Quietly(Func<Task<double[]>> measure)
    {
        _ = await Tool.Run("sync", "-f", directory);
        return await measure();
    }

    private Seq<string> Sides(Case one) => Seq("strict", "relaxed", "nginx", "peer").Filter(name =>
        one.Who.Contains(name) && name switch
        {
            "peer" => options.Peer is not null,
            "relaxed" => !options.Quick || one.Figures.Exists(figure => figure.Reaches.Exists(reach => reach.Rival == name)),
            _ => true,
        });

    private Contestant Make(string name, string home) => name switch
    {
        "nginx" => new Nginx(home),
        "peer" => new Store(name, home, options.Peer!, null),
        _ => new Store(name, home, options.Program, name),
    };

    private void Report()
    {
        if (measured.Who.IsEmpty)
        {
            return;
        }

        Console.WriteLine(measured.Table(Seq("strict", "relaxed", "nginx", "peer", "machine").Filter(name => measured.Who.Contains(name))));
        Console.WriteLine(
            $"\n{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores: medians of {rounds} rounds in turn, after warming up; a ratio is the median of the rounds' ratios.");
        if (options.Quick)
        {
            Console.WriteLine(
                "Quick: 512 MiB for 1 GiB, chunks of 16 MiB in order only, 32 × 32 MiB at once, a second for each series of small requests; no growth.");
        }

        var missed = measured.Judged.Filter(judged => !judged.Reached);
        Console.WriteLine(
            $"{measured.Judged.Count - missed.Count} reached, {missed.Count} short{(missed.IsEmpty ? "" : ": ")}{string.Join(", ", missed.Map(judged => judged.Figure.Name).Distinct())}");
    }
}
