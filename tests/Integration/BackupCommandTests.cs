using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>The command itself: what it prints, how it ends, and where else it writes.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private static readonly byte[] Body = Answers.Bytes(300_000, 901);

    private readonly TestDirectory directory = new();

    private Task<Ended> Backup(string to, params string[] more) =>
        ServerProcess.Run(["backup", $"--to={to}", $"--data-dir={directory.At("data")}", .. more]);

    private async Task<ServerProcess> Serve(params string[] more)
    {
        _ = Directory.CreateDirectory(directory.At("data"));
        return await ServerProcess.Serve(directory.At("data"), more);
    }

    [Fact]
    public async Task A_running_server_is_backed_up_and_another_serves_from_it()
    {
        var blob = Guid.CreateVersion7();
        await using (var server = await Serve($"--metadata-db-path={directory.At("index.db")}"))
        {
            _ = await server.Upload(blob, Body).ShouldBeOk();
            var ended = await Backup(directory.At("b"), $"--metadata-db-path={directory.At("index.db")}");
            Assert.True(ended.Code == 0, string.Join('\n', ended.Errors));
            Assert.Contains("parts linked: 1", ended.Output);
            Assert.Contains(ended.Errors, line => line.StartsWith("backing up: ", StringComparison.Ordinal));
        }

        Assert.All(Directory.EnumerateFileSystemEntries(directory.At("b"), "*", SearchOption.AllDirectories), path =>
            Assert.True((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) == 0, path));
        await using var restored = await ServerProcess.Serve(directory.At("b"));
        await restored.Download(blob).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task The_settings_file_of_the_server_will_do_and_a_damaged_part_ends_it_with_3()
    {
        await using var server = await Serve();
        _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
        File.Delete(Directory.EnumerateFiles(directory.At("data/parts"), "*-*", SearchOption.AllDirectories).Single());
        var file = directory.Write("config.toml", $"ip_addr = 'not looked at'\ndata_dir = '{directory.At("data")}'\nlog_format = 'json'\n");

        var ended = await ServerProcess.Run(["backup", $"--config={file}", "--to", directory.At("b"), "--copy", "--verify"]);

        Assert.True(ended.Code == 3, string.Join('\n', ended.Errors));
        Assert.Contains("borderless-web: done but damaged parts: 1 in the store, 1 of them not in the backup; they are listed above, and all others are there", ended.Errors);
        Assert.Contains(ended.Output, line => line.StartsWith("damaged, not in the backup: parts/0001/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signal_stops_it_and_the_same_command_goes_on()
    {
        await using (var server = await Serve())
        {
            _ = await server.Upload(Guid.CreateVersion7(), Body).ShouldBeOk();
            server.Signal(ServerProcess.SigTerm);
            _ = await server.End();
        }

        // A terabyte of nothing in place of the part, so that it cannot be read to its end before the signal.
        var part = Directory.EnumerateFiles(directory.At("data/parts"), "*-*", SearchOption.AllDirectories).Single();
        using (var file = new FileStream(part, FileMode.Open))
        {
            file.SetLength(1L << 40);
        }

        SetSize(1L << 40);
        await using (var backup = ServerProcess.Launch(["backup", $"--to={directory.At("b")}", $"--data-dir={directory.At("data")}"]))
        {
            await Wait.Until(() => backup.HasExited || (Directory.Exists(directory.At("b/tmp")) && Directory.GetFiles(directory.At("b/tmp")).Length > 0), "the part is being read");
            backup.Signal(ServerProcess.SigInt);
            var stopped = await backup.End();
            Assert.Equal(1, stopped.Code);
            Assert.Contains("borderless-web: stopped before the end; the same command goes on", stopped.Errors);
        }

        Assert.False(File.Exists(directory.At("b/store.json")));
        using (var file = new FileStream(part, FileMode.Open))
        {
            file.SetLength(Body.Length);
        }

        SetSize(Body.Length);
        Assert.Equal(0, (await Backup(directory.At("b"))).Code);
    }

    [MountFact]
    public async Task On_another_file_system_it_copies_and_where_that_is_full_the_same_command_goes_on()
    {
        using var other = new MountedDisk("size=16m");
        await using var server = await Serve();
        var blobs = Enumerable.Range(0, 4).ToDictionary(_ => Guid.CreateVersion7(), seed => Answers.Bytes(2_000_000, seed));
        foreach (var (blob, bytes) in blobs)
        {
            _ = await server.Upload(blob, bytes).ShouldBeOk();
        }

        var to = Path.Combine(other.Root, "b");
        var filler = Path.Combine(other.Root, "filler");
        File.WriteAllBytes(filler, new byte[11_000_000]);

        var full = await Backup(to);
        File.Delete(filler);
        var ended = await Backup(to);

        Assert.Equal(1, full.Code);
        Assert.StartsWith($"borderless-web: {to} has no room left (", full.Errors[^1], StringComparison.Ordinal);
        Assert.EndsWith("make room there, and the same command goes on", full.Errors[^1], StringComparison.Ordinal);
        Assert.True(ended.Code == 0, string.Join('\n', ended.Errors));
        Assert.Contains("parts linked: 0", ended.Output);
        await using var restored = await ServerProcess.Serve(to);
        foreach (var (blob, bytes) in blobs)
        {
            await restored.Download(blob).ShouldHaveBytes(bytes);
        }
    }

    [MountFact]
    public async Task Where_there_is_no_room_for_the_index_it_says_so()
    {
        using var other = new MountedDisk("size=40k");
        await using var server = await Serve();

        var full = await Backup(Path.Combine(other.Root, "b"));

        Assert.Equal(1, full.Code);
        Assert.StartsWith($"borderless-web: {other.Root}/b has no room left (index: ", full.Errors[^1], StringComparison.Ordinal);
    }

    [MountFact]
    public async Task A_store_on_a_disk_that_became_read_only_is_backed_up_and_checked()
    {
        using var disk = new MountedDisk("size=64m");
        var blob = Guid.CreateVersion7();
        var data = Directory.CreateDirectory(Path.Combine(disk.Root, "data")).FullName;
        await using (var server = await ServerProcess.Serve(data))
        {
            _ = await server.Upload(blob, Body).ShouldBeOk();
            server.Signal(ServerProcess.SigKill);
            _ = await server.End();
        }

        disk.Remount("ro");
        var backup = await ServerProcess.Run(["backup", $"--to={directory.At("b")}", $"--data-dir={data}"]);
        var check = await ServerProcess.Run(["fsck", "--deep", $"--data-dir={data}"]);
        var repair = await ServerProcess.Run(["fsck", "--repair", $"--data-dir={data}"]);
        disk.Remount("rw");

        Assert.True((backup.Code, check.Code, repair.Code) == (0, 0, 3), string.Join('\n', [.. backup.Errors, .. check.Errors, .. repair.Errors]));
        Assert.Contains("readonly", repair.Errors[^1], StringComparison.Ordinal);
        await using var restored = await ServerProcess.Serve(directory.At("b"));
        await restored.Download(blob).ShouldHaveBytes(Body);
    }

    [Theory]
    [InlineData(new[] { "backup" }, "backup needs --to <directory>")]
    [InlineData(new[] { "backup", "--two=x" }, "the flag --two is not known to backup; did you mean --to?")]
    [InlineData(new[] { "backup", "--to=x", "--copy=y" }, "the flag --copy takes no value")]
    [InlineData(new[] { "backup", "--to=x", "--durability=strict" }, "the flag --durability is not known to backup")]
    public async Task A_command_line_that_makes_no_sense_ends_with_2(string[] args, string problem)
    {
        var ended = await ServerProcess.Run(args);

        Assert.Equal(2, ended.Code);
        Assert.StartsWith($"borderless-web: {problem}", ended.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_is_not_there_ends_with_1()
    {
        var ended = await Backup(directory.At("b"));

        Assert.Equal(1, ended.Code);
        Assert.Contains("is not a directory that exists", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_mentions_it_and_its_own_help_explains_it()
    {
        var (all, own) = (await ServerProcess.Run(["--help"]), await ServerProcess.Run(["backup", "--help"]));

        Assert.Contains(all.Output, line => line.Contains("backup --to", StringComparison.Ordinal));
        Assert.All(
            ["--to", "--copy", "--verify", "--data-dir", "--metadata-db-path", "are no help against a bad disk", "with 3 when it is"],
            part => Assert.Contains(own.Output, line => line.Contains(part, StringComparison.Ordinal)));
    }

    public void Dispose() => directory.Dispose();

    private void SetSize(long size)
    {
        using var connection = Web.Storage.SqliteSchema.Open(directory.At("data/metadata.db"), Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        Web.Storage.SqliteSchema.Execute(connection, $"UPDATE parts SET size = {size}");
    }
}
