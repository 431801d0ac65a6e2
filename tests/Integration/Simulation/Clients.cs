using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>The clients of one life: what they ask for, and what they know by the answers.</summary>
internal sealed class Clients(
    World world, Fate fate, IIndexReader index, IParts parts, Committer committer, Merger merger, BlobFinder finder, Holds<MergeKey> inProgress,
    Prefixes prefixes, DamageReports damage)
{
    public Task Put(Key key, int content, WriteMode mode) => Client(
        key, $"put {content} {mode}", Effects.Put(content, mode), async () => await Receive(content, null) is { } part
            ? await committer.Commit(part, (tx, landed) => Decisions.StoreBlob(
                tx, key.Bucket, key.Blob, new WriteRules(mode, ConditionHeaders.None), ContentHeaders.None, landed))
            : new StoreError.BrokenStream(),
        stored => Effects.Stored(stored.Sha256));

    public Task Chunk(Key key, int total, int position, int content, WriteMode mode) => Client(
        key, $"chunk {position}/{total} {content} {mode}", Effects.Chunk(total, position, content, mode), async () =>
        {
            using var arriving = new ArrivingChunk(inProgress, prefixes, new MergeKey(key.Bucket, key.Blob, total), position);
            var began = world.Time.GetUtcNow();
            if (await Receive(content, arriving.Whole) is not { } part)
            {
                return new StoreError.BrokenStream();
            }

            var stored = await committer.Commit(part, (tx, landed) => Decisions.StoreChunk(
                tx, key.Bucket, key.Blob, new WriteRules(mode, ConditionHeaders.None), position, total, landed));
            if (stored.Case is Stored chunk)
            {
                world.Touched[(key, total)] = began;
                _ = arriving.Adopt(chunk);
            }

            return stored;
        },
        stored => Effects.Stored(stored.Sha256));

    public Task Merge(Key key, int total, WriteMode mode) => Client(
        key,
        $"merge {total} {mode}",
        Effects.Merge(total, mode),
        () => merger.Merge(
            new MergeKey(key.Bucket, key.Blob, total), new MergeRequest(new WriteRules(mode, ConditionHeaders.None), ContentHeaders.None, [])),
        stored => Effects.Stored(stored.Sha256));

    public Task Delete(Key key) => Client(
        key,
        "delete",
        Effects.Delete,
        () => committer.Commit(tx => Decisions.Delete(tx, key.Bucket, key.Blob, ConditionHeaders.None), frees: true),
        deleted => deleted is Deleted.Chunks chunks ? $"dropped {chunks.Count}" : "deleted");

    public Task Read(Key key) => Client(key, "read", Effects.Read, () => ReadBytes(key), Effects.Stored);

    /// <summary>Asks, and notes what was answered; the dead answer nothing.</summary>
    private async Task Client<T>(
        Key key, string name, Func<KeyState, (KeyState After, string Answer)> effect, Func<Task<Either<StoreError, T>>> ask, Func<T, string> say)
    {
        var history = world.Histories[key];
        var operation = history.Begin($"{name}", world.Tick(), effect);
        world.Note?.Invoke($"> {key} {name}");
        Either<StoreError, T> answered;
        try
        {
            answered = await ask();
        }
        catch (IOException error)
        {
            answered = DiskErrors.ToStoreError(error);
        }

        if (fate.Ended)
        {
            return;
        }

        // After these nobody knows what happened; after any other error nothing did.
        var answer = answered.MatchUnsafe(
            Right: done => say(done),
            Left: error => LeavesOpen(error) ? null : error.Code);
        world.Note?.Invoke($"< {key} {name}: {answer ?? "unknown"}");
        world.Answers += answer is null ? 0 : 1;
        history.End(operation, world.Tick(), answer, world.Index.InDoubt);
    }

    private bool LeavesOpen(StoreError error) =>
        error is StoreError.BrokenStream
        || (error is StoreError.StorageUnavailable or StoreError.InsufficientStorage && fate.MayFail)
        || (error is StoreError.BlobDamaged && world.HasSpoiled);

    /// <summary>As the receiver does: in pieces, a long one synced before it queues, and sometimes the client is gone half way.</summary>
    private async Task<ReceivedPart?> Receive(int content, Prefix? whole)
    {
        var body = Contents.Body(content);
        if (Contents.IsInline(content))
        {
            whole?.Hash.AppendData(body);
            return new ReceivedPart.Inline(Contents.Digest(content), body);
        }

        var temporary = parts.Begin();
        var handedOn = false;
        try
        {
            for (var at = 0; at < body.Length;)
            {
                await Task.Yield();
                if (world.Random.Next(40) == 0)
                {
                    return null;
                }

                var length = Math.Min(body.Length - at, world.Random.Next(1, 9_000));
                whole?.Hash.AppendData(body, at, length);
                temporary.Append(new ReadOnlySequence<byte>(body, at, length));
                at += length;
            }

            if (world.Random.Next(5) == 0)
            {
                temporary.Sync();
            }

            handedOn = true;
            return new ReceivedPart.File(Contents.Digest(content), temporary);
        }
        finally
        {
            if (!handedOn)
            {
                temporary.Dispose();
            }
        }
    }

    private async Task<Either<StoreError, Digest>> ReadBytes(Key key)
    {
        var found = finder.Find(key.Bucket, key.Blob);
        if (found.Case is not BlobReading reading)
        {
            return (StoreError)found.Case;
        }

        using (reading)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[Contents.Longest];
            foreach (var entry in reading.Blob.Manifest)
            {
                // Bytes travel slowly.
                for (var turns = world.Random.Next(1, 12); turns > 0; turns--)
                {
                    await Task.Yield();
                }

                var part = reading.Only ?? index.FindParts([entry.Part])[0] ?? throw new ViolationException($"part {entry.Part} of a reading has no row");
                var bytes = Bytes(part, buffer);
                if (world.IsSpoiled(part) && !Digest.From(SHA256.HashData(bytes)).Equals(part.Sha256))
                {
                    _ = damage.Report(part, "a client read it");
                    return new StoreError.BlobDamaged();
                }

                hash.AppendData(bytes);
            }

            return Digest.From(hash.GetHashAndReset());
        }
    }

    private ReadOnlySpan<byte> Bytes(PartRow part, byte[] buffer)
    {
        if (part.Place is not PartPlace.File place)
        {
            return ((PartPlace.Inline)part.Place).Bytes;
        }

        try
        {
            using var file = parts.Open(part.Sha256, place);
            return buffer.AsSpan(0, file.Read(buffer, 0));
        }
        catch (FileNotFoundException)
        {
            return world.IsSpoiled(part) ? [] : throw new ViolationException($"the file of part {part.Id} is gone under a reader");
        }
    }
}
