using Borderless.Tests.Integration.Support;
using Borderless.Web.Janitor;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

public sealed class JanitorTests
{
    private const int Ttl = 1000;

    private static readonly Dictionary<string, string> Settings = new() { ["ttl_orphan_secs"] = $"{Ttl}", ["janitor_interval_secs"] = "100000" };

    private static readonly byte[] Body = Answers.Bytes(100_000);

    /// <summary>A server whose first run of the janitor is over, so that a test sees its own runs only.</summary>
    private static async Task<TestServer> Start(Dictionary<string, string>? settings = null, TestDisk? disk = null)
    {
        var server = await TestServer.Start(settings ?? Settings, disk: disk);
        await Wait.Until(() => Runs(server) == 1, "the first run is over");
        return server;
    }

    private static string Orphan(TestServer server, string directory, string name, int age, int bytes = 10)
    {
        var path = Path.Combine(server.Directory, directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
        File.SetLastWriteTimeUtc(path, server.Time.GetUtcNow().UtcDateTime.AddSeconds(-age));
        return path;
    }

    private static string PartName(int seed) => $"{Answers.Sha256([(byte)seed])}-{seed:x16}";

    private static Task<Cleaned> Run(TestServer server) => server.Server.Janitor.RunOnce(CancellationToken.None);

    /// <summary>A run as it would be so many seconds later; the server's own clock, which judges stalls, stands still.</summary>
    private static Task<Cleaned> Run(TestServer server, int after) =>
        new JanitorService(
            JanitorPorts.Of(server.Store),
            new PosixDisk(),
            new JanitorSettings(Ttl, 100_000),
            new Microsoft.Extensions.Time.Testing.FakeTimeProvider(server.Time.GetUtcNow().AddSeconds(after)),
            server.Log.Logger).RunOnce(CancellationToken.None);

    [Fact]
    public async Task It_removes_exactly_what_is_older_than_the_ttl_and_has_no_row()
    {
        await using var server = await Start();
        var blob = Guid.CreateVersion7();
        await server.Upload(blob, Body).ShouldBeOk();
        File.SetLastWriteTimeUtc(server.FilesUnder("parts").Single(), server.Time.GetUtcNow().UtcDateTime.AddSeconds(-10 * Ttl));
        string[] old = [Orphan(server, "tmp", "a.tmp", Ttl + 5), Orphan(server, "parts/0001", PartName(1), Ttl + 5), Orphan(server, "parts/0007", PartName(2), Ttl + 5)];
        string[] young = [Orphan(server, "tmp", "b.tmp", Ttl - 5), Orphan(server, "parts/0001", PartName(3), Ttl - 5)];
        string[] foreign = [Orphan(server, "parts/0001", "notes.txt", 10 * Ttl), Orphan(server, "parts/other", PartName(4), 10 * Ttl)];

        var cleaned = await Run(server);

        Assert.Equal(new Cleaned(Temporary: 1, Parts: 2, Chunks: 0, Bytes: 30), cleaned);
        Assert.All(old, path => Assert.False(File.Exists(path)));
        Assert.All([.. young, .. foreign], path => Assert.True(File.Exists(path)));
        await server.Download(blob).ShouldHaveBytes(Body);
        Assert.Contains(server.Log.Lines, line => line.Contains("janitor: removed 1 temporary files, 2 parts without a row, 0 chunks, 30 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_never_takes_a_file_that_is_being_written_however_old_it_looks()
    {
        await using var server = await Start();
        using var file = server.Store.Parts.Begin();
        File.SetLastWriteTimeUtc(file.Path, server.Time.GetUtcNow().UtcDateTime.AddSeconds(-10 * Ttl));

        Assert.Equal(0, (await Run(server)).Temporary);

        Assert.True(File.Exists(file.Path));
    }

    [Fact]
    public async Task It_never_takes_a_part_that_was_renamed_and_is_not_yet_committed()
    {
        var disk = new TestDisk();
        await using var server = await Start(disk: disk);
        await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        var (renamed, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
        disk.Before = (call, path) =>
        {
            if (call == "fsync" && path.EndsWith("0001", StringComparison.Ordinal) && renamed.TrySetResult())
            {
                gate.Wait();
            }
        };
        var blob = Guid.CreateVersion7();
        var upload = server.Upload(blob, Answers.Bytes(100_000, 2));
        await renamed.Task;
        server.FilesUnder("parts").ToList().ForEach(path => File.SetLastWriteTimeUtc(path, server.Time.GetUtcNow().UtcDateTime.AddSeconds(-10 * Ttl)));
        disk.Before = (_, _) => { };

        // Only the chunks' step needs the committer, and there are none, so the run ends while the commit is held.
        Assert.Equal(0, (await Run(server)).Parts);
        gate.Set();

        await upload.ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(Answers.Bytes(100_000, 2));
    }

    [Fact]
    public async Task Chunks_go_when_their_upload_made_no_progress_and_stay_while_it_does()
    {
        await using var server = await Start();
        var (dead, alive) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await server.Chunk(dead, 1, 3, Body).ShouldBeOk();
        await server.Chunk(dead, 2, 3, [1]).ShouldBeOk();
        await server.Chunk(alive, 1, 2, Answers.Bytes(100_000, 2)).ShouldBeOk();
        server.Time.Advance(TimeSpan.FromSeconds(Ttl - 1));
        await server.Chunk(alive, 2, 2, [2]).ShouldBeOk();
        Assert.Equal(0, (await Run(server)).Chunks);

        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await Run(server)).Chunks);

        await server.Merge(alive, 2).ShouldBeOk();
        var error = await server.Merge(dead, 3).ShouldBeError(409, "chunks_missing");
        Assert.Equal(3, error.GetProperty("missing_chunks").GetArrayLength());
        await Wait.Until(() => server.FilesUnder("parts").Length == 1, "the dead upload's file is gone");
    }

    [Fact]
    public async Task Chunks_stay_while_another_one_is_on_its_way_or_they_are_being_merged()
    {
        var disk = new TestDisk();
        await using var server = await Start(disk: disk);
        var blob = Guid.CreateVersion7();
        var key = new MergeKey(BucketName.Default, BlobId.From(blob), 2);
        await server.Chunk(blob, 1, 2, Body).ShouldBeOk();
        using (var client = await RawClient.Connect(server))
        {
            await client.Send(RawClient.Head(
                "POST", server.Signed("POST", $"/upload/{blob}", validFor: 100 * Ttl), "x-upload-type: chunked", "x-chunk-index: 2", "x-chunk-total: 2", "content-length: 2"));
            await Wait.Until(() => server.Store.InProgress.IsHeld(key), "the second chunk is on its way");
            server.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(0, (await Run(server, after: 2 * Ttl)).Chunks);
            await client.Send("ab");
            Assert.Equal(200, (await client.ReadAnswer()).Status);
        }

        server.ForgetPrefixes();
        var (reading, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new ManualResetEventSlim());
        disk.Before = (call, _) =>
        {
            if (call == "read" && reading.TrySetResult())
            {
                gate.Wait();
            }
        };
        var merge = server.Merge(blob, 2);
        await reading.Task;
        Assert.Equal(0, (await Run(server, after: 2 * Ttl)).Chunks);
        gate.Set();
        await merge.ShouldBeOk();
    }

    [Fact]
    public async Task Chunks_stay_when_one_arrived_since_they_were_listed()
    {
        await using var server = await Start();
        var blob = Guid.CreateVersion7();
        await server.Chunk(blob, 1, 2, [1]).ShouldBeOk();
        var listed = server.Store.Index.UploadsUntouchedSince(long.MaxValue).Single();
        var before = server.Time.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds();
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await server.Chunk(blob, 2, 2, [2]).ShouldBeOk();

        var dropped = await server.Store.Committer.Commit(tx => Decisions.DropUpload(tx, listed, before, _ => false));

        Assert.Equal(0, dropped.IfLeft(-1));
        await server.Merge(blob, 2).ShouldBeOk();
    }

    [Fact]
    public async Task A_run_that_fails_does_not_keep_the_next_one_from_running()
    {
        var disk = new TestDisk();
        await using var server = await Start(new Dictionary<string, string> { ["ttl_orphan_secs"] = "100", ["janitor_interval_secs"] = "50" }, disk);
        var failed = false;
        disk.Before = (call, _) =>
        {
            if (call == "list" && !failed)
            {
                failed = true;
                throw new UnauthorizedAccessException("not today");
            }
        };

        await Wait.Until(
            () =>
            {
                server.Time.Advance(TimeSpan.FromSeconds(25));
                return Runs(server) >= 2;
            },
            "it ran again");

        Assert.True(failed);
        Assert.Contains(server.Log.Lines, line => line.Contains("the janitor stopped half way", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_runs_at_the_start_and_then_every_interval()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["ttl_orphan_secs"] = "100", ["janitor_interval_secs"] = "50" });
        await Wait.Until(() => Runs(server) == 1, "it ran at the start");

        var orphan = Orphan(server, "tmp", "late.tmp", 101);
        await Wait.Until(
            () =>
            {
                // The timer may not be armed yet when the first run was just logged, so the clock is moved until it rings.
                server.Time.Advance(TimeSpan.FromSeconds(25));
                return Runs(server) >= 2;
            },
            "it ran again");

        Assert.False(File.Exists(orphan));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_does_nothing_when_the_parts_are_no_longer_this_store_s(bool replaced)
    {
        await using var server = await Start();
        var mark = Path.Combine(server.Directory, "parts", ".store");
        if (replaced)
        {
            await File.WriteAllTextAsync(mark, "another store");
        }
        else
        {
            File.Delete(mark);
        }

        var orphan = Orphan(server, "tmp", "a.tmp", 10 * Ttl);

        Assert.Equal(default, await Run(server));

        Assert.True(File.Exists(orphan));
        Assert.Contains(server.Log.Lines, line => line.Contains("the janitor does nothing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Free_pages_of_the_index_are_given_back()
    {
        await using var server = await Start(new Dictionary<string, string>(Settings) { ["inline_max_bytes"] = "65536" });
        for (var i = 1; i <= 200; i++)
        {
            await server.Chunk(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), i, 200, Answers.Bytes(60_000, i)).ShouldBeOk();
        }

        var before = server.Store.Index.Pages();
        server.Time.Advance(TimeSpan.FromSeconds(Ttl + 1));
        _ = await Run(server);
        await Wait.Until(() => server.Store.Index.Garbage(0, 1).Count == 0, "the chunks' rows are gone");
        _ = await Run(server);

        var after = server.Store.Index.Pages();
        Assert.True(after.All < before.All / 2, $"{before} -> {after}");
        Assert.True(after.Free * 4 <= after.All || after.Free <= 256, $"{after}");
    }

    private static int Runs(TestServer server) => server.Log.Lines.Count(line => line.Contains("janitor: removed", StringComparison.Ordinal));
}
