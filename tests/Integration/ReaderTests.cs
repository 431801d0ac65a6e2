using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Readers that began before a blob was replaced or deleted.</summary>
public sealed class ReaderTests
{
    private static readonly byte[] Long = Answers.Bytes(1_000_000, 203);
    private static readonly byte[] Other = Answers.Bytes(30_000, 204);
    private static readonly byte[] Next = Answers.Bytes(30_000, 206);

    [Theory]
    [InlineData(1, "PUT")]
    [InlineData(1, "DELETE")]
    [InlineData(40, "PUT")]
    [InlineData(40, "DELETE")]
    [InlineData(40, "merge")]
    public async Task A_reader_that_began_before_gets_the_whole_old_blob(int parts, string change)
    {
        var disk = new TestDisk();
        await using var storm = await Storm.Start(janitor: true, disk);
        var (spot, other) = (Spot.New(), Spot.New());
        var chunks = Long.Chunk(Long.Length / parts).ToArray();
        await storm.Chunks(spot, "POST", chunks);
        Assert.True((await storm.Merge(spot, parts)).IsOk);
        Assert.True((await storm.Post(other, Other)).IsOk);

        // The reader is stopped before its last bytes: all parts but the first are not even open, or most of the one is unread.
        var last = storm.Server.FilesUnder("parts").Single(file => file.Contains(Answers.Sha256(chunks[^1]), StringComparison.Ordinal));
        var (stopped, gate) = parts == 1 ? disk.Stop("read", last, after: 1) : disk.Stop("open", last);
        var reading = storm.Get(spot);
        await stopped;
        await Change(storm, spot, change);

        // When the other one's file is gone, the remover has passed by.
        Assert.True((await storm.Delete(other)).IsOk);
        await Wait.Until(
            () => !storm.Server.FilesUnder("parts").Any(file => file.Contains(Answers.Sha256(Other), StringComparison.Ordinal)), "the other file is gone");
        gate.Set();

        var answer = await reading;
        Assert.Equal((200, Answers.Sha256(Long)), (answer.Status, Answers.Sha256(answer.Body)));
        storm.Lose(other);
        await storm.Settle();
    }

    [Fact]
    public async Task A_reader_that_takes_its_time_gets_the_whole_old_blob()
    {
        var body = Answers.Bytes(12_000_000, 205);
        await using var storm = await Storm.Start(janitor: true);
        var spot = Spot.New();
        Assert.True((await storm.Post(spot, body)).IsOk);
        using var slow = await RawClient.Connect(storm.Server, receiveBuffer: 16 << 10);
        await slow.Send(RawClient.Head("GET", storm.Server.Signed("GET", spot.ToString())));
        var head = await slow.ReadHead();
        await Change(storm, spot, "PUT");
        await Change(storm, spot, "DELETE");

        Assert.Equal(body.Length, head.Length);
        Assert.Equal(Answers.Sha256(body), Answers.Sha256(await slow.Read(body.Length)));
        storm.Lose(spot);
        await storm.Settle();
    }

    /// <summary>Between its look-up and its hold, the blob of a reader is replaced and its old part removed.</summary>
    [Fact]
    public async Task A_reader_that_was_too_late_to_hold_what_it_found_looks_again()
    {
        await using var storm = await Storm.Start();
        var spot = Spot.New();
        Assert.True((await storm.Put(spot, Long)).IsOk);
        var index = Interposed.Between(storm.Server.Store.Index, nameof(IIndexReader.FindBlob), () =>
        {
            Assert.True(storm.Put(spot, Other).GetAwaiter().GetResult().IsOk);
            Wait.Until(() => storm.Server.FilesUnder("parts").Length == 1, "the old file is gone").GetAwaiter().GetResult();
        });

        using var reading = new BlobFinder(index, storm.Server.Store.Holds)
            .Find(BucketName.Parse(spot.Bucket).IfLeft(error => throw new InvalidOperationException(error.Code)), BlobId.From(spot.Blob))
            .IfLeft(error => throw new InvalidOperationException(error.Code));

        Assert.Equal(Answers.Sha256(Other), reading.Blob.Sha256.ToString());
        Assert.True(storm.Server.Store.Holds.IsHeld(reading.Only!.Id));
        storm.Keep(spot, Other);
        await storm.Settle();
    }

    [Fact]
    public async Task A_look_up_that_the_index_cuts_off_holds_nothing()
    {
        using var store = new TestStore(index => new SecondLookUpFails(index));
        var (holds, blob) = (new Holds<long>(), Guid.CreateVersion7());
        Assert.True((await store.Put(blob, store.File(Other))).IsRight);

        Assert.Throws<IndexException>(() => new BlobFinder(store.Index, holds).Find(BucketName.Default, BlobId.From(blob)));

        Assert.Equal(0, holds.Count);
    }

    private sealed class SecondLookUpFails(IIndex index) : PassingIndex(index)
    {
        private int lookUps;

        public override FoundBlob? FindBlob(BucketName bucket, BlobId blob) =>
            ++lookUps == 2 ? throw new IndexException("failed", 10) : base.FindBlob(bucket, blob);
    }

    private static async Task Change(Storm storm, Spot spot, string change)
    {
        if (change == "merge")
        {
            await storm.Chunks(spot, "PUT", Next, Next);
            Assert.True((await storm.Merge(spot, 2, "PUT")).IsOk);
            storm.Keep(spot, [.. Next, .. Next]);
        }
        else if (change == "PUT")
        {
            Assert.True((await storm.Put(spot, [1, 2, 3])).IsOk);
            storm.Keep(spot, [1, 2, 3]);
        }
        else
        {
            Assert.True((await storm.Delete(spot)).IsOk);
            storm.Lose(spot);
        }
    }
}
