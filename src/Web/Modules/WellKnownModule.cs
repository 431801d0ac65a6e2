using System.Text;
using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /.well-known/jwks.json: the public keys of receipts, for whoever verifies them without the secret (RFC 7517, RFC 8615).</summary>
internal sealed class WellKnownModule(PublishKeys publish, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/.well-known/jwks.json", ("GET", Keys), ("HEAD", Keys));

    private Task Keys(HttpContext http) => sender.Send(
        new Reply(
            StatusCodes.Status200OK, [("cache-control", "public, max-age=300")], new ReplyBody.JsonText(Encoding.UTF8.GetBytes($"{publish().Jwks}\n"))),
        http);
}
