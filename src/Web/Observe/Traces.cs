using System.Diagnostics;

namespace Borderless.Web.Observe;

/// <summary>
/// The spans of requests. While nobody listens there is none, and asking costs a look at one field. A request's span is the current
/// activity as long as the request runs; what is done for it is added when it is over, with the times at which it was done.
/// </summary>
internal static class Traces
{
    public const string Name = "Borderless";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>The span of the request that runs here, if it is to be told what was done for it.</summary>
    public static Activity? Request =>
        Source.HasListeners() && Activity.Current is { IsAllDataRequested: true } span && span.Source == Source ? span : null;

    /// <summary>Something begins for the request that runs here; disposing the result ends it.</summary>
    public static Step Begin(string name) => Request is { } request ? new Step(request, name, Stopwatch.GetTimestamp()) : default;

    /// <summary>Adds what was done for a request, by the timestamps of its begin and end.</summary>
    public static void Add(Activity request, string name, long from, long to, string? tag = null, object? value = null)
    {
        using var span = Source.StartActivity(ActivityKind.Internal, request.Context, startTime: At(from), name: name);
        if (span is null)
        {
            return;
        }

        if (tag is not null)
        {
            _ = span.SetTag(tag, value);
        }

        _ = span.SetEndTime(At(to).UtcDateTime);
    }

    private static DateTimeOffset At(long timestamp) => DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(timestamp);

    internal readonly struct Step(Activity? request, string name, long from) : IDisposable
    {
        public void Dispose()
        {
            if (request is not null)
            {
                Add(request, name, from, Stopwatch.GetTimestamp());
            }
        }
    }
}

/// <summary>
/// One span for what is done in many pieces beside other things, as the hashing of a body: from the first to the last, and how long
/// all of them took. Pieces do not overlap.
/// </summary>
internal sealed class Pieces(Activity request, string name)
{
    private long first;
    private long last;
    private TimeSpan busy;

    /// <summary>For the request that runs here, if it is to be told.</summary>
    public static Pieces? Of(string name) => Traces.Request is { } request ? new Pieces(request, name) : null;

    public long Begin()
    {
        var now = Stopwatch.GetTimestamp();
        first = first == 0 ? now : first;
        return now;
    }

    public void End(long began)
    {
        last = Stopwatch.GetTimestamp();
        busy += Stopwatch.GetElapsedTime(began, last);
    }

    /// <summary>Adds the span, where there was a piece.</summary>
    public void Add()
    {
        if (last != 0)
        {
            Traces.Add(request, name, first, last, "borderless.busy_seconds", busy.TotalSeconds);
        }
    }
}
