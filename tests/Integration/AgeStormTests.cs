using System.Collections.Concurrent;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>
/// Uploads in chunks under a clock that goes on with each acknowledgement, so that the janitor drops those that wait while others
/// make progress. Each upload has one client, who knows what may wait of it: all that was acknowledged, or where that was old
/// enough only what came after.
/// </summary>
public sealed class AgeStormTests
{
    private const int Clients = 4;
    private const int Rounds = 40;
    private const int Contents = 8;

    /// <summary>About ten acknowledgements of all clients make a chunk old.</summary>
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.5);

    [Theory]
    [InlineData(801)]
    [InlineData(802)]
    public async Task What_the_janitor_drops_for_its_age_goes_whole_and_what_it_leaves_is_merged(int seed)
    {
        await using var storm = await Storm.Start(janitor: true, ttl: (int)Ttl.TotalSeconds, timeout: 86_400);
        var (left, acknowledged, merged) = (new ConcurrentBag<Sent>(), 0, 0);
        await Storm.Together(Clients, async number =>
        {
            var client = new Client(storm, new Random((seed * Clients) + number), seed);
            await client.Run();
            _ = Interlocked.Add(ref acknowledged, client.Acknowledged);
            _ = Interlocked.Add(ref merged, client.Merged);
            client.Left.ForEach(left.Add);
        });
        Assert.True(storm.DroppedChunks > 0, "nothing grew old within the storm");

        await Wait.Turning(storm.Server, Step, () => storm.Server.Store.Index.Counts().Totals.Chunks == 0, "what nobody continues is gone");
        foreach (var upload in left)
        {
            Assert.Equal("no_such_upload", (await storm.Status(upload.Spot)).Code);
            storm.Lose(upload.Spot);
        }

        await storm.Settle();
        Assert.True(merged > Rounds, $"only {merged} chunks were merged");
        Assert.Equal(acknowledged, merged + storm.DroppedChunks);
    }

    /// <summary>One client, with the uploads that it began and did not finish.</summary>
    private sealed class Client(Storm storm, Random random, int seed)
    {
        private DateTimeOffset Now => storm.Server.Time.GetUtcNow();

        /// <summary>Chunks, each sent only where none waited.</summary>
        public int Acknowledged { get; private set; }

        public int Merged { get; private set; }

        public List<Sent> Left { get; } = [];

        public async Task Run()
        {
            for (var round = 0; round < Rounds; round++)
            {
                var upload = new Sent(Spot.New(random.Next(2) == 0 ? "north" : "south"), [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => Content())]);
                switch (random.Next(4))
                {
                    case 0:
                        await Single(Content());
                        break;
                    case 1:
                        await Finish(upload);
                        break;
                    default:
                        await Begin(upload);
                        break;
                }

                if (Left.Count > 3)
                {
                    await LookAt(Left[0]);
                }
            }
        }

        /// <summary>Few of them, so that blobs and chunks share their parts.</summary>
        private byte[] Content()
        {
            var content = random.Next(Contents);
            return Answers.Bytes(content % 2 == 0 ? 20_000 : 2_000, (seed * 1000) + content);
        }

        private async Task Single(byte[] bytes)
        {
            var spot = Spot.New();
            Assert.True((await storm.Post(spot, bytes)).IsOk);
            storm.Server.Time.Advance(Step);
            if (random.Next(2) == 0)
            {
                storm.Keep(spot, bytes);
                return;
            }

            Assert.True((await storm.Delete(spot)).IsOk);
            storm.Lose(spot);
        }

        /// <summary>Sends some of an upload and leaves it.</summary>
        private async Task Begin(Sent upload)
        {
            for (var index = 1; index < upload.Chunks.Length; index++)
            {
                await Send(upload, index);
            }

            Left.Add(upload);
        }

        private async Task Send(Sent upload, int index)
        {
            var before = Now;
            Assert.True((await storm.Chunk(upload.Spot, index, upload.Chunks.Length, upload.Chunks[index - 1])).IsOk);
            upload.Waiting.Add((index, before, Now));
            Acknowledged++;
            storm.Server.Time.Advance(Step);
        }

        /// <summary>Sends what is missing, and merges, until there was nothing missing.</summary>
        private async Task Finish(Sent upload)
        {
            for (var missing = upload.Missing; ; missing = upload.Missing)
            {
                foreach (var index in missing)
                {
                    await Send(upload, index);
                }

                var merge = await storm.Merge(upload.Spot, upload.Chunks.Length);
                if (merge.IsOk)
                {
                    Merged += upload.Chunks.Length;
                    storm.Keep(upload.Spot, [.. upload.Chunks.SelectMany(chunk => chunk)]);
                    return;
                }

                Assert.Equal("chunks_missing", merge.Code);
                upload.IsMissing(merge.Missing, Now);
            }
        }

        /// <summary>An upload that was left is gone or still waits; some of those that wait, and some that are gone, are finished.</summary>
        private async Task LookAt(Sent upload)
        {
            var status = await storm.Status(upload.Spot);
            Assert.True(status.IsOk || status.Code == "no_such_upload", $"{status}");
            upload.IsMissing(status.IsOk ? status.Missing : [.. Enumerable.Range(1, upload.Chunks.Length)], Now);
            if (status.IsOk)
            {
                Assert.Equal(upload.Digests, status.Waiting);
            }

            _ = Left.Remove(upload);
            if (random.Next(2) == 0)
            {
                await Finish(upload);
            }
            else
            {
                Left.Add(upload);
            }
        }
    }

    /// <summary>What one client sent of an upload and has reason to think that it waits, in the order of sending.</summary>
    private sealed class Sent(Spot spot, byte[][] chunks)
    {
        public Spot Spot => spot;

        public byte[][] Chunks => chunks;

        public List<(int Index, DateTimeOffset Before, DateTimeOffset After)> Waiting { get; } = [];

        public int[] Missing => [.. Enumerable.Range(1, chunks.Length).Except(Waiting.Select(chunk => chunk.Index))];

        public string[] Digests => [.. Waiting.Select(chunk => chunk.Index).Order().Select(index => Answers.Sha256(chunks[index - 1]))];

        /// <summary>
        /// The server says what is missing. Of what was sent, that is the older part: all that waited at one moment, at which the
        /// last of it was old.
        /// </summary>
        public void IsMissing(int[] missing, DateTimeOffset now)
        {
            Assert.Equal([], Missing.Except(missing));
            var dropped = Waiting.TakeWhile(chunk => missing.Contains(chunk.Index)).ToArray();
            Assert.Equal(missing.Except(Missing).Order(), dropped.Select(chunk => chunk.Index).Order());
            if (dropped is [.., var last])
            {
                var until = Waiting.Count > dropped.Length ? Waiting[dropped.Length].After : now;
                Assert.True(until - last.Before > Ttl, $"chunk {last.Index} was dropped at most {until - last.Before} after it was sent");
            }

            Waiting.RemoveRange(0, dropped.Length);
        }
    }
}
