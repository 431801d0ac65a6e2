using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration.Support;

/// <summary>Index, parts and committer over a directory of their own, without a server.</summary>
internal sealed class TestStore : IDisposable
{
    private readonly SqliteIndex sqlite;
    private readonly RemovalLock removals;
    private readonly bool ownsDirectory;
    private bool closed;

    public TestStore(Func<IIndex, IIndex>? wrap = null, bool strict = true, string? directory = null)
    {
        ownsDirectory = directory is null;
        var home = directory ?? TestServer.NewDirectory();
        Layout = new DataLayout(home, Path.Combine(home, "metadata.db"));
        Assert.True(StoreIdentity.Establish(new PosixDisk(), Layout, () => "store").IsRight);
        removals = new RemovalLock(Layout.RemovalLock);
        sqlite = new SqliteIndex(Layout.IndexPath, strict, Time, Log.Logger);
        Index = wrap?.Invoke(sqlite) ?? sqlite;
        var nonce = 0;
        Parts = new LocalParts(Disk, Layout, strict, () => $"{Interlocked.Increment(ref nonce):x16}", Health, Log.Logger);
        Ballast = new Ballast(Disk, Layout.Ballast, Health, Log.Logger);
        Committer = new Committer(Index, Parts, Ballast, Health, Log.Logger);
    }

    public DataLayout Layout { get; }

    public TestDisk Disk { get; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public CapturedLog Log { get; } = new();

    public IIndex Index { get; }

    public LocalParts Parts { get; }

    public Health Health { get; } = new();

    public Ballast Ballast { get; }

    public Committer Committer { get; }

    public BeginRemoval BeginRemoval => removals.TryBegin;

    public long LogBytes => sqlite.LogBytes;

    public static ContentHeaders NoHeaders => ContentHeaders.None;

    public static WriteRules Rules(WriteMode mode) => new(mode, ConditionHeaders.None);

    /// <summary>A part as the receiver makes it: bytes in a temporary file.</summary>
    public ReceivedPart File(byte[] bytes)
    {
        var temporary = Parts.Begin();
        temporary.Append(new ReadOnlySequence<byte>(bytes));
        return new ReceivedPart.File(Digest.From(SHA256.HashData(bytes)), temporary);
    }

    /// <summary>A part that lives in the index.</summary>
    public static ReceivedPart Inline(byte[] bytes) => new ReceivedPart.Inline(Digest.From(SHA256.HashData(bytes)), bytes);

    public Task<Either<StoreError, StoredBlob>> Put(Guid blob, ReceivedPart part, WriteMode mode = WriteMode.Create) =>
        Committer.Commit(part, (tx, landed) => Decisions.StoreBlob(tx, BucketName.Default, BlobId.From(blob), Rules(mode), NoHeaders, landed));

    /// <summary>Puts or replaces through a URL that stores once.</summary>
    public Task<Either<StoreError, StoredBlob>> PutOnce(Guid blob, ReceivedPart part, string nonce)
    {
        var rules = Rules(WriteMode.Replace) with { Link = LinkRules.Of(Seq1<Rule>(new Rule.Once(nonce))), SpentUntil = NamedKey.NoEnd };
        return Committer.Commit(
            part, (tx, landed) => Decisions.StoreBlob(tx, BucketName.Default, BlobId.From(blob), rules, ContentHeaders.None, landed));
    }

    public Task<Either<StoreError, Stored>> PutChunk(Guid blob, int index, int total, ReceivedPart part) =>
        Committer.Commit(
            part, (tx, landed) => Decisions.StoreChunk(tx, BucketName.Default, BlobId.From(blob), Rules(WriteMode.Create), index, total, landed));

    public Task<Either<StoreError, Deleted>> Delete(Guid blob) =>
        Committer.Commit(tx => Decisions.Delete(tx, BucketName.Default, BlobId.From(blob), ConditionHeaders.None), frees: true);

    public FoundBlob? Find(Guid blob) => Index.FindBlob(BucketName.Default, BlobId.From(blob));

    /// <summary>The files under parts/, but the store's mark.</summary>
    public string[] PartFiles() => [.. Directory.EnumerateFiles(Layout.Parts, "*-*", SearchOption.AllDirectories)];

    /// <summary>Returns when the committer is at work, and keeps it there until the gate opens: what comes now is one batch.</summary>
    public async Task<Task<Either<StoreError, Unit>>> Block(ManualResetEventSlim gate)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocked = Committer.Commit<Unit>(_ =>
        {
            started.SetResult();
            gate.Wait();
            return unit;
        });
        await started.Task;
        return blocked;
    }

    /// <summary>Closes the store as its owner would, and keeps the directory.</summary>
    public void Close()
    {
        if (!closed)
        {
            closed = true;
            Committer.Dispose();
            Parts.Dispose();
            Index.Dispose();
            removals.Dispose();
        }
    }

    public void Dispose()
    {
        Close();
        if (ownsDirectory)
        {
            Directory.Delete(Layout.Root, recursive: true);
        }
    }
}

/// <summary>An index whose next commits fail as a broken disk makes them fail: with or without having happened.</summary>
internal sealed class FailingIndex(IIndex index) : PassingIndex(index)
{
    public enum Failure
    {
        None,
        BeforeCommit,
        AfterCommit,

        /// <summary>For want of room, which is before anything was committed.</summary>
        Full,
    }

    public Failure Next { get; set; }

    /// <summary>What is put between a transaction and those who decide in it.</summary>
    public Func<ITransaction, ITransaction> Interpose { get; set; } = transaction => transaction;

    /// <summary>Whether there is no room for any commit until the log's is used again.</summary>
    public bool LogIsUsedUp { get; set; }

    public bool ReopenFails { get; set; }

    public int Reopened { get; private set; }

    public override T Commit<T>(Func<ITransaction, T> work)
    {
        var failure = Next;
        Next = Failure.None;
        if (failure == Failure.Full || LogIsUsedUp)
        {
            throw new IndexException("database or disk is full", 13);
        }

        if (failure == Failure.BeforeCommit)
        {
            throw new IndexException("disk I/O error", 10);
        }

        var result = base.Commit(transaction => work(Interpose(transaction)));
        return failure == Failure.AfterCommit ? throw new IndexException("disk I/O error", 10) : result;
    }

    public override bool ReuseLog()
    {
        LogIsUsedUp = false;
        return base.ReuseLog();
    }

    public override void Reopen()
    {
        if (ReopenFails)
        {
            throw new IndexException("disk I/O error", 10);
        }

        base.Reopen();
        Reopened++;
    }
}
