using System.Diagnostics;

namespace Borderless.Web.Storage;

/// <summary>From one timestamp of the stopwatch to another.</summary>
internal readonly record struct Interval(long From, long To)
{
    public TimeSpan Took => Stopwatch.GetElapsedTime(From, To);
}

/// <summary>What a batch of the committer took. A step that it did not have has no time.</summary>
internal sealed class BatchTimes(int operations)
{
    /// <summary>What tells of a span how many operations shared it.</summary>
    public const string Tag = "borderless.batch.size";

    public int Operations => operations;

    /// <summary>Files were synced and named.</summary>
    public Interval? Landing { get; set; }

    /// <summary>Rows were committed, or failed to be.</summary>
    public Interval? Commit { get; set; }
}
