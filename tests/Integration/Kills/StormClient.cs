using System.Security.Cryptography;
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

    /// <summary>Random bytes of which bodies are cut: each its own by eight bytes at its beginning, or shared by many.</summary>
    private static readonly byte[] Noise = Answers.Bytes(3 << 20);

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
        var body = Body();
        var exists = owned.Known.Blob is not null;
        return await Write(
            server, owned, exists ? "overwrite" : "upload", exists ? "PUT" : "POST", body, owned.Known with { Blob = Digest(body) }, Digest(body)) is not null;
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
        var body = Body();
        owned.Sent[position] = body;
        return await Write(
            server,
            owned,
            "chunk",
            Method(owned),
            body,
            owned.Known with { Chunks = owned.Known.Chunks.AddOrUpdate(position, new SentChunk(Digest(body), Environment.TickCount64)) },
            Digest(body),
            ("x-chunk-index", $"{position}"),
            ("x-chunk-total", $"{owned.Total}")) is not null;
    }

    private async Task<bool> Merge(ServerProcess server, Owned owned)
    {
        var whole = Digest([.. Enumerable.Range(1, owned.Total).SelectMany(position => owned.Sent[position])]);
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
        if (await Send(server, "GET", owned.Spot.ToString()) is not { } answer)
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

        if (await Send(server, method, owned.Spot.ToString(), body, headers) is not { } answer)
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
        var blob = await Send(server, "GET", owned.Spot.ToString());
        var chunks = await Send(server, "GET", $"{owned.Spot}/chunks", null, ("x-chunk-total", $"{owned.Total}"));
        return blob is null || chunks is null
            ? throw new InvalidOperationException($"the server is gone, or does not answer about {owned.Spot}")
            : new BlobState(BlobOf(blob), chunks.IsOk ? ChunksOf(chunks) : Empty);
    }

    /// <summary>The digest of what was read; anything else that it might be is no digest, and so a loss.</summary>
    private static string? BlobOf(Answer answer) => answer switch
    {
        { Status: 404 } => null,
        { IsOk: true } when answer.ETag == $"\"{Digest(answer.Body)}\"" => Digest(answer.Body),
        _ => $"that cannot be read: {answer}",
    };

    private static Map<int, SentChunk> ChunksOf(Answer answer) => toMap(
        JsonDocument.Parse(answer.Body).RootElement.GetProperty("chunks").EnumerateArray()
            .Select(chunk => (chunk.GetProperty("index").GetInt32(), new SentChunk(chunk.GetProperty("sha256_hash").GetString()!, Environment.TickCount64))));

    private static async Task<Answer?> Send(
        ServerProcess server, string method, string path, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), ServerProcess.Signed(method, path));
        request.Content = body is null ? null : new ByteArrayContent(body);
        headers.Iter(header => request.Headers.Add(header.Name, header.Value));
        try
        {
            using var answer = await server.Http.SendAsync(request);
            return new Answer((int)answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsByteArrayAsync());
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return null;
        }
    }

    /// <summary>From nothing to 3 MiB, one in four of a few that all clients send.</summary>
    private byte[] Body()
    {
        if (random.Next(4) == 0)
        {
            var shared = random.Next(6);
            return Noise[shared..(shared + (shared * shared * 9_000))];
        }

        var length = random.Next(20) switch
        {
            0 => random.Next(8),
            < 7 => random.Next(1_000),
            < 12 => random.Next(16_000, 17_000),
            < 18 => random.Next(200_000),
            _ => random.Next(Noise.Length),
        };
        var body = Noise[..length];
        BitConverter.GetBytes(random.NextInt64()).AsSpan()[..Math.Min(8, body.Length)].CopyTo(body);
        return body;
    }

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
