using System.Diagnostics;
using Borderless.Web.Http;
using Microsoft.Extensions.Primitives;

namespace Borderless.Web.Observe;

/// <summary>
/// The span of a request, by OpenTelemetry's conventions for HTTP servers. It goes on with the trace that the request names
/// (W3C Trace Context), and the answer names the span. Its path is the one of the log line: without the query, and so without
/// the signature.
/// </summary>
internal static class RequestSpan
{
    public const string Response = "traceresponse";

    /// <summary>So much of a <c>tracestate</c> is handed on (W3C Trace Context, section 3.3.1.5); a longer one is left out.</summary>
    private const int LongestState = 512;

    /// <returns>Null while nobody listens, or where no trace begins or goes on.</returns>
    public static Activity? Begin(HttpContext http, TraceBudget budget)
    {
        if (!Traces.Source.HasListeners())
        {
            return null;
        }

        var parent = ParentOf(http.Request.Headers);
        if (!budget.Takes(parent))
        {
            return null;
        }

        var span = Traces.Source.StartActivity(Measured.MethodOf(http), ActivityKind.Server, parent);
        if (span is not null)
        {
            http.Response.Headers[Response] = $"00-{span.TraceId}-{span.SpanId}-{(span.Recorded ? "01" : "00")}";
        }

        return span;
    }

    /// <summary>Tells the span what became of the request; whoever began it ends it.</summary>
    public static void Describe(Activity span, HttpContext http, string path, int status, Traffic traffic)
    {
        if (!span.IsAllDataRequested)
        {
            return;
        }

        var (method, route) = (Measured.MethodOf(http), Measured.RouteOf(http));
        span.DisplayName = route == Measured.Unmatched ? method : Measured.NameOf(method, route);
        _ = span.SetTag("http.request.method", method);
        if (route != Measured.Unmatched)
        {
            _ = span.SetTag("http.route", route);
        }

        _ = span
            .SetTag("url.path", path)
            .SetTag("url.scheme", http.Request.Scheme)
            .SetTag("http.response.status_code", Measured.StatusOf(status))
            .SetTag("http.request.body.size", traffic.Received)
            .SetTag("http.response.body.size", traffic.Sent)
            .SetTag("borderless.request_id", http.TraceIdentifier);
        if (traffic.Code is { } code)
        {
            _ = span.SetTag("borderless.code", code);
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            _ = span.SetTag("error.type", traffic.Code ?? "_OTHER").SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>One that is none of the standard's is as good as none.</summary>
    private static ActivityContext ParentOf(IHeaderDictionary headers) =>
        headers.TraceParent is { Count: 1 } parent && ActivityContext.TryParse(parent, StateOf(headers.TraceState), isRemote: true, out var context)
            ? context
            : default;

    private static string? StateOf(StringValues state) => state.ToString() is { Length: > 0 and <= LongestState } text ? text : null;
}
