using System.Diagnostics.Metrics;
using Borderless.Web.Janitor;
using Borderless.Web.Scrub;

namespace Borderless.Web.Observe;

/// <summary>What the janitor and the scrub did since the process began.</summary>
internal static class UpkeepMeters
{
    private static readonly double[] Durations = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600];

    public static void Add(Meter meter, JanitorService janitor, TimeProvider time)
    {
        var runs = meter.CreateCounter<long>("borderless.janitor.runs", "{run}", "Runs of the janitor, by how they ended.");
        var removed = meter.CreateCounter<long>("borderless.janitor.removed", "{item}", "What the janitor removed, by kind.");
        var freed = meter.CreateCounter<long>("borderless.janitor.freed", "By", "Bytes of files that the janitor removed.");
        var duration = meter.CreateHistogram(
            "borderless.janitor.duration", "s", "Duration of the janitor's runs.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Durations });
        var last = 0L;
        _ = meter.CreateObservableGauge<long>(
            "borderless.janitor.last.end.timestamp",
            () => Interlocked.Read(ref last) is > 0 and var at ? [new(at)] : [],
            "s",
            "When the janitor last ended a run, in seconds since 1970.");
        janitor.Ended += run =>
        {
            runs.Add(1, Tag("result", run.IsDone ? "done" : "failed"));
            removed.Add(run.Cleaned.Temporary, Tag("kind", "temporary"));
            removed.Add(run.Cleaned.Parts, Tag("kind", "part"));
            removed.Add(run.Cleaned.Chunks, Tag("kind", "chunk"));
            freed.Add(run.Cleaned.Bytes);
            duration.Record(run.Took.TotalSeconds);
            _ = Interlocked.Exchange(ref last, time.GetUtcNow().ToUnixTimeSeconds());
        };
    }

    public static void Add(Meter meter, Scrubber scrubber)
    {
        _ = meter.CreateObservableCounter("borderless.scrub.read", () => scrubber.Progress.Bytes, "By", "Bytes that the scrub read.");
        _ = meter.CreateObservableCounter("borderless.scrub.parts", () => scrubber.Progress.Parts, "{part}", "Parts that the scrub checked.");
        _ = meter.CreateObservableCounter("borderless.scrub.damaged", () => scrubber.Progress.Damaged, "{part}", "Parts that the scrub found missing or rotten.");
        _ = meter.CreateObservableCounter("borderless.scrub.rounds", () => scrubber.Progress.Rounds, "{round}", "Times that the scrub reached the end of all parts.");
        _ = meter.CreateObservableGauge("borderless.scrub.position", () => scrubber.Progress.After, "{part}", "Number of the part that was checked last; 0 between two rounds.");
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
