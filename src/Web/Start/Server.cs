using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Janitor;
using Borderless.Web.Observe;
using Borderless.Web.Scrub;
using Borderless.Web.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Borderless.Web.Start;

/// <summary>A running server: the store, what listens, the janitor and the scrub, started and stopped in the right order.</summary>
internal sealed class Server : IAsyncDisposable
{
    /// <summary>How long requests that were cut may take to notice and to remove what they wrote.</summary>
    private static readonly TimeSpan CutRequestsEndWithin = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource stopping = new();
    private readonly WebApplication app;
    private readonly Held held;
    private readonly ServerSettings settings;
    private readonly Serilog.ILogger log;
    private Task cleaning = Task.CompletedTask;
    private Task scrubbing = Task.CompletedTask;

    private Server(WebApplication app, Held held, JanitorService janitor, ServerSettings settings, Serilog.ILogger log) =>
        (this.app, this.held, Janitor, this.settings, this.log) = (app, held, janitor, settings, log);

    public Store Store => held.Store;

    public AuditLog Audit => held.Audit;

    public JanitorService Janitor { get; }

    public IHostApplicationLifetime Lifetime => app.Lifetime;

    /// <summary>What the server is put together from.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>The origin that it listens on, with the port that it was given; or its Unix socket, as that is written in the settings.</summary>
    public string Address => Shown(settings.Listen, Addresses.First());

    /// <summary>The same of the metrics' own listener; that of the server where they have none.</summary>
    public string MetricsAddress => Shown(settings.Metrics.IfNone(settings.Listen), Addresses.Last());

    private ICollection<string> Addresses => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    private static string Shown(ListenAddress address, string origin) => address is ListenAddress.UnixSocket ? address.ToString() : origin;

    /// <summary>Opens the store and starts to serve, with keys that may change while it does, or else those of the settings.</summary>
    public static async Task<Either<StartProblem, Server>> Start(
        Settings settings, IDisk disk, TimeProvider time, Serilog.ILogger log, CurrentAccess? access = null)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        _ = ThreadPool.SetMinThreads(Math.Max(workers, 2 * DiskGate.Width), completions);
        var opened = await Held.Open(settings, disk, time, log);
        if (opened.Case is not Held held)
        {
            return (StartProblem)opened.Case;
        }

        var store = held.Store;
        var built = await Composition.Build(settings, access ?? (() => settings.Access), held, disk, time, log);
        if (built.Case is not WebApplication app)
        {
            await held.DisposeAsync();
            return (StartProblem)built.Case;
        }

        var server = new Server(
            app, held, new JanitorService(JanitorPorts.Of(store), disk, settings.Janitor, time, log), settings.Server, log);
        var meter = server.Services.GetRequiredService<Meter>();
        UpkeepMeters.Add(meter, server.Janitor, time);
        try
        {
            await server.app.StartAsync();
            server.cleaning = Task.Run(() => server.Janitor.Run(server.stopping.Token));
            var scrubber = new Scrubber(
                store.Index, store.Parts, store.Damage, new ScrubPlace(disk, store.Layout.ScrubPlace, log),
                settings.Storage.ScrubBytesPerSecond, time, log);
            UpkeepMeters.Add(meter, scrubber);
            server.scrubbing = Task.Run(() => scrubber.Run(server.Lifetime.ApplicationStopping));
            return server;
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidOperationException or UnauthorizedAccessException)
        {
            // It listens on the one before the other.
            var (key, at) = server.Addresses.Count == 0 ? ("ip_addr", settings.Server.Listen) : ("metrics_addr", settings.Server.Metrics.IfNone(settings.Server.Listen));
            await server.DisposeAsync();
            return Listening.Problem(key, at, Listening.Reason(error, key));
        }
    }

    /// <summary>Returns when a signal asked the server to stop.</summary>
    public Task WaitForStop()
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = app.Lifetime.ApplicationStopping.Register(stop.SetResult);
        return stop.Task;
    }

    /// <summary>
    /// Stops accepting, lets requests end within the grace, cuts the rest, waits until they removed what they wrote, sends
    /// what telemetry has left, and closes the store.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var began = Stopwatch.GetTimestamp();
        var (inFlight, last) = (app.Services.GetRequiredService<InFlight>(), app.Services.GetRequiredService<LastWords>());
        await app.StopAsync();
        await scrubbing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Store.StopBackground();
        if (await Task.WhenAny(inFlight.Drained(), Task.Delay(CutRequestsEndWithin)) != inFlight.Drained())
        {
            log.Warning("requests are still running after they were cut; what they wrote is left to the janitor");
        }

        await stopping.CancelAsync();
        await cleaning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await last.Say(LastWords.Within(TimeSpan.FromSeconds(settings.ShutdownGrace), Stopwatch.GetElapsedTime(began)));
        await app.DisposeAsync();
        await held.DisposeAsync();
        stopping.Dispose();
    }
}
