using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Backups that do not come to their end: what they leave is no store, or a whole one, and the next run completes it.</summary>
public sealed class BackupCrashTests
{
    /// <summary>A store that changes between two backups, with what it held at each.</summary>
    private sealed class Changing : IAsyncDisposable
    {
        private readonly TestServer server;

        private Changing(TestServer server) => this.server = server;

        public string DataDir => server.Directory;

        public Dictionary<Guid, byte[]> Blobs { get; } = [];

        public static async Task<Changing> Start(int count, int size)
        {
            var store = new Changing(await TestServer.Start());
            await store.Add(count, size);
            return store;
        }

        public async Task Add(int count, int size)
        {
            for (var i = 0; i < count; i++)
            {
                var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(size + Blobs.Count, Blobs.Count + 1));
                _ = await server.Upload(blob, bytes).ShouldBeOk();
                Blobs[blob] = bytes;
            }
        }

        public async Task Delete(int count)
        {
            foreach (var blob in Blobs.Keys.Take(count).ToArray())
            {
                using var answer = await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{blob}"), null);
                Assert.True(Blobs.Remove(blob));
            }

            await Wait.Until(() => server.Store.Index.Garbage(0, 1).Count == 0, "the parts are removed");
        }

        /// <summary>The files of parts in the store, by their path from <c>parts/</c>.</summary>
        public string[] Parts() =>
            [.. server.FilesUnder("parts").Select(file => Path.GetRelativePath(server.Store.Layout.Parts, file)).Order(StringComparer.Ordinal)];

        /// <summary>The lock of a process that was killed went with it.</summary>
        public void ShouldLetRemove()
        {
            using var removal = server.Store.BeginRemoval();
            Assert.NotNull(removal);
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }

    /// <summary>Where a server would start on what is there, it has all that one of the two backups was to have, and whole.</summary>
    private static async Task<bool> IsNothingOrWhole(Backups backups, IReadOnlyList<IReadOnlyDictionary<Guid, byte[]>> moments)
    {
        if (!Directory.Exists(backups.To) || !Directory.EnumerateFileSystemEntries(backups.To).Any(path => Path.GetFileName(path) != "lock") || !await backups.WouldStart())
        {
            return false;
        }

        await using var server = await backups.Restore();
        var found = server.Store.Index.List(null, null, 1000, 0).Select(blob => blob.Blob.Value).ToHashSet();
        var moment = Assert.Single(moments, blobs => found.SetEquals(blobs.Keys));
        foreach (var (blob, bytes) in moment)
        {
            await server.Download(blob).ShouldHaveBytes(bytes);
        }

        return true;
    }

    /// <summary>The disk dies at one call after the other, until there is no further call.</summary>
    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "after copies")]
    [InlineData(true, "after links")]
    [InlineData(false, "after links")]
    public async Task Wherever_it_ends_it_leaves_nothing_or_a_whole_backup_and_the_next_run_completes_it(bool copy, string? second)
    {
        await using var store = await Changing.Start(4, 70_000);
        using var first = new Backups(store.DataDir);
        List<IReadOnlyDictionary<Guid, byte[]>> moments = [];
        if (second is not null)
        {
            Assert.Equal(0, (await first.Run(copy: second == "after copies")).ExitCode);
            moments.Add(new Dictionary<Guid, byte[]>(store.Blobs));
            await store.Delete(2);
            await store.Add(1, 80_000);
        }

        moments.Add(store.Blobs);
        var (ended, deaths, whole) = (false, 0, 0);
        for (; !ended; deaths++)
        {
            using var backups = new Backups(store.DataDir);
            if (second is not null)
            {
                Directory.Move(await first.Copy(links: second == "after links"), backups.To);
            }

            var (disk, left) = (new TestDisk(), deaths);
            disk.Before = (call, path) =>
            {
                if (Interlocked.Decrement(ref left) < 0)
                {
                    TestDisk.Fail(call, path);
                }
            };

            ended = (await backups.Try(copy, disk: disk)).Exists(report => report.ExitCode == 0);

            whole += await IsNothingOrWhole(backups, moments) ? 1 : 0;
            Assert.Equal(0, (await backups.Run(copy, verify: true)).ExitCode);
            Assert.True(await backups.WouldStart());
            Assert.Equal(store.Parts(), backups.Parts());
            Assert.Empty(Directory.EnumerateFiles(backups.Layout.Temporary));
        }

        Assert.True(deaths > 20, $"{deaths} calls are too few to have seen anything");
        Assert.True(second is not null ? whole < deaths : whole <= 4, $"{whole} of {deaths} were whole, and the index was never without store.json");
    }

    [Fact]
    public async Task Killed_with_so_many_files_there_it_leaves_nothing_or_a_whole_backup_and_lets_removals_go_on()
    {
        const int Blobs = 24;
        await using var store = await Changing.Start(Blobs, 2_000_000);
        var killed = 0;
        foreach (var files in new[] { 0, 1, 2, 4, 7, 10, 14, 18, 21, 23, 24 })
        {
            using var backups = new Backups(store.DataDir);
            await using (var process = ServerProcess.Launch(["backup", $"--to={backups.To}", $"--data-dir={store.DataDir}", "--copy"]))
            {
                await Wait.Until(() => process.HasExited || Files(backups) >= files, $"{files} files are there");
                if (!process.HasExited)
                {
                    process.Signal(ServerProcess.SigKill);
                }

                killed += (await process.End()).Code == 128 + 9 ? 1 : 0;
            }

            store.ShouldLetRemove();
            _ = await IsNothingOrWhole(backups, [store.Blobs]);
            var there = Files(backups);
            var report = await backups.Run(copy: true);
            Assert.Equal((0, (long)Math.Max(0, there), Blobs), (report.ExitCode, report.Kept, report.Kept + report.Copied));
            Assert.True(await IsNothingOrWhole(backups, [store.Blobs]));
        }

        Assert.True(killed > 0, "none was killed before its end");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public async Task A_mark_that_was_cut_off_is_no_obstacle_and_no_store(string? text)
    {
        await using var store = await Changing.Start(1, 70_000);
        using var backups = new Backups(store.DataDir);
        _ = Directory.CreateDirectory(backups.To);
        File.WriteAllText(backups.Layout.BackupMark, text);

        var started = StoreIdentity.Establish(new PosixDisk(), backups.Layout, () => "new");

        Assert.Contains("is a backup that did not end", started.Match(Right: _ => "", Left: problem => problem.Message), StringComparison.Ordinal);
        Assert.Equal(0, (await backups.Run()).ExitCode);
        Assert.True(await IsNothingOrWhole(backups, [store.Blobs]));
    }

    /// <summary>The number of parts that are there under their names; -1 while there is no directory.</summary>
    private static int Files(Backups backups) => Directory.Exists(backups.Layout.Parts) ? backups.Parts().Length : -1;
}
