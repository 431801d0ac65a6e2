using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>
/// What it costs to see into the server: the same program as it is by itself, twice, and with more or less to tell. The runtime compiles
/// each process in its own way, so several sets of fresh ones are measured; in each round of a set one after the other, so that the
/// machine's moods meet all of them.
/// </summary>
/// <param name="directory">Where their data goes.</param>
/// <param name="program">The server.</param>
/// <param name="sets">How many sets of processes.</param>
/// <param name="only">The ways to compare with the server as it is; all of them where none is named.</param>
internal sealed class Observed(string directory, string program, int sets, IReadOnlyList<string> only)
{
    private const int Seconds = 2;
    private const int Rounds = 3;
    private const int Bytes = 4096;
    private const string Itself = "itself";
    private const string Again = "again";
    private const string Off = "off";
    private const string Traces = "traces";
    private const string Every = "every";
    private const string Audit = "audit";

    /// <summary>What can be compared with the server as it is.</summary>
    public static IReadOnlyList<string> Others => [Again, Off, Traces, Every, Audit];

    private readonly string[] ways = [Itself, .. (only is [] ? Others : only).Distinct()];
    private readonly Wrk wrk = new(directory);

    public async Task Run()
    {
        using var sink = new Sink();
        await Measure("4 KiB uploads", sink, (side, _) => wrk.Upload(side, Seconds, Bytes));
        await Measure("4 KiB downloads", sink, (side, blob) => wrk.Run(side.Address, "GET", [side.Download(blob)], Seconds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Environment.ProcessorCount} cores, 32 connections, strict; {sets} sets of fresh processes, {Rounds} rounds of {Seconds} s in turn in each. Figures are medians of all
            rounds; a ratio is that of one round to "{Itself}", its median in each set, and of these the median (least to most). The sink took {sink.Bytes >> 10} KiB.
            """));
    }

    private async Task Measure(string name, Sink sink, Func<Contestant, Guid, Task<Rate>> load)
    {
        var found = new List<Dictionary<string, List<Cost>>>();
        for (var set = 1; set <= sets; set++)
        {
            found.Add(await MeasureSet(set, name, sink, load));
        }

        await Console.Error.WriteLineAsync();
        Console.WriteLine($"| {name} | answers a second | µs of processor for one | answers, ratio | processor, ratio |\n|---|---:|---:|---:|---:|");
        foreach (var way in ways)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {way} | {All(cost => cost.PerSecond):#,0} | {All(cost => cost.Micros):0.0} | {Ratio(cost => cost.PerSecond)} | {Ratio(cost => cost.Micros)} |"));

            double All(Func<Cost, double> figure) => Median(found.SelectMany(set => set[way]).Select(figure));

            string Ratio(Func<Cost, double> figure)
            {
                var ratios = found.Select(set => Median(set[way].Zip(set[Itself], (one, other) => figure(one) / figure(other)))).ToArray();
                return way == Itself ? "" : string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.000} ({ratios.Min():0.000} to {ratios.Max():0.000})");
            }
        }

        Console.WriteLine();
    }

    private async Task<Dictionary<string, List<Cost>>> MeasureSet(int set, string name, Sink sink, Func<Contestant, Guid, Task<Rate>> load)
    {
        var title = $"{name}: set {set} of {sets}";
        var blob = Guid.CreateVersion7();
        var home = Path.Combine(directory, $"{blob}");
        var sides = ways.Select((way, place) => new Store(
            way, Path.Combine(home, $"{place}"), program, durability: null, Variables(way, sink, Path.Combine(home, $"{place}", "audit.log")))).ToArray();
        var found = ways.ToDictionary(way => way, _ => new List<Cost>());
        try
        {
            foreach (var side in sides)
            {
                await Console.Error.WriteAsync($"\r\x1b[K{title}, {side.Name} warms up");
                _ = await side.Start();
                await Fill(side, blob);
                await side.WarmUp(() => load(side, blob));
            }

            for (var round = 0; round < Rounds; round++)
            {
                // Who begins a round has what the last one left in the caches, so each does in its turn.
                var first = ((set * Rounds) + round) % sides.Length;
                foreach (var side in sides.Skip(first).Concat(sides.Take(first)))
                {
                    await Console.Error.WriteAsync($"\r\x1b[K{title}, round {round + 1} of {Rounds}, {side.Name}");
                    var before = side.ProcessorTime();
                    var rate = await load(side, blob);
                    found[side.Name].Add(new Cost(rate.PerSecond, (side.ProcessorTime() - before).TotalMicroseconds / rate.Answers));
                }
            }
        }
        finally
        {
            foreach (var side in sides)
            {
                await side.DisposeAsync();
            }

            if (Directory.Exists(home))
            {
                Directory.Delete(home, recursive: true);
            }
        }

        return found;
    }

    private static Dictionary<string, string> Variables(string way, Sink sink, string audit) => way switch
    {
        Off => new() { ["OTEL_SDK_DISABLED"] = "true" },
        Traces => Sent(sink),
        Every => new(Sent(sink)) { ["OTEL_TRACES_SAMPLER"] = "always_on" },
        Audit => new() { ["AUDIT_LOG"] = audit },
        _ => [],
    };

    private static Dictionary<string, string> Sent(Sink sink) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRICS_EXPORTER"] = "none",
    };

    private static async Task Fill(Contestant side, Guid blob)
    {
        using var request = new HttpRequestMessage(new HttpMethod(side.UploadMethod), side.Upload(blob)) { Content = new ByteArrayContent(new byte[Bytes]) };
        using var answer = await side.Http.SendAsync(request);
        _ = answer.EnsureSuccessStatusCode();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <param name="PerSecond">Answers a second.</param>
    /// <param name="Micros">Microseconds of the server's processor time for an answer.</param>
    private sealed record Cost(double PerSecond, double Micros);
}
