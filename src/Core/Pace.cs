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
    /// <param name="silence">How long nothing may move this time, in milliseconds; see <see cref="SilenceAfter"/>.</param>
    public bool IsStalled(long now, long period, long silence) =>
        now - LastMoved > silence || (WindowIsOver(now, period) && WindowBytes * 1000 < MinBytesPerSecond * (now - WindowStart));

    /// <summary>As above, where every byte that moves is seen: silence may last one period.</summary>
    /// <param name="now">The clock now, in milliseconds.</param>
    /// <param name="period">The longest time in which nothing moves, in milliseconds, at least 1.</param>
    public bool IsStalled(long now, long period) => IsStalled(now, period, period);

    /// <summary>
    /// The largest step in which a peer that reads steadily is seen to move: it tells that it has read only when a segment, up to
    /// 64 KiB on the same machine, or half its buffer is free again.
    /// </summary>
    public const long MaxReadingStep = 128 << 10;

    /// <summary>
    /// How long a peer that last read so many bytes in one step may be silent: as long as the slowest permitted reader takes for
    /// such a step, at least a period and at most a window.
    /// </summary>
    /// <param name="step">The bytes of the last step; more than <see cref="MaxReadingStep"/> was the filling of buffers.</param>
    /// <param name="period">The longest time in which nothing moves, in milliseconds, at least 1.</param>
    /// <returns>Milliseconds.</returns>
    public static long SilenceAfter(long step, long period) =>
        step > MaxReadingStep ? period : Math.Clamp(step * 1000 / MinBytesPerSecond, period, WindowPeriods * period);

    /// <summary>Whether the window has its full length.</summary>
    public bool WindowIsOver(long now, long period) => now - WindowStart >= WindowPeriods * period;
}
