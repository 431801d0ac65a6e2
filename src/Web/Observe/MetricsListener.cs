using Borderless.Web.Http;
using Borderless.Web.Start;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Borderless.Web.Observe;

/// <summary>A listener of its own for the metrics, without a key. Nothing else is served there, nor the metrics without a key elsewhere.</summary>
internal static class MetricsListener
{
    private const string Path = "/metrics";

    private static readonly Endpoint Route = new(null, EndpointMetadataCollection.Empty, Path);

    public static void Listen(KestrelServerOptions kestrel, ListenAddress at, StallWatch stalls, Serilog.ILogger log) =>
        kestrel.ListenOn(at, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseConnectionWatch(stalls, log);
            listen.Use(next => connection =>
            {
                connection.Features.Set(Mark.Instance);
                return next(connection);
            });
        });

    /// <summary>Answers what comes by that listener before anything else can.</summary>
    public static void Use(WebApplication app)
    {
        var (page, sender) = (app.Services.GetRequiredService<MetricsPage>(), app.Services.GetRequiredService<Sender>());
        _ = app.Use((http, next) => Serve(http, next, page, sender));
    }

    private static Task Serve(HttpContext http, RequestDelegate next, MetricsPage page, Sender sender)
    {
        if (http.Features.Get<Mark>() is null)
        {
            return next(http);
        }

        if (Requests.TargetOf(http).Split('?')[0] != Path)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        http.SetEndpoint(Route);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
        {
            return sender.Send(page.Read(http), http);
        }

        http.Response.Headers.Allow = "GET, HEAD";
        http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Task.CompletedTask;
    }

    /// <summary>On connections of that listener.</summary>
    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
