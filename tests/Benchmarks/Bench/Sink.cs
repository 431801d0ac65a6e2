using System.Net;
using System.Net.Sockets;

namespace Borderless.Benchmarks.Bench;

/// <summary>Takes what is sent by OTLP over HTTP, and throws it away.</summary>
internal sealed class Sink : IDisposable
{
    private readonly HttpListener listener = new();
    private long bytes;

    public Sink()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://{free.LocalEndpoint}";
        }

        listener.Prefixes.Add($"{Address}/");
        listener.Start();
        _ = Take();
    }

    public string Address { get; }

    public long Bytes => Interlocked.Read(ref bytes);

    public void Dispose() => listener.Close();

    private async Task Take()
    {
        var buffer = new byte[64 << 10];
        while (listener.IsListening)
        {
            var exchange = await listener.GetContextAsync();
            for (int read; (read = await exchange.Request.InputStream.ReadAsync(buffer)) > 0;)
            {
                _ = Interlocked.Add(ref bytes, read);
            }

            exchange.Response.ContentType = "application/x-protobuf";
            exchange.Response.Close();
        }
    }
}
