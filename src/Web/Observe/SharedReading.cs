using System.Diagnostics.Metrics;

namespace Borderless.Web.Observe;

/// <summary>
/// One reading for several gauges, so that what they say fits together and is read once for all of them. A gauge that asks a second
/// time begins the next reading.
/// </summary>
internal sealed class SharedReading<T>(Func<T> read)
{
    private readonly Lock gate = new();
    private readonly System.Collections.Generic.HashSet<int> served = [];
    private T? last;
    private int gauges;

    /// <summary>What one gauge observes.</summary>
    public Func<IEnumerable<Measurement<long>>> For(Func<T, IEnumerable<Measurement<long>>> values)
    {
        var gauge = gauges++;
        return () => Readings.OrNone(() => values(Reading(gauge)));
    }

    private T Reading(int gauge)
    {
        lock (gate)
        {
            if (served.Count == 0 || !served.Add(gauge))
            {
                served.Clear();
                last = read();
                _ = served.Add(gauge);
            }

            return last!;
        }
    }
}

internal static class Readings
{
    /// <summary>Nothing, where the disk or the index cannot be read: a gap says so, and other gauges have their values.</summary>
    public static IEnumerable<Measurement<long>> OrNone(Func<IEnumerable<Measurement<long>>> read)
    {
        try
        {
            return read();
        }
        catch (IOException)
        {
            return [];
        }
    }
}
