using System.Globalization;

namespace Borderless.Benchmarks.Bench;

/// <summary>
/// What it costs to see into the server: the same program with OpenTelemetry turned off, as it is by itself, with traces sent to a sink on
/// this machine, and with a trace of every request. In each round one after the other, so that the machine's moods meet all of them.
/// </summary>
internal sealed class Observed(string directory, string program, int rounds)
{
    private const int Seconds = 3;
    private const int Bytes = 4096;
    private const string Off = "off";
    private const string Metrics = "metrics";
    private const string Traces = "traces";
    private const string Every = "every request";

    private static readonly string[] Ways = [Off, Metrics, Traces, Every];

    private readonly Wrk wrk = new(directory);

    public async Task Run()
    {
        using var sink = new Sink();
        Console.WriteLine("| case, answers a second | off | metrics | traces | every request | metrics/off | traces/metrics | every/metrics |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var durability in new[] { "strict", "relaxed" })
        {
            await Measure($"4 KiB uploads, {durability}", durability, sink, _ => Task.CompletedTask, side => wrk.Upload(side, Seconds, Bytes));
        }

        var blob = Guid.CreateVersion7();
        await Measure(
            "4 KiB downloads", "strict", sink, side => Fill(side, blob), side => wrk.Run(side.Address, "GET", [side.Download(blob)], Seconds));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{Environment.ProcessorCount} cores: medians of {rounds} rounds of {Seconds} s in turn, 32 connections; a ratio is the median of the rounds' ratios. The sink took {sink.Bytes >> 20} MiB."));
    }

    private async Task Measure(string name, string durability, Sink sink, Func<Contestant, Task> prepare, Func<Contestant, Task<Rate>> measure)
    {
        var sides = Ways.Select(side => new Store(
            side, Path.Combine(directory, $"{name.Replace(' ', '-')}-{side}"), program, durability, Variables(side, sink))).ToArray();
        var found = sides.ToDictionary(side => side.Name, _ => new List<double>());
        try
        {
            foreach (var side in sides)
            {
                _ = await side.Start();
                await prepare(side);
            }

            foreach (var side in sides)
            {
                await side.WarmUp(() => measure(side));
            }

            for (var round = 0; round < rounds; round++)
            {
                // Who begins a round has what the last one left in the caches, so each does in its turn.
                foreach (var side in sides.Skip(round % sides.Length).Concat(sides.Take(round % sides.Length)))
                {
                    await Console.Error.WriteAsync($"\r\x1b[K{name}: round {round + 1} of {rounds}, {side.Name}");
                    found[side.Name].Add((await measure(side)).PerSecond);
                }
            }
        }
        finally
        {
            foreach (var side in sides)
            {
                await side.DisposeAsync();
            }
        }

        await Console.Error.WriteLineAsync();
        var medians = string.Join(" | ", Ways.Select(side => Median(found[side]).ToString("#,0", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {medians} | {Ratio(Metrics, Off):0.000} | {Ratio(Traces, Metrics):0.000} | {Ratio(Every, Metrics):0.000} |"));

        double Ratio(string of, string to) => Median([.. found[of].Zip(found[to], (one, other) => one / other)]);
    }

    private static Dictionary<string, string> Variables(string side, Sink sink) => side switch
    {
        Off => new() { ["OTEL_SDK_DISABLED"] = "true" },
        Traces => Sent(sink),
        Every => new(Sent(sink)) { ["OTEL_TRACES_SAMPLER"] = "always_on" },
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

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
