using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Borderless.Web.Tls;

/// <summary>How connections are served that are more than HTTP/1.1 on TCP.</summary>
internal static class Serving
{
    /// <summary>
    /// What a stream, and a connection with all its streams, may send ahead of what was read. Together with the way to the client and
    /// back it bounds the speed of an upload: 2 MiB in 50 ms are 40 MiB/s.
    /// </summary>
    private const int StreamWindow = 1 << 20;
    private const int ConnectionWindow = 2 << 20;

    /// <summary>The limits of HTTP/2, and of those answers whose reader TCP does not tell about.</summary>
    public static void LimitServing(this KestrelServerOptions kestrel, ServerSettings server, LimitSettings limits)
    {
        kestrel.Limits.Http2.MaxStreamsPerConnection = 100;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        if (server.Tls.IsSome || server.Listen is ListenAddress.UnixSocket || server.Metrics.Case is ListenAddress.UnixSocket)
        {
            // Downloads are watched more closely; this is for small answers, which are handed over long before they are read.
            kestrel.Limits.MinResponseDataRate = new MinDataRate(
                Pace.MinBytesPerSecond, TimeSpan.FromSeconds(Math.Max(limits.TimeoutSeconds, 2)));
        }
    }

    /// <summary>TLS with HTTP/1.1 and HTTP/2, where there is a certificate, and else plain HTTP/1.1.</summary>
    public static void UseTls(this ListenOptions listen, LiveCertificate? certificate)
    {
        listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
        if (certificate is not null)
        {
            _ = listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Options(certificate.Current)) });
        }
    }

    private static SslServerAuthenticationOptions Options(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
    };
}
