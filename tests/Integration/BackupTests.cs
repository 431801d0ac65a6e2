using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>What a backup holds, and what the next one into the same directory changes.</summary>
public sealed class BackupTests
{
    private static readonly byte[] Body = Answers.Bytes(100_000, 801);
    private static readonly byte[] Other = Answers.Bytes(150_000, 802);
    private static readonly byte[] Small = Answers.Bytes(2_000, 803);

    private static void Flip(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        var read = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(read ^ 1));
    }

    private static string FileOf(TestServer server, byte[] bytes) =>
        server.FilesUnder("parts").Single(file => file.Contains(Answers.Sha256(bytes), StringComparison.Ordinal));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_starts_from_it_and_has_everything(bool copy)
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var (blob, small, merged, waiting) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _ = await server.Upload(blob, Body, ("content-type", "text/plain")).ShouldBeOk();
        _ = await server.Upload(small, Small).ShouldBeOk();
        _ = await server.Chunk(merged, 1, 2, Small).ShouldBeOk();
        _ = await server.Chunk(merged, 2, 2, Other).ShouldBeOk();
        _ = await server.Merge(merged, 2).ShouldBeOk();
        _ = await server.Chunk(waiting, 1, 2, Answers.Bytes(120_000, 804)).ShouldBeOk();

        var report = await backups.Run(copy);

        Assert.Equal((0, 1, copy ? 0 : 3, copy ? 3 : 0), (report.ExitCode, report.InIndex, report.Linked, report.Copied));
        Assert.All(server.FilesUnder("parts"), file => Assert.Equal(
            copy, !Posix.IsSameFile(file, Path.Combine(backups.Layout.Parts, Path.GetRelativePath(Path.Combine(server.Directory, "parts"), file)))));
        await using var restored = await backups.Restore();
        await restored.Download(blob).ShouldHaveBytes(Body);
        await restored.Download(small).ShouldHaveBytes(Small);
        await restored.Download(merged).ShouldHaveBytes([.. Small, .. Other]);
        _ = await restored.Chunk(waiting, 2, 2, Small).ShouldBeOk();
        _ = await restored.Merge(waiting, 2).ShouldBeOk();
        await restored.Download(waiting).ShouldHaveBytes([.. Answers.Bytes(120_000, 804), .. Small]);
        await Audit.Balance(restored);
    }

    [Fact]
    public async Task It_is_made_as_well_when_no_server_runs_and_the_last_one_was_killed()
    {
        using var directory = new TestDirectory();
        using var backups = new Backups(directory.Root);
        var blobs = Enumerable.Range(1, 5).ToDictionary(_ => Guid.CreateVersion7(), size => Answers.Bytes(size * 10_000, size));
        await using (var server = await ServerProcess.Serve(directory.Root))
        {
            foreach (var (blob, bytes) in blobs)
            {
                _ = await server.Upload(blob, bytes).ShouldBeOk();
            }

            server.Signal(ServerProcess.SigKill);
            _ = await server.End();
        }

        Assert.Equal(0, (await backups.Run()).ExitCode);

        await using var restored = await backups.Restore();
        foreach (var (blob, bytes) in blobs)
        {
            await restored.Download(blob).ShouldHaveBytes(bytes);
        }
    }

    [Fact]
    public async Task What_was_fixed_when_the_index_was_made_is_kept_and_the_copy_is_private()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Small).ShouldBeOk();
        _ = await backups.Run();

        using var connection = SqliteSchema.Open(backups.Layout.IndexPath, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        Assert.Equal(SqliteSchema.ApplicationId, SqliteSchema.Number(connection, "PRAGMA application_id"));
        Assert.Equal(SqliteSchema.PageSize, SqliteSchema.Number(connection, "PRAGMA page_size"));
        Assert.Equal(2, SqliteSchema.Number(connection, "PRAGMA auto_vacuum"));
        Assert.Equal(SqliteSchema.Steps.Count, SqliteSchema.Number(connection, "PRAGMA user_version"));
        Assert.Equal(0, SqliteSchema.Number(connection, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"));
    }

    [Fact]
    public async Task The_second_brings_only_what_is_new_and_removes_what_it_does_not_name()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var gone = Guid.CreateVersion7();
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        _ = await server.Upload(gone, Other).ShouldBeOk();
        _ = await backups.Run(copy: true);
        var before = File.GetLastWriteTimeUtc(backups.PartOf(Body));
        using (await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{gone}"), null))
        {
            await Wait.Until(() => server.FilesUnder("parts").Length == 1, "the deleted file is gone");
        }

        var (blob, next) = (Guid.CreateVersion7(), Answers.Bytes(90_000, 805));
        _ = await server.Upload(blob, next).ShouldBeOk();
        var disk = new TestDisk();

        var report = await backups.Run(copy: true, disk: disk);

        Assert.Equal((0, 1, 1, 1), (report.ExitCode, report.Copied, report.Kept, report.Removed));
        Assert.Equal(2, backups.Parts().Length);
        Assert.Equal(before, File.GetLastWriteTimeUtc(backups.PartOf(Body)));
        Assert.DoesNotContain(disk.Calls, call => call.StartsWith("create", StringComparison.Ordinal) && call.Contains(Answers.Sha256(Body), StringComparison.Ordinal));
        await using var restored = await backups.Restore();
        await restored.Download(blob).ShouldHaveBytes(next);
        await Audit.Balance(restored);
    }

    [Fact]
    public async Task Copies_take_the_place_of_links_when_they_are_asked_for()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        Assert.Equal(1, (await backups.Run()).Linked);

        Assert.Equal(1, (await backups.Run(copy: true)).Copied);

        Assert.False(Posix.IsSameFile(FileOf(server, Body), backups.PartOf(Body)));
        Assert.Equal(1, (await backups.Run(copy: true)).Kept);
    }

    [Fact]
    public async Task Two_run_at_once_into_two_directories()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        using var others = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        var disk = new TestDisk();
        var (came, gate) = disk.Stop("rename", backups.Layout.IndexPath);
        var first = Task.Run(() => backups.Run(disk: disk));
        await came;

        Assert.Equal(0, (await others.Run()).ExitCode);
        Assert.Contains("in use by process", await backups.Refused(), StringComparison.Ordinal);
        gate.Set();

        Assert.Equal(0, (await first).ExitCode);
        Assert.True(await backups.WouldStart() && await others.WouldStart());
    }

    [Fact]
    public async Task What_a_look_into_the_older_index_left_is_not_taken_for_the_log_of_the_new()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Small).ShouldBeOk();
        _ = await backups.Run();
        var log = backups.Layout.IndexPath + "-wal";
        File.Copy(Path.Combine(server.Directory, "metadata.db-wal"), log, overwrite: true);
        File.WriteAllText(backups.Layout.IndexPath + "-journal", "an old journal");

        Assert.Equal(0, (await backups.Run()).ExitCode);

        Assert.False(File.Exists(log) || File.Exists(backups.Layout.IndexPath + "-journal"));
        await using var restored = await backups.Restore();
        await Audit.Balance(restored);
    }

    [Theory]
    [InlineData("missing", "is missing")]
    [InlineData("short", "has 99999 bytes, and its row says 100000")]
    [InlineData("rotten", "has other bytes than its name says")]
    public async Task A_damaged_part_is_reported_and_left_out_and_equal_bytes_take_its_place_after_a_restore(string how, string reason)
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var (damaged, whole, again) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        _ = await server.Upload(damaged, Body).ShouldBeOk();
        _ = await server.Upload(whole, Other).ShouldBeOk();
        var path = FileOf(server, Body);
        Damage(path, how);

        var report = await backups.Run();

        Assert.Equal((3, 1, 1), (report.ExitCode, report.Damaged, report.Linked));
        Assert.StartsWith("done but damaged parts: 1 in the store, 1 of them not in the backup", report.Wrong.IfNone(""), StringComparison.Ordinal);
        Assert.Equal($"damaged, not in the backup: {Path.GetRelativePath(server.Directory, path)} {reason}", Assert.Single(backups.Told));
        _ = Assert.Single(backups.Parts());
        await using var restored = await backups.Restore();
        await restored.Download(whole).ShouldHaveBytes(Other);
        _ = await restored.Download(damaged).ShouldBeError(500, "blob_damaged");
        _ = await restored.Upload(again, Body).ShouldBeOk();
        await restored.Download(again).ShouldHaveBytes(Body);
        await restored.Download(damaged).ShouldHaveBytes(Body);
    }

    [Theory]
    [InlineData("missing", true)]
    [InlineData("short", true)]
    [InlineData("marked", false)]
    public async Task What_an_earlier_copy_has_whole_stays_whole_when_the_store_loses_it(string how, bool later)
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Body).ShouldBeOk();
        if (later)
        {
            _ = await backups.Run(copy: true);
        }

        Damage(FileOf(server, Body), how);
        await server.Store.Committer.MarkDamaged(server.Store.Index.FindBlob(BucketName.Default, BlobId.From(blob))!.Only!);

        var report = await backups.Run(copy: true);

        Assert.Equal((3, 1, 0), (report.ExitCode, report.Rescued, report.Damaged));
        Assert.StartsWith("damaged in the store, whole in the backup: parts/0001/", Assert.Single(backups.Told), StringComparison.Ordinal);
        await using var restored = await backups.Restore();
        await restored.Download(blob).ShouldHaveBytes(Body);
        await Audit.Balance(restored);
    }

    [Fact]
    public async Task Bytes_of_the_index_that_are_rotten_are_reported()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Small).ShouldBeOk();
        using (var connection = SqliteSchema.Open(Path.Combine(server.Directory, "metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(connection, "UPDATE parts SET bytes = zeroblob(size)");
        }

        var report = await backups.Run();

        Assert.Equal((3, 1), (report.ExitCode, report.Damaged));
        Assert.Contains($"the part {Answers.Sha256(Small)} in the index has other bytes", Assert.Single(backups.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verifying_finds_a_flipped_byte_in_the_backup_and_mends_it()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        _ = await server.Upload(Guid.CreateVersion7(), Other).ShouldBeOk();
        _ = await backups.Run(copy: true);
        Flip(backups.PartOf(Body));

        Assert.Equal(2, (await backups.Run(copy: true)).Kept);
        var report = await backups.Run(copy: true, verify: true);

        Assert.Equal((0, 1, 1), (report.ExitCode, report.Copied, report.Kept));
        Assert.StartsWith("mended in the backup: parts/0001/", Assert.Single(backups.Told), StringComparison.Ordinal);
        Assert.Equal(Body, File.ReadAllBytes(backups.PartOf(Body)));
    }

    [Fact]
    public async Task A_file_of_an_earlier_backup_that_has_another_length_is_brought_anew_without_verifying()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        _ = await backups.Run(copy: true);
        Damage(backups.PartOf(Body), "short");

        Assert.Equal(1, (await backups.Run(copy: true)).Copied);

        Assert.EndsWith("has 99999 bytes, and its row says 100000", Assert.Single(backups.Told), StringComparison.Ordinal);
        Assert.Equal(Body, File.ReadAllBytes(backups.PartOf(Body)));
    }

    [Fact]
    public async Task A_flipped_byte_is_one_for_store_and_links_alike()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        _ = await backups.Run();
        Flip(backups.PartOf(Body));

        Assert.NotEqual(Body, File.ReadAllBytes(FileOf(server, Body)));
        var report = await backups.Run(verify: true);

        Assert.Equal((3, 1), (report.ExitCode, report.Damaged));
        Assert.Empty(backups.Parts());
    }

    /// <summary>A name in the backup means durable, whatever the store says of durability, so each is synced before it gets it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parts_that_a_relaxed_store_left_to_the_kernel_are_synced(bool copy)
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["durability"] = "relaxed" });
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        var disk = new TestDisk();

        Assert.Equal(0, (await backups.Run(copy, disk: disk)).ExitCode);

        var name = Path.GetFileName(backups.PartOf(Body));
        var calls = disk.Calls.ToList();
        var (synced, named) = (calls.IndexOf($"fdatasync {backups.Layout.TemporaryFile(name)}"), calls.IndexOf($"rename {backups.PartOf(Body)}"));
        Assert.True(0 <= synced && synced < named, string.Join('\n', calls));
        var directory = calls.IndexOf($"fsync {Path.GetDirectoryName(backups.PartOf(Body))}");
        var identity = calls.IndexOf($"rename {backups.Layout.Identity}");
        Assert.True(named < directory && directory < calls.IndexOf($"rename {backups.Layout.IndexPath}"), string.Join('\n', calls));
        Assert.InRange(calls.IndexOf($"fdatasync {backups.Layout.IndexPath}.new"), 0, calls.IndexOf($"rename {backups.Layout.IndexPath}"));
        Assert.True(calls.IndexOf($"rename {backups.Layout.IndexPath}") < identity);
        Assert.Equal($"fsync {backups.To}", calls[identity + 1]);
    }

    /// <summary>Whatever was lost at a power failure that was not synced, no step may have built on it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_are_durable_before_a_step_builds_on_them(bool second)
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        if (second)
        {
            _ = await backups.Run();
            _ = await server.Upload(Guid.CreateVersion7(), Other).ShouldBeOk();
        }

        var disk = new TestDisk();
        Assert.Equal(0, (await backups.Run(copy: true, disk: disk)).ExitCode);

        var (at, pending) = (backups.Layout, new List<string>());
        foreach (var call in disk.Calls)
        {
            var path = call[(call.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            if (call == $"rename {at.IndexPath}")
            {
                // Whether a log beside the older index goes before or after the new one came is one, for only store.json makes them count.
                Assert.DoesNotContain(pending, name => !name.StartsWith($"unlink {at.IndexPath}", StringComparison.Ordinal));
            }
            else if (call == $"rename {at.Identity}")
            {
                Assert.DoesNotContain(pending, name => !name.EndsWith($" {at.Identity}.new", StringComparison.Ordinal));
            }
            else if (call.StartsWith("fsync", StringComparison.Ordinal))
            {
                _ = pending.RemoveAll(name => name.Split(' ', 2)[1] is var named && Path.GetDirectoryName(named) == path);
            }

            if (call.Split(' ')[0] is "create" or "rename" or "unlink" or "mkdir" && Path.GetDirectoryName(path) != at.Temporary)
            {
                pending.Add(call);
            }
        }

        var calls = disk.Calls.ToList();
        var marked = second ? 0 : calls.IndexOf($"fdatasync {at.BackupMark}");
        Assert.True(0 <= marked && marked <= calls.IndexOf($"fsync {at.Root}") && calls.IndexOf($"fsync {at.Root}") < calls.IndexOf($"mkdir {at.Temporary}"));
    }

    [Fact]
    public async Task From_its_first_call_to_its_last_nothing_may_be_removed()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        await Wait.Until(() => MayRemove(server), "the remover's first run is over");
        var disk = new TestDisk();
        var free = new System.Collections.Concurrent.ConcurrentQueue<string>();
        disk.Before = (call, path) =>
        {
            if (MayRemove(server))
            {
                free.Enqueue($"{call} {path}");
            }
        };

        Assert.Equal(0, (await backups.Run(disk: disk)).ExitCode);

        Assert.Empty(free);
        Assert.True(MayRemove(server));
    }

    [Fact]
    public async Task It_is_of_the_moment_at_which_the_copying_began_and_commits_go_on_beside_it()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var (early, late) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        _ = await server.Upload(early, Body).ShouldBeOk();
        Sql(server, "CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(9000000))");
        var copying = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        backups.Shown = text =>
        {
            if (text.Contains("pages of the index", StringComparison.Ordinal) && copying.TrySetResult())
            {
                gate.Wait();
            }
        };

        var running = Task.Run(() => backups.Run());
        Assert.Same(copying.Task, await Task.WhenAny(copying.Task, running));
        _ = await server.Upload(late, Other).ShouldBeOk();
        gate.Set();
        var report = await running;
        Assert.Equal((0, 1), (report.ExitCode, report.Linked));

        await using var restored = await backups.Restore();
        await restored.Download(early).ShouldHaveBytes(Body);
        _ = await restored.Download(late).ShouldBeError(404, "no_such_blob");
    }

    [Fact]
    public async Task An_index_of_a_newer_program_is_refused()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        Sql(server, $"PRAGMA user_version = {SqliteSchema.Steps.Count + 1}");

        var report = await backups.Run();

        Assert.Contains("use a newer program", report.Wrong.IfNone(""), StringComparison.Ordinal);
        Assert.Equal((1, false), (report.ExitCode, File.Exists(backups.Layout.Identity)));
    }

    [Fact]
    public async Task What_a_killed_run_left_of_an_index_is_not_taken_for_the_beginning_of_the_next()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Small).ShouldBeOk();
        _ = await backups.Run();
        var left = backups.Layout.IndexPath + ".new";
        File.Copy(Path.Combine(server.Directory, "metadata.db"), left);
        File.Copy(Path.Combine(server.Directory, "metadata.db-wal"), left + "-wal");
        using (await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{blob}"), null))
        {
        }

        await using (var early = await backups.Restore())
        {
            Assert.False(File.Exists(Path.Combine(early.Directory, Path.GetFileName(left))));
            await early.Download(blob).ShouldHaveBytes(Small);
        }

        Assert.Equal(0, (await backups.Run()).ExitCode);

        Assert.False(File.Exists(left) || File.Exists(left + "-wal"));
        await using var restored = await backups.Restore();
        _ = await restored.Download(blob).ShouldBeError(404, "no_such_blob");
        await Audit.Balance(restored);
    }

    [Fact]
    public async Task A_part_that_is_a_link_elsewhere_is_copied_so_that_the_backup_needs_no_other_directory()
    {
        await using var server = await TestServer.Start();
        using var elsewhere = new TestDirectory();
        using var backups = new Backups(server.Directory);
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Body).ShouldBeOk();
        var path = FileOf(server, Body);
        File.Move(path, elsewhere.At("part"));
        _ = File.CreateSymbolicLink(path, elsewhere.At("part"));

        var report = await backups.Run();

        Assert.Equal((0, 1), (report.ExitCode, report.Copied));
        Assert.Null(new FileInfo(backups.PartOf(Body)).LinkTarget);
        Assert.Equal(Body, File.ReadAllBytes(backups.PartOf(Body)));
    }

    [Fact]
    public async Task A_row_that_can_be_no_parts_is_reported_and_all_others_are_there()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var whole = Guid.CreateVersion7();
        _ = await server.Upload(Guid.CreateVersion7(), Small).ShouldBeOk();
        _ = await server.Upload(whole, Body).ShouldBeOk();
        Sql(server, "UPDATE parts SET sha256 = x'00' WHERE part = 1");

        var report = await backups.Run();

        Assert.Equal((3, 1, 1), (report.ExitCode, report.Damaged, report.Linked));
        Assert.Contains("the row of part 1 in the index can be no part's", Assert.Single(backups.Told), StringComparison.Ordinal);
        await using var restored = await backups.Restore();
        await restored.Download(whole).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task Parts_that_are_unmounted_meanwhile_stop_it_and_none_counts_as_damaged()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        backups.Shown = text =>
        {
            if (text.Contains("pages of the index", StringComparison.Ordinal))
            {
                Directory.Move(server.Store.Layout.Parts, server.Store.Layout.Parts + "-away");
            }
        };

        var report = await backups.Run();
        Directory.Move(server.Store.Layout.Parts + "-away", server.Store.Layout.Parts);

        Assert.Contains("mount or restore the parts directory; the same command goes on", report.Wrong.IfNone(""), StringComparison.Ordinal);
        Assert.Equal((1, false), (report.ExitCode, File.Exists(backups.Layout.Identity)));
    }

    [Fact]
    public async Task A_broken_index_is_told_with_what_helps_and_the_earlier_backup_stays()
    {
        using var directory = new TestDirectory();
        using var backups = new Backups(directory.Root);
        await using (var server = await TestServer.Start(directory: directory.Root))
        {
            _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        }

        _ = await backups.Run();
        using (var index = new FileStream(directory.At("metadata.db"), FileMode.Open))
        {
            index.Position = 4 * SqliteSchema.PageSize;
            index.Write(Answers.Bytes((int)(index.Length - index.Position)));
        }

        var report = await backups.Run();

        Assert.StartsWith($"the index {directory.At("metadata.db")} is broken", report.Wrong.IfNone(""), StringComparison.Ordinal);
        Assert.EndsWith("let fsck --deep say what is wrong", report.Wrong.IfNone(""), StringComparison.Ordinal);
        Assert.Equal(1, report.ExitCode);
        Assert.True(await backups.WouldStart());
    }

    [Fact]
    public async Task A_server_started_on_links_changes_nothing_of_the_store()
    {
        using var directory = new TestDirectory();
        using var backups = new Backups(directory.Root);
        var (kept, deleted) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (var server = await TestServer.Start(directory: directory.Root))
        {
            _ = await server.Upload(kept, Body).ShouldBeOk();
            _ = await server.Upload(deleted, Other).ShouldBeOk();
            _ = await backups.Run();
        }

        var before = directory.Listing();
        await using (var restored = await TestServer.Start(directory: backups.To))
        {
            using var answer = await restored.Send(HttpMethod.Delete, restored.Signed("DELETE", $"/files/{deleted}"), null);
            _ = await restored.Send(HttpMethod.Put, restored.Signed("PUT", $"/upload/{kept}"), new ByteArrayContent(Small)).ShouldBeOk();
            await Wait.Until(() => restored.FilesUnder("parts").Length == 0, "the files have gone there");
        }

        Assert.Equal(before, directory.Listing());
    }

    private static bool MayRemove(TestServer server)
    {
        using var removal = server.Store.BeginRemoval();
        return removal is not null;
    }

    private static void Sql(TestServer server, string sql)
    {
        using var connection = SqliteSchema.Open(Path.Combine(server.Directory, "metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        SqliteSchema.Execute(connection, $"PRAGMA busy_timeout = 10000; {sql}");
    }

    private static void Damage(string path, string how)
    {
        switch (how)
        {
            case "missing":
                File.Delete(path);
                break;
            case "short":
                using (var file = new FileStream(path, FileMode.Open))
                {
                    file.SetLength(file.Length - 1);
                }

                break;
            case "rotten":
                Flip(path);
                break;
            default:
                break;
        }
    }
}
