using System.Text.Json;

namespace Borderless.Tests.Integration.Trace;

/// <summary>A 2xx answer as the trace shows it.</summary>
/// <param name="Kind">What was acknowledged.</param>
/// <param name="Digest">In hex; null for a delete.</param>
/// <param name="Size">In bytes, as answered.</param>
/// <param name="Asked">The line at which the request's head had come.</param>
/// <param name="Begun">The line at which the answer's first bytes left.</param>
internal sealed record TracedAnswer(string Kind, string? Digest, long Size, int Asked, int Begun)
{
    public const string Upload = "upload";
    public const string Overwrite = "overwrite";
    public const string Chunk = "chunk";
    public const string Merge = "merge";
    public const string Delete = "delete";

    private static readonly string[] Receives = ["recvmsg", "recvfrom"];
    private static readonly string[] Sends = ["sendto", "sendmsg", "write", "writev"];

    public override string ToString() => $"{Kind} {(Digest is null ? "" : Digest[..12] + " ")}answered at line {Begun}";

    /// <summary>All 2xx answers of the trace. An answer belongs to the last request that came on its connection.</summary>
    public static IReadOnlyList<TracedAnswer> In(IReadOnlyList<SystemCall> calls)
    {
        var answers = new List<TracedAnswer>();
        foreach (var connection in calls.Where(IsOfSocket).GroupBy(call => call.Target))
        {
            (string Method, int At) request = ("", 0);
            var waiting = new Queue<SystemCall>(connection);
            while (waiting.TryDequeue(out var call))
            {
                if (Receives.Contains(call.Name) && IsRequest(call.Data))
                {
                    request = (call.Data[..call.Data.IndexOf(' ', StringComparison.Ordinal)], call.Done);
                }
                else if (Sends.Contains(call.Name) && call.Data.StartsWith("HTTP/1.1 2", StringComparison.Ordinal))
                {
                    answers.Add(Read(request.Method, Body(call, waiting), request.At, call.Begun));
                }
            }
        }

        return answers;
    }

    private static bool IsOfSocket(SystemCall call) => call.Succeeded && call.Target.StartsWith("socket:", StringComparison.Ordinal);

    private static bool IsRequest(string data) => data.Split(' ', 2)[0] is "GET" or "HEAD" or "POST" or "PUT" or "DELETE";

    /// <summary>The body goes out with the head, or with the next call.</summary>
    private static string Body(SystemCall call, Queue<SystemCall> later) => call.Data.Split("\r\n\r\n", 2) switch
    {
        [_, { Length: > 0 } body] => body,
        _ => later.FirstOrDefault(next => Sends.Contains(next.Name))?.Data ?? "",
    };

    private static TracedAnswer Read(string method, string body, int asked, int begun)
    {
        var json = JsonDocument.Parse(body).RootElement;
        var message = json.GetProperty("message").GetString()!;
        var kind = message.Split(' ') switch
        {
            ["uploaded", "blob", ..] => method == "PUT" ? Overwrite : Upload,
            ["uploaded", "chunk", ..] => Chunk,
            ["merged", ..] => Merge,
            ["deleted" or "dropped", ..] => Delete,
            _ => message,
        };
        return kind == Delete
            ? new TracedAnswer(kind, null, 0, asked, begun)
            : new TracedAnswer(kind, json.GetProperty("sha256_hash").GetString(), json.GetProperty("bytes_written").GetInt64(), asked, begun);
    }
}
