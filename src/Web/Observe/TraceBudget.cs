using System.Threading.RateLimiting;

namespace Borderless.Web.Observe;

/// <summary>
/// How many traces begin here: up to so many a second, for to tell of a small request costs about as much as to serve it. It is asked before
/// there is a span, since one that nobody records costs nearly as much as one that is kept. What a busy second leaves out is like what it
/// keeps.
/// </summary>
/// <param name="limiter">What decides; null where all may begin.</param>
internal sealed class TraceBudget(RateLimiter? limiter) : IDisposable
{
    /// <summary>In one second. The queue of spans that wait to be sent has room for what they make of it.</summary>
    public const int MostTraces = 50;

    private const int Turns = 10;

    /// <summary>Where the variables name a sampler, that decides alone.</summary>
    public static TraceBudget Of(Exporters exporters) => new(exporters is { SendsTraces: true, NamesSampler: false }
        ? new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = MostTraces,
            TokensPerPeriod = MostTraces / Turns,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1) / Turns,
        })
        : null);

    /// <summary>Whether one more may begin.</summary>
    public bool Takes()
    {
        using var lease = limiter?.AttemptAcquire();
        return lease?.IsAcquired ?? true;
    }

    public void Dispose() => limiter?.Dispose();
}
