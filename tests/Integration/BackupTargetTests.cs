using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Where a backup may go, and where it may not.</summary>
public sealed class BackupTargetTests
{
    [Theory]
    [InlineData("the store itself")]
    [InlineData("in the store")]
    [InlineData("new in the store")]
    [InlineData("around the store")]
    [InlineData("in the store by a link")]
    public async Task Store_and_backup_must_not_contain_one_another(string where)
    {
        using var directory = new TestDirectory();
        var dataDir = Directory.CreateDirectory(directory.At("data")).FullName;
        await (await TestServer.Start(directory: dataDir)).DisposeAsync();
        var inside = Directory.CreateDirectory(Path.Combine(dataDir, "inside")).FullName;
        _ = File.CreateSymbolicLink(directory.At("linked"), inside);
        using var backups = new Backups(dataDir);
        var before = directory.Listing();

        var problem = await backups.Refused(where switch
        {
            "the store itself" => dataDir,
            "in the store" => inside,
            "new in the store" => Path.Combine(dataDir, "fresh"),
            "around the store" => directory.Root,
            _ => directory.At("linked"),
        });

        Assert.Contains("must not contain one another", problem, StringComparison.Ordinal);
        Assert.Equal(before, directory.Listing());
        Assert.False(Directory.Exists(Path.Combine(dataDir, "fresh")));
        Assert.False(File.Exists(Path.Combine(dataDir, "backup.json")));
    }

    [Theory]
    [InlineData("somebody's files", "is not empty")]
    [InlineData("another store", "is a store, or a backup that a server was started on")]
    [InlineData("another store's backup", "holds a backup of the store")]
    [InlineData("a backup that was started", "is a store, or a backup that a server was started on")]
    [InlineData("no directory", "is a file")]
    [InlineData("nothing above", "does not exist; create it first")]
    public async Task Whatever_is_no_backup_of_this_store_is_refused_and_not_touched(string what, string reason)
    {
        await using var server = await TestServer.Start();
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100_000)).ShouldBeOk();
        using var backups = new Backups(server.Directory);
        using var target = new TestDirectory();
        var to = target.At("to");
        switch (what)
        {
            case "somebody's files":
                _ = Directory.CreateDirectory(to);
                _ = target.Write("to/thesis.txt", "years of work");
                break;
            case "another store":
                _ = Directory.CreateDirectory(to);
                await (await TestServer.Start(directory: to)).DisposeAsync();
                break;
            case "another store's backup":
                await using (var other = await TestServer.Start())
                {
                    using var others = new Backups(other.Directory);
                    Assert.Equal(0, (await others.Run(to: to)).ExitCode);
                }

                break;
            case "a backup that was started":
                Assert.Equal(0, (await backups.Run(to: to)).ExitCode);
                await (await TestServer.Start(directory: to)).DisposeAsync();
                break;
            case "no directory":
                _ = target.Write("to", "a file");
                break;
            default:
                to = target.At("nowhere/to");
                break;
        }

        var before = target.Listing();

        var problem = await backups.Refused(to);

        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Equal(before, target.Listing());
    }

    [Fact]
    public async Task What_came_into_the_directory_before_it_was_locked_is_refused_and_not_touched()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        var disk = new TestDisk();
        disk.Before = (call, path) =>
        {
            if (call == "fsync" && path == Path.GetDirectoryName(backups.To))
            {
                File.WriteAllText(Path.Combine(backups.To, "thesis.txt"), "years of work");
            }
        };

        var problem = (await backups.Try(disk: disk)).Match(Right: report => $"it was done: {report}", Left: problem => problem.Message);

        Assert.Contains("is not empty", problem, StringComparison.Ordinal);
        Assert.Equal(["lock", "thesis.txt"], Directory.EnumerateFileSystemEntries(backups.To).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_directory_that_a_server_has_is_refused()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        _ = await backups.Run();
        using var owner = OwnerLock.Take(backups.Layout.Lock).IfLeft(problem => throw new InvalidOperationException(problem.Message));

        Assert.Contains("in use by process", await backups.Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_index_must_not_be_in_it_either()
    {
        using var directory = new TestDirectory();
        var (dataDir, index) = (Directory.CreateDirectory(directory.At("data")).FullName, Directory.CreateDirectory(directory.At("index")).FullName);
        await using var server = await TestServer.Start(
            new Dictionary<string, string> { ["metadata_db_path"] = Path.Combine(index, "metadata.db") }, dataDir);

        var ended = await ServerProcess.Run(["backup", $"--to={index}", $"--data-dir={dataDir}", $"--metadata-db-path={index}/metadata.db"]);

        Assert.Equal(1, ended.Code);
        Assert.Contains("must not contain one another", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_store_is_not_backed_up_and_not_made_one()
    {
        using var directory = new TestDirectory();
        using var backups = new Backups(directory.Root);

        Assert.Contains("is no store", await backups.Refused(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
        Assert.False(Directory.Exists(backups.To));
    }
}
