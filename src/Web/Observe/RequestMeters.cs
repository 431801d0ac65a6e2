using System.Diagnostics;
using System.Diagnostics.Metrics;
using Borderless.Web.Http;

namespace Borderless.Web.Observe;

/// <summary>What is counted of requests: at the end of each, in one place, and, while they run, what they move.</summary>
internal sealed class RequestMeters
{
    /// <summary>In seconds: from what a look-up takes to what a large body takes.</summary>
    private static readonly double[] Durations =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly Histogram<double> duration;
    private readonly Counter<long> errors;
    private readonly Counter<long> refusals;

    public RequestMeters(Meter meter, Flow flow, InFlight inFlight)
    {
        duration = meter.CreateHistogram(
            "http.server.request.duration", "s", "Duration of HTTP server requests, by route, method and status.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Durations });
        errors = meter.CreateCounter<long>("borderless.errors", "{error}", "Error answers, by their code.");
        refusals = meter.CreateCounter<long>("borderless.url.refusals", "{refusal}", "Requests whose signed URL was refused, by code of the error.");
        _ = meter.CreateObservableUpDownCounter("http.server.active_requests", () => (long)inFlight.Count, "{request}", "Requests in flight.");
        _ = meter.CreateObservableCounter("borderless.received", () => flow.Received, "By", "Bytes of request bodies that were read.");
        _ = meter.CreateObservableCounter("borderless.sent", () => flow.Sent, "By", "Bytes of response bodies that were handed to connections.");
        _ = meter.CreateObservableUpDownCounter("borderless.uploads.active", () => flow.Uploads, "{upload}", "Bodies of uploads that are on their way.");
        _ = meter.CreateObservableUpDownCounter("borderless.uploads.received", () => flow.Arriving, "By", "Bytes that came so far of uploads on their way.");
    }

    public void Ended(HttpContext http, int status, TimeSpan took, Traffic traffic)
    {
        var tags = new TagList
        {
            { "http.request.method", Measured.MethodOf(http) },
            { "http.response.status_code", Measured.StatusOf(status) },
            { "http.route", Measured.RouteOf(http) },
        };
        duration.Record(took.TotalSeconds, tags);
        if (traffic.Code is { } code)
        {
            errors.Add(1, new KeyValuePair<string, object?>("code", code));
            if (IsRefusal(code))
            {
                refusals.Add(1, new KeyValuePair<string, object?>("code", code));
            }
        }
    }

    /// <summary>Whether the URL itself was refused, and not what was asked through it.</summary>
    public static bool IsRefusal(string code) =>
        code is "missing_signature" or "invalid_signature" or "client_not_allowed" || code.StartsWith("link_", StringComparison.Ordinal);
}
