using System.Collections.Concurrent;
using System.Globalization;

namespace Borderless.Tests.Integration.Kills;

/// <summary>What a storm counted, and what it found wrong.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> acknowledged = new();
    private readonly ConcurrentQueue<string> losses = new();
    private int checkedOutcomes;
    private int inFlight;
    private int done;
    private int expired;

    public IReadOnlyList<string> Losses => [.. losses];

    public IReadOnlyDictionary<string, int> Acknowledged => acknowledged;

    public int Operations => acknowledged.Values.Sum();

    public int InFlight => inFlight;

    public int Done => done;

    public void Acknowledge(string kind) => acknowledged.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Lose(string what) => losses.Enqueue(what);

    public void Checked() => Interlocked.Increment(ref checkedOutcomes);

    /// <summary>A request that a kill cut off, and whether it was done nevertheless.</summary>
    public void Resolve(bool wasDone)
    {
        _ = Interlocked.Increment(ref inFlight);
        _ = wasDone ? Interlocked.Increment(ref done) : 0;
    }

    public void Expire(int chunks) => Interlocked.Add(ref expired, chunks);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        acknowledged {Operations}: {string.Join(", ", acknowledged.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Key} {kind.Value}"))}
        outcomes checked {checkedOutcomes}; cut off by a kill {inFlight}, of them done nevertheless {done}; chunks that the janitor had dropped {expired}
        losses {losses.Count}
        """);
}
