using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Faults;

/// <summary>
/// The real server over a disk that is about to fail, with a journal of what it acknowledged: after a 2xx a blob must be as written,
/// after anything else it may be as before or as written.
/// </summary>
internal sealed class Patient(string directory, params string[] flags) : IAsyncDisposable
{
    private readonly Dictionary<string, System.Collections.Generic.HashSet<string>> journal = [];
    private ServerProcess? server;
    private int distinct;

    public string Directory => directory;

    public ServerProcess Server => server ?? throw new InvalidOperationException("the server was not started");

    public async Task Start() => server = await ServerProcess.Serve(directory, ["--ttl-orphan-secs=3600", .. flags]);

    /// <summary>Starts where it is expected to refuse; what it said.</summary>
    public async Task<string> TryStart()
    {
        var ended = await ServerProcess.Run(ServerProcess.FlagsFor(directory));
        return $"{ended.Code}: {string.Join('\n', ended.Errors)}";
    }

    public async Task End(int signal)
    {
        Server.Signal(signal);
        _ = await Server.End();
        await Server.DisposeAsync();
        server = null;
    }

    /// <summary>A fresh blob.</summary>
    public Task<string> Upload(int size) => Write("POST", NewPath(), Fresh(size));

    public Task<string> Make(string path, int size) => Write("POST", path, Fresh(size));

    public Task<string> Overwrite(string path, int size) => Write("PUT", path, Fresh(size));

    public Task<string> Delete(string path) => Write("DELETE", path, null);

    public Task<string> Chunk(string path, int index, int total, int size) => Chunk(path, index, total, Fresh(size));

    /// <summary>A merge of what was sent as chunks; its digest is known when it answers.</summary>
    public async Task<string> Merge(string path, int total, byte[] whole)
    {
        Allow(path, Answers.Sha256(whole), isCertain: false);
        var answer = await Send("POST", path, [], ("x-upload-type", "chunked"), ("x-chunk-total", $"{total}"), ("x-chunk-merge", "true"));
        if (answer.IsOk)
        {
            Allow(path, Answers.Sha256(whole), isCertain: true);
        }

        return answer.Words;
    }

    /// <summary>Sends the chunks of an upload.</summary>
    /// <returns>Their bytes together.</returns>
    public async Task<byte[]> Chunks(string path, params int[] sizes)
    {
        var (refusal, whole) = await SendChunks(path, sizes);
        Assert.Null(refusal);
        return whole;
    }

    /// <summary>A fresh blob in chunks, with its merge; the answer to the last request, which is the first that was refused.</summary>
    public async Task<string> InChunks(params int[] sizes)
    {
        var path = NewPath();
        var (refusal, whole) = await SendChunks(path, sizes);
        return refusal ?? await Merge(path, sizes.Length, whole);
    }

    public static string NewPath() => Spot.New().ToString();

    /// <summary>What /readyz says: the status, and why.</summary>
    public async Task<string> Ready()
    {
        var answer = await Ask("/readyz");
        return answer.Status == 503
            ? $"503 {string.Join(' ', JsonDocument.Parse(answer.Text).RootElement.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()))}"
            : $"{answer.Status}";
    }

    public async Task<string> Alive() => $"{(await Ask("/healthz")).Status}";

    /// <summary>A read of one blob, whatever it should be.</summary>
    public async Task<string> Get(string path) => (await Send("GET", path, null)).Words;

    /// <summary>"everything", or which blobs are not as the journal has them.</summary>
    public async Task<string> Read()
    {
        var wrong = new List<string>();
        foreach (var (path, allowed) in journal)
        {
            var answer = await Send("GET", path, null);
            var found = answer.Status == 404 ? "" : answer.IsOk ? Answers.Sha256(answer.Bytes) : answer.Words;
            if (!allowed.Contains(found))
            {
                wrong.Add(answer.Words);
            }
        }

        return wrong.Count == 0 ? "everything" : $"{journal.Count - wrong.Count} of {journal.Count}; the others {string.Join(", ", wrong.Distinct())}";
    }

    /// <summary>Whether a line of the log has these words.</summary>
    public bool Logged(string words) => Server.Lines.Any(line => line.Contains(words, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    private byte[] Fresh(int size) => Answers.Bytes(size, 5000 + Interlocked.Increment(ref distinct));

    private async Task<(string? Refusal, byte[] Whole)> SendChunks(string path, int[] sizes)
    {
        var chunks = sizes.Select(Fresh).ToArray();
        for (var i = 0; i < chunks.Length; i++)
        {
            if (await Chunk(path, i + 1, chunks.Length, chunks[i]) is var answer && answer != "200")
            {
                return (answer, []);
            }
        }

        return (null, [.. chunks.SelectMany(chunk => chunk)]);
    }

    private Task<string> Chunk(string path, int index, int total, byte[] body) =>
        Send("POST", path, body, ("x-upload-type", "chunked"), ("x-chunk-index", $"{index}"), ("x-chunk-total", $"{total}")).Map(answer => answer.Words);

    private async Task<string> Write(string method, string path, byte[]? body)
    {
        var digest = body is null ? "" : Answers.Sha256(body);
        Allow(path, digest, isCertain: false);
        var answer = await Send(method, path, body);
        if (answer.IsOk)
        {
            Allow(path, digest, isCertain: true);
        }

        return answer.Words;
    }

    /// <summary>What may be read at a path: a digest, or nothing ("").</summary>
    private void Allow(string path, string digest, bool isCertain)
    {
        lock (journal)
        {
            if (isCertain || !journal.TryGetValue(path, out var allowed))
            {
                journal[path] = isCertain ? [digest] : ["", digest];
            }
            else
            {
                _ = allowed.Add(digest);
            }
        }
    }

    private async Task<Said> Ask(string path)
    {
        using var answer = await Server.Http.GetAsync(new Uri(path, UriKind.Relative));
        return new Said((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    private async Task<Said> Send(string method, string path, byte[]? body, params (string Name, string Value)[] headers) =>
        await Server.Ask(method, path, body, headers) is { } answer ? new Said(answer.Status, answer.Body) : new Said(0, "{\"code\":\"cut\"}"u8.ToArray());

    private sealed record Said(int Status, byte[] Bytes)
    {
        public bool IsOk => Status == 200;

        public string Text => System.Text.Encoding.UTF8.GetString(Bytes);

        /// <summary>"200", or the status and the code.</summary>
        public string Words => IsOk ? "200" : $"{Status} {JsonDocument.Parse(Text).RootElement.GetProperty("code").GetString()}";
    }
}
