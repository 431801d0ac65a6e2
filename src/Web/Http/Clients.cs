using System.Net;

namespace Borderless.Web.Http;

/// <summary>Whose requests they are.</summary>
internal static class Clients
{
    /// <summary>From here on, what trusted proxies say of a request counts.</summary>
    public static void UseClients(this IApplicationBuilder app, TrustedProxies trusted)
    {
        if (trusted is { OnUnixSocket: false, Ranges.IsEmpty: true })
        {
            return;
        }

        _ = app.Use((http, next) =>
        {
            http.Features.Set(trusted);
            var (peer, lines) = (http.Connection.RemoteIpAddress, http.Request.Headers["x-forwarded-proto"]);
            http.Request.Scheme = Forwarded.SchemeOf(peer, trusted, lines) ?? http.Request.Scheme;
            return next(http);
        });
    }

    /// <summary>The address of the client, found when it is asked for; null where it is not known.</summary>
    public static IPAddress? ClientOf(HttpContext http) =>
        http.Features.Get<TrustedProxies>() is { } trusted
            ? Forwarded.ClientOf(http.Connection.RemoteIpAddress, trusted, http.Request.Headers["x-forwarded-for"])
            : Forwarded.ClientOf(http.Connection.RemoteIpAddress, TrustedProxies.Nobody, []);
}
