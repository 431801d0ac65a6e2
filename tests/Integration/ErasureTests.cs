using System.Buffers.Binary;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration;

/// <summary>Small bodies that were deleted or overwritten: they lived in the index and its log, and are in neither soon after.</summary>
public sealed class ErasureTests
{
    private const int Largest = 16_384;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(100)]
    [InlineData(4_000)]
    [InlineData(Largest)]
    public async Task Small_bodies_that_were_deleted_replaced_or_dropped_are_off_the_disk_within_seconds(int length)
    {
        await using var server = await TestServer.Start();
        var paths = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToArray();
        var gone = Enumerable.Range(0, 6).Select(i => Body(100 + i, length)).ToArray();
        var (kept, other) = (Body(1, length), Body(2, length));
        await server.Do("PUT", $"/upload/{paths[0]}", gone[0]).ShouldBeOk();
        await server.Do("PUT", $"/upload/{paths[1]}", gone[1]).ShouldBeOk();
        await server.DoChunk("PUT", $"/upload/{paths[2]}", 1, 2, gone[2]).ShouldBeOk();
        await server.DoChunk("PUT", $"/upload/{paths[3]}", 1, 2, gone[3]).ShouldBeOk();
        await server.DoChunk("PUT", $"/upload/{paths[3]}", 2, 2, gone[4]).ShouldBeOk();
        await server.DoChunk("PUT", $"/upload/{paths[3]}", 1, 2, gone[5]).ShouldBeOk();
        await server.DoMerge("PUT", $"/upload/{paths[3]}", 2).ShouldBeOk();

        // All but the chunk that was sent again, of which nobody knows how far it is.
        Assert.Equal(5, OnDisk(server, [.. gone.Where((_, i) => i != 3)]));

        await server.Do("DELETE", $"/files/{paths[0]}").ShouldBeOk();
        await server.Do("PUT", $"/upload/{paths[1]}", kept).ShouldBeOk();
        await server.Do("DELETE", $"/files/{paths[2]}").ShouldBeOk();
        await server.Do("PUT", $"/upload/{paths[3]}", other).ShouldBeOk();

        await Erased(server, gone);
        await server.Do("GET", $"/files/{paths[1]}").ShouldHaveBytes(kept);
        Assert.Equal(2, OnDisk(server, [kept, other]));
    }

    /// <summary>Rows that grow, shrink, split and join pages leave no copy of a body behind in the room between others.</summary>
    [Theory]
    [InlineData(701)]
    [InlineData(702)]
    public async Task Of_many_bodies_of_all_lengths_that_come_and_go_in_any_order_only_the_living_are_on_the_disk(int seed)
    {
        const int Bodies = 1_500;
        await using var server = await TestServer.Start();
        var random = new Random(seed);
        var living = new List<(Guid Blob, byte[] Body)>();
        var gone = new List<byte[]>();
        for (var i = 0; i < Bodies; i++)
        {
            var (blob, body) = (Guid.CreateVersion7(), Body((seed * Bodies) + i, random.Next(3) == 0 ? random.Next(16, Largest) : random.Next(16, 1500)));
            await server.Upload(blob, body).ShouldBeOk();
            living.Add((blob, body));
            if (random.Next(5) < 4 && living.Count > 20)
            {
                var at = random.Next(living.Count);
                await server.Do("DELETE", $"/files/{living[at].Blob}").ShouldBeOk();
                gone.Add(living[at].Body);
                living.RemoveAt(at);
            }
        }

        await Erased(server, gone);
        Assert.Equal(living.Count, OnDisk(server, [.. living.Select(one => one.Body)]));
    }

    [Fact]
    public async Task While_somebody_reads_the_index_commits_go_on_and_the_erasure_is_done_when_the_reader_is()
    {
        await using var server = await TestServer.Start();
        var (blob, body) = (Guid.CreateVersion7(), Body(1, 2_000));
        await server.Upload(blob, body).ShouldBeOk();
        using (var reader = SqliteSchema.Open(server.Store.Layout.IndexPath, SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(reader, "BEGIN");
            Assert.Equal(1, SqliteSchema.Number(reader, "SELECT count(*) FROM blobs"));
            await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();
            await Wait.Until(() => server.Store.Index.Garbage(0, 1).Count == 0, "the row is gone");
            server.Time.Advance(Second);
            await server.Upload(Guid.CreateVersion7(), Body(2, 2_000)).ShouldBeOk();
            Assert.Equal(1, OnDisk(server, [body]));
        }

        await Erased(server, [body]);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("readers hold it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_need_of_room_the_log_stays_for_deletes_to_be_written_to_and_goes_when_there_is_room()
    {
        var looks = 0;
        var disk = new TestDisk
        {
            Sees = room =>
            {
                _ = Interlocked.Increment(ref looks);
                return room with { FreeBytes = 100_000 };
            },
        };
        using var directory = new TestDirectory();
        var (blob, body) = (Guid.CreateVersion7(), Body(1, Largest));
        await using (var first = await TestServer.Start(directory: directory.Root))
        {
            await first.Upload(blob, body).ShouldBeOk();
        }

        File.Delete(directory.At("ballast"));
        disk.Before = (call, path) =>
        {
            if (call == "create")
            {
                TestDisk.Fail(call, path, Posix.ENOSPC);
            }
        };
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["min_free_bytes"] = "100000" }, directory.Root, disk);
        await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();
        await Wait.Until(() => server.Store.Index.Garbage(0, 1).Count == 0, "the row is gone");
        var length = server.Store.LogBytes;
        await Wait.Turning(server, Second, () => server.Store.Index.Pages().Free == 0, "the keeper gave the free pages back");
        var looked = Volatile.Read(ref looks);
        await Wait.Turning(server, Second, () => Volatile.Read(ref looks) > looked + 20, "the keeper looked again");
        Assert.True(server.Store.LogBytes >= length, $"{server.Store.LogBytes} of {length}");

        disk.Before = (_, _) => { };
        disk.Sees = room => room;
        await Erased(server, [body]);
    }

    /// <summary>Eight bytes again and again, so that any sixteen of them are known to be of this body.</summary>
    private static byte[] Body(int seed, int length)
    {
        var mark = Answers.Bytes(8, seed);
        return [.. Enumerable.Range(0, length).Select(i => mark[i % 8])];
    }

    private static ulong Mark(byte[] body) => BinaryPrimitives.ReadUInt64LittleEndian(body);

    private static Task Erased(TestServer server, IReadOnlyList<byte[]> bodies)
    {
        var left = 0;
        return Wait.Until(
            () =>
            {
                server.Time.Advance(Second);
                return (left = OnDisk(server, bodies)) == 0;
            },
            () => $"{bodies.Count} bodies are off the disk; of {left} something is still there");
    }

    /// <summary>Of how many of the bodies there are eight bytes in a row in the index or its log.</summary>
    private static int OnDisk(TestServer server, IReadOnlyList<byte[]> bodies)
    {
        var marks = bodies.Select(Mark).ToHashSet();
        var found = new System.Collections.Generic.HashSet<ulong>();
        foreach (var path in new[] { server.Store.Layout.IndexPath, server.Store.Layout.IndexPath + "-wal" })
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[file.Length];
            _ = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            for (var i = 0; i + 8 <= bytes.Length; i++)
            {
                if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i)) is var eight && marks.Contains(eight))
                {
                    _ = found.Add(eight);
                }
            }
        }

        return found.Count;
    }
}
