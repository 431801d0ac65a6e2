using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>How a seed ended.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Crashes">After how many crashes.</param>
/// <param name="Answers">After how many answers.</param>
/// <param name="Violation">What was wrong, if anything.</param>
/// <param name="IsLoss">Whether that is a broken promise, and not only litter or something unforeseen.</param>
internal sealed record SeedResult(int Seed, int Crashes, int Answers, string? Violation, bool IsLoss);

/// <summary>
/// All the lives of one store, from one seed. After each crash what is there is held against what was acknowledged. The same seed
/// gives the same lives, call by call.
/// </summary>
internal sealed class Simulated
{
    private const int Lives = 10;

    private readonly World world;

    private Simulated(World world) => this.world = world;

    /// <param name="seed">From it comes everything.</param>
    /// <param name="plant">A fault to plant between the store and its disk or index.</param>
    /// <param name="trace">Takes every call and operation, when given.</param>
    public static SeedResult Run(int seed, Plant? plant = null, List<string>? trace = null)
    {
        var world = new World(new Random(seed), plant, trace);
        var simulated = new Simulated(world);
        var crashes = 0;
        try
        {
            while (crashes < Lives)
            {
                simulated.LiveAndCrash();
                crashes++;
                simulated.Verify();
                if (crashes == Lives || world.Random.Next(5) == 0)
                {
                    simulated.CleanUp();
                    simulated.Verify();
                }
            }

            return new SeedResult(seed, crashes, world.Answers, null, false);
        }
#pragma warning disable CA1031 // Whatever it is, it is this seed's result.
        catch (Exception violation)
        {
            return new SeedResult(seed, crashes, world.Answers, violation is ViolationException ? violation.Message : $"{violation}", violation is ViolationException { IsLitter: false });
        }
#pragma warning restore CA1031
    }

    private void LiveAndCrash()
    {
        var random = world.Random;
        var calls = random.Next(8) == 0 ? int.MaxValue : random.Next(1, random.Next(2, 400));
        var failures = random.Next(3) == 0 ? random.Next(1, 60) : 0;
        world.Note?.Invoke($"--- a life of {calls} calls, of which {failures} in a thousand fail");
        var strict = !world.HasSpoiled || random.Next(3) > 0;
        Live(calls, failures, strict, life => life.Run(random.Next(1, 25)));
        // Killed, with the kernel alive, which is all that a relaxed store survives; or the power went.
        if (!strict || random.Next(4) == 0)
        {
            world.Note?.Invoke("--- killed");
        }
        else
        {
            world.Note?.Invoke("--- the power went");
            world.Disk.Crash(random);
        }

        world.Index.Restart(random);
    }

    private void CleanUp()
    {
        world.Note?.Invoke("--- cleaned up");
        Live(int.MaxValue, 0, strict: true, life => life.CleanUp());
        world.Index.Restart(world.Random);
    }

    private void Live(int calls, int failures, bool strict, Action<Life> live)
    {
        Life life;
        try
        {
            life = new Life(world, calls, failures, strict);
        }
        catch (IOException)
        {
            // It did not come up, and is started again.
            return;
        }

        using (life)
        {
            live(life);
        }
    }

    private void Verify()
    {
        foreach (var imbalance in world.Index.Tables.Imbalances())
        {
            throw new ViolationException(imbalance);
        }

        world.Index.Tables.Parts.Values.Iter(part => Verify(part.Row));
        world.Histories.Iter(history => Verify(history.Key, history.Value));
    }

    /// <summary>Its bytes are there, whole, and no further crash can take them, unless it was spoiled; and only then it is called damaged.</summary>
    private void Verify(PartRow part)
    {
        if (world.IsSpoiled(part))
        {
            return;
        }

        if (part.Damaged)
        {
            throw new ViolationException($"part {part.Id} is whole and marked damaged");
        }

        if (Digest.From(SHA256.HashData(Bytes(part))) is var found && !found.Equals(part.Sha256))
        {
            throw new ViolationException($"part {part.Id} should be {part.Sha256} and is {found}");
        }

        if (part.Place is PartPlace.File file && !world.Disk.IsDurable(world.Layout.PartFile(part.Sha256, file)))
        {
            throw new ViolationException($"the next crash may lose part {part.Id}, {world.Layout.PartFile(part.Sha256, file)}");
        }
    }

    private byte[] Bytes(PartRow part) => part.Place switch
    {
        PartPlace.Inline inline => inline.Bytes,
        PartPlace.File file => world.Disk.Bytes(world.Layout.PartFile(part.Sha256, file))
            ?? throw new ViolationException($"the file of part {part.Id} is gone: {world.Layout.PartFile(part.Sha256, file)}"),
        _ => throw new InvalidOperationException("a part is inline or a file"),
    };

    /// <summary>What is there is one of the states that the clients can explain.</summary>
    private void Verify(Key key, History history)
    {
        var possible = history.Possible();
        foreach (var state in possible.Where(state => IsState(key, state)))
        {
            history.Observe(state);
            return;
        }

        throw new ViolationException(
            $"{key} is {Describe(key)}, which nothing explains; possible: {string.Join(" or ", possible)}; {history}");
    }

    private bool IsState(Key key, KeyState state)
    {
        var tables = world.Index.Tables;
        var row = tables.Blob(tables.Bucket(key.Bucket), key.Blob)?.Row;
        var blob = row is null
            ? state.Blob is null
            : state.Blob is not null && Contents.DigestOf(state.Blob).Equals(Whole(row)) && (row.MergedTotal ?? 0) == state.Merged;
        return blob && Chunks(key).SequenceEqual(state.Chunks.Select(chunk => (chunk.Key.Total, chunk.Key.Position, Contents.Digest(chunk.Value))));
    }

    /// <summary>The digest of the blob's bytes, which must be the one of its row.</summary>
    private Digest Whole(BlobRow row)
    {
        if (row.Manifest.Any(entry => world.IsSpoiled(world.Index.Tables.Parts[entry.Part].Row)))
        {
            return row.Sha256;
        }

        var whole = Digest.From(SHA256.HashData([.. row.Manifest.SelectMany(entry => Bytes(world.Index.Tables.Parts[entry.Part].Row))]));
        return whole.Equals(row.Sha256) ? whole : throw new ViolationException($"a blob should be {row.Sha256} and is {whole}");
    }

    private IEnumerable<(int Total, int Position, Digest Sha256)> Chunks(Key key)
    {
        var tables = world.Index.Tables;
        return tables.UploadsOf(tables.Bucket(key.Bucket), key.Blob)
            .OrderBy(upload => upload.Row.Total)
            .SelectMany(upload => tables.ChunksOf(upload.Row.Id)
                .Select(chunk => (upload.Row.Total, chunk.Position, tables.Parts[chunk.Part].Row.Sha256)));
    }

    private string Describe(Key key)
    {
        var tables = world.Index.Tables;
        var row = tables.Blob(tables.Bucket(key.Bucket), key.Blob)?.Row;
        return $"blob {row?.Sha256.ToString() ?? "none"} merged {row?.MergedTotal}, chunks {string.Join(' ', Chunks(key))}";
    }
}
