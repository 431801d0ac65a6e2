using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

public sealed class CommitterTests
{
    private static readonly byte[] Body = Answers.Bytes(100_000);

    [Fact]
    public async Task Bytes_name_and_directory_are_synced_in_this_order_before_the_row_is_committed()
    {
        FailingIndex? spy = null;
        using var store = new TestStore(index => spy = new FailingIndex(index));

        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsRight);

        var calls = store.Disk.Calls.Where(call => !call.StartsWith("list", StringComparison.Ordinal)).Select(call => call.Split(' ')[0]);
        Assert.Equal(["create", "write", "fdatasync", "mkdir", "fsync", "rename", "fsync"], calls);
        Assert.EndsWith("/0001", store.Disk.Calls[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_relaxed_store_syncs_nothing_and_says_so_in_the_row()
    {
        using var store = new TestStore(strict: false);
        var blob = Guid.NewGuid();

        Assert.True((await store.Put(blob, store.File(Body))).IsRight);

        Assert.DoesNotContain(store.Disk.Calls, call => call.StartsWith('f'));
        Assert.False(store.Find(blob)!.Only!.Synced);
    }

    [Fact]
    public async Task A_batch_syncs_its_directory_once()
    {
        using var store = new TestStore();
        using var gate = new ManualResetEventSlim();
        var first = await store.Block(gate);
        var rest = Enumerable.Range(0, 50).Select(i => store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, i)))).ToArray();
        gate.Set();

        Assert.True((await first).IsRight);
        Assert.All(await Task.WhenAll(rest), result => Assert.True(result.IsRight));
        Assert.Equal(1, store.Disk.Calls.Count(call => call.StartsWith("fsync", StringComparison.Ordinal) && call.EndsWith("/0001", StringComparison.Ordinal)));
        Assert.Equal(50, store.PartFiles().Length);
    }

    [Theory]
    [InlineData("fdatasync", 5, "storage_unavailable")]
    [InlineData("fdatasync", 28, "insufficient_storage")]
    [InlineData("rename", 5, "storage_unavailable")]
    [InlineData("rename", 28, "insufficient_storage")]
    public async Task A_file_whose_sync_or_rename_fails_fails_alone_and_is_dropped_at_once(string call, int errno, string code)
    {
        using var store = new TestStore();
        var failed = false;
        store.Disk.Before = (name, path) =>
        {
            if (name == call && !failed)
            {
                failed = true;
                TestDisk.Fail(name, path, errno);
            }
        };
        var unlucky = Guid.NewGuid();

        var refused = await store.Put(unlucky, store.File(Body));
        var other = await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 2)));

        Assert.Equal(code, refused.LeftToList().Single().Code);
        Assert.True(other.IsRight);
        Assert.Null(store.Find(unlucky));
        Assert.Single(store.PartFiles());
        Assert.Empty(Directory.EnumerateFiles(store.Layout.Temporary));
        Assert.Equal(1, store.Disk.Calls.Count(line => line.StartsWith("fdatasync", StringComparison.Ordinal) && line.Contains("0000000001.tmp", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_directory_whose_sync_failed_is_filled_no_further()
    {
        using var store = new TestStore();
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsRight);
        var failed = false;
        store.Disk.Before = (name, path) =>
        {
            if (name == "fsync" && !failed)
            {
                failed = true;
                TestDisk.Fail(name, path);
            }
        };

        var refused = await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 2)));
        var next = Guid.NewGuid();
        var stored = await store.Put(next, store.File(Answers.Bytes(70_000, 3)));

        Assert.Equal("storage_unavailable", refused.LeftToList().Single().Code);
        Assert.True(stored.IsRight);
        Assert.Equal(2, Assert.IsType<PartPlace.File>(store.Find(next)!.Only!.Place).Directory);
        Assert.Equal(2, store.PartFiles().Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_commit_of_unknown_outcome_nothing_is_unlinked_and_the_index_is_read_again_first(bool happened)
    {
        FailingIndex? index = null;
        using var store = new TestStore(inner => index = new FailingIndex(inner));
        var doubtful = Guid.NewGuid();
        index!.Next = happened ? FailingIndex.Failure.AfterCommit : FailingIndex.Failure.BeforeCommit;

        var refused = await store.Put(doubtful, store.File(Body));

        Assert.Equal("storage_unavailable", refused.LeftToList().Single().Code);
        var file = Assert.Single(store.PartFiles());
        var nonce = Path.GetFileName(file)[65..];
        Assert.True(store.Parts.IsInFlight(nonce));

        index.ReopenFails = true;
        Assert.Equal("storage_unavailable", (await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 2)))).LeftToList().Single().Code);
        Assert.True(store.Parts.IsInFlight(nonce));
        Assert.Single(store.PartFiles());

        index.ReopenFails = false;
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 3)))).IsRight);
        Assert.Equal(1, index.Reopened);
        await Wait.Until(() => !store.Parts.IsInFlight(nonce), "the file's fate is known");
        Assert.Equal(happened, store.Find(doubtful) is not null);
        Assert.Equal(happened, File.Exists(file));
    }

    [Fact]
    public async Task Where_nothing_can_be_written_nor_removed_everybody_is_refused_and_it_goes_on_afterwards()
    {
        FailingIndex? index = null;
        using var store = new TestStore(inner => index = new FailingIndex(inner));
        index!.Next = FailingIndex.Failure.BeforeCommit;
        index.ReopenFails = true;
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsLeft);
        ReceivedPart[] parts = [store.File(Answers.Bytes(70_000, 2)), store.File(Answers.Bytes(70_000, 3))];
        store.Disk.Before = (name, path) =>
        {
            if (name == "unlink")
            {
                TestDisk.Fail(name, path);
            }
        };

        var refused = await Task.WhenAll(parts.Select(part => store.Put(Guid.NewGuid(), part)));

        Assert.All(refused, answer => Assert.Equal("storage_unavailable", answer.LeftToList().Single().Code));
        Assert.All(parts.Cast<ReceivedPart.File>(), part => Assert.False(store.Parts.IsInFlight(part.Temporary.Nonce)));
        index.ReopenFails = false;
        store.Disk.Before = (_, _) => { };
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 4)))).IsRight);
    }

    [Fact]
    public async Task A_duplicate_fails_alone_in_its_batch_and_its_bytes_are_dropped()
    {
        using var store = new TestStore();
        using var gate = new ManualResetEventSlim();
        var blocked = await store.Block(gate);
        var blob = Guid.NewGuid();
        var rivals = Enumerable.Range(0, 10).Select(i => store.Put(blob, store.File(Answers.Bytes(70_000, i)))).ToArray();
        gate.Set();
        _ = await blocked;

        var results = await Task.WhenAll(rivals);

        Assert.Equal(1, results.Count(result => result.IsRight));
        Assert.All(results.SelectMany(result => result.LeftToList()), error => Assert.Equal("duplicate_blob", error.Code));
        await Wait.Until(() => store.PartFiles().Length == 1, "the losers' files are gone");
    }

    [Fact]
    public async Task Equal_bytes_are_stored_once_and_the_second_copy_is_dropped()
    {
        using var store = new TestStore();
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());

        Assert.True((await store.Put(first, store.File(Body))).IsRight);
        Assert.True((await store.Put(second, store.File(Body))).IsRight);

        Assert.Equal(store.Find(first)!.Only!.Id, store.Find(second)!.Only!.Id);
        await Wait.Until(() => store.PartFiles().Length == 1, "the second copy is gone");
        Assert.Empty(store.Index.Garbage(0, 10));
        await Wait.Until(() => !store.Parts.IsInFlight($"{1:x16}") && !store.Parts.IsInFlight($"{2:x16}"), "both files' fates are known");
    }

    [Fact]
    public async Task A_strict_store_never_refers_to_a_part_that_a_relaxed_one_left_to_the_kernel()
    {
        var (relaxed, strict) = (Guid.NewGuid(), Guid.NewGuid());
        using var home = new TestStore(strict: false);
        using var store = await Twins(home, relaxed, strict);

        Assert.NotEqual(store.Find(relaxed)!.Only!.Id, store.Find(strict)!.Only!.Id);
        Assert.True(store.Find(strict)!.Only!.Synced);
    }

    [Fact]
    public async Task Equal_bytes_heal_a_damaged_part_also_beside_a_whole_one()
    {
        var (relaxed, strict) = (Guid.NewGuid(), Guid.NewGuid());
        using var home = new TestStore(strict: false);
        using var store = await Twins(home, relaxed, strict);
        await store.Committer.MarkDamaged(store.Find(relaxed)!.Only!);
        Assert.True(store.Find(relaxed)!.Only!.Damaged);

        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsRight);

        Assert.False(store.Find(relaxed)!.Only!.Damaged);
        Assert.False(store.Find(strict)!.Only!.Damaged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_part_that_was_healed_is_as_synced_as_the_bytes_that_healed_it(bool strict)
    {
        var blob = Guid.NewGuid();
        using var home = new TestStore(strict: !strict);
        Assert.True((await home.Put(blob, home.File(Body))).IsRight);
        Assert.Equal(!strict, home.Find(blob)!.Only!.Synced);
        await home.Committer.MarkDamaged(home.Find(blob)!.Only!);
        home.Close();

        using var store = new TestStore(strict: strict, directory: home.Layout.Root);
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsRight);

        Assert.Equal((false, strict), (store.Find(blob)!.Only!.Damaged, store.Find(blob)!.Only!.Synced));
    }

    /// <summary>Equal bytes twice: what a relaxed store took, and then a strict one over the same directory.</summary>
    private static async Task<TestStore> Twins(TestStore home, Guid relaxed, Guid strict)
    {
        Assert.True((await home.Put(relaxed, home.File(Body))).IsRight);
        home.Close();
        var store = new TestStore(directory: home.Layout.Root);
        Assert.True((await store.Put(strict, store.File(Body))).IsRight);
        return store;
    }

    /// <summary>So that a start costs the same whatever is stored: of all part directories only the last is looked into.</summary>
    [Fact]
    public async Task Opening_looks_into_one_part_directory_only()
    {
        using var first = new TestStore();
        Assert.True((await first.Put(Guid.NewGuid(), first.File(Body))).IsRight);
        first.Close();
        _ = Directory.CreateDirectory(first.Layout.PartDirectory(2));
        _ = Directory.CreateDirectory(first.Layout.PartDirectory(3));

        using var store = new TestStore(directory: first.Layout.Root);

        Assert.Equal([$"list {store.Layout.Parts}", $"fsync {store.Layout.Parts}", $"list {store.Layout.PartDirectory(3)}"], store.Disk.Calls);
    }

    /// <summary>It may be of a process that was killed, or whose disk failed, before the directory's name was durable.</summary>
    [Fact]
    public async Task An_empty_directory_that_an_earlier_process_left_is_not_filled()
    {
        using var first = new TestStore();
        first.Close();
        _ = Directory.CreateDirectory(first.Layout.PartDirectory(1));

        using var store = new TestStore(directory: first.Layout.Root);
        var blob = Guid.NewGuid();
        Assert.True((await store.Put(blob, store.File(Body))).IsRight);

        Assert.Equal(2, Assert.IsType<PartPlace.File>(store.Find(blob)!.Only!.Place).Directory);
    }

    [Fact]
    public async Task A_new_directory_whose_name_could_not_be_made_durable_is_not_tried_again()
    {
        using var store = new TestStore();
        var failed = false;
        store.Disk.Before = (name, path) =>
        {
            if (name == "fsync" && path == store.Layout.Parts && !failed)
            {
                failed = true;
                TestDisk.Fail(name, path);
            }
        };

        Assert.True((await store.Put(Guid.NewGuid(), store.File(Body))).IsLeft);
        var next = Guid.NewGuid();
        Assert.True((await store.Put(next, store.File(Body))).IsRight);

        Assert.Equal(2, Assert.IsType<PartPlace.File>(store.Find(next)!.Only!.Place).Directory);
    }

    [Fact]
    public async Task What_nothing_foresaw_in_one_operation_leaves_no_file_in_flight()
    {
        using var store = new TestStore();

        var failed = await store.Committer.Commit<Stored>(store.File(Body), (_, _) => throw new InvalidOperationException("a bug"));
        Assert.Equal("storage_unavailable", failed.LeftToList().Single().Code);
        Assert.True((await store.Put(Guid.NewGuid(), store.File(Answers.Bytes(70_000, 2)))).IsRight);

        Assert.All(store.PartFiles(), file => Assert.False(store.Parts.IsInFlight(Path.GetFileName(file)[65..])));
    }

    [Fact]
    public async Task After_the_end_everything_is_refused_and_nothing_is_left()
    {
        using var store = new TestStore();
        store.Committer.Dispose();

        var refused = await store.Put(Guid.NewGuid(), store.File(Body));

        Assert.Equal("shutting_down", refused.LeftToList().Single().Code);
        Assert.Empty(Directory.EnumerateFiles(store.Layout.Temporary));
    }
}
