using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>The command itself: its exit codes, its two kinds of report, and what it refuses.</summary>
public sealed class FsckCommandTests : IAsyncLifetime
{
    private FsckStore store = null!;

    public async Task InitializeAsync() => store = await FsckStore.Make();

    public Task DisposeAsync()
    {
        store.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task It_ends_with_0_when_clean_with_2_when_damage_is_found_and_with_1_when_all_of_it_was_repaired()
    {
        var clean = await Run("--deep");
        store.Sql("UPDATE totals SET contents = 9");
        var found = await Run();
        var repaired = await Run("--repair");
        var after = await Run();

        Assert.Equal((0, 2, 1, 0), (clean.Code, found.Code, repaired.Code, after.Code));
        Assert.Contains("result: clean; 0 damaged, 0 repaired, 0 notes", clean.Output);
        Assert.StartsWith("checked: 3 blobs, 2 chunks, 5 parts, 3 files, ", clean.Output[^2], StringComparison.Ordinal);
        Assert.Contains("damage: totals_wrong: the counts over all buckets are not those of the rows", found.Output);
        Assert.Contains("repaired: totals_wrong: the counts over all buckets are not those of the rows; mended", repaired.Output);
        Assert.Contains(clean.Errors, line => line.Contains(" checked: ", StringComparison.Ordinal) && line.EndsWith(" %)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_part_that_stays_damaged_is_damage_left_and_its_blob_and_file_are_named()
    {
        var path = Path.GetRelativePath(store.Root, store.FileOf(FsckStore.Tail));
        File.Delete(store.FileOf(FsckStore.Tail));

        var repaired = await Run("--repair");

        Assert.Equal(2, repaired.Code);
        Assert.StartsWith($"damage: part_missing: {path}, part 3, blob default/{store.Merged}: its file is missing", repaired.Output[0], StringComparison.Ordinal);
        Assert.EndsWith("marked damaged; uploading the same bytes heals it", repaired.Output[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_report_is_one_object_with_all_that_was_found()
    {
        var path = Path.GetRelativePath(store.Root, store.FileOf(FsckStore.Large));
        File.Delete(store.FileOf(FsckStore.Large));
        File.WriteAllText(Path.Combine(store.Layout.Temporary, "cafe.tmp"), "stray");
        store.Sql("UPDATE totals SET contents = 9");

        var ended = await Run("--json", "--repair", "--deep");

        using var json = JsonDocument.Parse(Assert.Single(ended.Output));
        var report = json.RootElement;
        Assert.Equal((2, 2), (ended.Code, report.GetProperty("exit_code").GetInt32()));
        Assert.False(report.GetProperty("clean").GetBoolean());
        Assert.True(report.GetProperty("complete").GetBoolean());
        var damage = Assert.Single(report.GetProperty("damage").EnumerateArray());
        Assert.Equal("part_missing", damage.GetProperty("kind").GetString());
        Assert.Equal(("default", store.InFile.ToString(), path), (Text(damage, "bucket"), Text(damage, "blob_id"), Text(damage, "path")));
        Assert.False(damage.GetProperty("repaired").GetBoolean());
        Assert.Equal(1, damage.GetProperty("part").GetInt64());
        var repaired = Assert.Single(report.GetProperty("repaired").EnumerateArray());
        Assert.Equal(("totals_wrong", true, false), (Text(repaired, "kind"), repaired.GetProperty("repaired").GetBoolean(), repaired.TryGetProperty("path", out _)));
        Assert.Equal("tmp/cafe.tmp", Text(Assert.Single(report.GetProperty("notes").EnumerateArray()), "path"));
        var looked = report.GetProperty("checked");
        Assert.Equal((3, 2, 5, 2), (Number(looked, "blobs"), Number(looked, "chunks"), Number(looked, "parts"), Number(looked, "files")));
        Assert.True(Number(looked, "bytes_read") > 0);
    }

    [Fact]
    public async Task While_a_server_has_the_store_it_ends_with_3_and_names_the_holder()
    {
        await using var server = await ServerProcess.Serve(store.Root);

        var ended = await Run();

        Assert.Equal(3, ended.Code);
        Assert.Contains($"in use by process {server.Id} on ", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_that_is_a_link_is_read_with_the_log_that_a_killed_server_left()
    {
        using var elsewhere = new TestDirectory();
        File.Move(store.Layout.IndexPath, elsewhere.At("real.db"));
        _ = File.CreateSymbolicLink(store.Layout.IndexPath, elsewhere.At("real.db"));
        await using (var server = await ServerProcess.Serve(store.Root))
        {
            _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100_000)).ShouldBeOk();
            server.Signal(ServerProcess.SigKill);
            _ = await server.End();
        }

        var ended = await Run("--deep");

        Assert.True(ended.Code == 0, string.Join('\n', ended.Output));
        Assert.Contains("result: clean; 0 damaged, 0 repaired, 0 notes", ended.Output);
    }

    [MountFact]
    public async Task Where_rows_are_counted_and_there_is_no_room_it_says_so()
    {
        using var small = new MountedDisk("size=100k");
        store.Sql(
            """
            INSERT INTO blobs (bucket, id, size, sha256, created_at, updated_at, part)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT 1, randomblob(16), 0, zeroblob(32), 0, 0, 1 FROM n
            """);

        var ended = await ServerProcess.Run(["fsck", $"--data-dir={store.Root}"], new Dictionary<string, string> { ["TMPDIR"] = small.Root });

        Assert.Equal(3, ended.Code);
        Assert.StartsWith($"borderless-web: there is no room left in {small.Root}/, where rows are counted (", ended.Errors[^1], StringComparison.Ordinal);
        Assert.EndsWith("set TMPDIR to a directory with more room", ended.Errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_store_it_ends_with_3_and_makes_none()
    {
        using var empty = new TestDirectory();

        var ended = await ServerProcess.Run(["fsck", "--repair", $"--data-dir={empty.Root}"]);
        var nowhere = await ServerProcess.Run(["fsck", $"--data-dir={empty.At("nowhere")}"]);

        Assert.Equal((3, 3), (ended.Code, nowhere.Code));
        Assert.Contains("so there is no store here", Assert.Single(ended.Errors), StringComparison.Ordinal);
        Assert.Contains("is not a directory that exists", Assert.Single(nowhere.Errors), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(empty.Root));
    }

    [Fact]
    public async Task Parts_of_another_store_end_it_with_3_before_anything_is_marked_missing()
    {
        File.WriteAllText(store.Layout.PartsIdentity, "another\n");
        Directory.Delete(store.Layout.PartDirectory(1), recursive: true);

        var ended = await Run("--repair");

        Assert.Equal(3, ended.Code);
        Assert.Contains("belongs to another", Assert.Single(ended.Errors), StringComparison.Ordinal);
        Assert.Equal(0, store.Number("SELECT count(*) FROM parts WHERE damaged = 1"));
    }

    [Theory]
    [InlineData("--deeep", "the flag --deeep is not known to fsck; did you mean --deep?")]
    [InlineData("--repair=yes", "the flag --repair takes no value")]
    public async Task A_command_line_that_makes_no_sense_ends_with_64(string flag, string problem)
    {
        var ended = await Run(flag);

        Assert.Equal((64, $"borderless-web: {problem}"), (ended.Code, ended.Errors[0]));
    }

    [Fact]
    public async Task Its_help_says_what_each_exit_code_means()
    {
        var ended = await ServerProcess.Run(["fsck", "--help"]);

        Assert.Equal(0, ended.Code);
        Assert.All(["0", "1", "2", "3", "64"], code => Assert.Single(ended.Output, line => line.StartsWith($"  {code,-4} ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(ServerProcess.SigInt)]
    [InlineData(ServerProcess.SigTerm)]
    public async Task A_signal_stops_it_and_nothing_is_marked(int signal)
    {
        // Bytes of nothing, so many that they cannot be read before the signal.
        using (var file = new FileStream(store.FileOf(FsckStore.Large), FileMode.Open, FileAccess.Write))
        {
            file.SetLength(1L << 40);
        }

        store.Sql($"UPDATE parts SET size = 1 << 40 WHERE part = 1");
        await using var fsck = ServerProcess.Launch(["fsck", "--deep", "--repair", "--json", $"--data-dir={store.Root}"]);
        await Wait.Until(() => fsck.HasExited || fsck.ErrorLines.Any(line => line.StartsWith("bytes checked: ", StringComparison.Ordinal)), "it reads bytes");
        fsck.Signal(signal);

        var ended = await fsck.End();

        Assert.Equal(3, ended.Code);
        Assert.Equal("borderless-web: stopped before the end", ended.Errors[^1]);
        using var json = JsonDocument.Parse(Assert.Single(ended.Output));
        Assert.False(json.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(0, store.Number("SELECT count(*) FROM parts WHERE damaged = 1"));
        Assert.Empty(store.Quarantined());
    }

    private Task<Ended> Run(params string[] flags) => ServerProcess.Run(["fsck", $"--data-dir={store.Root}", .. flags]);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
