using System.Text;
using Borderless.Web.Http;
using Borderless.Web.Modules;
using Borderless.Web.Observe;
using Borderless.Web.OpenApi;
using Borderless.Web.Storage;
using Borderless.Web.Tls;
using Carter;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Primitives;
using Serilog;
using Serilog.Extensions.Logging;

namespace Borderless.Web.Start;

/// <summary>Puts the server together from settings and an open store.</summary>
internal static class Composition
{
    public static async Task<Either<StartProblem, WebApplication>> Build(
        Settings settings, CurrentAccess access, Held held, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        var store = held.Store;

        // The settings are this program's own. What the framework would read of files and variables is none of them, and to notice
        // when such a file changes it would watch the whole working directory.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // The host would make an activity of each request, to give its lines a scope that we do not print. The filter names the provider,
        // because Serilog brings one for it that permits all, and one that names no provider counts less.
        builder.Logging.AddSerilog(log)
            .AddFilter<SerilogLoggerProvider>("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter<SerilogLoggerProvider>("Microsoft.AspNetCore.Server.Kestrel.Https", LogLevel.Debug);
        builder.Host.ConfigureHostOptions(host => host.ShutdownTimeout = TimeSpan.FromSeconds(settings.Server.ShutdownGrace));
        var stalls = new StallWatch(time, TimeSpan.FromSeconds(settings.Limits.TimeoutSeconds));
        builder.WebHost.UseKestrelCore().UseSockets(Transport).ConfigureKestrel(kestrel => Listen(kestrel, settings, held.Certificate, stalls, log));
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => Permit(policy, settings.Server.Cors)));
        builder.Services.AddRouting(routing => routing.SetParameterPolicy<Unreserved>("unreserved"));

        // Modules are named here; Carter would look for assemblies in a list that a single file does not have.
        builder.Services.AddCarter(new DependencyContextAssemblyCatalog([typeof(Composition).Assembly]), carter => carter
            .WithEmptyValidators()
            .WithEmptyResponseNegotiators()
            .WithModule<HealthModule>()
            .WithModule<WellKnownModule>()
            .WithModule<OpenApiModule>()
            .WithModule<PresignModule>()
            .WithModule<AdminModule>()
            .WithModule<MetricsModule>()
            .WithModule<ConsoleModule>()
            .WithModule<BlobModule>());
        ServiceManager.Add(builder.Services);
        AddEffects(builder.Services, settings, access, store, stalls, time, log);
        builder.Services.AddSingleton(held.Audit);
        Telemetry.Add(builder.Services, store, disk);
        ApiDocument.Add(builder.Services);

        var app = builder.Build();

        // The container disposes of what it was asked for once.
        _ = (app.Services.GetRequiredService<StallWatch>(), app.Services.GetRequiredService<Receiver>(), app.Services.GetRequiredService<DiskGate>());
        if (Telemetry.Use(app.Services).Case is StartProblem problem)
        {
            await app.DisposeAsync();
            return problem;
        }

        app.UseClients(settings.Server.Proxies);
        app.UseMiddleware<Requests>();
        MetricsListener.Use(app);
        if (settings.Server.Cors.Origins.IsSome)
        {
            app.Use(VaryByOrigin);
        }

        app.UseCors();
        var sender = app.Services.GetRequiredService<Sender>();
        ConsoleDoors.Use(app, settings.Server, sender);
        app.Use((http, next) => Requests.JudgePath(http, next, sender));
        app.UseRouting();
        app.MapCarter();
        return app;
    }

    private static void AddEffects(
        IServiceCollection services, Settings settings, CurrentAccess access, Store store, StallWatch stalls, TimeProvider time, Serilog.ILogger log)
    {
        var gate = new DiskGate();
        var buffers = new LargeBuffers();
        var receiver = new Receiver(
            store.Parts, store.Space, store.Health, settings.Limits, settings.Storage, stalls, gate, buffers, time, log);
        Clock clock = () => new UnixSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        EpochOf epochOf = store.Index.EpochOf;
        var verify = Links.Verify(access, clock, epochOf, log);
        var refuseEarly = Effects.Early(store, time);
        services
            .AddSingleton(settings)
            .AddSingleton(settings.Limits)
            .AddSingleton(settings.Server)
            .AddSingleton(time)
            .AddSingleton(clock)
            .AddSingleton(access)
            .AddSingleton(verify)
            .AddSingleton(refuseEarly)
            .AddSingleton(epochOf)
            .AddSingleton(Effects.Revocations(store))
            .AddSingleton(Effects.Uploads(store, verify, Effects.BodyEarly(store, refuseEarly), receiver.Receive, Effects.Receipts(
                () => access().ReceiptSigner(clock()).MatchUnsafe(signer => signer, _ => null))))
            .AddSingleton(Effects.Deletes(store))
            .AddSingleton(Effects.BucketEarly(store))
            .AddSingleton(Effects.BucketDeletes(store))
            .AddSingleton(provider => Effects.Ailments(
                store, () => provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested))
            .AddSingleton<PublishKeys>(() => access().PublishedKeys)
            .AddSingleton<IIndexReader>(store.Index)
            .AddSingleton(store.Health)
            .AddSingleton<FindBlob>(grant => store.Finder.Find(grant.Bucket, grant.Blob))
            .AddSingleton<FindDigest>((bucket, blob) => Optional(store.Index.FindBlob(bucket, blob)?.Blob.Sha256))
            .AddSingleton(new Sender(store.Index, store.Parts, store.Damage, gate, buffers, stalls, log))
            .AddSingleton<InFlight>()
            .AddSingleton(buffers)
            .AddSingleton(log)
            .AddSingleton<IMemoryPoolFactory<byte>>(new Blocks())

            // From factories, so that the container disposes them when the server has ended.
            .AddSingleton(_ => stalls)
            .AddSingleton(_ => receiver)
            .AddSingleton(_ => gate);
    }

    private static void Transport(SocketTransportOptions sockets)
    {
        // What a connection may hold of a body that we have not taken yet; the default is a mebibyte for each.
        sockets.MaxReadBufferSize = 256 << 10;

        // Without queues of its own before the pool's, a request changes threads once less.
        sockets.IOQueueCount = 0;
        sockets.CreateBoundListenSocket = Listening.Bind;
    }

    private static void Listen(KestrelServerOptions kestrel, Settings settings, LiveCertificate? certificate, StallWatch stalls, Serilog.ILogger log)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestLineSize = Presign.MaxRequestLine;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(settings.Limits.TimeoutSeconds);
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.LimitServing(settings.Server, settings.Limits);
        kestrel.ListenOn(settings.Server.Listen, Configure);
        settings.Server.Metrics.Iter(at => MetricsListener.Listen(kestrel, at, stalls, log));

        void Configure(ListenOptions listen)
        {
            listen.UseConnectionWatch(stalls, log);
            listen.UseTls(certificate);
        }
    }

    /// <summary>
    /// With a list of origins every answer depends on the origin, also one to a request that named none: a cache that kept that
    /// one must not give it to a page (RFC 9110 section 12.5.5).
    /// </summary>
    private static Task VaryByOrigin(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(() =>
        {
            if (StringValues.IsNullOrEmpty(http.Response.Headers.Vary))
            {
                http.Response.Headers.Vary = "Origin";
            }

            return Task.CompletedTask;
        });
        return next(http);
    }

    /// <summary>With a list, a function decides, so that its one matching origin is echoed. Credentials are never allowed.</summary>
    private static void Permit(CorsPolicyBuilder policy, CorsOrigins cors)
    {
        _ = policy
            .WithMethods("GET", "HEAD", "POST", "PUT", "DELETE")
            .WithHeaders(
                "authorization", "content-type", "content-disposition", "x-upload-type", "x-chunk-index", "x-chunk-total",
                "x-chunk-merge", "x-request-id", "range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
                "if-range", "content-digest", "repr-digest", "traceparent", "tracestate")
            .WithExposedHeaders(
                "content-disposition", "content-length", "content-range", "accept-ranges", "etag", "repr-digest", "x-request-id",
                "retry-after", "traceresponse")
            .SetPreflightMaxAge(TimeSpan.FromDays(1));
        _ = cors.Origins.Match(
            Some: origins => policy.SetIsOriginAllowed(origin => origins.Exists(known => known.Equals(origin, StringComparison.OrdinalIgnoreCase))),
            None: () => policy.AllowAnyOrigin());
    }
}
