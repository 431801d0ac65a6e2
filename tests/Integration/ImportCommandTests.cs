using Borderless.Tests.Integration.Support;
using Borderless.Web.Import;

namespace Borderless.Tests.Integration;

/// <summary>The command itself: what it asks for, what it refuses before it begins, and how it ends.</summary>
public sealed class ImportCommandTests
{
    [Theory]
    [InlineData(OldStore.OldLayout)]
    [InlineData(OldStore.NewLayout)]
    public async Task A_directory_moves_in_and_a_server_serves_it(string fixture)
    {
        using var old = new OldStore(fixture);

        var ended = await Import(old);

        Assert.True(ended.Code == 0, string.Join('\n', ended.Errors));
        Assert.Contains($"imported: 6 blobs, {old.Blobs.Sum(blob => blob.size)} bytes", ended.Output);
        Assert.Contains("unfinished uploads, not imported: 1", ended.Output);
        Assert.Contains(ended.Errors, line => line.StartsWith("importing: ", StringComparison.Ordinal));
        await using var server = await ServerProcess.Serve(old.DataDir);
        foreach (var blob in old.Blobs.Where(blob => blob.bucket == "default"))
        {
            using var answer = await server.Download(Guid.Parse(blob.blob_id));
            Assert.Equal(blob.sha256, Answers.Sha256(await answer.Content.ReadAsByteArrayAsync()));
        }
    }

    /// <summary>The index holds small bodies, so it is as private as the parts are.</summary>
    [Fact]
    public async Task What_it_makes_is_readable_by_its_owner_only_but_links_have_the_mode_of_the_source()
    {
        using var old = new OldStore(OldStore.OldLayout);
        using var linked = new OldStore(OldStore.OldLayout);
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        File.SetUnixFileMode(linked.At($"full/{linked.Blobs.Single(blob => blob.size == 70_000).blob_id}"), Readable);

        Assert.Equal(0, (await Import(old)).Code);
        Assert.Equal(0, (await ServerProcess.Run(["import", $"--from={linked.Root}", $"--data-dir={linked.DataDir}", "--link"])).Code);

        Assert.Empty(ReadableByOthers(old));
        Assert.Equal(Readable, File.GetUnixFileMode(Assert.Single(ReadableByOthers(linked))));

        static string[] ReadableByOthers(OldStore old) =>
        [
            .. Directory.EnumerateFileSystemEntries(old.DataDir, "*", SearchOption.AllDirectories)
                .Where(path => (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != 0),
        ];
    }

    [Fact]
    public async Task The_settings_file_of_the_server_will_do_and_a_blob_that_stays_ends_it_with_3()
    {
        using var old = new OldStore();
        File.Delete(old.Content(old.Blobs[1].sha256));
        var file = Path.Combine(old.Above, "config.toml");
        File.WriteAllText(file, $"ip_addr = 'not looked at'\ndata_dir = '{old.DataDir}'\nlog_format = 'json'\n");

        var ended = await ServerProcess.Run(["import", $"--config={file}", "--from", old.Root, "--rename-bucket=team-a=team-b", "--link", "--verbose"]);

        Assert.True(ended.Code == 3, string.Join('\n', ended.Errors));
        Assert.Contains($"not imported: buckets/default/{old.Blobs[1].blob_id}: its bytes are not there", ended.Output);
        Assert.Contains("imported: 5 blobs, 7126 bytes", ended.Output);
        Assert.NotNull(old.Find("team-b", old.Blobs[3].blob_id));
    }

    [Fact]
    public async Task While_a_server_has_the_store_it_is_refused()
    {
        using var old = new OldStore();
        await using var server = await ServerProcess.Serve(old.DataDir);

        var ended = await Import(old);

        Assert.Equal(1, ended.Code);
        Assert.Contains($"in use by process {server.Id} on ", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_stops_it_and_the_same_command_goes_on()
    {
        using var old = new OldStore(OldStore.OldLayout);
        var large = old.At($"full/{OldStore.NewId()}");
        using (var file = File.Create(large))
        {
            file.SetLength(1L << 40);
        }

        // A terabyte of nothing, so that it cannot be done before the signal.
        await using (var import = ServerProcess.Launch(["import", $"--from={old.Root}", $"--data-dir={old.DataDir}", "--link"]))
        {
            await Wait.Until(() => import.HasExited || HasTemporary(old), "the large blob is being read");
            import.Signal(ServerProcess.SigInt);
            var stopped = await import.End();
            Assert.Equal(1, stopped.Code);
            Assert.Contains("stopped before the end; the same command goes on", stopped.Output);
        }

        Assert.False(HasTemporary(old));
        Assert.Equal(1L << 40, new FileInfo(large).Length);
        File.Delete(large);
        Assert.Equal(0, (await Import(old)).Code);
        Assert.All(old.Blobs, blob => Assert.Equal(blob.sha256, old.Find("default", blob.blob_id)!.Sha256.ToString()));
    }

    [Theory]
    [InlineData("the source itself")]
    [InlineData("in the source")]
    [InlineData("around the source")]
    [InlineData("in the source by a link")]
    public async Task Source_and_store_must_not_contain_one_another(string where)
    {
        using var old = new OldStore();
        var inside = Directory.CreateDirectory(old.At("inside")).FullName;
        var linked = Path.Combine(old.Above, "linked");
        _ = File.CreateSymbolicLink(linked, inside);
        var dataDir = where switch
        {
            "the source itself" => old.Root,
            "in the source" => inside,
            "around the source" => old.Above,
            _ => linked,
        };
        var (before, around) = (old.Listing(), Directory.GetFileSystemEntries(old.Above));

        var ended = await ServerProcess.Run(["import", $"--from={old.Root}/.", $"--data-dir={dataDir}"]);

        Assert.Equal(1, ended.Code);
        Assert.Contains("must not contain one another", Assert.Single(ended.Errors), StringComparison.Ordinal);
        Assert.Equal(before, old.Listing());
        Assert.Equal(around, Directory.GetFileSystemEntries(old.Above));
    }

    [Fact]
    public async Task The_index_must_not_be_in_the_source_either()
    {
        using var old = new OldStore();
        var before = old.Listing();

        var problem = await old.TryImport(index: old.At("index.db"));

        Assert.Contains("metadata_db_path is in the source", problem.Match(Right: _ => "", Left: it => it.Message), StringComparison.Ordinal);
        Assert.Equal(before, old.Listing());
    }

    [Theory]
    [InlineData("index.db")]
    [InlineData("index.db-ballast")]
    public async Task Nor_may_what_lies_where_the_index_is_lead_there(string name)
    {
        using var old = new OldStore();
        _ = File.CreateSymbolicLink(Path.Combine(old.Above, name), old.At("metadata.db"));
        var before = old.Listing();

        var problem = await old.TryImport(index: Path.Combine(old.Above, "index.db"));

        Assert.Contains("metadata_db_path is in the source", problem.Match(Right: _ => "", Left: it => it.Message), StringComparison.Ordinal);
        Assert.Equal(before, old.Listing());
    }

    [Theory]
    [InlineData("parts", "content")]
    [InlineData("parts/0001", "content")]
    [InlineData("tmp", "content")]
    [InlineData("buckets", "buckets")]
    [InlineData("ballast", "metadata.db")]
    [InlineData("lock", "metadata.db")]
    [InlineData("lock", "new")]
    [InlineData("store.json", "metadata.db")]
    [InlineData("metadata.db", "metadata.db")]
    public async Task No_link_in_the_data_directory_may_lead_into_the_source(string name, string target)
    {
        using var old = new OldStore();
        var link = Path.Combine(old.DataDir, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        _ = File.CreateSymbolicLink(link, old.At(target));
        var before = old.Listing();

        var problem = await old.TryImport();

        Assert.Contains(link, problem.Match(Right: _ => "", Left: it => it.Message), StringComparison.Ordinal);
        Assert.Equal(before, old.Listing());
        Assert.Equal(old.At(target), new FileInfo(link).LinkTarget);
    }

    [Fact]
    public async Task Links_in_the_data_directory_that_lead_elsewhere_are_followed()
    {
        using var old = new OldStore();
        var elsewhere = Directory.CreateDirectory(Path.Combine(old.Above, "elsewhere")).FullName;
        Seq("parts", "tmp").Iter(name => File.CreateSymbolicLink(
            Path.Combine(old.DataDir, name), Directory.CreateDirectory(Path.Combine(elsewhere, name)).FullName));

        var report = await old.Import(inlineMaxBytes: 0);

        Assert.Equal((6, ImportReport.Complete), (report.Imported, report.ExitCode));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(elsewhere, "parts", "0001")));
    }

    [Theory]
    [InlineData("nothing", "does not exist")]
    [InlineData("empty", "no data directory of the Rust original")]
    [InlineData("a store of ours", "a store of this program already")]
    [InlineData("content that is a link", "is a link")]
    [InlineData("an index that is none", "metadata.db cannot be read")]
    [InlineData("an index without objects", "metadata.db cannot be read")]
    [InlineData("an index that is a directory", "metadata.db is a directory")]
    public async Task What_is_no_old_directory_is_refused(string what, string reason)
    {
        using var old = new OldStore();
        var index = old.At("metadata.db");
        Action make = what switch
        {
            "nothing" => () => Directory.Delete(old.Root, recursive: true),
            "empty" => () => Replace(old.Root),
            "a store of ours" => () => File.WriteAllText(old.At("store.json"), "{}"),
            "content that is a link" => () => Unmount(old.At("content"), Path.Combine(old.Above, "content")),
            "an index that is none" => () => File.WriteAllBytes(index, Answers.Bytes(5000)),
            "an index without objects" => () => old.Sql("DROP TABLE objects"),
            _ => () => Replace(index),
        };
        make();

        var problem = await old.TryImport();

        Assert.Contains(reason, problem.Match(Right: _ => "", Left: it => it.Message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "import" }, "import needs --from <old data_dir>")]
    [InlineData(new[] { "import", "--form=x" }, "the flag --form is not known to import; did you mean --from?")]
    [InlineData(new[] { "import", "--from=x", "--ip-addr=y" }, "the flag --ip-addr is not known to import")]
    [InlineData(new[] { "import", "--from=x", "--link=y" }, "the flag --link takes no value")]
    [InlineData(new[] { "import", "--from" }, "the flag --from needs a value")]
    [InlineData(new[] { "import", "--from=x", "--rename-bucket=a" }, "--rename-bucket needs <old>=<new>")]
    [InlineData(new[] { "import", "--from=x", "--rename-bucket=a=files" }, "--rename-bucket: files is a reserved word")]
    [InlineData(new[] { "import", "--from=x", "--durability=relaxed" }, "the flag --durability is not known to import")]
    [InlineData(new[] { "--verbose", "import" }, "import is a command, and must be the first argument", "borderless-web --help lists what there is")]
    public async Task A_command_line_that_makes_no_sense_ends_with_2_and_names_the_help_that_explains_it(
        string[] args, string problem, string help = "borderless-web import --help lists what there is")
    {
        var ended = await ServerProcess.Run(args);

        Assert.Equal(2, ended.Code);
        Assert.StartsWith($"borderless-web: {problem}", ended.Errors[0], StringComparison.Ordinal);
        Assert.Equal(help, ended.Errors[1]);
    }

    [Fact]
    public async Task All_problems_of_its_settings_are_told_at_once_and_no_others()
    {
        using var old = new OldStore();

        var ended = await ServerProcess.Run(
            ["import", $"--from={old.Root}", "--data-dir=/nowhere"],
            new Dictionary<string, string> { ["IP_ADDR"] = "nonsense", ["INLINE_MAX_BYTES"] = "-1", ["DURABILITY"] = "perhaps" });

        Assert.Equal(1, ended.Code);
        Assert.Equal(
            ["data_dir (flag --data-dir)", "durability (environment DURABILITY)", "inline_max_bytes (environment INLINE_MAX_BYTES)"],
            ended.Errors.Select(line => line.Split(": ")[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Help_mentions_it_and_its_own_help_explains_it()
    {
        var (all, own) = (await ServerProcess.Run(["--help"]), await ServerProcess.Run(["import", "--help"]));

        Assert.Contains(all.Output, line => line.Contains("import --from", StringComparison.Ordinal));
        Assert.All(
            ["--from", "--rename-bucket", "--link", "--data-dir", "--metadata-db-path", "with 3 when some blobs were not imported"],
            part => Assert.Contains(own.Output, line => line.Contains(part, StringComparison.Ordinal)));
        Assert.DoesNotContain(own.Output, line => line.Contains("--durability", StringComparison.Ordinal));
    }

    private static Task<Ended> Import(OldStore old) => ServerProcess.Run(["import", $"--from={old.Root}", $"--data-dir={old.DataDir}"]);

    /// <summary>An empty directory in place of what is there.</summary>
    private static void Replace(string path)
    {
        Action remove = File.Exists(path) ? () => File.Delete(path) : () => Directory.Delete(path, recursive: true);
        remove();
        _ = Directory.CreateDirectory(path);
    }

    private static void Unmount(string path, string elsewhere)
    {
        Directory.Move(path, elsewhere);
        _ = File.CreateSymbolicLink(path, elsewhere);
    }

    private static bool HasTemporary(OldStore old) =>
        Directory.Exists(Path.Combine(old.DataDir, "tmp")) && Directory.EnumerateFiles(Path.Combine(old.DataDir, "tmp")).Any();
}
