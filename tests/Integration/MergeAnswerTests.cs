using Borderless.Tests.Integration.Simulation;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Merges step by step on one thread, so that the order of what meets is the test's.</summary>
public sealed class MergeAnswerTests : IDisposable
{
    private static readonly BlobId Blob = BlobId.From(Guid.CreateVersion7());
    private static readonly WriteRules Rules = TestStore.Rules(WriteMode.Replace);

    private readonly Turns turns = new(new Random(1));
    private readonly ModelIndex index;
    private readonly Committer committer;
    private readonly Merger merger;
    private readonly SynchronizationContext? before = SynchronizationContext.Current;

    public MergeAnswerTests()
    {
        SynchronizationContext.SetSynchronizationContext(turns);
        var (time, log) = (TimeProvider.System, Serilog.Core.Logger.None);
        var health = new Health();
        index = new ModelIndex(time);
        var disk = new SimulatedDisk(time);
        disk.MakeDirectory("/parts");
        var parts = new LocalParts(disk, new DataLayout("/", "/metadata.db"), strict: true, () => "nonce", health, log);
        committer = new Committer(index, parts, new Ballast(disk, "/ballast", health, log), health, log, ownThread: false);
        merger = new Merger(
            index, parts, new Holds<long>(), new Holds<MergeKey>(), new Prefixes(), committer, new DamageReports(committer, parts, log), strict: true, time, log, CancellationToken.None, hashThreads: 0);
    }

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(before);
        merger.Dispose();
        committer.Dispose();
    }

    [Fact]
    public void A_merge_asked_for_after_a_chunk_was_acknowledged_has_that_chunk()
    {
        var (old, replaced) = (TestStore.Inline([1]), TestStore.Inline([2]));
        _ = Chunk(old);
        Finish();
        var first = Merge();
        _ = turns.RunOne();

        // Merge and chunk are one batch: both are done, and neither client has gone on yet.
        var chunk = Chunk(replaced);
        _ = committer.CommitWaiting();
        Assert.Equal(replaced.Sha256, Answer(chunk).Sha256);
        Assert.False(first.IsCompleted);
        var second = Merge();
        Finish();

        Assert.Equal(old.Sha256, Digest(first));
        Assert.Equal(replaced.Sha256, Digest(second));
    }

    [Fact]
    public void A_merge_that_looks_while_another_is_done_finds_it_done()
    {
        var part = TestStore.Inline([1]);
        _ = Chunk(part);
        Finish();
        Task<Either<StoreError, StoredBlob>>? other = null;
        var create = Merge(TestStore.Rules(WriteMode.Create));
        index.Fate = new Fate(new Random(1), int.MaxValue, 0, () => { })
        {
            // Between its look at the chunks and its look at the blob.
            Note = call =>
            {
                if (other is null && call.StartsWith("find default/", StringComparison.Ordinal))
                {
                    other = Merge();
                    Finish();
                }
            },
        };
        Finish();

        Assert.Equal(part.Sha256, Digest(other!));
        Assert.Equal(part.Sha256, Digest(create));
    }

    private static Digest Digest(Task<Either<StoreError, StoredBlob>> stored) => Answer(stored).Sha256;

    private static T Answer<T>(Task<Either<StoreError, T>> stored) =>
        stored.IsCompleted
            ? stored.Result.Match(Right: answer => answer, Left: error => throw new InvalidOperationException(error.Code))
            : throw new InvalidOperationException("there is no answer yet");

    private Task<Either<StoreError, Stored>> Chunk(ReceivedPart part) =>
        committer.Commit(part, (tx, landed) => Decisions.StoreChunk(tx, BucketName.Default, Blob, Rules, 1, 1, landed));

    private Task<Either<StoreError, StoredBlob>> Merge(WriteRules? rules = null) =>
        merger.Merge(new MergeKey(BucketName.Default, Blob, 1), new MergeRequest(rules ?? Rules, ContentHeaders.None, []));

    private void Finish()
    {
        while (turns.RunOne() || committer.CommitWaiting())
        {
        }
    }
}
