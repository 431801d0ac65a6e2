using System.Collections.Concurrent;
using System.Diagnostics;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Observe;

namespace Borderless.Tests.Integration.Observe;

/// <summary>A span as far as tests look at it.</summary>
internal sealed record Span(string Trace, string Id, string Parent, string Name, DateTime From, DateTime To, IReadOnlyDictionary<string, string> Tags)
{
    public static Span Of(Activity activity) =>
        new(
            activity.TraceId.ToString(), activity.SpanId.ToString(), activity.ParentSpanId.ToString(), activity.DisplayName, activity.StartTimeUtc,
            activity.StartTimeUtc + activity.Duration, activity.TagObjects.ToDictionary(tag => tag.Key, tag => $"{tag.Value}"));
}

/// <summary>Listens to the spans of the whole process, and so wants that no other test runs beside it.</summary>
internal sealed class Spans : IDisposable
{
    private readonly ConcurrentQueue<Span> ended = new();
    private readonly ActivityListener listener;

    public Spans(ActivitySamplingResult sampled = ActivitySamplingResult.AllDataAndRecorded)
    {
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Traces.Name,
            Sample = (ref _) => sampled,
            ActivityStopped = activity => ended.Enqueue(Span.Of(activity)),
        };
        ActivitySource.AddActivityListener(listener);
    }

    public IReadOnlyList<Span> Ended => [.. ended];

    /// <summary>A parent as a client would name it.</summary>
    public static (string Trace, string Span, (string, string) Header) NewParent()
    {
        var (trace, span) = ($"{ActivityTraceId.CreateRandom()}", $"{ActivitySpanId.CreateRandom()}");
        return (trace, span, ("traceparent", $"00-{trace}-{span}-01"));
    }

    /// <summary>The spans of a trace once that of its request has ended, which is the first of them; the others by name.</summary>
    public async Task<IReadOnlyList<Span>> Of(string trace, string parent)
    {
        await Wait.Until(() => Ended.Any(span => span.Trace == trace && span.Parent == parent), "the request's span has ended");
        return Tree(Ended, trace, parent);
    }

    public static IReadOnlyList<Span> Tree(IEnumerable<Span> spans, string trace, string parent) =>
        [.. spans.Where(span => span.Trace == trace).OrderBy(span => span.Parent == parent ? "" : span.Name, StringComparer.Ordinal)];

    public void Dispose() => listener.Dispose();
}

/// <summary>For tests that listen to spans: while they do, every server of the process makes some.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TracesAlone
{
    public const string Name = "traces";
}
