using Borderless.Web.Http;
using Borderless.Web.Observe;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /metrics: what the server counts, in Prometheus' text, for whoever shows an API key that may see all.</summary>
internal sealed class MetricsModule(CurrentAccess current, MetricsPage page, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/metrics", ("GET", Show), ("HEAD", Show));

    private Task Show(HttpContext http) => sender.Send(Permitted(http).Then(_ => page.Read(http)), http);

    private Either<StoreError, ApiKey> Permitted(HttpContext http) =>
        from key in Callers.KeyOf(http, current().ApiKeys)
        from allowed in Pipeline.Require(key.MaySeeAll, () => new StoreError.KeyNotAllowed())
        select key;
}
