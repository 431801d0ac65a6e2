using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /healthz: 200 while the server serves.</summary>
internal sealed class HealthModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/healthz", ("GET", Handle), ("HEAD", Handle));

    private static Task Handle(Sender sender, HttpContext http) =>
        sender.Send(Reply.Json(new MessageBody(true, "serving"), Json.Readable.MessageBody, ("cache-control", Caching.NoStore)), http);
}
