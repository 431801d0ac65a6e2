using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Borderless.Web.Observe;

/// <summary>
/// Puts OpenTelemetry together: the one place that knows of it. Its standard variables are read by itself, so that they mean here what
/// they mean everywhere.
/// </summary>
internal static class Telemetry
{
    private const string Service = "borderless-web";

    public static void Add(IServiceCollection services, Store store, IDisk disk)
    {
        var exporters = Exporters.Of(Environment.GetEnvironmentVariable);
        _ = services
            .AddSingleton<Flow>()

            // Of one store: another server in the same process has its own.
            .AddSingleton(_ => new Meter(new MeterOptions(Traces.Name) { Version = CommandLine.Version, Scope = store }))
            .AddSingleton<RequestMeters>()
            .AddSingleton<LastWords>()
            .AddSingleton(provider => new OtelVoice(Log(provider), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new MetricsPage(provider, exporters.Measures ? Last(provider).Of(Meters(provider, store, disk, exporters), MeterProviderExtensions.Shutdown) : null))
            .AddSingleton(_ => TraceBudget.Of(exporters))
            .AddSingleton(provider => new Tracing(exporters.SendsTraces ? Last(provider).Of(Tracer(Log(provider)), TracerProviderExtensions.Shutdown) : null));
    }

    /// <summary>Begins to measure, and to trace where that is asked for. The container ends both.</summary>
    /// <returns>What keeps it from that.</returns>
    public static Option<StartProblem> Use(IServiceProvider services)
    {
        Exporters.Remarks(Environment.GetEnvironmentVariable).Iter(remark => Log(services).Warning("{Remark:l}", remark));
        try
        {
            if (Exporters.Of(Environment.GetEnvironmentVariable) is { SendsMetrics: true } or { SendsTraces: true })
            {
                _ = services.GetRequiredService<OtelVoice>();
            }

            _ = (services.GetRequiredService<MetricsPage>(), services.GetRequiredService<Tracing>());
            return None;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or IOException or InvalidOperationException or NotSupportedException
            or CryptographicException or UnauthorizedAccessException)
        {
            return new StartProblem(
                $"OpenTelemetry cannot be used as its variables say: {Printable.Text(error.Message).TrimEnd('.')}; "
                + "mend those that begin with OTEL_EXPORTER_OTLP_, or set OTEL_SDK_DISABLED=true");
        }
    }

    private static MeterProvider Meters(IServiceProvider services, Store store, IDisk disk, Exporters exporters)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Describe)
            .AddMeter(Traces.Name)
            .AddView(instrument => Stream(instrument, store))
            .AddRuntimeInstrumentation()
            .AddProcessInstrumentation()
            .AddPrometheusExporter(options =>
            {
                options.ScopeInfoEnabled = false;

                // What is read is cheap, and who asks twice wants to see what happened meanwhile.
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        var meters = (exporters.SendsMetrics ? builder.AddOtlpExporter(to => Aim(Log(services), "METRICS", to)) : builder).Build()!;
        StoreMeters.Add(
            services.GetRequiredService<Meter>(), store, disk, services.GetRequiredService<Flow>(), services.GetRequiredService<AuditLog>(),
            services.GetRequiredService<FindAilments>());
        return meters;
    }

    private static TracerProvider Tracer(Serilog.ILogger log) =>
        Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(Traces.Name).AddOtlpExporter(to => Aim(log, "TRACES", to)).Build()!;

    private static void Aim(Serilog.ILogger log, string signal, OtlpExporterOptions to)
    {
        OtlpTarget.Apply(to, signal, Environment.GetEnvironmentVariable);
        log.Information("{Signal:l} go to {Place:l}", signal.ToLowerInvariant(), OtlpTarget.Told(to));
    }

    private static Serilog.ILogger Log(IServiceProvider services) => services.GetRequiredService<Serilog.ILogger>();

    private static LastWords Last(IServiceProvider services) => services.GetRequiredService<LastWords>();

    /// <summary>What the variables say of the service comes last, and so counts.</summary>
    private static void Describe(ResourceBuilder resource) =>
        resource.AddService(Service, serviceVersion: CommandLine.Version).AddEnvironmentVariableDetector();

    /// <summary>
    /// The room for its series is taken when an instrument is made, so each has as much as it can need: the product of routes, methods and
    /// states, or the error codes, or a few.
    /// </summary>
    private static MetricStreamConfiguration? Stream(Instrument instrument, Store store) => instrument.Meter switch
    {
        { Name: Traces.Name, Scope: var scope } when !ReferenceEquals(scope, store) => MetricStreamConfiguration.Drop,
        _ => new MetricStreamConfiguration
        {
            CardinalityLimit = instrument.Name switch
            {
                "http.server.request.duration" => 1000,
                "borderless.errors" or "borderless.url.refusals" or "dotnet.exceptions" => 100,
                _ => 16,
            },
        },
    };

    /// <summary>Keeps the tracing of the process as long as the server runs.</summary>
    private sealed class Tracing(TracerProvider? provider) : IDisposable
    {
        public void Dispose() => provider?.Dispose();
    }
}
