using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration;

/// <summary>Where a data directory does not agree with itself, the server ends with 1, says what and why, and changes nothing.</summary>
public sealed class MismatchTests : IDisposable
{
    private const string OtherId = "11111111-2222-4333-8444-555555555555";

    private readonly TestDirectory directory = new();

    [Theory]
    [InlineData("no store.json", "store.json is missing", "restore")]
    [InlineData("no store.json, no index", "store.json is missing", "restore")]
    [InlineData("garbage in store.json", "store.json is not readable", "restore")]
    [InlineData("another store.json", "parts/.store belongs to", "mount")]
    [InlineData("no parts/.store", "parts/.store is missing", "mount")]
    [InlineData("no parts", "parts/.store is missing", "mount")]
    [InlineData("another parts/.store", $"parts/.store belongs to {OtherId}", "mount")]
    [InlineData("an empty parts/.store", "parts/.store is missing or", "mount")]
    [InlineData("no index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    [InlineData("another index", $"metadata.db belongs to {OtherId}", "metadata_db_path")]
    [InlineData("a foreign index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    [InlineData("garbage in the index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    [InlineData("an empty index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    [InlineData("half an index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    [InlineData("a start of an index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    public async Task What_disagrees_is_named_with_a_remedy_and_nothing_is_changed(string damage, string problem, string remedy)
    {
        await MakeStore(kill: false, Answers.Bytes(100), Answers.Bytes(100_000));
        Damage(damage);

        await ShouldBeRefused(problem, remedy);
    }

    [Theory]
    [InlineData("no store.json", "holds parts, but store.json is missing", "restore")]
    [InlineData("no parts/.store", "parts/.store is missing", "mount")]
    [InlineData("no index", "metadata.db is missing or is no part of a store", "metadata_db_path")]
    public async Task The_log_of_a_killed_server_is_not_touched_either(string damage, string problem, string remedy)
    {
        await MakeStore(kill: true, Answers.Bytes(100), Answers.Bytes(100_000));
        Assert.True(new FileInfo(directory.At("metadata.db-wal")).Length > 0);
        Damage(damage);

        await ShouldBeRefused(problem, remedy);
    }

    [Fact]
    public async Task A_lock_that_is_a_link_is_refused_and_what_it_names_stays_as_it_is()
    {
        var precious = directory.Write("precious", "all there is");
        _ = File.CreateSymbolicLink(directory.At("lock"), precious);

        var ended = await ServerProcess.Run(ServerProcess.FlagsFor(directory.Root));

        Assert.Equal(1, ended.Code);
        Assert.Contains("lock is a link", Assert.Single(ended.Errors), StringComparison.Ordinal);
        Assert.Equal("all there is", File.ReadAllText(precious));
        Assert.False(File.Exists(directory.At("store.json")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Blobs_that_live_in_the_index_alone_are_not_taken_for_a_first_start(bool kill)
    {
        await MakeStore(kill, Answers.Bytes(100));
        Damage("no store.json");

        await ShouldBeRefused("metadata.db holds blobs, but store.json is missing", "restore");
    }

    [Theory]
    [InlineData("a foreign index", "metadata.db is not an index of this program", "move it away")]
    [InlineData("garbage in the index", "metadata.db is not an index of this program", "move it away")]
    [InlineData("another parts/.store", "belong to different stores", "metadata_db_path")]
    public async Task What_no_first_start_can_have_left_is_not_taken_up(string damage, string problem, string remedy)
    {
        await MakeStore(kill: false);
        Damage("no store.json");
        Damage(damage);

        await ShouldBeRefused(problem, remedy);
    }

    [Theory]
    [InlineData("full")]
    [InlineData("content")]
    public async Task A_directory_of_the_older_program_is_refused_and_import_is_named(string name)
    {
        _ = Directory.CreateDirectory(directory.At(name));
        File.WriteAllText(Path.Combine(directory.At(name), "some-object"), "bytes");
        using (var index = SqliteSchema.Open(directory.At("metadata.db"), SqliteOpenMode.ReadWriteCreate))
        {
            SqliteSchema.Execute(index, "CREATE TABLE blobs (id TEXT)");
        }

        await ShouldBeRefused($"{name}/", "import");
    }

    [Fact]
    public async Task A_second_process_ends_with_1_and_names_the_first()
    {
        await using var first = await ServerProcess.Serve(directory.Root);
        await first.WaitForLine("janitor: ");
        await Wait.Until(() => File.Exists(directory.At("scrub.json")), "the first one's scrub has kept its place");

        await ShouldBeRefused($"in use by process {first.Id} on ", "stop it");
        Assert.True((await first.Http.GetAsync("/healthz").ShouldBeOk()).GetProperty("success").GetBoolean());
    }

    public void Dispose() => directory.Dispose();

    private async Task ShouldBeRefused(string problem, string remedy)
    {
        var before = directory.Listing();
        var entries = Directory.GetFileSystemEntries(directory.Root).Order(StringComparer.Ordinal).ToArray();

        var ended = await ServerProcess.Run(ServerProcess.FlagsFor(directory.Root));

        Assert.Equal(1, ended.Code);
        var line = Assert.Single(ended.Errors);
        Assert.Contains(problem, line, StringComparison.Ordinal);
        Assert.Contains(remedy, line.Split(';', 2)[1], StringComparison.Ordinal);
        Assert.Equal(before, directory.Listing());
        Assert.Equal(entries, Directory.GetFileSystemEntries(directory.Root).Order(StringComparer.Ordinal));
    }

    /// <summary>A store with some blobs, as a server leaves it that was stopped, or, with its log, as one that was killed.</summary>
    private async Task MakeStore(bool kill, params byte[][] blobs)
    {
        byte[] log = [];
        await using (var server = await TestServer.Start(directory: directory.Root))
        {
            foreach (var bytes in blobs)
            {
                _ = await server.Upload(Guid.CreateVersion7(), bytes).ShouldBeOk();
            }

            log = kill ? File.ReadAllBytes(directory.At("metadata.db-wal")) : log;
        }

        if (kill)
        {
            File.WriteAllBytes(directory.At("metadata.db-wal"), log);
        }
    }

    private void Damage(string damage)
    {
        var index = directory.At("metadata.db");
        Action act = damage switch
        {
            "no store.json" => () => File.Delete(directory.At("store.json")),
            "no store.json, no index" => () => Seq(directory.At("store.json"), index).Iter(File.Delete),
            "garbage in store.json" => () => directory.Write("store.json", "{ garbage"),
            "another store.json" => () => directory.Write("store.json", $$"""{"Format":1,"Store":"{{OtherId}}"}"""),
            "no parts/.store" => () => File.Delete(directory.At("parts/.store")),
            "no parts" => () => Directory.Move(directory.At("parts"), directory.At("unmounted")),
            "another parts/.store" => () => directory.Write("parts/.store", OtherId),
            "an empty parts/.store" => () => directory.Write("parts/.store", ""),
            "no index" => () => File.Delete(index),
            "another index" => () => Remake(index, () => SqliteSchema.Create(index, OtherId)),
            "a foreign index" => () => Remake(index, () => Foreign(index)),
            "garbage in the index" => () => File.WriteAllBytes(index, Answers.Bytes(50_000)),
            "an empty index" => () => File.WriteAllBytes(index, []),
            "half an index" => () => Cut(index, new FileInfo(index).Length / 2),
            "a start of an index" => () => Cut(index, 50),
            _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, null),
        };
        act();
    }

    private static void Remake(string path, Action make)
    {
        File.Delete(path);
        make();
    }

    /// <summary>Another program's database, with a table of the same name.</summary>
    private static void Foreign(string path)
    {
        using var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWriteCreate);
        SqliteSchema.Execute(connection, $"PRAGMA application_id = 42; CREATE TABLE store (id TEXT); INSERT INTO store VALUES ('{OtherId}')");
    }

    private static void Cut(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
