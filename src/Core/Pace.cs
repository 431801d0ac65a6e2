namespace Borderless.Core;

/// <summary>How a transfer got on, as far as its judge must know. Times are milliseconds of any one monotonic clock.</summary>
/// <param name="LastMoved">When a byte last moved.</param>
/// <param name="WindowStart">When the current window began.</param>
/// <param name="WindowBytes">How many bytes moved since then.</param>
public readonly record struct Pace(long LastMoved, long WindowStart, long WindowBytes)
{
    /// <summary>The slowest permitted rate over a window, in bytes per second.</summary>
    public const long MinBytesPerSecond = 100;

    /// <summary>The length of a window, in periods.</summary>
    public const int WindowPeriods = 10;

    /// <summary>Whether the transfer is to be ended: nothing moved for a period, or too little over a whole window.</summary>
    /// <param name="now">The clock now, in milliseconds.</param>
    /// <param name="period">The longest time in which nothing moves, in milliseconds, at least 1.</param>
    public bool IsStalled(long now, long period) =>
        now - LastMoved > period || (WindowIsOver(now, period) && WindowBytes * 1000 < MinBytesPerSecond * (now - WindowStart));

    /// <summary>Whether the window has its full length.</summary>
    public bool WindowIsOver(long now, long period) => now - WindowStart >= WindowPeriods * period;
}
