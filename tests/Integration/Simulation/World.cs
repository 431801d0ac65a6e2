using Borderless.Web.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>Which blob: a bucket and an id.</summary>
internal sealed record Key(BucketName Bucket, BlobId Blob)
{
    public override string ToString() => $"{Bucket}/{Blob.Value.ToString()[^1]}";
}

/// <summary>What outlives a crash: the disk, the index, the clock, and what the clients know.</summary>
internal sealed class World
{
    public const int Ttl = 1000;

    private readonly Plant? plant;
    private readonly List<string>? trace;
    private int now;
    private int nonces;

    public World(Random random, Plant? plant, List<string>? trace)
    {
        (Random, this.plant, this.trace) = (random, plant, trace);
        Disk = new SimulatedDisk(Time);
        foreach (var directory in new[] { Layout.Root, Layout.Temporary, Layout.Parts })
        {
            Disk.MakeDirectory(directory);
            Disk.SyncDirectory(Path.GetDirectoryName(directory)!);
        }

        HasSpoiled = random.Next(3) == 0;
        Index = new ModelIndex(Time) { Reread = () => Histories.Values.Iter(history => history.Resolve(Tick())) };
    }

    public Random Random { get; }

    public DataLayout Layout { get; } = new("/store", "/store/metadata.db");

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public SimulatedDisk Disk { get; }

    public ModelIndex Index { get; }

    /// <summary>What is known of each blob id, in this order.</summary>
    public IReadOnlyDictionary<Key, History> Histories { get; } = new[] { "one", "two" }
        .SelectMany(name => Enumerable.Range(1, 3).Select(id => new Key(
            BucketName.Parse(name).IfLeft(error => throw new InvalidOperationException(error.Code)), BlobId.From(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)id)))))
        .ToDictionary(key => key, _ => new History());

    /// <summary>When the last chunk of an upload was sent that was acknowledged: it is no older than that to the janitor.</summary>
    public Dictionary<(Key, int Total), DateTimeOffset> Touched { get; } = [];

    /// <summary>Whether files rot in this world, and the store is relaxed in some of its lives: then bytes may be lost.</summary>
    public bool HasSpoiled { get; }

    /// <summary>The files that rotted.</summary>
    public System.Collections.Generic.HashSet<string> Rotten { get; } = [];

    /// <summary>How many answers said what happened.</summary>
    public int Answers { get; set; }

    public Action<string>? Note => trace is null ? null : trace.Add;

    /// <summary>The moments by which clients order what they see.</summary>
    public int Tick() => ++now;

    /// <summary>Whether nobody promised that the bytes of a part are there: its file rotted, or was left to the kernel.</summary>
    public bool IsSpoiled(PartRow part) =>
        part.Place is PartPlace.File file && (!part.Synced || Rotten.Contains(Layout.PartFile(part.Sha256, file)));

    /// <summary>Some file of a part rots.</summary>
    public void Rot()
    {
        var files = Disk.AllFiles().Where(path => path.StartsWith(Layout.Parts, StringComparison.Ordinal)).ToArray();
        if (files.Length > 0)
        {
            var path = files[Random.Next(files.Length)];
            Note?.Invoke($"--- rot in {path}");
            Disk.Rot(path, Random);
            Rotten.Add(path);
        }
    }

    public string Nonce() => $"{++nonces:x16}";

    /// <summary>Disk and index as the store sees them in a life.</summary>
    public (IDisk Disk, IIndex Index) Ports(Fate fate, bool strict)
    {
        (Disk.Fate, Index.Fate, Index.IsStrict) = (fate, fate, strict);
        return plant?.Ports(this) ?? (Disk, Index);
    }

    /// <summary>No backup ever runs here.</summary>
    public static IDisposable BeginRemoval() => new Removal();

    private sealed class Removal : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
