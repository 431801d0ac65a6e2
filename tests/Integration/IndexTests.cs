using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration;

public sealed class IndexTests
{
    [Fact]
    public async Task Under_readers_and_writers_together_the_log_stays_short()
    {
        const int Writers = 8;
        const int Each = 500;
        using var store = new TestStore(strict: false);
        var ids = Enumerable.Range(0, Writers * Each).Select(_ => Guid.CreateVersion7()).ToArray();
        var (written, longest) = (0, 0L);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            var found = 0;
            while (!done.IsCancellationRequested)
            {
                found += store.Find(ids[random.Next(Math.Max(1, Volatile.Read(ref written)))]) is null ? 0 : 1;
            }

            return found;
        })).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (var i = 0; i < Each; i++)
            {
                var number = Interlocked.Increment(ref written) - 1;
                Assert.True((await store.Put(ids[number], TestStore.Inline(Answers.Bytes(65_536, number)))).IsRight);
                longest = Math.Max(longest, store.LogBytes);
            }
        }));
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(readers), found => Assert.True(found > 0));
        Assert.True(longest > 0);
        Assert.True(longest < 128L << 20, $"the log grew to {longest} bytes");
        Assert.True(new FileInfo(store.Layout.IndexPath).Length > 128L << 20, "the load was too small to show anything");
    }

    [Fact]
    public async Task Without_readers_the_log_is_begun_anew_before_it_is_long_and_is_not_cut_off()
    {
        using var store = new TestStore(strict: false);
        var last = 0L;
        for (var i = 0; i < 2_500; i++)
        {
            Assert.True((await store.Put(Guid.CreateVersion7(), TestStore.Inline(Answers.Bytes(65_536, i)))).IsRight);
            var length = store.LogBytes;
            Assert.InRange(length, last, SqliteIndex.MaxLogBytes);
            last = length;
        }

        Assert.True(new FileInfo(store.Layout.IndexPath).Length > SqliteIndex.MaxLogBytes, "nothing was written back");
    }

    /// <summary>A backup reads so while it copies the index.</summary>
    [Fact]
    public async Task A_reader_that_holds_a_long_log_holds_up_no_commit_and_the_log_is_short_again_after_it()
    {
        const int Beyond = 40;
        using var store = new TestStore(strict: false);
        using (var reader = SqliteSchema.Open(store.Layout.IndexPath, SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(reader, "BEGIN; SELECT count(*) FROM store;");
            for (var i = 0; store.LogBytes <= SqliteIndex.MaxLogBytes; i++)
            {
                Assert.True((await store.Put(Guid.NewGuid(), TestStore.Inline(Answers.Bytes(65_536, i)))).IsRight);
            }

            for (var i = 0; i < Beyond; i++)
            {
                Assert.True((await store.Put(Guid.NewGuid(), TestStore.Inline([(byte)i]))).IsRight);
            }

            Assert.InRange(store.Log.Lines.Count(line => line.Contains("could not be restarted", StringComparison.Ordinal)), 1, Beyond / 2);
        }

        for (var i = 0; store.LogBytes > SqliteIndex.MaxLogBytes; i++)
        {
            Assert.True(i < 100_000, "the log stays long");
            Assert.True((await store.Put(Guid.NewGuid(), TestStore.Inline([1]))).IsRight);
        }
    }

    [Fact]
    public void An_index_of_a_newer_program_is_refused()
    {
        var directory = TestServer.NewDirectory();
        var path = Path.Combine(directory, "metadata.db");
        SqliteSchema.Create(path, "store");
        using (var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(connection, $"PRAGMA user_version = {SqliteSchema.Steps.Count + 1}");
        }

        var error = Assert.Throws<IndexException>(() => new SqliteIndex(path, strict: true, TimeProvider.System, new CapturedLog().Logger));

        Assert.Contains("newer", error.Message, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void An_index_of_the_first_version_becomes_the_present_one_and_claims_no_more_than_it_knows()
    {
        using var home = new TestDirectory();
        var (path, blob) = (home.At("metadata.db"), BlobId.From(Guid.NewGuid()));
        using (var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Execute(
                connection,
                $"""
                PRAGMA application_id = {SqliteSchema.ApplicationId}; {SqliteSchema.Steps[0]} PRAGMA user_version = 1;
                INSERT INTO store (id) VALUES ('store');
                INSERT INTO buckets (bucket, name, created_at, object_count, total_size) VALUES (1, 'default', 1, 1, 0);
                INSERT INTO parts (part, prefix, sha256, size, blob_refs, chunk_refs, synced, damaged, bytes)
                    VALUES (1, {SqliteRows.Prefix(Digest.OfNothing)}, x'{Digest.OfNothing}', 0, 1, 0, 1, 0, x'');
                INSERT INTO blobs (bucket, id, size, sha256, created_at, updated_at, part)
                    VALUES (1, x'{Convert.ToHexString(SqliteRows.Key(blob))}', 0, x'{Digest.OfNothing}', 1, 1, 1);
                """);
        }

        using var index = new SqliteIndex(path, strict: true, TimeProvider.System, new CapturedLog().Logger);

        Assert.Equal((Digest.OfNothing, Durability.Relaxed), index.FindBlob(BucketName.Default, blob) is { } found ? (found.Blob.Sha256, found.Blob.Durability) : default);
        Assert.Equal(0, index.EpochOf(BucketName.Default));
        Assert.Equal(1, index.Commit(tx => tx.Revoke(BucketName.Default)));
        Assert.Null(index.FindSpent(BucketName.Default, blob, "a"));
        Assert.Equal(SqliteSchema.Steps.Count, index.Commit(_ => Version(path)));
    }

    private static long Version(string path)
    {
        using var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
        return SqliteSchema.Number(connection, "PRAGMA user_version");
    }

    [Theory]
    [InlineData("emptied")]
    [InlineData("cut")]
    [InlineData("garbage")]
    public async Task A_spoiled_index_is_told_although_its_pages_are_in_memory_and_nothing_is_acknowledged(string how)
    {
        await using var server = await TestServer.Start();
        var blobs = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var blob in blobs)
        {
            _ = await server.Upload(blob, Answers.Bytes(20_000)).ShouldBeOk();
        }

        server.Store.Index.Reopen();
        foreach (var blob in blobs)
        {
            await server.Download(blob).ShouldHaveBytes(Answers.Bytes(20_000));
        }

        var path = Path.Combine(server.Directory, "metadata.db");
        var length = (int)new FileInfo(path).Length;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(how == "emptied" ? 0 : length - 4096);
            file.Write(how == "garbage" ? Answers.Bytes(length) : []);
        }

        _ = await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeError(503, "storage_unavailable");
        Assert.True(server.Store.Health.Has(Ailment.IndexUnavailable));
    }

    [Fact]
    public async Task A_spoiled_index_is_told_without_anybody_asking()
    {
        await using var server = await TestServer.Start();
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(20_000)).ShouldBeOk();
        server.Store.Index.Reopen();
        using (var file = new FileStream(Path.Combine(server.Directory, "metadata.db"), FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite))
        {
        }

        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => server.Store.Health.Has(Ailment.IndexUnavailable), "it was noticed");

        Assert.Contains(server.Log.Lines, line => line.Contains("the index cannot be read", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task An_index_that_is_spoiled_while_running_is_told_and_never_taken_for_a_new_one(int left)
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Answers.Bytes(100_000)).ShouldBeOk();
        server.Store.Index.Reopen();
        var path = Path.Combine(server.Directory, "metadata.db");
        var whole = File.ReadAllBytes(path);
        Overwrite(path, whole[..left]);

        _ = await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeError(503, "storage_unavailable");
        _ = await server.Download(blob).ShouldBeError(503, "storage_unavailable");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("cannot be reopened", StringComparison.Ordinal)), "it was tried again");
        Assert.True(server.Store.Health.Has(Ailment.IndexUnavailable));
        Assert.Equal(left, new FileInfo(path).Length);

        Overwrite(path, whole);
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => !server.Store.Health.Has(Ailment.IndexUnavailable), "the index is read again");
        await server.Download(blob).ShouldHaveBytes(Answers.Bytes(100_000));

        static void Overwrite(string path, byte[] bytes)
        {
            using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
            file.Write(bytes);
        }
    }

    [Fact]
    public void What_cannot_be_changed_later_is_set_when_it_is_made()
    {
        using var store = new TestStore();
        using var connection = SqliteSchema.Open(store.Layout.IndexPath, SqliteOpenMode.ReadWrite);

        Assert.Equal(SqliteSchema.ApplicationId, SqliteSchema.Number(connection, "PRAGMA application_id"));
        Assert.Equal(SqliteSchema.PageSize, SqliteSchema.Number(connection, "PRAGMA page_size"));
        Assert.Equal(2, SqliteSchema.Number(connection, "PRAGMA auto_vacuum"));
        Assert.Equal(SqliteSchema.Steps.Count, SqliteSchema.Number(connection, "PRAGMA user_version"));
    }

    [Fact]
    public async Task A_transaction_that_fails_changes_nothing_and_the_next_one_works()
    {
        using var store = new TestStore();
        var blob = Guid.NewGuid();

        var failed = await store.Committer.Commit<Unit>(tx =>
        {
            _ = tx.EnsureBucket(BucketName.Default);
            throw new IndexException("a fault in the middle", 10);
        });

        Assert.Equal("storage_unavailable", failed.LeftToList().Single().Code);
        Assert.True((await store.Put(blob, TestStore.Inline([1, 2, 3]))).IsRight);
        Assert.NotNull(store.Find(blob));
    }

    [Fact]
    public async Task A_commit_that_returned_is_there_after_the_files_are_copied_away_and_opened_elsewhere()
    {
        using var store = new TestStore();
        var blob = Guid.NewGuid();
        Assert.True((await store.Put(blob, TestStore.Inline([1, 2, 3]))).IsRight);
        var copy = TestServer.NewDirectory();
        foreach (var file in new[] { "", "-wal" })
        {
            File.Copy(store.Layout.IndexPath + file, Path.Combine(copy, "metadata.db" + file));
        }

        using (var index = new SqliteIndex(Path.Combine(copy, "metadata.db"), strict: true, TimeProvider.System, new CapturedLog().Logger))
        {
            Assert.NotNull(index.FindBlob(BucketName.Default, BlobId.From(blob)));
        }

        Directory.Delete(copy, recursive: true);
    }
}
