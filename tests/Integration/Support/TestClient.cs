using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Borderless.Tests.Integration.Support;

/// <summary>How a test speaks with its server: in which version of HTTP, and which root it trusts. It counts the connections that it makes.</summary>
internal sealed class TestClient(Version? version = null, X509Certificate2? trusted = null)
{
    private int connections;

    /// <summary>How many connections were made.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <param name="listens">Where the server listens: an origin, or <c>unix:</c> and a path.</param>
    /// <param name="origin">The origin of requests.</param>
    public HttpClient For(string listens, Uri origin) =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = Trust(),
            ConnectCallback = (context, stop) => Connect(
                listens.StartsWith("unix:", StringComparison.Ordinal) ? new UnixDomainSocketEndPoint(listens["unix:".Length..]) : context.DnsEndPoint, stop),
        })
        {
            BaseAddress = origin,
            Timeout = TimeSpan.FromMinutes(2),
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

    private async ValueTask<Stream> Connect(EndPoint to, CancellationToken stop)
    {
        _ = Interlocked.Increment(ref connections);
        var socket = to is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions Trust()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        if (trusted is not null)
        {
            _ = policy.CustomTrustStore.Add(trusted);
        }

        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
