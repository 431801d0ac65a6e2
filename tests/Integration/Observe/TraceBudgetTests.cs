using System.Threading.RateLimiting;
using Borderless.Web.Observe;
using Microsoft.AspNetCore.Http;

namespace Borderless.Tests.Integration.Observe;

/// <summary>How many requests have a span where nothing else is said.</summary>
[Collection(TracesAlone.Name)]
public sealed class TraceBudgetTests : IDisposable
{
    private const string Recorded = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly Spans spans = new();

    public void Dispose() => spans.Dispose();

    [Fact]
    public void As_many_have_one_as_there_is_room_for()
    {
        using var budget = RoomFor(3);

        Assert.Equal([true, true, true, false, false], Begun(budget, 5));
    }

    /// <summary>To have all would need more than a minute and a half.</summary>
    [Fact]
    public void A_burst_is_told_in_part()
    {
        using var budget = TraceBudget.Of(new Exporters(Measures: true, SendsMetrics: false, SendsTraces: true, NamesSampler: false));

        var begun = Begun(budget, TraceBudget.MostTraces * 200);

        Assert.All(begun.Take(TraceBudget.MostTraces), Assert.True);
        Assert.Contains(false, begun);
    }

    [Fact]
    public void A_trace_that_goes_on_takes_its_room_from_its_own_kind_only()
    {
        using var budget = RoomFor(2);

        Assert.Equal([true, true, false], Begun(budget, 3, Recorded));
        Assert.Equal([true, true, false], Begun(budget, 3));
    }

    [Fact]
    public void What_its_parent_does_not_record_has_no_span_and_takes_no_room()
    {
        using var budget = RoomFor(1);

        Assert.Equal([false, false], Begun(budget, 2, Recorded[..^2] + "00"));
        Assert.Equal([true], Begun(budget, 1, Recorded));
    }

    [Fact]
    public void A_sampler_that_the_variables_name_decides_alone()
    {
        using var budget = TraceBudget.Of(new Exporters(Measures: true, SendsMetrics: false, SendsTraces: true, NamesSampler: true));

        Assert.All(Begun(budget, TraceBudget.MostTraces * 200), Assert.True);
    }

    private static TraceBudget RoomFor(int traces) =>
        new(() => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions { PermitLimit = traces, Window = TimeSpan.FromHours(1), AutoReplenishment = false }));

    private static List<bool> Begun(TraceBudget budget, int count, string? parent = null) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.TraceParent = parent;
        using var span = RequestSpan.Begin(http, budget);
        Assert.Equal(span is not null, http.Response.Headers.ContainsKey(RequestSpan.Response));
        return span is not null;
    })];
}
