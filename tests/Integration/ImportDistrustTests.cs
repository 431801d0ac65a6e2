using System.Runtime.InteropServices;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Import;

namespace Borderless.Tests.Integration;

/// <summary>What an import does not take: every blob that stays is reported with its reason, all others come over, nothing is changed.</summary>
public sealed class ImportDistrustTests
{
    /// <summary>How an old directory may be damaged at its first blob, and what the report says of it.</summary>
    public static TheoryData<string, string> Damages => new()
    {
        { "changed content", "is damaged: its bytes have the SHA-256" },
        { "shorter content", "bytes, and its row says 12" },
        { "no content", "its bytes are not there" },
        { "a row of another size", "has 12 bytes, and its row says 13" },
        { "a row of another digest", "its link and its row name different bytes" },
        { "a row of no digest", "its row's sha256_hash is no SHA-256" },
        { "a file of other bytes", "is damaged: its bytes have the SHA-256" },
        { "a link out of the source", "is a link, and only links into the source's own content/ are followed" },
        { "a link out of content", "is a link, and only links into the source's own content/ are followed" },
        { "a link through content", "is a link, and only links into the source's own content/ are followed" },
        { "a link to itself", "is a link, and only links into the source's own content/ are followed" },
        { "content that is a link", "is a link, and only links into the source's own content/ are followed" },
        { "content that is a directory", "is a directory, and only regular files are read" },
        { "a directory", "is a directory, and only regular files are read" },
        { "a pipe", "is a pipe, a socket or a device, and only regular files are read" },
        { "content that is a pipe", "is a pipe, a socket or a device, and only regular files are read" },
        { "a broken content-type", "content-type" },
        { "a content-type of bytes", "content-type" },
        { "a content-disposition with a line feed", "content-disposition" },
        { "a content-type that is too long", "the header content-type may have 2048 characters at the most" },
        { "a reserved bucket", "give the bucket another with --rename-bucket files=<new>" },
        { "an id that is none", "UUID" },
        { "a row that leads out", "a bucket's name is made of" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_cannot_be_trusted_is_reported_and_all_else_is_imported(string damage, string reason)
    {
        using var old = new OldStore();
        File.WriteAllText(Path.Combine(old.Above, "secret"), "Hello, secret.");
        Damage(old, damage);
        var before = old.Listing();

        var report = await old.Import();

        Assert.Equal(before, old.Listing());
        Assert.NotEmpty(report.Missing);
        Assert.All(report.Missing, skipped => Assert.Contains(reason, skipped.Reason, StringComparison.Ordinal));
        Assert.Equal(ImportReport.Incomplete, report.ExitCode);
        Assert.Equal(old.Blobs.Count, report.Imported + report.Missing.Count);
        Assert.Null(old.Find("default", old.Hello.blob_id));
        Assert.All(old.Blobs.Skip(1).Where(blob => blob.sha256 != old.Hello.sha256), blob => Assert.NotNull(old.Find(blob.bucket, blob.blob_id)));
    }

    [Fact]
    public async Task A_bucket_with_a_reserved_name_comes_over_under_another()
    {
        using var old = new OldStore();
        Damage(old, "a reserved bucket");

        var report = await old.Import(renames: [("files", "old-files"), ("team-a", "team-b")]);

        Assert.Equal((6, ImportReport.Complete), (report.Imported, report.ExitCode));
        Assert.Equal(old.Hello.content_type, old.Find("old-files", old.Hello.blob_id)!.ContentType);
        Assert.Null(old.Find("team-a", old.Blobs[3].blob_id));
        Assert.NotNull(old.Find("team-b", old.Blobs[3].blob_id));
    }

    [Theory]
    [InlineData(OldStore.OldLayout, "default")]
    [InlineData(OldStore.NewLayout, "default, empty, team-a, x\\u000ay")]
    public async Task A_rename_of_a_bucket_that_is_not_there_is_refused_and_nothing_is_imported(string fixture, string buckets)
    {
        using var old = new OldStore(fixture);
        if (fixture == OldStore.NewLayout)
        {
            _ = Directory.CreateDirectory(old.At("buckets/empty"));
            old.Sql("INSERT INTO objects SELECT 'x' || char(10) || 'y', blob_id, content_type, NULL, 0, sha256_hash, 1, 1 FROM objects LIMIT 1");
        }

        var problem = await old.TryImport(renames: [("default", "fine"), ("taem-a", "team-b")]);

        Assert.Equal(
            $"--rename-bucket: the source has no bucket taem-a; it has {buckets}",
            problem.Match(Right: _ => "", Left: it => it.Message));
        Assert.All(old.Blobs, blob => Assert.Null(old.Find("fine", blob.blob_id)));
    }

    [Fact]
    public async Task A_blob_that_is_there_with_other_bytes_stays_and_is_reported()
    {
        using var old = new OldStore(OldStore.OldLayout);
        var id = old.Blobs[0].blob_id;
        await using (var server = await TestServer.Start(directory: old.DataDir))
        {
            _ = await server.Upload(Guid.Parse(id), "newer"u8.ToArray()).ShouldBeOk();
        }

        var report = await old.Import();

        Assert.Equal(5, report.Imported);
        Assert.Equal(($"full/{id}", ImportReport.Incomplete), (Assert.Single(report.Missing).Path, report.ExitCode));
        Assert.Contains("with other bytes", report.Missing.Head.Reason, StringComparison.Ordinal);
        Assert.Equal(Answers.Sha256("newer"u8.ToArray()), old.Find("default", id)!.Sha256.ToString());
    }

    [Fact]
    public async Task Two_names_of_one_blob_that_disagree_bring_one_and_report_the_other()
    {
        using var old = new OldStore();
        _ = Directory.CreateDirectory(old.At("full"));
        File.WriteAllText(old.At($"full/{old.Hello.blob_id}"), "older");

        var report = await old.Import();

        Assert.Equal(6, report.Imported);
        Assert.Contains("with other bytes", Assert.Single(report.Missing).Reason, StringComparison.Ordinal);
        Assert.Equal(old.Hello.sha256, old.Find("default", old.Hello.blob_id)!.Sha256.ToString());
    }

    [Theory]
    [InlineData("full", false)]
    [InlineData("full", true)]
    [InlineData("content", false)]
    [InlineData("buckets", true)]
    public async Task A_directory_that_cannot_be_listed_is_reported_once_and_passed_over(string name, bool pipe)
    {
        using var old = new OldStore();
        if (Directory.Exists(old.At(name)))
        {
            Directory.Delete(old.At(name), recursive: true);
        }

        Make(old.At(name), pipe);

        var report = await old.Import();

        var listed = Assert.Single(report.Missing, skipped => skipped.Path == name);
        Assert.StartsWith("cannot be listed: ", listed.Reason, StringComparison.Ordinal);
        Assert.Equal(ImportReport.Incomplete, report.ExitCode);
        Assert.Equal(name == "content" ? 0 : 6, report.Imported);
    }

    [Fact]
    public async Task Chunks_are_only_counted_however_deep_the_directories_are_that_lie_there()
    {
        using var old = new OldStore();

        // Deeper than a path can be long, so it is made and removed step by step.
        Shell("cd \"$1\" && for i in {1..40}; do mkdir $2 && cd $2; done", old.At("chunks"), new string('d', 200));

        var report = await old.Import();

        Shell("rm -r \"$1\"", old.At("chunks"));
        Assert.Equal((6, 1, ImportReport.Complete), (report.Imported, report.UnfinishedUploads, report.ExitCode));
    }

    [Fact]
    public async Task A_directory_that_is_a_link_is_not_entered()
    {
        using var old = new OldStore();
        Directory.Move(old.At("buckets/team-a"), Path.Combine(old.Above, "elsewhere"));
        _ = File.CreateSymbolicLink(old.At("buckets/team-a"), Path.Combine(old.Above, "elsewhere"));
        old.Sql("DELETE FROM objects WHERE bucket = 'team-a'");

        var report = await old.Import();

        Assert.Equal((4, "buckets/team-a"), (report.Imported, Assert.Single(report.Missing).Path));
    }

    [Fact]
    public async Task Names_in_a_report_cannot_forge_its_lines()
    {
        using var old = new OldStore(OldStore.OldLayout);
        File.WriteAllText(old.At("full/a\nimported: 1000\u001b[2K"), "");

        var report = await old.Import();

        Assert.All(report.Lines(), line => Assert.DoesNotContain(line, char.IsControl));
        Assert.Contains(report.Lines(), line => line.Contains(@"a\u000aimported: 1000\u001b[2K", StringComparison.Ordinal));
    }

    private static void Shell(string script, params string[] args)
    {
        using var shell = System.Diagnostics.Process.Start("bash", ["-c", script, "shell", .. args]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static void Damage(OldStore old, string damage)
    {
        var (name, content, hello) = (old.Name(old.Hello), old.Content(old.Hello.sha256), old.Hello);
        Action act = damage switch
        {
            "changed content" => () => File.WriteAllText(content, "hello_world\n"),
            "shorter content" => () => File.WriteAllText(content, "hello"),
            "no content" => () => File.Delete(content),
            "a row of another size" => () => Row("file_size = 13"),
            "a row of another digest" => () => Row($"sha256_hash = '{old.Blobs[1].sha256}'"),
            "a row of no digest" => () => Row("sha256_hash = '../../../secret'"),
            "a file of other bytes" => () => Replace(name, () => File.WriteAllText(name, "hello_world\n")),
            "a link out of the source" => () => Replace(name, () => File.CreateSymbolicLink(name, Path.Combine(old.Above, "secret"))),
            "a link out of content" => () => Replace(name, () => File.CreateSymbolicLink(name, "../../metadata.db")),
            "a link through content" => () => Replace(name, () => File.CreateSymbolicLink(name, "../../content/../../secret")),
            "a link to itself" => () => Replace(name, () => File.CreateSymbolicLink(name, name)),
            "content that is a link" => () => Replace(content, () => File.CreateSymbolicLink(content, Path.Combine(old.Above, "secret"))),
            "content that is a directory" => () => Replace(content, () => Directory.CreateDirectory(content)),
            "a directory" => () => Replace(name, () => Directory.CreateDirectory(name)),
            "a pipe" => () => Replace(name, () => Assert.Equal(0, mkfifo(name, 0x180))),
            "content that is a pipe" => () => Replace(content, () => Assert.Equal(0, mkfifo(content, 0x180))),
            "a broken content-type" => () => Row("content_type = 'text/plain\r\nset-cookie: a'"),
            "a content-type of bytes" => () => Row("content_type = x'746578742f68746d6c'"),
            "a content-disposition with a line feed" => () => Row("content_disposition = 'a' || char(10)"),
            "a content-type that is too long" => () => Row($"content_type = '{new string('a', 2049)}'"),
            "a reserved bucket" => () => Move("files", hello.blob_id),
            "an id that is none" => () => Move("default", "hello.txt"),
            "a row that leads out" => () => Replace(name, () => Row("bucket = '../..', blob_id = 'secret'")),
            _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, null),
        };
        act();

        void Row(string change) => old.Sql($"UPDATE objects SET {change} WHERE blob_id = '{hello.blob_id}'");

        void Move(string bucket, string id)
        {
            _ = Directory.CreateDirectory(old.At($"buckets/{bucket}"));
            File.Move(name, old.At($"buckets/{bucket}/{id}"));
            Row($"bucket = '{bucket}', blob_id = '{id}'");
        }
    }

    /// <summary>A pipe or a file.</summary>
    private static void Make(string path, bool pipe)
    {
        if (pipe)
        {
            Assert.Equal(0, mkfifo(path, 0x180));
        }
        else
        {
            File.WriteAllText(path, "");
        }
    }

    private static void Replace(string path, Action make)
    {
        File.Delete(path);
        make();
    }

#pragma warning disable IDE1006, SYSLIB1054 // The name is the C library's; generated code would need unsafe blocks.
    [DllImport("libc", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
#pragma warning restore IDE1006, SYSLIB1054
}
