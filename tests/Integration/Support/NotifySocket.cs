using System.Net.Sockets;
using System.Text;

namespace Borderless.Tests.Integration.Support;

/// <summary>The socket on which a service manager hears of a service (sd_notify(3)).</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public NotifySocket(string path)
    {
        Path = path;
        socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    public string Path { get; }

    /// <summary>The next message, its lines apart.</summary>
    public async Task<string[]> Next()
    {
        using var atMost = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var buffer = new byte[4096];
        var length = await socket.ReceiveAsync(buffer, atMost.Token);
        return Encoding.UTF8.GetString(buffer, 0, length).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Whether a message waits.</summary>
    public bool Waits => socket.Available > 0;

    public void Dispose() => socket.Dispose();
}
