using Borderless.Web.Http;
using OpenTelemetry.Metrics;

namespace Borderless.Web.Observe;

/// <summary>The metrics as Prometheus reads them.</summary>
internal sealed class MetricsPage(IServiceProvider services, MeterProvider? meters) : IDisposable
{
    private readonly RequestDelegate? write = meters is null
        ? null
        : new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(meters, _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();

    /// <summary>Reads all gauges now. Where nothing is measured, there is no such page.</summary>
    public async Task<Either<StoreError, Reply>> Read(HttpContext http)
    {
        if (write is null)
        {
            return new StoreError.NoSuchRoute();
        }

        // Gathered first, so that its length is known and the one writer sends it, as it sends all else.
        var connection = http.Response.Body;
        using var page = new MemoryStream();
        http.Response.Body = page;
        try
        {
            await write(http);
        }
        finally
        {
            http.Response.Body = connection;
        }

        return http.Response.StatusCode == StatusCodes.Status200OK
            ? new Reply(
                StatusCodes.Status200OK, [("cache-control", Caching.NoStore)], new ReplyBody.Text(page.ToArray(), http.Response.ContentType ?? "text/plain"))
            : new StoreError.InternalError();
    }

    public void Dispose() => meters?.Dispose();
}
