using Borderless.Web.Http;
using Borderless.Web.OpenApi;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /openapi.json: every route, parameter, answer and error, for programs that read it (OpenAPI 3.1).</summary>
internal sealed class OpenApiModule(ApiDocument document, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/openapi.json", ("GET", Document), ("HEAD", Document));

    private async Task Document(HttpContext http) => await sender.Send(
        new Reply(StatusCodes.Status200OK, [("cache-control", "public, max-age=300")], new ReplyBody.JsonText(await document.Text)), http);
}
