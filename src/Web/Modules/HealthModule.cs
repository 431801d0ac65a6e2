using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /healthz: 200 while the server serves. GET /readyz: 200 while the store takes writes.</summary>
internal sealed class HealthModule(FindAilments find, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute("/healthz", ("GET", Live), ("HEAD", Live));
        app.MapRoute("/readyz", ("GET", Ready), ("HEAD", Ready));
    }

    private Task Live(HttpContext http) => sender.Send(Says("serving"), http);

    private Task Ready(HttpContext http) => sender.Send(Readiness(find().Map(Ailments.NameOf)), http);

    private static Either<StoreError, Reply> Readiness(Seq<string> reasons) =>
        from well in Pipeline.Require(reasons.IsEmpty, () => new StoreError.NotReady(reasons))
        select Says("ready");

    private static Reply Says(string message) =>
        Reply.Json(new MessageBody(true, message), Json.Readable.MessageBody, ("cache-control", Caching.NoStore));
}
