using Borderless.Web.Fsck;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>
/// A closed store with a blob in a file, one in the index, one merged of both kinds, and an upload that waits, to plant damage in and
/// to check.
/// </summary>
internal sealed class FsckStore : IDisposable
{
    private readonly TestDirectory directory = new();

    private FsckStore()
    {
    }

    public static byte[] Large { get; } = Answers.Bytes(700_000, 701);

    public static byte[] Small { get; } = Answers.Bytes(2_000, 702);

    public static byte[] Tail { get; } = Answers.Bytes(90_000, 703);

    public Guid InFile { get; } = Guid.CreateVersion7();

    public Guid InIndex { get; } = Guid.CreateVersion7();

    public Guid Merged { get; } = Guid.CreateVersion7();

    public Guid Waiting { get; } = Guid.CreateVersion7();

    public string Root => directory.Root;

    public DataLayout Layout => new(Root, Path.Combine(Root, "metadata.db"));

    public static async Task<FsckStore> Make()
    {
        var made = new FsckStore();
        using var store = made.Open();
        Assert.True((await store.Put(made.InFile, store.File(Large))).IsRight);
        Assert.True((await store.Put(made.InIndex, TestStore.Inline(Small))).IsRight);
        await Merge(store, made.Merged, TestStore.Inline(Small), store.File(Tail));
        Assert.True((await store.PutChunk(made.Waiting, 2, 3, store.File(Answers.Bytes(50_000, 704)))).IsRight);
        Assert.True((await store.PutChunk(made.Waiting, 1, 3, TestStore.Inline(Answers.Bytes(500, 705)))).IsRight);
        return made;
    }

    /// <summary>Opens the store as a server would, without one.</summary>
    public TestStore Open() => new(directory: Root);

    public async Task<FsckReport> Check(bool repair = false, bool deep = false, IDisk? disk = null, CancellationToken stop = default) =>
        await new FsckCommand(
            new FsckRequest(Layout, repair, deep), disk ?? new PosixDisk(), TimeProvider.System, new CapturedLog().Logger, (_, _, _) => { }, stop).Run();

    /// <summary>Changes the index behind the store's back.</summary>
    public void Sql(string sql)
    {
        using var connection = SqliteSchema.Open(Layout.IndexPath, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, sql);
    }

    public long Number(string sql)
    {
        using var connection = SqliteSchema.Open(Layout.IndexPath, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        return SqliteSchema.Number(connection, sql);
    }

    /// <summary>The file of a part.</summary>
    public string FileOf(byte[] bytes) =>
        Directory.EnumerateFiles(Layout.Parts, $"{Answers.Sha256(bytes)}-*", SearchOption.AllDirectories).Single();

    /// <summary>The number of a part, as SQL.</summary>
    public static string PartOf(byte[] bytes) => $"(SELECT part FROM parts WHERE hex(sha256) = upper('{Answers.Sha256(bytes)}'))";

    public string[] Quarantined() => Directory.Exists(Layout.Quarantine) ? Directory.GetFiles(Layout.Quarantine) : [];

    /// <summary>Name, length, time and digest of every file but the lock.</summary>
    public string[] Listing() => directory.Listing();

    public void Dispose() => directory.Dispose();

    private static async Task Merge(TestStore store, Guid blob, params ReceivedPart[] chunks)
    {
        for (var i = 0; i < chunks.Length; i++)
        {
            Assert.True((await store.PutChunk(blob, i + 1, chunks.Length, chunks[i])).IsRight);
        }

        using var merger = new Merger(
            store.Index, store.Parts, new Holds<long>(), new Holds<MergeKey>(), new Prefixes(), store.Committer,
            new DamageReports(store.Committer, store.Parts, store.Log.Logger), true, store.Time, store.Log.Logger, default);
        var merged = await merger.Merge(
            new MergeKey(BucketName.Default, BlobId.From(blob), chunks.Length),
            new MergeRequest(TestStore.Rules(WriteMode.Create), TestStore.NoHeaders, Empty));
        Assert.True(merged.IsRight);
    }
}
