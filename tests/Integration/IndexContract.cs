using Borderless.Tests.Integration.Simulation;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

/// <summary>What the store relies on in any index: run over the real one and over the model that the simulation crashes.</summary>
public abstract class IndexContract
{
    private static readonly BucketName Bucket = BucketName.Default;
    private static readonly BlobId Blob = BlobId.From(Guid.CreateVersion7());
    private static readonly BlobId Other = BlobId.From(Guid.CreateVersion7());

    private readonly Lazy<IIndex> opened;
    private int nonces;

    protected IndexContract() => opened = new Lazy<IIndex>(() => Open(strict: true));

    internal FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    private IIndex Index => opened.Value;

    private long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    internal abstract IIndex Open(bool strict);

    internal void Close()
    {
        if (opened.IsValueCreated)
        {
            Index.Dispose();
        }
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        Assert.Null(Index.FindBlob(Bucket, Blob));
        Assert.Equal([null], Index.FindParts([1]));
        Assert.Empty(Index.FindChunks(Bucket, Blob, 2));
        Assert.Null(Index.FindUpload(Bucket, Blob, null));
        Assert.Null(Index.FindBucket(Bucket));
        Assert.Empty(Index.Buckets());
        Assert.Empty(Index.Garbage(0, 10));
        Assert.Empty(Index.UploadsUntouchedSince(long.MaxValue));
        Assert.False(Index.NamesFile(Digest.OfNothing, "a"));
        Assert.Equal(new Totals(0, 0, 0, 0, 0), Index.Counts().Totals);
    }

    [Fact]
    public void A_blob_is_found_as_it_was_put_with_its_part()
    {
        var part = File(1);
        Index.Commit(tx => Put(tx, Blob, part, type: "text/plain"));

        var found = Index.FindBlob(Bucket, Blob)!;
        Assert.Equal((part.Size, part.Sha256, "text/plain", null, Now, Now, null), (
            found.Blob.Size, found.Blob.Sha256, found.Blob.ContentType, found.Blob.ContentDisposition, found.Blob.CreatedAt, found.Blob.UpdatedAt,
            found.Blob.MergedTotal));
        Assert.Equal([new ManifestEntry(found.Only!.Id, part.Size)], found.Blob.Manifest);
        Assert.Equal((part.Sha256, part.Size, part.Place, true, false), (
            found.Only.Sha256, found.Only.Size, found.Only.Place, found.Only.Synced, found.Only.Damaged));
        Assert.Equal([found.Only, null], Index.FindParts([found.Only.Id, 99]));
        Assert.True(Index.NamesFile(part.Sha256, Nonce(part)));
        Assert.False(Index.NamesFile(part.Sha256, "another"));
        Assert.Equal([new BucketRow("default", Now, 1, part.Size)], Index.Buckets());
        Assert.Equal(new BucketRow("default", Now, 1, part.Size), Index.FindBucket(Bucket));
    }

    [Fact]
    public void A_small_part_keeps_its_bytes()
    {
        var part = new LandedPart(Digest.OfNothing, 3, new PartPlace.Inline([1, 2, 3]), Synced: true);
        Index.Commit(tx => Put(tx, Blob, part));

        Assert.Equal([1, 2, 3], Assert.IsType<PartPlace.Inline>(Index.FindBlob(Bucket, Blob)!.Only!.Place).Bytes);
    }

    [Fact]
    public void Equal_bytes_are_named_once_and_the_second_ones_stay_without_a_row()
    {
        var (first, second) = (File(1), File(1));
        Assert.True(Index.Commit(tx => Put(tx, Blob, first).Names(first)));
        Assert.False(Index.Commit(tx => Put(tx, Other, second).Names(second)));

        Assert.Equal(Index.FindBlob(Bucket, Blob)!.Only, Index.FindBlob(Bucket, Other)!.Only);
        Assert.False(Index.NamesFile(second.Sha256, Nonce(second)));
        Assert.Equal(new Totals(1, first.Size, 2, 0, 0), Index.Counts().Totals);
    }

    [Fact]
    public void Of_two_equal_ones_in_one_transaction_the_first_is_named()
    {
        var (first, second) = (File(1), File(1));

        var named = Index.Commit(tx => (Put(Put(tx, Blob, first), Other, second).Names(first), tx.Names(second)));

        Assert.Equal((true, false), named);
    }

    [Fact]
    public void Garbage_is_taken_up_again_as_long_as_it_has_a_row()
    {
        Index.Commit(tx => Put(tx, Blob, File(1)));
        Assert.True(Index.Commit(tx => Delete(tx, Blob).MadeGarbage));
        var garbage = Assert.Single(Index.Garbage(0, 10));

        var again = File(1);
        Assert.False(Index.Commit(tx => Put(tx, Other, again).Names(again)));

        Assert.Empty(Index.Garbage(0, 10));
        Assert.False(Index.Commit(tx => tx.DeleteGarbage(garbage)));
        Assert.Equal(garbage.Id, Index.FindBlob(Bucket, Other)!.Only!.Id);
    }

    [Fact]
    public void Equal_bytes_heal_a_damaged_part_for_all_who_name_it()
    {
        Index.Commit(tx => Put(tx, Blob, File(1)));
        var rotten = Index.FindBlob(Bucket, Blob)!.Only!;
        Assert.False(Index.Commit(tx => tx.IsDamaged(rotten.Id)));
        Assert.True(Index.Commit(tx => Mark(tx, rotten).IsDamaged(rotten.Id)));
        Assert.True(Index.FindBlob(Bucket, Blob)!.Only!.Damaged);

        var fresh = File(1);
        var old = Index.Commit(tx => (Put(tx, Other, fresh).Names(fresh), tx.Replaced.ToArray()));
        Assert.True(old.Item1);
        Assert.Equal((rotten.Sha256, rotten.Place), old.Item2.Select(part => (part.Sha256, part.Place)).Single());

        var healed = Index.FindBlob(Bucket, Blob)!.Only!;
        Assert.Equal((rotten.Id, fresh.Place, false, true), (healed.Id, healed.Place, healed.Damaged, healed.Synced));
        Assert.False(Index.NamesFile(fresh.Sha256, Nonce(rotten.Place)));
        Assert.Equal(healed, Index.FindBlob(Bucket, Other)!.Only);

        // Who reports the old bytes now reports what is no more.
        Index.Commit(tx => Mark(tx, rotten));
        Assert.False(Index.FindBlob(Bucket, Blob)!.Only!.Damaged);
    }

    [Fact]
    public void A_strict_index_takes_no_part_that_was_not_synced_until_it_is_marked()
    {
        Index.Commit(tx => Put(tx, Blob, File(1) with { Synced = false }));
        var lazy = Index.FindBlob(Bucket, Blob)!.Only!;
        var strict = File(1);
        Assert.True(Index.Commit(tx => Put(tx, Other, strict).Names(strict)));
        Assert.NotEqual(lazy.Id, Index.FindBlob(Bucket, Other)!.Only!.Id);

        Index.Commit(tx => Do(tx, () => tx.MarkSynced(lazy.Id)));

        Assert.True(Index.FindParts([lazy.Id])[0]!.Synced);
    }

    [Fact]
    public void A_relaxed_index_takes_what_was_not_synced()
    {
        using var relaxed = Open(strict: false);
        relaxed.Commit(tx => Put(tx, Blob, File(1) with { Synced = false }));
        var second = File(1) with { Synced = false };

        Assert.False(relaxed.Commit(tx => Put(tx, Other, second).Names(second)));
    }

    [Fact]
    public void What_replaces_a_blob_keeps_its_creation_and_lets_its_part_go()
    {
        var (old, part) = (File(1), File(2, 500));
        Index.Commit(tx => Put(tx, Blob, old));
        var created = Now;
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(Index.Commit(tx => Put(tx, Blob, part).MadeGarbage));

        var row = Index.FindBlob(Bucket, Blob)!.Blob;
        Assert.Equal((created, Now, part.Sha256), (row.CreatedAt, row.UpdatedAt, row.Sha256));
        Assert.Equal(Nonce(old), Nonce(Assert.Single(Index.Garbage(0, 10)).Place));
        Assert.Equal((new BucketRow("default", created, 1, 500), new Totals(1, 500, 1, 0, 0)), (Index.FindBucket(Bucket)!, Index.Counts().Totals));
    }

    [Fact]
    public void A_blob_that_is_replaced_by_the_same_bytes_makes_no_garbage()
    {
        Index.Commit(tx => Put(tx, Blob, File(1)));

        Assert.False(Index.Commit(tx => Put(tx, Blob, File(1)).MadeGarbage));

        Assert.Empty(Index.Garbage(0, 10));
    }

    [Fact]
    public void Deleting_counts_down_and_leaves_garbage_whose_row_goes_once()
    {
        Index.Commit(tx => Put(tx, Blob, File(1)));
        Index.Commit(tx => Delete(tx, Blob));

        Assert.Null(Index.FindBlob(Bucket, Blob));
        Assert.Equal((0, 0), (Index.FindBucket(Bucket)!.ObjectCount, Index.FindBucket(Bucket)!.TotalSize));
        Assert.Equal(new Totals(0, 0, 0, 0, 0), Index.Counts().Totals);
        var garbage = Assert.Single(Index.Garbage(0, 10));
        Assert.Empty(Index.Garbage(garbage.Id, 10));
        Assert.False(Index.Commit(tx => tx.DeleteGarbage(garbage with { Place = new PartPlace.File(1, "another") })));
        Assert.True(Index.Commit(tx => tx.DeleteGarbage(garbage)));
        Assert.False(Index.Commit(tx => tx.DeleteGarbage(garbage)));
        Assert.Empty(Index.Garbage(0, 10));
        Assert.Equal([null], Index.FindParts([garbage.Id]));
    }

    [Fact]
    public void Garbage_comes_in_pages_by_number()
    {
        Index.Commit(tx => Enumerable.Range(1, 5).Aggregate(tx, (all, i) => Put(all, BlobId.From(new Guid(i, 0, 0, new byte[8])), File(i))));
        Index.Commit(tx => Enumerable.Range(1, 5).Aggregate(tx, (all, i) => Delete(all, BlobId.From(new Guid(i, 0, 0, new byte[8])))));

        var first = Index.Garbage(0, 3);
        var rest = Index.Garbage(first[^1].Id, 3);

        Assert.Equal((3, 2), (first.Count, rest.Count));
        Assert.Equal(first.Concat(rest).Select(part => part.Id).Order(), first.Concat(rest).Select(part => part.Id).Distinct());
    }

    [Fact]
    public void Chunks_wait_by_position_and_one_that_is_sent_again_replaces()
    {
        var (first, second, again) = (File(1), File(2, 200), File(3, 300));
        Index.Commit(tx => Chunk(tx, 2, second));
        Time.Advance(TimeSpan.FromSeconds(1));
        Index.Commit(tx => Chunk(tx, 1, first));
        Assert.Equal(new Totals(0, 0, 0, 2, first.Size + 200), Index.Counts().Totals);

        Assert.True(Index.Commit(tx => Chunk(tx, 2, again).MadeGarbage));

        var chunks = Index.FindChunks(Bucket, Blob, 2);
        Assert.Equal([(1, first.Size), (2, 300L)], chunks.Select(chunk => (chunk.Position, chunk.Size)));
        Assert.Empty(Index.FindChunks(Bucket, Blob, 3));
        Assert.Equal([first.Sha256, again.Sha256], Index.FindUpload(Bucket, Blob, null)!.Value.Chunks.Select(chunk => chunk.Sha256));
        Assert.Equal(new Totals(0, 0, 0, 2, first.Size + 300), Index.Counts().Totals);
        Index.Commit(tx =>
        {
            var upload = tx.FindUpload(tx.FindBucket(Bucket)!.Value, Blob, 2)!.Value;
            Assert.Equal((2, Now), (upload.Total, upload.TouchedAt));
            Assert.Equal(upload, tx.FindUpload(upload.Id));
            Assert.Equal([upload], tx.FindUploads(tx.FindBucket(Bucket)!.Value, Blob));
            Assert.Equal(chunks, tx.FindChunks(upload.Id));
            return unit;
        });
    }

    [Fact]
    public void Totals_are_uploads_apart_and_the_last_touched_is_the_one_that_is_meant()
    {
        Index.Commit(tx => Chunk(tx, 1, File(1), total: 3));
        Time.Advance(TimeSpan.FromSeconds(1));
        Index.Commit(tx => Chunk(tx, 1, File(2), total: 2));

        Assert.Equal(2, Index.FindUpload(Bucket, Blob, null)!.Value.Total);
        Assert.Equal(3, Index.FindUpload(Bucket, Blob, 3)!.Value.Total);
        Assert.Equal([3], Index.UploadsUntouchedSince(Now).Select(upload => upload.Key.Total));
        Assert.Equal(2, Index.UploadsUntouchedSince(Now + 1).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_merge_names_the_chunks_and_the_upload_goes(int total)
    {
        Index.Commit(tx => Enumerable.Range(1, total).Aggregate(tx, (all, i) => Chunk(all, i, File(i), total)));
        var chunks = Index.FindChunks(Bucket, Blob, total);

        Assert.False(Index.Commit(tx => Merge(tx, chunks, total).MadeGarbage));

        var found = Index.FindBlob(Bucket, Blob)!;
        Assert.Equal(chunks.Select(chunk => new ManifestEntry(chunk.Part, chunk.Size)), found.Blob.Manifest);
        Assert.Equal((total, total == 1), (found.Blob.MergedTotal, found.Only is not null));
        Assert.Null(Index.FindUpload(Bucket, Blob, null));
        Assert.Equal(new Totals(total, found.Blob.Size, total, 0, 0), Index.Counts().Totals);
        Index.Commit(tx => Delete(tx, Blob));
        Assert.Equal(chunks.Select(chunk => chunk.Part).Order(), Index.Garbage(0, 10).Select(part => part.Id));
    }

    [Fact]
    public void A_chunk_that_is_twice_in_a_merge_is_counted_twice()
    {
        Index.Commit(tx => Chunk(Chunk(tx, 1, File(1)), 2, File(1)));
        var chunks = Index.FindChunks(Bucket, Blob, 2);
        Index.Commit(tx => Merge(tx, chunks, 2));

        Assert.Equal(new Totals(1, 100, 2, 0, 0), Index.Counts().Totals);
        Assert.Equal(200, Index.FindBucket(Bucket)!.TotalSize);
    }

    [Fact]
    public void A_bucket_goes_with_its_uploads()
    {
        Index.Commit(tx => Chunk(tx, 1, File(1)));
        Index.Commit(tx =>
        {
            var bucket = tx.FindBucket(Bucket)!.Value;
            Assert.True(tx.IsEmpty(bucket));
            tx.DeleteBucket(bucket);
            Assert.Equal([new BlobChange(Bucket, null)], tx.Changes);
            return unit;
        });

        Assert.Empty(Index.Buckets());
        Assert.Empty(Index.UploadsUntouchedSince(long.MaxValue));
        Assert.Single(Index.Garbage(0, 10));
        Assert.Equal(new Totals(0, 0, 0, 0, 0), Index.Counts().Totals);
    }

    [Fact]
    public void A_bucket_that_went_and_came_again_in_one_transaction_is_a_new_one()
    {
        Index.Commit(tx => Put(tx, Blob, File(1)));
        Index.Commit(tx =>
        {
            var bucket = tx.FindBucket(Bucket)!.Value;
            tx.DeleteBlob(bucket, tx.FindBlob(bucket, Blob)!);
            tx.DeleteBucket(bucket);
            Assert.Null(tx.FindBucket(Bucket));
            return Put(tx, Other, File(2));
        });

        Assert.Null(Index.FindBlob(Bucket, Blob));
        Assert.NotNull(Index.FindBlob(Bucket, Other));
        Assert.Equal(1, Index.FindBucket(Bucket)!.ObjectCount);
    }

    [Fact]
    public void A_transaction_says_which_blobs_it_changed()
    {
        Assert.Equal([new BlobChange(Bucket, Blob)], Index.Commit(tx => Put(tx, Blob, File(1)).Changes.ToArray()));
        Assert.Empty(Index.Commit(tx => Chunk(tx, 1, File(2)).Changes.ToArray()));
        Assert.Equal(
            new[] { new BlobChange(Bucket, Blob), new BlobChange(Bucket, Other) }.OrderBy(change => $"{change}"),
            Index.Commit(tx => Put(Delete(tx, Blob), Other, File(1)).Changes.OrderBy(change => $"{change}").ToArray()));
    }

    [Fact]
    public async Task A_transaction_sees_what_it_did_and_readers_only_what_is_committed()
    {
        using var done = new SemaphoreSlim(0);
        using var seen = new SemaphoreSlim(0);
        var index = Index;
        var committing = Task.Run(() => index.Commit(tx =>
        {
            var found = Put(tx, Blob, File(1)).FindBlob(tx.FindBucket(Bucket)!.Value, Blob);
            done.Release();
            seen.Wait();
            return found;
        }));

        await done.WaitAsync();
        var before = index.FindBlob(Bucket, Blob);
        seen.Release();

        Assert.Null(before);
        Assert.NotNull(await committing);
        Assert.NotNull(index.FindBlob(Bucket, Blob));
    }

    [Fact]
    public void A_transaction_that_throws_leaves_nothing()
    {
        Index.Commit(tx => Chunk(Put(tx, Blob, File(1)), 1, File(2)));
        var (before, counts) = (Index.FindBlob(Bucket, Blob)!.Blob.Id, Index.Counts().Totals);

        Assert.Throws<TimeoutException>(() => Index.Commit<Unit>(tx =>
        {
            Put(Delete(Chunk(tx, 2, File(3)), Blob), Other, File(4));
            tx.DeleteUpload(tx.FindUpload(tx.FindBucket(Bucket)!.Value, Blob, 2)!.Value.Id);
            throw new TimeoutException("a fault in the middle");
        }));

        Assert.Equal((before, null), (Index.FindBlob(Bucket, Blob)!.Blob.Id, Index.FindBlob(Bucket, Other)));
        Assert.Equal(counts, Index.Counts().Totals);
        Assert.Equal([1], Index.FindChunks(Bucket, Blob, 2).Select(chunk => chunk.Position));
        Assert.Empty(Index.Garbage(0, 10));
        Index.Commit(tx => Delete(tx, Blob));
        Assert.Single(Index.Garbage(0, 10));
    }

    [Fact]
    public void What_was_committed_is_there_after_it_was_read_again()
    {
        Index.Commit(tx => Chunk(Put(tx, Blob, File(1)), 1, File(2)));
        var counts = Index.Counts().Totals;

        Index.Reopen();

        Assert.NotNull(Index.FindBlob(Bucket, Blob));
        Assert.Equal(counts, Index.Counts().Totals);
        Assert.True(Index.Commit(tx => Delete(tx, Blob).MadeGarbage));
    }

    [Fact]
    public void What_a_url_stored_is_kept_until_its_time_and_outlives_its_bucket()
    {
        var whole = new SpentLink(new StoredBlob(3, Digest.OfNothing, "text/plain", Now, Durability.Strict), null, new UnixSeconds(10));
        var merged = new SpentLink(new StoredBlob(4, File(1).Sha256, null, Now + 1, Durability.Relaxed), 7, new UnixSeconds(11));
        Index.Commit(tx => Do(Put(tx, Blob, File(1)), () =>
        {
            tx.Spend(Bucket, Blob, "first", whole);
            tx.Spend(Bucket, Blob, "second", merged);
            Assert.Equal(whole, tx.FindSpent(Bucket, Blob, "first"));
        }));

        Assert.Equal(whole, Index.FindSpent(Bucket, Blob, "first"));
        Assert.Equal(merged, Index.FindSpent(Bucket, Blob, "second"));
        Assert.Null(Index.FindSpent(Bucket, Other, "first"));
        Assert.Null(Index.FindSpent(Bucket, Blob, "third"));
        Index.Commit(tx => Do(Delete(tx, Blob), () => tx.DeleteBucket(tx.FindBucket(Bucket)!.Value)));
        Assert.False(Index.AnySpentBefore(new UnixSeconds(10)));
        Assert.True(Index.AnySpentBefore(new UnixSeconds(11)));
        Assert.Equal(0, Index.Commit(tx => tx.ForgetSpent(new UnixSeconds(10), 10)));
        Assert.Equal(whole, Index.FindSpent(Bucket, Blob, "first"));
        Assert.Equal(1, Index.Commit(tx => tx.ForgetSpent(new UnixSeconds(11), 10)));
        Assert.Null(Index.FindSpent(Bucket, Blob, "first"));
        Index.Reopen();
        Assert.Equal(merged, Index.FindSpent(Bucket, Blob, "second"));
        Assert.Equal(1, Index.Commit(tx => tx.ForgetSpent(new UnixSeconds(99), 1)));
    }

    [Fact]
    public void What_waits_is_summed_over_all_totals_but_for_the_chunk_that_is_replaced()
    {
        Assert.Equal(0, Index.WaitingBeside(Bucket, Blob, 2, 1));
        Index.Commit(tx => Chunk(Chunk(Chunk(tx, 1, File(1, 101)), 2, File(2, 202)), 1, File(3, 303), total: 3));
        var (first, second, third) = (File(1, 101).Size, File(2, 202).Size, File(3, 303).Size);

        Assert.Equal(second + third, Index.WaitingBeside(Bucket, Blob, 2, 1));
        Assert.Equal(first + second, Index.WaitingBeside(Bucket, Blob, 3, 1));
        Assert.Equal(first + second + third, Index.WaitingBeside(Bucket, Blob, 3, 2));
        Assert.Equal(0, Index.WaitingBeside(Bucket, Other, 3, 2));
        Index.Commit(tx => Chunk(tx, 1, File(4, 404)));
        Assert.Equal(File(4, 404).Size + second + third, Index.Commit(tx => tx.WaitingBeside(Bucket, Blob, 3, 2)));
        Index.Commit(tx => Do(tx, () => tx.DeleteUpload(tx.FindUpload(tx.FindBucket(Bucket)!.Value, Blob, 2)!.Value.Id)));
        Assert.Equal(third, Index.WaitingBeside(Bucket, Blob, 2, 1));
    }

    [Fact]
    public void Revocations_are_counted_for_each_name_once_they_are_committed()
    {
        Assert.Equal(0, Index.EpochOf(Bucket));
        Assert.Equal((1, 2), Index.Commit(tx => (tx.Revoke(Bucket), tx.Revoke(Bucket))));
        _ = Assert.Throws<TimeoutException>(() => Index.Commit<long>(tx =>
        {
            _ = tx.Revoke(Bucket);
            throw new TimeoutException("a fault in the middle");
        }));

        Assert.Equal(2, Index.EpochOf(Bucket));
        Index.Reopen();
        Assert.Equal(2, Index.EpochOf(Bucket));
        Assert.Equal(0, Index.EpochOf(BucketName.Parse("other").IfLeft(_ => Bucket)));
    }

    private static string Nonce(LandedPart part) => Nonce(part.Place);

    private static string Nonce(PartPlace place) => Assert.IsType<PartPlace.File>(place).Nonce;

    private static ITransaction Do(ITransaction tx, Action act)
    {
        act();
        return tx;
    }

    private static ITransaction Mark(ITransaction tx, PartRow part) => Do(tx, () => tx.MarkDamaged(part));

    private static ITransaction Delete(ITransaction tx, BlobId blob) => Do(tx, () =>
    {
        var bucket = tx.FindBucket(Bucket)!.Value;
        tx.DeleteBlob(bucket, tx.FindBlob(bucket, blob)!);
    });

    private static ITransaction Chunk(ITransaction tx, int position, LandedPart part, int total = 2) =>
        Do(tx, () => tx.PutChunk(tx.EnsureBucket(Bucket), Blob, total, position, part));

    private static BlobRow Row(ITransaction tx, BlobRow? replaced, long size, Digest sha256, string? type = null, int? total = null) =>
        new(replaced?.Id ?? 0, size, sha256, type, null, replaced?.CreatedAt ?? tx.Now, tx.Now, total, [], tx.Durability);

    private static ITransaction Put(ITransaction tx, BlobId blob, LandedPart part, string? type = null) => Do(tx, () =>
    {
        var bucket = tx.EnsureBucket(Bucket);
        var replaced = tx.FindBlob(bucket, blob);
        tx.PutBlob(bucket, blob, replaced, Row(tx, replaced, part.Size, part.Sha256, type), part);
    });

    private static ITransaction Merge(ITransaction tx, IReadOnlyList<ChunkRow> chunks, int total) => Do(tx, () =>
    {
        var bucket = tx.FindBucket(Bucket)!.Value;
        var row = Row(tx, null, chunks.Sum(chunk => chunk.Size), Digest.OfNothing, total: total);
        tx.PutMerged(bucket, Blob, null, row, [.. chunks.Select(chunk => new ManifestEntry(chunk.Part, chunk.Size))]);
        tx.DeleteUpload(tx.FindUpload(bucket, Blob, total)!.Value.Id);
    });

    /// <summary>A file that no other is, with the digest of its content.</summary>
    private LandedPart File(int content, long size = 100) =>
        new(Digest.From(System.Security.Cryptography.SHA256.HashData([(byte)content])), size, new PartPlace.File(1, $"{++nonces:x16}"), Synced: true);
}

public sealed class ModelIndexTests : IndexContract, IDisposable
{
    public void Dispose() => Close();

    internal override IIndex Open(bool strict) => new ModelIndex(Time) { IsStrict = strict };
}

public sealed class SqliteIndexTests : IndexContract, IDisposable
{
    private readonly TestDirectory home = new();

    internal override IIndex Open(bool strict)
    {
        var path = home.At($"{strict}.db");
        SqliteSchema.Create(path, "store");
        return new SqliteIndex(path, strict, Time, new CapturedLog().Logger);
    }

    public void Dispose()
    {
        Close();
        home.Dispose();
    }
}
