using System.Diagnostics;
using System.Threading.RateLimiting;

namespace Borderless.Web.Observe;

/// <summary>
/// How many requests have a span: so many a second of those whose trace begins here, and as many of those whose trace goes on, for to tell
/// of a small request costs about as much as to serve it. It is asked before there is a span, since one that nobody records costs nearly
/// as much as one that is kept. What a busy second leaves out is like what it keeps.
/// </summary>
/// <param name="limit">Makes what decides of each kind; null where all have one.</param>
internal sealed class TraceBudget(Func<RateLimiter>? limit) : IDisposable
{
    /// <summary>Of each kind in one second, after as many at once. The queue of spans that wait to be sent has room for what they make of it.</summary>
    public const int MostTraces = 50;

    private const int Turns = 10;

    private readonly RateLimiter? begun = limit?.Invoke();
    private readonly RateLimiter? goingOn = limit?.Invoke();

    /// <summary>Where the variables name a sampler, that decides alone.</summary>
    public static TraceBudget Of(Exporters exporters) => new(exporters is { SendsTraces: true, NamesSampler: false } ? Limiter : null);

    /// <summary>Whether there is a span for a request. One whose parent is not recorded has none.</summary>
    /// <param name="parent">The parent that the request names, or the default.</param>
    public bool Takes(ActivityContext parent)
    {
        if (limit is null)
        {
            return true;
        }

        if (parent == default)
        {
            return Takes(begun);
        }

        return parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) && Takes(goingOn);
    }

    public void Dispose()
    {
        begun?.Dispose();
        goingOn?.Dispose();
    }

    private static bool Takes(RateLimiter? limiter)
    {
        using var lease = limiter?.AttemptAcquire();
        return lease is { IsAcquired: true };
    }

    private static TokenBucketRateLimiter Limiter() => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = MostTraces,
        TokensPerPeriod = MostTraces / Turns,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1) / Turns,
    });
}
