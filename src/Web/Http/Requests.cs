using System.Diagnostics;
using Borderless.Web.Audit;
using Borderless.Web.Observe;
using Borderless.Web.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Borderless.Web.Http;

/// <summary>
/// What every request passes first and last: its id, the judgement of its path, the answers to what nothing else answered, and
/// its one line in the log, without the query.
/// </summary>
internal sealed class Requests(
    RequestDelegate next, Sender sender, InFlight inFlight, Flow flow, RequestMeters meters, TraceBudget budget, Health health, AuditLog audit,
    Serilog.ILogger log)
{
    private const int LoggedPathLength = 256;
    private static readonly string[] Owed = ["x-request-id", "vary", RequestSpan.Response];
    private const string Line = "{Method:l} {Path:l} {Status} {Milliseconds:0.0} ms, in {BytesIn}, out {BytesOut} [{RequestId:l}]";

    /// <summary>By the trace's id its spans are found.</summary>
    private const string OfTrace = ", trace {Trace:l}";

    public async Task Invoke(HttpContext http)
    {
        using var counted = inFlight.Begin();
        var started = Stopwatch.GetTimestamp();
        var traffic = new Traffic(flow);
        http.Features.Set(traffic);
        audit.Begin(http);
        using var span = RequestSpan.Begin(http, budget);
        http.TraceIdentifier = RequestId.Choose(http.Request.Headers["x-request-id"], NewId);
        http.Response.Headers["x-request-id"] = http.TraceIdentifier;
        var status = await Answer(http);
        var (took, path) = (Stopwatch.GetElapsedTime(started), PathOf(http));
        var line = traffic.Stalled || ConnectionWatch.IsStalled(http) ? Line + ", stalled" : Line;
        object[] values = [http.Request.Method, path, status, took.TotalMilliseconds, traffic.Received, traffic.Sent, http.TraceIdentifier];
        meters.Ended(http, status, took, traffic);
        if (span is null)
        {
            log.Information(line, values);
        }
        else
        {
            RequestSpan.Describe(span, http, path, status, traffic);
            log.Information(line + OfTrace, [.. values, span.TraceId.ToString()]);
        }

        await audit.End(http, status);
    }

    /// <summary>Unlike every other, and no secret: so it costs no system call.</summary>
    private static string NewId()
    {
        Span<byte> id = stackalloc byte[16];
        Random.Shared.NextBytes(id);
        return Convert.ToHexStringLower(id);
    }

    /// <summary>Path and query, byte for byte as received; of a target in absolute form what stands behind the authority (RFC 9112 section 3.2.2).</summary>
    public static string TargetOf(HttpContext http) => WithoutAuthority(http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "");

    private static string WithoutAuthority(string target) =>
        target.StartsWith('/') || target.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var scheme) ? target
        : target.IndexOfAny(['/', '?'], scheme + 3) is >= 0 and var path ? target[path..]
        : "/";

    /// <summary>Without the query, shortened, and without characters that would steer the terminal of who reads the log.</summary>
    private static string PathOf(HttpContext http)
    {
        var target = TargetOf(http);
        var path = target.AsSpan(0, Math.Min(LoggedPathLength, target.IndexOf('?') is >= 0 and var query ? query : target.Length));
        return path.ContainsAnyExceptInRange('!', '~') ? new([.. path.ToArray().Select(c => c is >= '!' and <= '~' ? c : '?')]) : path.ToString();
    }

    private async Task<int> Answer(HttpContext http)
    {
        try
        {
            await next(http);
            if (!http.Response.HasStarted && Unanswered(http.Response) is { } error)
            {
                await sender.Send(error, http);
            }

            return Traffic.Of(http).Cut ? StatusCodes.Status499ClientClosedRequest : http.Response.StatusCode;
        }
        catch (Exception error) when (http.RequestAborted.IsCancellationRequested && error is OperationCanceledException or IOException)
        {
            return StatusCodes.Status499ClientClosedRequest;
        }
        catch (IndexException error)
        {
            // It was read in vain. The committer closes it and reads it again before anything is written.
            log.Error("the index cannot be read: {Reason} [{RequestId}]", error.Message, http.TraceIdentifier);
            health.Set(Ailment.IndexUnavailable, true);
            return await Fail(http, DiskErrors.ToStoreError(error));
        }
#pragma warning disable CA1031 // The one place where what nobody foresaw becomes an answer.
        catch (Exception error)
        {
            log.Error(error, "a request failed in a way that nothing foresaw [{RequestId}]", http.TraceIdentifier);
            return await Fail(http, new StoreError.InternalError());
        }
#pragma warning restore CA1031
    }

    private async Task<int> Fail(HttpContext http, StoreError error)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return StatusCodes.Status499ClientClosedRequest;
        }

        Forget(http.Response.Headers);
        try
        {
            await sender.Send(error, http);
            return http.Response.StatusCode;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            return StatusCodes.Status499ClientClosedRequest;
        }
    }

    /// <summary>What described the answer that failed must not describe the error; what the request itself is owed stays.</summary>
    private static void Forget(IHeaderDictionary headers) =>
        headers.Keys
            .Where(name => !name.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase) && !Owed.Contains(name, StringComparer.OrdinalIgnoreCase))
            .ToArray()
            .Iter(name => headers.Remove(name));

    /// <summary>What the router left with a bare status.</summary>
    private static StoreError? Unanswered(HttpResponse response) => response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new StoreError.NoSuchRoute(),
        StatusCodes.Status405MethodNotAllowed => new StoreError.MethodNotAllowed(response.Headers.Allow.ToString()),
        StatusCodes.Status415UnsupportedMediaType => new StoreError.UnsupportedMediaType(),
        >= 500 => new StoreError.InternalError(),
        _ => null,
    };

    /// <summary>Refuses, before the router sees it, a path that is not spelled as it was signed.</summary>
    internal static async Task JudgePath(HttpContext http, RequestDelegate next, Sender sender)
    {
        if (BlobPath.Judge(TargetOf(http)).Case is StoreError refused)
        {
            await sender.Send(refused, http);
            return;
        }

        await next(http);
    }
}

/// <summary>Counts the requests that run, so that going down can wait for the last.</summary>
internal sealed class InFlight
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int running;
    private bool draining;

    /// <summary>How many run.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return running;
            }
        }
    }

    public Request Begin()
    {
        lock (gate)
        {
            running++;
        }

        return new Request(this);
    }

    /// <summary>Ends when no request runs any more.</summary>
    public Task Drained()
    {
        lock (gate)
        {
            draining = true;
            Settle();
        }

        return drained.Task;
    }

    private void End()
    {
        lock (gate)
        {
            running--;
            Settle();
        }
    }

    private void Settle()
    {
        if (draining && running == 0)
        {
            _ = drained.TrySetResult();
        }
    }

    internal readonly struct Request(InFlight all) : IDisposable
    {
        public void Dispose() => all.End();
    }
}
