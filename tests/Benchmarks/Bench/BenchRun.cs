using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>What is asked for.</summary>
/// <param name="Quick">Few rounds, short, without the heaviest cases.</param>
/// <param name="Only">Cases of which a figure's name contains this; all when empty.</param>
/// <param name="Program">The server that is measured.</param>
/// <param name="Peer">Another one with the same contract, or null.</param>
/// <param name="Json">Where the machine-readable figures go.</param>
internal sealed record BenchOptions(bool Quick, string Only, string Program, string? Peer, string Json);

/// <summary>Measures all cases, in each round one contestant after the other, because the machine's speed changes while it goes.</summary>
internal sealed class BenchRun(BenchOptions options, string directory)
{
    private readonly Measured measured = new();
    private readonly int rounds = options.Quick ? 3 : 5;

    public async Task Run()
    {
        var all = Seq("strict", "relaxed", "nginx") + (options.Peer is null ? Empty : Seq1("peer"));
        await new Limits(directory).Measure(measured, options.Only.Length == 0 ? rounds : 0);
        var cases = new Cases(directory, options.Quick).All().Filter(one => one.Figures.Exists(figure => figure.Name.Contains(options.Only, StringComparison.Ordinal)));
        foreach (var (number, one) in cases.Map((number, one) => (number + 1, one)))
        {
            await Measure(one, all.Filter(name => one.Who.Contains(name)), string.Create(CultureInfo.InvariantCulture, $"{number}/{cases.Count}"));
        }

        Console.WriteLine(measured.Table([.. all, "machine"]));
        await File.WriteAllTextAsync(options.Json, measured.Json());
        Console.WriteLine($"\n{rounds} rounds in turn, medians; ratios are medians of the rounds' ratios. All figures: {options.Json}");
    }

    private async Task Measure(Case one, Seq<string> who, string number)
    {
        var home = Path.Combine(directory, number.Replace('/', '-'));
        var sides = who.Map(name => Make(name, Path.Combine(home, name))).Strict();
        try
        {
            foreach (var side in sides)
            {
                _ = await side.Start();
                await one.Prepare(side);
            }

            for (var round = 1; round <= rounds; round++)
            {
                // Who begins a round has what the last one left in the caches, so each does in its turn.
                foreach (var side in sides.Skip(round % sides.Count).Concat(sides.Take(round % sides.Count)))
                {
                    await Console.Error.WriteAsync($"\r\x1b[K{number} {one.Figures[0].Name}: round {round} of {rounds}, {side.Name}");
                    var values = await one.Measure(side);
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

    private Contestant Make(string name, string home) => name switch
    {
        "nginx" => new Nginx(home),
        "peer" => new Store(name, home, options.Peer!, null),
        _ => new Store(name, home, options.Program, name),
    };
}
