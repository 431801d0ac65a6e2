using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>The remover over a store without a server, met by others at moments that the test chooses.</summary>
public sealed class RemoverTests : IDisposable
{
    private static readonly byte[] Body = Answers.Bytes(100_000, 208);
    private static readonly byte[] Other = Answers.Bytes(30_000, 209);

    private readonly TestStore store;
    private readonly FailingIndex transactions;
    private readonly Holds<long> holds = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Guid blob = Guid.CreateVersion7();
    private readonly Guid other = Guid.CreateVersion7();

    public RemoverTests()
    {
        FailingIndex? wrapped = null;
        store = new TestStore(index => wrapped = new FailingIndex(index));
        transactions = wrapped!;
    }

    public void Dispose()
    {
        store.Dispose();
        stopping.Dispose();
    }

    /// <summary>Returns when its first run is over, or waits for the committer.</summary>
    private Task Remove(IIndex index) =>
        new Remover(index, store.Parts, holds, store.Committer, store.BeginRemoval, store.Time, store.Log.Logger).Run(stopping.Token);

    private async Task Stop(Task removing)
    {
        await stopping.CancelAsync();
        await removing;
    }

    private IIndex WhenListed(Action happens) => Interposed.Between(store.Index, nameof(IIndexReader.Garbage), happens);

    /// <summary>Right after the hold on a part was looked for and its row was deleted, before that is committed.</summary>
    private void WhenDeleted(Action happens) =>
        transactions.Interpose = tx => Interposed.Between(tx, nameof(ITransaction.DeleteGarbage), happens);

    private static void Now<T>(Task<Either<StoreError, T>> write) => Assert.True(write.GetAwaiter().GetResult().IsRight);

    private Task<Either<StoreError, Deleted>> DeleteBoth() =>
        store.Committer.Commit(tx =>
            from first in Decisions.Delete(tx, BucketName.Default, BlobId.From(blob), ConditionHeaders.None)
            from second in Decisions.Delete(tx, BucketName.Default, BlobId.From(other), ConditionHeaders.None)
            select second);

    [Theory]
    [InlineData(false, 100_000)]
    [InlineData(false, 2_000)]
    [InlineData(true, 100_000)]
    [InlineData(true, 2_000)]
    public async Task Garbage_that_is_taken_up_after_it_was_chosen_stays(bool byChunk, int length)
    {
        var (next, bytes) = (Guid.CreateVersion7(), Answers.Bytes(length, 210));
        ReceivedPart Part() => length > 16_384 ? store.File(bytes) : TestStore.Inline(bytes);
        Now(store.Put(blob, Part()));
        Now(store.Put(other, store.File(Other)));
        var gone = store.Find(other)!.Only!.Id;
        Now(DeleteBoth());

        var removing = Remove(WhenListed(() =>
        {
            if (byChunk)
            {
                Now(store.PutChunk(next, 1, 1, Part()));
            }
            else
            {
                Now(store.Put(next, Part()));
            }
        }));
        await Wait.Until(() => store.Index.FindParts([gone])[0] is null, "what was chosen with it is gone");
        await Stop(removing);
        store.Close();

        await using var server = await TestServer.Start(directory: store.Layout.Root);
        if (byChunk)
        {
            await server.Merge(next, 1).ShouldBeOk();
        }

        await server.Download(next).ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task Garbage_that_was_healed_since_it_was_listed_goes_with_the_bytes_it_has_now()
    {
        Now(store.Put(blob, store.File(Body)));
        File.Delete(store.PartFiles().Single());
        await store.Committer.MarkDamaged(store.Find(blob)!.Only!);
        Now(store.Delete(blob));

        var removing = Remove(WhenListed(() =>
        {
            Now(store.Put(other, store.File(Body)));
            Now(store.Delete(other));
        }));
        await Wait.Until(() => store.Index.Garbage(0, 1).Count == 0, "the rows are gone");
        await Stop(removing);

        Assert.Empty(store.PartFiles());
    }

    /// <summary>
    /// Garbage is listed, taken up again by a blob, and asked to be removed in the very batch that deletes the blob; a reader comes
    /// when the hold was just looked for and the batch is not committed.
    /// </summary>
    [Fact]
    public async Task What_a_reader_finds_while_a_batch_deletes_it_is_not_removed_in_that_batch()
    {
        Now(store.Put(blob, store.File(Body)));
        Now(store.Delete(blob));
        using var gate = new ManualResetEventSlim();
        Task<Either<StoreError, LanguageExt.Unit>>? blocked = null;
        Task<Either<StoreError, Deleted>>? deleted = null;
        BlobReading? reading = null;
        var deletedBeforeTheReader = false;

        var removing = Remove(WhenListed(() =>
        {
            Now(store.Put(blob, store.File(Body)));
            blocked = store.Block(gate).GetAwaiter().GetResult();
            deleted = store.Delete(blob);
        }));
        WhenDeleted(() =>
        {
            deletedBeforeTheReader |= deleted!.IsCompleted;
            reading ??= Task.Run(() => new BlobFinder(store.Index, holds).Find(BucketName.Default, BlobId.From(blob)).IfLeft(() => null!))
                .GetAwaiter().GetResult();
        });
        gate.Set();
        _ = await blocked!;
        Assert.True((await deleted!).IsRight);

        Assert.False(deletedBeforeTheReader, "the remover did not come in the batch that deletes");
        Assert.Null(store.Find(blob));
        Assert.NotNull(store.Index.FindParts([reading!.Blob.Manifest[0].Part])[0]);
        Assert.Equal(Body, File.ReadAllBytes(Assert.Single(store.PartFiles())));
        reading.Dispose();
        await Wait.Until(() => store.PartFiles().Length == 0, "the file is gone");
        await Stop(removing);
    }

    [Fact]
    public async Task What_was_held_when_it_was_looked_at_goes_also_when_it_is_let_go_within_the_same_run()
    {
        Now(store.Put(blob, store.File(Body)));
        Now(store.Put(other, store.File(Other)));
        using var hold = holds.Hold([store.Find(blob)!.Only!.Id]);
        var removing = Remove(store.Index);
        WhenDeleted(hold.Dispose);

        Now(DeleteBoth());

        await Wait.Until(() => store.PartFiles().Length == 0, "both files are gone");
        await Stop(removing);
    }

    [Fact]
    public async Task More_than_one_look_shows_is_removed_in_one_run()
    {
        const int Many = 501;
        Assert.All(
            await Task.WhenAll(Enumerable.Range(1, Many).Select(i => store.PutChunk(blob, i, Many, TestStore.Inline(BitConverter.GetBytes(i))))),
            stored => Assert.True(stored.IsRight));
        Now(store.Delete(blob));
        EveryoneWasTold();

        var removing = Remove(store.Index);

        await Wait.Until(() => store.Index.Garbage(0, 1).Count == 0, "all rows are gone");
        await Stop(removing);
    }

    [Fact]
    public async Task What_the_index_refused_is_tried_again_after_a_while()
    {
        Now(store.Put(blob, store.File(Body)));
        Now(store.Delete(blob));
        transactions.Next = FailingIndex.Failure.BeforeCommit;

        var removing = Remove(store.Index);
        await Wait.Until(
            () =>
            {
                store.Time.Advance(TimeSpan.FromSeconds(5));
                return store.PartFiles().Length == 0;
            },
            "the file is gone");

        Assert.Equal(1, transactions.Reopened);
        await Stop(removing);
    }

    [Fact]
    public async Task It_rests_while_all_garbage_is_held()
    {
        var looks = 0;
        Now(store.Put(blob, store.File(Body)));
        Now(store.Put(other, store.File(Other)));
        var hold = holds.Hold([store.Find(blob)!.Only!.Id]);
        Now(DeleteBoth());
        EveryoneWasTold();

        var removing = Remove(Counting(() => Interlocked.Increment(ref looks)));
        await Wait.Until(() => store.PartFiles().Length == 1, "what nobody holds is gone");
        GiveItTime();
        hold.Dispose();
        await Wait.Until(() => store.PartFiles().Length == 0, "what was held is gone");
        await Stop(removing);

        // Each of two runs sees that there is something, and then that there is no more.
        Assert.Equal(4, looks);
    }

    /// <summary>Else every download that ends would cost a look into the index.</summary>
    [Fact]
    public async Task Nobody_who_lets_go_sets_it_to_work_while_no_garbage_was_held()
    {
        var looks = 0;
        Now(store.Put(blob, store.File(Body)));
        var removing = Remove(Counting(() => Interlocked.Increment(ref looks)));

        holds.Hold([store.Find(blob)!.Only!.Id]).Dispose();
        GiveItTime();
        Now(store.Delete(blob));
        await Wait.Until(() => store.PartFiles().Length == 0, "the file is gone");
        await Stop(removing);

        // One at the start, and the two of one run.
        Assert.Equal(3, looks);
    }

    private IIndex Counting(Action look) => Interposed.InEach(store.Index, nameof(IIndexReader.Garbage), look);

    /// <summary>Who deleted has the answer before it is told that there is garbage; the next commit comes after that.</summary>
    private void EveryoneWasTold() => Now(store.Committer.Commit<LanguageExt.Unit>(_ => unit));

    /// <summary>Commits that come one after the other; a remover that wants to do something has its turn among them.</summary>
    private void GiveItTime()
    {
        var next = Guid.CreateVersion7();
        Enumerable.Range(1, 20).ToList().ForEach(i => Now(store.PutChunk(next, i, 20, TestStore.Inline([(byte)i]))));
    }
}
