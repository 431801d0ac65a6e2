using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Borderless.Tests.Integration.Observe;

/// <summary>
/// What takes spans and metrics by OTLP, over HTTP and by gRPC: a small collector, which understands of the messages what tests look at.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    /// <summary>Before each message of gRPC: one byte that says whether it is compressed, and four for its length.</summary>
    private const int FrameHead = 5;

    private readonly WebApplication app;
    private volatile bool refuses;

    public OtlpReceiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2);
        });
        app = builder.Build();
        app.Run(Take);
        app.Start();
    }

    /// <summary>What the header <c>x-for</c> of the last request said.</summary>
    public string? For { get; private set; }

    public ConcurrentQueue<(string Path, byte[] Body)> Posts { get; } = new();

    public IReadOnlyList<Span> Spans =>
        [.. Posts.Where(post => post.Path == "/v1/traces").SelectMany(post => Protobuf.All(post.Body, 1, 2, 2)).Select(SpanOf)];

    /// <summary>Whether metrics came, and one of this name is among them.</summary>
    public bool HasMetric(string name) => Posts.Any(post => post.Path == "/v1/metrics" && post.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) >= 0);

    /// <summary>Whether it takes nothing, in a way that is not tried again.</summary>
    public bool Refuses
    {
        set => refuses = value;
    }

    /// <summary>Where this protocol is taken, and no other: gRPC needs HTTP/2, and the other one is sent by HTTP/1.1.</summary>
    public string AddressFor(string? protocol) => app.Urls.ElementAt(protocol == "http/protobuf" ? 0 : 1);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task Take(HttpContext exchange)
    {
        using var body = new MemoryStream();
        await exchange.Request.Body.CopyToAsync(body);
        For = exchange.Request.Headers["x-for"];
        if (refuses)
        {
            Refuse(exchange);
        }
        else if (HttpProtocol.IsHttp2(exchange.Request.Protocol))
        {
            Posts.Enqueue((PathOf(exchange.Request.Path), body.ToArray()[FrameHead..]));
            exchange.Response.ContentType = "application/grpc";
            exchange.Response.AppendTrailer("grpc-status", "0");
            await exchange.Response.Body.WriteAsync(new byte[FrameHead]);
        }
        else
        {
            Posts.Enqueue((exchange.Request.Path, body.ToArray()));
            exchange.Response.ContentType = "application/x-protobuf";
        }
    }

    private static void Refuse(HttpContext exchange)
    {
        if (HttpProtocol.IsHttp2(exchange.Request.Protocol))
        {
            exchange.Response.ContentType = "application/grpc";
            exchange.Response.AppendTrailer("grpc-status", "3");
        }
        else
        {
            exchange.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }

    /// <summary>The path by which the other protocol sends what is sent to a method of gRPC.</summary>
    private static string PathOf(string method) => method switch
    {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => "/v1/traces",
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => "/v1/metrics",
        _ => method,
    };

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
