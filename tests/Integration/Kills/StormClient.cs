using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Kills;

/// <summary>
/// A client that writes, merges, replaces, deletes and reads blobs of its own until the server is gone, and holds the next server
/// to what was answered.
/// </summary>
internal sealed class StormClient(int seed, Tally tally, TimeSpan ttl)
{
    private const int MostOwned = 8;

    private readonly Random random = new(seed);
    private readonly List<Owned> blobs = [];

    /// <summary>Acts until the server does not answer any more.</summary>
    public async Task Act(ServerProcess server)
    {
        while (await Step(server))
        {
        }
    }

    /// <summary>Every blob is in the state that was acknowledged, or, where an answer never came, in the one before or after.</summary>
    public async Task Check(ServerProcess server)
    {
        foreach (var owned in blobs)
        {
            tally.Checked();
            var found = await Look(server, owned);
            var states = Seq(Optional(owned.Perhaps), Some(owned.Known)).Somes().Filter(state => state.MayBe(found, ttl));
            if (owned.Perhaps is { } perhaps)
            {
                tally.Resolve(wasDone: states.Exists(state => state == perhaps));
            }

            if (states.IsEmpty)
            {
                tally.Lose($"{owned.Spot} should have {owned.Known}{(owned.Perhaps is { } may ? $", or {may}" : "")}; it has {found}");
            }

            states.HeadOrNone().Iter(state => tally.Expire(state.Chunks.Count - found.Chunks.Count));
            (owned.Known, owned.Perhaps) = (states.HeadOrNone().Match(Some: state => state.Left(found), None: () => found), null);
        }
    }

    private Task<bool> Step(ServerProcess server)
    {
        var owned = Pick();
        return random.Next(10) switch
        {
            < 4 => Put(server, owned),
            < 6 => Upload(server, owned),
            < 8 => Delete(server, owned),
            _ => Read(server, owned),
        };
    }

    private Owned Pick()
    {
        if (blobs.Count < MostOwned)
        {
            blobs.Add(new Owned(Spot.New($"bucket{random.Next(3)}"), random.Next(1, 5)));
        }

        return blobs[random.Next(blobs.Count)];
    }

    private async Task<bool> Put(ServerProcess server, Owned owned)
    {
        var body = Bodies.Next(random);
        var exists = owned.Known.Blob is not null;
        return await Write(
            server, owned, exists ? "overwrite" : "upload", exists ? "PUT" : "POST", body, owned.Known with { Blob = Answers.Sha256(body) }, Answers.Sha256(body)) is not null;
    }

    /// <summary>All chunks in any order, now and then not all, and mostly a merge.</summary>
    private async Task<bool> Upload(ServerProcess server, Owned owned)
    {
        foreach (var position in Enumerable.Range(1, owned.Total).OrderBy(_ => random.Next()))
        {
            if (!await Chunk(server, owned, position))
            {
                return false;
            }
        }

        return random.Next(5) == 0 || await Merge(server, owned);
    }

    private async Task<bool> Chunk(ServerProcess server, Owned owned, int position)
    {
        var body = Bodies.Next(random);
        owned.Sent[position] = body;
        return await Write(
            server,
            owned,
            "chunk",
            Method(owned),
            body,
            owned.Known with { Chunks = owned.Known.Chunks.AddOrUpdate(position, new SentChunk(Answers.Sha256(body), Environment.TickCount64)) },
            Answers.Sha256(body),
            ("x-chunk-index", $"{position}"),
            ("x-chunk-total", $"{owned.Total}")) is not null;
    }

    private async Task<bool> Merge(ServerProcess server, Owned owned)
    {
        var whole = Answers.Sha256([.. Enumerable.Range(1, owned.Total).SelectMany(position => owned.Sent[position])]);
        return await Write(
            server, owned, "merge", Method(owned), [], new BlobState(whole, Empty), whole, ("x-chunk-total", $"{owned.Total}"), ("x-chunk-merge", "true")) is not null;
    }

    private async Task<bool> Delete(ServerProcess server, Owned owned)
    {
        if (owned.Known.Blob is null)
        {
            return await Read(server, owned);
        }

        return await Write(server, owned, "delete", "DELETE", null, owned.Known with { Blob = null }, null) is not null;
    }

    /// <summary>While nothing is under way there is one right answer.</summary>
    private async Task<bool> Read(ServerProcess server, Owned owned)
    {
        if (await server.Ask("GET", owned.Spot.ToString()) is not { } answer)
        {
            return false;
        }

        tally.Checked();
        if (BlobOf(answer) != owned.Known.Blob)
        {
            tally.Lose($"{owned.Spot} should have {owned.Known}; a read got {answer}");
        }

        return true;
    }

    private static string Method(Owned owned) => owned.Known.Blob is null ? "POST" : "PUT";

    /// <returns>The answer, or null when none came, and the outcome is unknown.</returns>
    private async Task<Answer?> Write(
        ServerProcess server, Owned owned, string kind, string method, byte[]? body, BlobState after, string? digest, params (string, string)[] headers)
    {
        owned.Perhaps = after;
        if (headers.Length > 0)
        {
            headers = [("x-upload-type", "chunked"), .. headers];
        }

        if (await server.Ask(method, owned.Spot.ToString(), body, headers) is not { } answer)
        {
            return null;
        }

        if (answer.IsOk && (digest is null || answer.Sha256 == digest))
        {
            tally.Acknowledge(kind);
            owned.Known = after;
        }
        else
        {
            // A merge may come so late that the janitor has taken chunks.
            var found = await Look(server, owned);
            if (answer.Status != 409 || found.Chunks.Count == owned.Known.Chunks.Count || !owned.Known.MayBe(found, ttl))
            {
                tally.Lose($"{kind} of {owned.Spot} with {owned.Known} was answered {answer}");
            }

            owned.Known = found;
        }

        owned.Perhaps = null;
        return answer;
    }

    /// <summary>What the server has now.</summary>
    private static async Task<BlobState> Look(ServerProcess server, Owned owned)
    {
        var blob = await server.Ask("GET", owned.Spot.ToString());
        var chunks = await server.Ask("GET", $"{owned.Spot}/chunks", null, ("x-chunk-total", $"{owned.Total}"));
        return blob is null || chunks is null
            ? throw new InvalidOperationException($"the server is gone, or does not answer about {owned.Spot}")
            : new BlobState(BlobOf(blob), chunks.IsOk ? ChunksOf(chunks) : Empty);
    }

    /// <summary>The digest of what was read; anything else that it might be is no digest, and so a loss.</summary>
    private static string? BlobOf(Answer answer) => answer switch
    {
        { Status: 404 } => null,
        { IsOk: true } when answer.ETag == $"\"{Answers.Sha256(answer.Body)}\"" => Answers.Sha256(answer.Body),
        _ => $"that cannot be read: {answer}",
    };

    private static Map<int, SentChunk> ChunksOf(Answer answer) => toMap(
        JsonDocument.Parse(answer.Body).RootElement.GetProperty("chunks").EnumerateArray()
            .Select(chunk => (chunk.GetProperty("index").GetInt32(), new SentChunk(chunk.GetProperty("sha256_hash").GetString()!, Environment.TickCount64))));
}
