using Borderless.Tests.Integration.Support;
using Borderless.Web.Scrub;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

/// <summary>A server that reads all its bytes again in the background, on the test's clock.</summary>
public sealed class ScrubTests : IDisposable
{
    private const int Step = 16 << 10;
    private const int Rate = 4 * Step;

    private static readonly byte[] Body = Answers.Bytes(300_000, 801);
    private static readonly byte[] Small = Answers.Bytes(2_000, 802);

    private readonly TestDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_flipped_byte_is_found_the_download_is_refused_and_the_same_bytes_heal_it()
    {
        var blob = await Fill(Body);
        Flip(FileOf(Body));
        await using var server = await Start(8 << 20);

        await ShouldBeFound(server, Body, "its bytes do not have its digest");
        await server.Download(blob).ShouldBeError(500, "blob_damaged");
        await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();

        await server.Download(blob).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task A_flipped_byte_in_the_index_is_found_as_well()
    {
        var blob = await Fill(Small);
        Sql($"UPDATE parts SET bytes = x'{Convert.ToHexString([.. Small.Skip(1), 0])}'");
        await using var server = await Start(8 << 20);

        await ShouldBeFound(server, Small, "its bytes do not have its digest");
        await server.Download(blob).ShouldBeError(500, "blob_damaged");
        await server.Upload(Guid.CreateVersion7(), Small).ShouldBeOk();

        await server.Download(blob).ShouldHaveBytes(Small);
    }

    [Theory]
    [InlineData(true, "its file is missing")]
    [InlineData(false, "it ends at 299999 of 300000 bytes")]
    public async Task Missing_and_short_files_are_found(bool missing, string reason)
    {
        _ = await Fill(Body);
        var path = FileOf(Body);
        if (missing)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllBytes(path, Body[..^1]);
        }

        await using var server = await Start(8 << 20);

        await ShouldBeFound(server, Body, reason);
    }

    [Fact]
    public async Task A_rotten_chunk_is_found_and_its_merge_is_refused_until_it_is_sent_again()
    {
        var blob = Guid.CreateVersion7();
        await using (var first = await Start(0))
        {
            await first.Chunk(blob, 1, 1, Body).ShouldBeOk();
        }

        Flip(FileOf(Body));
        await using var server = await Start(8 << 20);
        await ShouldBeFound(server, Body, "its bytes do not have its digest");

        await server.Merge(blob, 1).ShouldBeError(500, "blob_damaged");
        await server.Chunk(blob, 1, 1, Body).ShouldBeOk();
        await server.Merge(blob, 1).ShouldBeOk();

        await server.Download(blob).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task Rot_in_a_chunk_that_came_in_order_and_so_was_merged_unread_is_found()
    {
        var blob = Guid.CreateVersion7();
        await using (var first = await Start(0))
        {
            await first.Chunk(blob, 1, 1, Body).ShouldBeOk();
            Flip(FileOf(Body));
            var merged = await first.Merge(blob, 1).ShouldBeOk();
            Assert.Equal(Answers.Sha256(Body), merged.GetProperty("sha256_hash").GetString());
        }

        await using var server = await Start(8 << 20);

        await ShouldBeFound(server, Body, "its bytes do not have its digest");
        await server.Download(blob).ShouldBeError(500, "blob_damaged");
    }

    [Fact]
    public async Task It_reads_no_faster_than_it_may()
    {
        _ = await Fill(Body);
        var disk = new TestDisk();
        await using var server = await Start(Rate, disk);
        var began = server.Time.GetTimestamp();

        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");

        var reads = disk.Calls.Count(call => call == $"read {FileOf(Body)}");
        Assert.Equal((Body.Length + Step - 1) / Step, reads);
        Assert.True(server.Time.GetElapsedTime(began).TotalSeconds >= (Body.Length - 2.0 * Step) / Rate);
    }

    [Fact]
    public async Task It_reads_bytes_of_the_index_no_faster_either()
    {
        _ = await Fill([.. Enumerable.Range(0, 20).Select(i => Answers.Bytes(15_000, 840 + i))]);
        await using var server = await Start(Rate);
        var began = server.Time.GetTimestamp();

        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");

        Assert.Empty(server.FilesUnder("parts"));
        Assert.True(server.Time.GetElapsedTime(began).TotalSeconds >= (300_000 - 2.0 * Step) / Rate);
    }

    [Fact]
    public async Task It_keeps_its_place_while_it_reads_so_that_a_crash_does_not_begin_it_anew()
    {
        _ = await Fill([.. Enumerable.Range(0, 6).Select(i => Answers.Bytes(300_000, 860 + i))]);
        await using var server = await Start(Step);

        await Wait.Turning(server, TimeSpan.FromMilliseconds(500), () => File.Exists(directory.At("scrub.json")) || HasEnded(server), "the place is kept");

        Assert.False(HasEnded(server));
        Assert.Matches("^{\"after\":[1-5]}$", File.ReadAllText(directory.At("scrub.json")));
    }

    [Fact]
    public async Task It_starts_over_after_a_pause()
    {
        _ = await Fill(Body);
        await using var server = await Start(8 << 20);
        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");

        Flip(FileOf(Body));
        await Wait.Turning(server, Scrubber.Pause, () => server.Log.Problems.Count > 0, "the next round found it");
    }

    [Fact]
    public async Task At_a_rate_of_0_it_reads_nothing()
    {
        _ = await Fill(Body);
        var disk = new TestDisk();
        await using (var server = await Start(0, disk))
        {
            // A scrub that was there would have kept its place by the time that it is asked to end.
            server.Time.Advance(Scrubber.Pause);
        }

        Assert.DoesNotContain(disk.Calls, call => call == $"open {FileOf(Body)}");
        Assert.False(File.Exists(directory.At("scrub.json")));
    }

    [Fact]
    public async Task After_a_restart_it_goes_on_where_it_was()
    {
        byte[][] bodies = [.. Enumerable.Range(0, 3).Select(i => Answers.Bytes(100_000, 810 + i))];
        _ = await Fill(bodies);
        var disk = new TestDisk();
        await using (var first = await Start(Rate, disk))
        {
            await Wait.Turning(first, TimeSpan.FromMilliseconds(50), () => Opened(disk, bodies[1]), "it reads the second part");
        }

        Assert.Equal("{\"after\":1}", File.ReadAllText(directory.At("scrub.json")));
        var next = new TestDisk();
        await using (var second = await Start(Rate, next))
        {
            await Wait.Turning(second, TimeSpan.FromMilliseconds(50), () => HasEnded(second), "the round ended");
        }

        Assert.Equal((false, true, true), (Opened(next, bodies[0]), Opened(next, bodies[1]), Opened(next, bodies[2])));
        Assert.Equal("{\"after\":0}", File.ReadAllText(directory.At("scrub.json")));
    }

    [Theory]
    [InlineData("{\"aft")]
    [InlineData("null")]
    [InlineData("{\"after\":9000000}")]
    public async Task A_place_that_makes_no_sense_only_costs_reading_again(string place)
    {
        _ = await Fill(Body);
        Flip(FileOf(Body));
        directory.Write("scrub.json", place);
        await using var server = await Start(8 << 20);

        await Wait.Turning(server, TimeSpan.FromMinutes(10), () => Found(server, Body), "it was found");
    }

    [Fact]
    public async Task A_disk_that_cannot_read_now_is_no_rot()
    {
        var blob = await Fill(Body, Small);
        var disk = new TestDisk();
        var failing = true;
        disk.Before = (call, path) =>
        {
            if (failing && call == "read" && path == FileOf(Body))
            {
                TestDisk.Fail(call, path);
            }
        };
        await using var server = await Start(8 << 20, disk);
        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");
        failing = false;

        Assert.Contains(server.Log.Problems, line => line.StartsWith("Warning part 1 cannot be read now", StringComparison.Ordinal));
        await server.Download(blob).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task A_parts_directory_that_is_not_mounted_is_no_rot()
    {
        var blob = await Fill(Body);
        await using var server = await Start(8 << 20);
        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the first round ended");
        Directory.Move(directory.At("parts"), directory.At("elsewhere"));

        await Wait.Turning(server, Scrubber.Pause, () => server.Log.Problems.Any(line => line.Contains("no longer belongs", StringComparison.Ordinal)), "it noticed");
        Directory.Move(directory.At("elsewhere"), directory.At("parts"));

        await server.Download(blob).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task A_report_that_comes_when_the_parts_are_not_mounted_marks_nothing()
    {
        _ = await Fill(Body);
        await using var server = await Start(0);
        Directory.Move(directory.At("parts"), directory.At("elsewhere"));

        await server.Store.Damage.Report(server.Store.Index.FindParts([1])[0]!, "its file is missing");
        Directory.Move(directory.At("elsewhere"), directory.At("parts"));

        Assert.False(server.Store.Index.FindParts([1])[0]!.Damaged);
        Assert.Contains(server.Log.Problems, line => line.StartsWith("Error part 1 is not marked damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_part_that_is_deleted_while_it_is_read_is_removed_at_once_read_no_further_and_no_rot()
    {
        var blob = await Fill(Body);
        var path = FileOf(Body);
        var disk = new TestDisk();
        var (reading, gate) = disk.Stop("read", path);
        var (stop, reads) = (disk.Before, 0);
        disk.Before = (call, at) =>
        {
            reads += call == "read" && at == path ? 1 : 0;
            stop(call, at);
        };
        await using var server = await Start(Rate, disk);
        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => reading.IsCompleted, "it is being read");

        await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{blob}")).ShouldBeOk();
        await Wait.Until(() => !File.Exists(path), "it is removed");
        gate.Set();

        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");
        Assert.Equal(1, reads);
        Assert.Empty(server.Log.Problems);
    }

    [Fact]
    public async Task A_part_that_is_removed_before_it_is_opened_is_skipped()
    {
        _ = await Fill(Body);
        var path = FileOf(Body);
        var disk = new TestDisk();
        var (opening, gate) = disk.Stop("open", path);
        await using var server = await Start(8 << 20, disk);
        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => opening.IsCompleted, "it is being opened");

        // As if the remover had decided before the part was held.
        var part = server.Store.Index.FindParts([1])[0]!;
        Sql("UPDATE parts SET blob_refs = 0");
        Assert.True((await server.Store.Committer.Commit(tx => Decisions.Reap(tx, [new GarbagePart(1, part.Sha256, part.Size, part.Place)], _ => false))).IsRight);
        File.Delete(path);
        gate.Set();

        await Wait.Turning(server, TimeSpan.FromMilliseconds(50), () => HasEnded(server), "the round ended");
        Assert.Empty(server.Log.Problems);
    }

    [Fact]
    public async Task While_uploads_and_deletes_run_it_finds_nothing_where_nothing_is_wrong()
    {
        await using var server = await Start(0);
        var time = new FakeTimeProvider();
        using var over = new CancellationTokenSource();
        var scrubbing = new Scrubber(
            server.Store.Index, server.Store.Parts, server.Store.Damage,
            new ScrubPlace(new PosixDisk(), directory.At("scrub.json"), server.Log.Logger), 1 << 30, time, server.Log.Logger).Run(over.Token);
        var turning = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                time.Advance(Scrubber.Pause);
                await Task.Yield();
            }
        });

        await Storm.Together(6, async client =>
        {
            for (var i = 0; i < 40; i++)
            {
                // Few bodies, so that equal ones come and go at once.
                var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(i % 2 == 0 ? 3_000 : 60_000, 820 + i % 4));
                var at = $"/{blob}";
                await server.Send(HttpMethod.Post, server.Signed("POST", "/upload" + at), new ByteArrayContent(bytes)).ShouldBeOk();
                await server.Send(HttpMethod.Delete, server.Signed("DELETE", "/files" + at)).ShouldBeOk();
            }
        });
        await over.CancelAsync();
        await turning;
        await scrubbing;

        Assert.Contains(server.Log.Lines, line => line.Contains("scrub: reached the end", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("damaged", StringComparison.Ordinal) || line.Contains("cannot be read", StringComparison.Ordinal));
        await Audit.Balance(server);
    }

    /// <summary>Makes a store with these bodies, in this order.</summary>
    /// <returns>The first blob.</returns>
    private async Task<Guid> Fill(params byte[][] bodies)
    {
        var blobs = bodies.Select(_ => Guid.CreateVersion7()).ToArray();
        await using var server = await Start(0);
        for (var i = 0; i < bodies.Length; i++)
        {
            await server.Upload(blobs[i], bodies[i]).ShouldBeOk();
        }

        return blobs[0];
    }

    private Task<TestServer> Start(long rate, IDisk? disk = null) =>
        TestServer.Start(new Dictionary<string, string> { ["scrub_bytes_per_sec"] = $"{rate}" }, directory.Root, disk);

    private string FileOf(byte[] bytes) =>
        Directory.EnumerateFiles(directory.At("parts"), $"{Answers.Sha256(bytes)}-*", SearchOption.AllDirectories).Single();

    private bool Opened(TestDisk disk, byte[] bytes) => disk.Calls.Contains($"open {FileOf(bytes)}");

    private void Sql(string sql)
    {
        using var connection = SqliteSchema.Open(directory.At("metadata.db"), SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, $"PRAGMA busy_timeout = 10000; {sql}");
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static bool HasEnded(TestServer server) => server.Log.Lines.Any(line => line.Contains("scrub: reached the end", StringComparison.Ordinal));

    private static bool Found(TestServer server, byte[] bytes, string reason = "") =>
        server.Log.Problems.Any(line => line.StartsWith(
            $"Error part 1 with digest {Answers.Sha256(bytes)} is damaged: {reason}", StringComparison.Ordinal));

    /// <summary>Said in the log, and marked.</summary>
    private static Task ShouldBeFound(TestServer server, byte[] bytes, string reason) =>
        Wait.Turning(
            server, TimeSpan.FromMilliseconds(50), () => Found(server, bytes, reason) && server.Store.Index.FindParts([1])[0]!.Damaged, "it was found");
}
