using System.Collections.Concurrent;

namespace Borderless.Web.Http;

/// <summary>
/// Ends transfers in which nothing moves, or too little. It looks at counters from time to time, so that a transfer pays nothing
/// for being watched.
/// </summary>
internal sealed class StallWatch : IDisposable
{
    private readonly ConcurrentDictionary<Watched, bool> all = new();
    private readonly TimeProvider time;
    private readonly long period;
    private readonly ITimer timer;

    /// <param name="time">The clock.</param>
    /// <param name="period">The longest time in which nothing moves.</param>
    public StallWatch(TimeProvider time, TimeSpan period)
    {
        this.time = time;
        this.period = (long)period.TotalMilliseconds;
        var interval = TimeSpan.FromMilliseconds(Math.Clamp(this.period / 4, 50, 1000));
        timer = time.CreateTimer(_ => Sweep(), null, interval, interval);
    }

    /// <summary>How many are watched: each connection, and each body that had to be waited for.</summary>
    public int Count => all.Count;

    /// <summary>Watches until the result is disposed.</summary>
    /// <param name="moved">How many bytes moved so far; null while none are meant to.</param>
    /// <param name="onStalled">Called once, when it is to be ended.</param>
    /// <param name="movesInSteps">Whether it is seen to move in steps only, as a reading peer is.</param>
    public IDisposable Watch(Func<long?> moved, Action onStalled, bool movesInSteps = false)
    {
        var watched = new Watched(this, moved, onStalled, movesInSteps);
        all[watched] = true;
        return watched;
    }

    public void Dispose() => timer.Dispose();

    /// <summary>Monotonic: a clock that is set must neither cut a transfer nor keep one.</summary>
    private long Now() => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private void Sweep()
    {
        foreach (var watched in all.Keys)
        {
            watched.Look(Now(), period);
        }
    }

    private sealed class Watched(StallWatch watch, Func<long?> moved, Action onStalled, bool movesInSteps) : IDisposable
    {
        private readonly Lock gate = new();
        private long? seen;
        private bool ended;
        private long lastStep = long.MaxValue;
        private Pace pace = new(watch.Now(), watch.Now(), 0);

        public void Look(long now, long period)
        {
            lock (gate)
            {
                if (ended)
                {
                    return;
                }

                if (moved() is not { } count)
                {
                    (seen, pace, lastStep) = (null, new Pace(now, now, 0), long.MaxValue);
                    return;
                }

                var step = count - (seen ?? count);
                lastStep = step > 0 ? step : lastStep;
                pace = pace with
                {
                    LastMoved = count == seen ? pace.LastMoved : now,
                    WindowBytes = pace.WindowBytes + step,
                };
                seen = count;
                if (pace.IsStalled(now, period, movesInSteps ? Pace.SilenceAfter(lastStep, period) : period))
                {
                    End();
                    onStalled();
                }
                else if (pace.WindowIsOver(now, period))
                {
                    pace = new Pace(pace.LastMoved, now, 0);
                }
            }
        }

        /// <summary>Waits for a look that is being taken, so that nothing is ended which its owner has put away.</summary>
        public void Dispose()
        {
            lock (gate)
            {
                End();
            }
        }

        private void End()
        {
            ended = true;
            _ = watch.all.TryRemove(this, out _);
        }
    }
}
