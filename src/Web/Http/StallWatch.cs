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

    /// <summary>Watches until the result is disposed.</summary>
    /// <param name="moved">How many bytes moved so far; null while none are meant to.</param>
    /// <param name="onStalled">Called once, when it is to be ended.</param>
    public IDisposable Watch(Func<long?> moved, Action onStalled)
    {
        var watched = new Watched(this, moved, onStalled);
        all[watched] = true;
        return watched;
    }

    public void Dispose() => timer.Dispose();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Sweep()
    {
        foreach (var watched in all.Keys)
        {
            watched.Look(Now(), period);
        }
    }

    private sealed class Watched(StallWatch watch, Func<long?> moved, Action onStalled) : IDisposable
    {
        private readonly Lock gate = new();
        private long? seen;
        private Pace pace = new(watch.Now(), watch.Now(), 0);

        public void Look(long now, long period)
        {
            lock (gate)
            {
                if (moved() is not { } count)
                {
                    (seen, pace) = (null, new Pace(now, now, 0));
                    return;
                }

                pace = pace with
                {
                    LastMoved = count == seen ? pace.LastMoved : now,
                    WindowBytes = pace.WindowBytes + count - (seen ?? count),
                };
                seen = count;
                if (pace.IsStalled(now, period))
                {
                    Dispose();
                    onStalled();
                }
                else if (pace.WindowIsOver(now, period))
                {
                    pace = new Pace(pace.LastMoved, now, 0);
                }
            }
        }

        public void Dispose() => watch.all.TryRemove(this, out _);
    }
}
