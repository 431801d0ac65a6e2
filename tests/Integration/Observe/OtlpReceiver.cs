using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Borderless.Tests.Integration.Observe;

/// <summary>What takes spans and metrics by OTLP over HTTP: a small collector, which understands of the messages what tests look at.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener listener = new();

    public OtlpReceiver()
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

    public ConcurrentQueue<(string Path, byte[] Body)> Posts { get; } = new();

    public IReadOnlyList<Span> Spans =>
        [.. Posts.Where(post => post.Path == "/v1/traces").SelectMany(post => Protobuf.All(post.Body, 1, 2, 2)).Select(SpanOf)];

    /// <summary>Whether metrics came, and one of this name is among them.</summary>
    public bool HasMetric(string name) => Posts.Any(post => post.Path == "/v1/metrics" && post.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) >= 0);

    public void Dispose() => listener.Close();

    private async Task Take()
    {
        while (listener.IsListening)
        {
            var exchange = await listener.GetContextAsync();
            using var body = new MemoryStream();
            await exchange.Request.InputStream.CopyToAsync(body);
            Posts.Enqueue((exchange.Request.Url!.AbsolutePath, body.ToArray()));
            exchange.Response.ContentType = "application/x-protobuf";
            exchange.Response.Close();
        }
    }

    /// <summary>By the field numbers of opentelemetry/proto/trace/v1/trace.proto.</summary>
    private static Span SpanOf(byte[] span) =>
        new(
            Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5), default, default,
            Protobuf.All(span, 9).ToDictionary(tag => Text(tag, 1), tag => Text(Protobuf.All(tag, 2).Single(), 1)));

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Protobuf.All(message, field).SingleOrDefault() ?? new byte[8]);

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Protobuf.All(message, field).SingleOrDefault() ?? []);
}

/// <summary>As much of Protocol Buffers' encoding as finds fields by their numbers.</summary>
internal static class Protobuf
{
    /// <summary>The bytes of all fields at the end of a path of field numbers.</summary>
    public static IEnumerable<byte[]> All(byte[] message, params ReadOnlySpan<int> path)
    {
        var found = Fields(message, path[0]);
        return path.Length == 1 ? found : Deeper(found, path[1..].ToArray());
    }

    private static IEnumerable<byte[]> Deeper(List<byte[]> found, int[] path) => found.SelectMany(inner => All(inner, path));

    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    _ = Varint(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    if ((int)(tag >> 3) == number)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"no such wire type: {tag & 7}");
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }
}
