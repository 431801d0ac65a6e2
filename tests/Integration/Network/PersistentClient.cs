using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>A client that sends a request again, on a new connection, until it hears the answer.</summary>
internal sealed class PersistentClient(Storm storm, Uri through, Action tries)
{
    /// <summary>Far more tries than any request should need.</summary>
    private const int Most = 200;

    /// <summary>How long it waits for an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private (Spot Spot, byte[] Bytes) last;

    /// <summary>A new blob. Where it is there already, an earlier try had made it, whose answer was lost.</summary>
    public async Task Upload(string method, byte[] bytes)
    {
        last = (Spot.New(), bytes);
        _ = await Insist(method, bytes, answer => answer.Status == 200 || (method == "POST" && answer.Status == 409));
        storm.Keep(last.Spot, bytes);
    }

    public async Task UploadInChunks(params byte[][] chunks)
    {
        last = (Spot.New(), [.. chunks.SelectMany(chunk => chunk)]);
        for (var i = 0; i < chunks.Length; i++)
        {
            _ = await Insist("POST", chunks[i], IsOk, "x-upload-type: chunked", $"x-chunk-index: {i + 1}", $"x-chunk-total: {chunks.Length}");
        }

        _ = await Insist("POST", [], IsOk, "x-upload-type: chunked", "x-chunk-merge: true", $"x-chunk-total: {chunks.Length}");
        storm.Keep(last.Spot, last.Bytes);
    }

    /// <summary>Reads what it uploaded last.</summary>
    public async Task Download()
    {
        var answer = await Insist("GET", [], IsOk);
        Assert.Equal(Answers.Sha256(last.Bytes), Answers.Sha256(answer.Body));
    }

    private static bool IsOk(RawAnswer answer) => answer.Status == 200;

    private async Task<RawAnswer> Insist(string method, byte[] body, Func<RawAnswer, bool> satisfies, params string[] headers)
    {
        for (var i = 0; i < Most; i++)
        {
            tries();
            using var leaves = new CancellationTokenSource(Patience);
            var request = Caller.Request(method, storm.Server.Signed(method, last.Spot.ToString()), body, headers);
            var (answer, _) = await Caller.Ask(through, request, leaves.Token);
            if (answer is not null && satisfies(answer))
            {
                return answer;
            }

            // All else that a bad network may lead to: the request was cut, or came too slowly.
            Assert.True(answer is null or { Status: 400 or 408 }, $"{method} was answered with {answer?.Status} {answer?.Text}");
        }

        throw new InvalidOperationException($"{method} {last.Spot} had no answer in {Most} tries");
    }
}
