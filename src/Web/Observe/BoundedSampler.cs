using System.Threading.RateLimiting;
using OpenTelemetry.Trace;

namespace Borderless.Web.Observe;

/// <summary>
/// Records every trace that begins here, up to so many a second: to tell of a small request costs about as much as to serve it, so a
/// store under load would pay for its traces with its speed. What a busy second leaves out is like what it keeps.
/// </summary>
internal sealed class BoundedSampler(RateLimiter limiter) : Sampler
{
    /// <summary>In one second. The queue of spans that wait to be sent has room for what they make of it.</summary>
    public const int MostTraces = 100;

    private const int Turns = 10;

    private static readonly SamplingResult Recorded = new(SamplingDecision.RecordAndSample);
    private static readonly SamplingResult Dropped = new(SamplingDecision.Drop);

    /// <summary>What decides by itself; whoever asked for it ends it.</summary>
    public static RateLimiter Limiter() => new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
    {
        TokenLimit = MostTraces,
        TokensPerPeriod = MostTraces / Turns,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1) / Turns,
    });

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired ? Recorded : Dropped;
    }
}
