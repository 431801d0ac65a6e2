using System.Diagnostics;
using System.Threading.RateLimiting;
using Borderless.Web.Observe;
using OpenTelemetry.Trace;

namespace Borderless.Tests.Integration.Observe;

/// <summary>How many traces are recorded where nothing else is said.</summary>
public sealed class BoundedSamplerTests
{
    [Fact]
    public void As_many_are_recorded_as_there_is_room_for()
    {
        using var limiter = RoomFor(3);

        Assert.Equal([true, true, true, false, false], Decisions(new BoundedSampler(limiter), 5));
    }

    /// <summary>To record all would need more than a minute and a half.</summary>
    [Fact]
    public void A_burst_is_recorded_in_part()
    {
        using var limiter = BoundedSampler.Limiter();

        var recorded = Decisions(new BoundedSampler(limiter), BoundedSampler.MostTraces * 100);

        Assert.All(recorded.Take(BoundedSampler.MostTraces), Assert.True);
        Assert.Contains(false, recorded);
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, true)]
    [InlineData(ActivityTraceFlags.None, false)]
    public void A_trace_that_goes_on_is_what_its_parent_says_and_takes_no_room(ActivityTraceFlags flags, bool expected)
    {
        using var limiter = RoomFor(1);
        var sampler = new ParentBasedSampler(new BoundedSampler(limiter));
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, isRemote: true);

        Assert.Equal([expected, expected], Decisions(sampler, 2, parent));
        Assert.Equal([true, false], Decisions(sampler, 2));
    }

    private static FixedWindowRateLimiter RoomFor(int traces) =>
        new(new FixedWindowRateLimiterOptions { PermitLimit = traces, Window = TimeSpan.FromHours(1), AutoReplenishment = false });

    private static List<bool> Decisions(Sampler sampler, int count, ActivityContext parent = default) =>
        [.. Enumerable.Range(0, count).Select(_ => sampler.ShouldSample(new SamplingParameters(parent, ActivityTraceId.CreateRandom(), "GET", ActivityKind.Server))
            .Decision == SamplingDecision.RecordAndSample)];
}
