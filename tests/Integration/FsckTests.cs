using Borderless.Tests.Integration.Support;
using Borderless.Web.Fsck;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>Each kind of damage planted by hand: fsck finds exactly it, mends exactly it, and says the right thing the next time.</summary>
public sealed class FsckTests : IAsyncLifetime
{
    private static readonly string[] Queries =
    [
        "SELECT group_concat(part || ' ' || prefix || ' ' || blob_refs || ' ' || chunk_refs || ' ' || damaged) FROM (SELECT * FROM parts ORDER BY part)",
        "SELECT group_concat(name || ' ' || object_count || ' ' || total_size) FROM buckets",
        "SELECT group_concat(contents || ' ' || content_bytes || ' ' || blob_refs || ' ' || chunks || ' ' || chunk_bytes) FROM totals",
        "SELECT group_concat(upload || ' ' || position || ' ' || part || ' ' || size) FROM chunks",
        "SELECT group_concat(bucket || ' ' || total) FROM uploads",
        "SELECT group_concat(hex(id) || ' ' || size || ' ' || hex(sha256)) FROM blobs",
    ];

    private FsckStore store = null!;

    private static string Large => FsckStore.PartOf(FsckStore.Large);

    private static string Small => FsckStore.PartOf(FsckStore.Small);

    private static string Tail => FsckStore.PartOf(FsckStore.Tail);

    public async Task InitializeAsync() => store = await FsckStore.Make();

    public Task DisposeAsync()
    {
        store.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_healthy_store_is_clean(bool deep)
    {
        var report = await store.Check(deep: deep);

        Assert.Equal([], report.Findings.Map(finding => finding.ToString()));
        Assert.Equal((Option<string>.None, Fsck.Clean), (report.Problem, report.ExitCode));
        var merged = FsckStore.Small.Length + FsckStore.Tail.Length;
        var bytes = FsckStore.Large.Length + FsckStore.Small.Length + FsckStore.Tail.Length + 50_500 + merged;
        Assert.Equal(new Checked(3, 2, 5, 3, deep ? bytes : 0), report.Checked);
    }

    public static TheoryData<string, string> Books => new()
    {
        { "UPDATE parts SET blob_refs = blob_refs + 1 WHERE part = 1", "part_refs_wrong" },
        { "UPDATE parts SET blob_refs = 0 WHERE part = 1", "part_refs_wrong" },
        { "UPDATE parts SET chunk_refs = 7 WHERE part = 2", "part_refs_wrong" },
        { "UPDATE buckets SET object_count = object_count - 1", "bucket_counts_wrong" },
        { "UPDATE buckets SET total_size = 0", "bucket_counts_wrong" },
        { "UPDATE totals SET contents = contents + 1", "totals_wrong" },
        { "UPDATE totals SET content_bytes = 0", "totals_wrong" },
        { "UPDATE totals SET chunk_bytes = chunk_bytes - 1", "totals_wrong" },
        { "DELETE FROM totals", "totals_wrong" },
        { "INSERT INTO totals SELECT * FROM totals", "totals_wrong" },
        { "INSERT INTO uploads (bucket, id, total, touched_at) VALUES (1, randomblob(16), 5, 0)", "upload_empty" },
        { "UPDATE parts SET prefix = prefix + 1 WHERE part = 1", "part_prefix_wrong,stray_file" },
    };

    [Theory]
    [MemberData(nameof(Books))]
    public async Task What_is_counted_wrong_is_found_and_mended(string sql, string kind)
    {
        var right = Rows();
        store.Sql(sql);

        await ShouldFind(Fsck.DamageLeft, kind.Split(','));
        var repaired = await store.Check(repair: true);

        Assert.Equal((Fsck.Repaired, true), (repaired.ExitCode, repaired.Findings.Filter(finding => finding.IsDamage).ForAll(finding => finding.Repaired)));
        await ShouldFind(Fsck.Clean);
        Assert.Equal(right, Rows());
    }

    [Fact]
    public async Task Blobs_and_uploads_of_a_bucket_without_a_row_get_one_and_can_be_read_again()
    {
        store.Sql("PRAGMA foreign_keys = OFF; DELETE FROM buckets");

        await ShouldFind(Fsck.DamageLeft, "bucket_unknown");
        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.Clean);
        using var open = store.Open();
        var bucket = BucketName.Parse("lost-1").IfLeft(error => throw new InvalidOperationException(error.Code));
        Assert.NotNull(open.Index.FindBlob(bucket, BlobId.From(store.Merged)));
        Assert.Equal(2, open.Index.FindChunks(bucket, BlobId.From(store.Waiting), 3).Count);
    }

    [Fact]
    public async Task Chunks_whose_upload_has_no_row_get_one_so_that_no_bytes_are_given_up()
    {
        store.Sql("PRAGMA foreign_keys = OFF; DELETE FROM uploads");

        await ShouldFind(Fsck.DamageLeft, "chunk_upload_unknown");
        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.Clean);
        Assert.Equal(2, store.Number("SELECT count(*) FROM chunks JOIN uploads USING (upload) JOIN buckets USING (bucket) WHERE name = 'lost'"));
    }

    [Fact]
    public async Task A_chunk_whose_part_has_no_row_goes_so_that_it_is_asked_for_again()
    {
        store.Sql("DELETE FROM parts WHERE part IN (SELECT part FROM chunks WHERE position = 1)");

        await ShouldFind(Fsck.DamageLeft, "chunk_part_unknown");
        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.Clean);
        using var open = store.Open();
        Assert.Equal([2], open.Index.FindChunks(BucketName.Default, BlobId.From(store.Waiting), 3).Select(chunk => chunk.Position));
    }

    [Fact]
    public async Task A_blob_whose_only_part_has_no_row_is_healed_by_the_same_bytes()
    {
        store.Sql($"DELETE FROM parts WHERE part = {Large}");

        await ShouldFind(Fsck.DamageLeft, "blob_part_unknown", "totals_wrong", "stray_file");
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.DamageLeft, "part_damaged", "stray_file");
        await Heal(FsckStore.Large);
        Assert.Equal(Fsck.Clean, (await store.Check(deep: true)).ExitCode);
    }

    [Fact]
    public async Task A_merged_blob_with_a_part_that_has_no_row_stays_damaged_until_it_is_uploaded_again()
    {
        store.Sql($"DELETE FROM parts WHERE part = {Tail}");

        await ShouldFind(Fsck.DamageLeft, "blob_part_unknown", "totals_wrong", "stray_file");
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.DamageLeft, "part_damaged", "stray_file");
        using (var open = store.Open())
        {
            Assert.True((await open.Put(store.Merged, open.File(FsckStore.Tail), WriteMode.Replace)).IsRight);
        }

        await ShouldFind(Fsck.Clean, "stray_file");
    }

    public static TheoryData<string, string> Undecidable => new()
    {
        { "UPDATE blobs SET size = size + 1 WHERE part IS NULL; UPDATE buckets SET total_size = total_size + 1", "blob_size_wrong" },
        { $"UPDATE blobs SET sha256 = zeroblob(32) WHERE part = {Large}", "blob_digest_wrong" },
        { "UPDATE chunks SET size = size + 1 WHERE position = 1; UPDATE totals SET chunk_bytes = chunk_bytes + 1", "chunk_size_wrong" },
    };

    [Theory]
    [MemberData(nameof(Undecidable))]
    public async Task What_only_people_can_decide_is_found_and_left(string sql, string kind)
    {
        store.Sql(sql);
        var before = Rows();

        await ShouldFind(Fsck.DamageLeft, kind);
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.DamageLeft, kind);
        Assert.Equal(before, Rows());
    }

    [Theory]
    [InlineData("UPDATE blobs SET manifest = x'0102' WHERE part IS NULL", "blob_row_wrong")]
    [InlineData("UPDATE blobs SET manifest = substr(manifest, 1, 16) WHERE part IS NULL", "blob_size_wrong")]
    public async Task While_a_blob_does_not_tell_its_parts_no_part_comes_to_count_as_garbage(string sql, string kind)
    {
        store.Sql($"{sql}; UPDATE parts SET blob_refs = 0 WHERE part = {Large}");

        var repaired = await store.Check(repair: true);

        Assert.Equal(Fsck.DamageLeft, repaired.ExitCode);
        Assert.Contains(kind, Kinds(repaired));
        Assert.Equal(0, store.Number("SELECT count(*) FROM parts WHERE blob_refs + chunk_refs = 0"));
        Assert.Equal(1, store.Number($"SELECT blob_refs FROM parts WHERE part = {Large}"));
        Assert.Equal(1, store.Number($"SELECT blob_refs FROM parts WHERE part = {Tail}"));
    }

    [Fact]
    public async Task A_row_that_can_be_no_parts_is_found()
    {
        store.Sql("UPDATE parts SET bytes = NULL WHERE bytes IS NOT NULL AND chunk_refs = 1");

        await ShouldFind(Fsck.DamageLeft, "part_row_wrong");
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true, deep: true)).ExitCode);
    }

    [Fact]
    public async Task Equal_bytes_in_two_parts_are_no_damage()
    {
        store.Sql($"INSERT INTO parts SELECT 100, prefix, sha256, size, 0, 0, 1, 0, NULL, NULL, bytes FROM parts WHERE part = {Small}");

        await ShouldFind(Fsck.Clean, "part_twice");
    }

    [Fact]
    public async Task A_missing_file_is_marked_and_healed_by_the_same_bytes()
    {
        File.Delete(store.FileOf(FsckStore.Large));

        await ShouldFind(Fsck.DamageLeft, "part_missing");
        var repaired = await store.Check(repair: true);

        Assert.Equal(Fsck.DamageLeft, repaired.ExitCode);
        Assert.Contains("uploading the same bytes heals it", repaired.Findings[0].Detail, StringComparison.Ordinal);
        await ShouldFind(Fsck.DamageLeft, "part_damaged");
        await Heal(FsckStore.Large);
        await ShouldFind(Fsck.Clean);
    }

    [Theory]
    [InlineData(-1, false, "part_short")]
    [InlineData(0, true, "part_rotten")]
    public async Task Short_and_rotten_files_are_set_aside_whole_and_their_part_is_marked(int longer, bool deep, string kind)
    {
        var path = store.FileOf(FsckStore.Large);
        var planted = Spoil(FsckStore.Large, longer, flip: deep);
        File.WriteAllBytes(path, planted);

        await ShouldFind(Fsck.DamageLeft, deep, kind);
        var repaired = await store.Check(repair: true, deep: deep);

        Assert.Equal((Fsck.DamageLeft, kind), (repaired.ExitCode, Assert.Single(Kinds(repaired))));
        Assert.False(File.Exists(path));
        Assert.Equal(planted, File.ReadAllBytes(Assert.Single(store.Quarantined())));
        await ShouldFind(Fsck.DamageLeft, deep, "part_damaged");
        await Heal(FsckStore.Large);
        await ShouldFind(Fsck.Clean, deep);
    }

    [Fact]
    public async Task A_flipped_byte_is_found_only_where_bytes_are_read()
    {
        File.WriteAllBytes(store.FileOf(FsckStore.Large), Spoil(FsckStore.Large, 0, flip: true));

        await ShouldFind(Fsck.Clean);
        await ShouldFind(Fsck.DamageLeft, true, "part_rotten");
    }

    [Fact]
    public async Task A_flipped_byte_in_the_index_is_found_and_its_bytes_are_written_into_quarantine()
    {
        var planted = Spoil(FsckStore.Small, 0, flip: true);
        store.Sql($"UPDATE parts SET bytes = x'{Convert.ToHexString(planted)}' WHERE part = {Small}");

        await ShouldFind(Fsck.Clean);
        var repaired = await store.Check(repair: true, deep: true);

        var finding = Assert.Single(repaired.Findings);
        Assert.Equal((FindingKind.PartRotten, "default"), (finding.Kind, finding.Bucket));
        Assert.Equal(planted, File.ReadAllBytes(Assert.Single(store.Quarantined())));
        await ShouldFind(Fsck.DamageLeft, true, "part_damaged");
        await Heal(FsckStore.Small);
        await ShouldFind(Fsck.Clean, true);
    }

    [Fact]
    public async Task A_flipped_byte_in_the_digest_of_a_merged_blob_is_found()
    {
        store.Sql("UPDATE blobs SET sha256 = zeroblob(32) WHERE part IS NULL");

        await ShouldFind(Fsck.Clean);
        var report = await store.Check(repair: true, deep: true);

        var finding = Assert.Single(report.Findings);
        Assert.Equal((FindingKind.BlobDigestWrong, store.Merged.ToString(), Fsck.DamageLeft), (finding.Kind, finding.BlobId, report.ExitCode));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_part_that_is_too_long_keeps_its_right_bytes_and_the_rest_is_set_aside(bool inFile)
    {
        var bytes = inFile ? FsckStore.Large : FsckStore.Small;
        var planted = Spoil(bytes, 1, flip: false);
        Plant(bytes, planted, inFile);

        await ShouldFind(Fsck.DamageLeft, "part_long");
        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.Clean, true);
        Assert.Equal(planted, File.ReadAllBytes(Assert.Single(store.Quarantined())));
    }

    [Fact]
    public async Task A_part_that_is_too_long_and_rotten_is_marked()
    {
        Plant(FsckStore.Large, Spoil(FsckStore.Large, 1, flip: true), inFile: true);

        await ShouldFind(Fsck.DamageLeft, "part_long");
        await ShouldFind(Fsck.DamageLeft, true, "part_rotten");
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true)).ExitCode);

        await ShouldFind(Fsck.DamageLeft, true, "part_damaged");
        Assert.Single(store.Quarantined());
        Assert.Empty(Directory.GetFiles(store.Layout.Temporary));
    }

    [Fact]
    public async Task Nothing_in_quarantine_is_ever_overwritten()
    {
        var first = Spoil(FsckStore.Large, -1, flip: false);
        var path = store.FileOf(FsckStore.Large);
        File.WriteAllBytes(path, first);
        _ = await store.Check(repair: true);
        var second = Spoil(FsckStore.Large, -2, flip: false);
        File.WriteAllBytes(path, second);
        Assert.Equal("part_damaged", Assert.Single(Kinds(await store.Check(repair: true))));

        Assert.Equal([first, second], store.Quarantined().Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
    }

    [Fact]
    public async Task A_mark_on_whole_bytes_is_cleared_where_bytes_are_read()
    {
        store.Sql($"UPDATE parts SET damaged = 1 WHERE part IN ({Large}, {Small})");

        await ShouldFind(Fsck.DamageLeft, "part_damaged", "part_damaged");
        Assert.Equal(Fsck.DamageLeft, (await store.Check(repair: true)).ExitCode);
        Assert.Equal(2, store.Number("SELECT count(*) FROM parts WHERE damaged = 1"));
        var repaired = await store.Check(repair: true, deep: true);

        Assert.Equal(Fsck.Repaired, repaired.ExitCode);
        Assert.Equal(["part_whole", "part_whole"], Kinds(repaired));
        Assert.Empty(store.Quarantined());
        await ShouldFind(Fsck.Clean, true);
    }

    [Fact]
    public async Task A_marked_part_that_nothing_names_is_nothing()
    {
        using (var open = store.Open())
        {
            Assert.True((await open.Delete(store.InFile)).IsRight);
        }

        store.Sql($"UPDATE parts SET damaged = 1 WHERE part = {Large}");
        File.Delete(store.FileOf(FsckStore.Large));

        await ShouldFind(Fsck.Clean);
    }

    [Fact]
    public async Task A_missing_file_of_garbage_is_marked_so_that_no_upload_takes_it_up()
    {
        using (var open = store.Open())
        {
            Assert.True((await open.Delete(store.InFile)).IsRight);
        }

        File.Delete(store.FileOf(FsckStore.Large));

        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);
        await ShouldFind(Fsck.Clean);
        using var again = store.Open();
        Assert.True((await again.Put(Guid.CreateVersion7(), again.File(FsckStore.Large))).IsRight);
        Assert.True(File.Exists(store.FileOf(FsckStore.Large)));
    }

    [Fact]
    public async Task Files_without_a_row_and_names_that_are_none_of_ours_are_notes_and_left_alone()
    {
        var part = store.FileOf(FsckStore.Large);
        var stray = Path.Combine(Path.GetDirectoryName(part)!, $"{new string('a', 64)}-cafe");
        string[] planted =
        [
            stray, Path.Combine(store.Layout.Temporary, "cafe.tmp"), Path.Combine(store.Layout.Temporary, "note.txt"),
            Path.Combine(store.Layout.Parts, "readme"), Path.Combine(Path.GetDirectoryName(part)!, "a\nname"),
        ];
        planted.ToList().ForEach(path => File.WriteAllText(path, "mine"));
        Directory.CreateDirectory(Path.Combine(store.Layout.Parts, "00001"));

        await ShouldFind(Fsck.Clean, "stray_file", "stray_file", "unknown_name", "unknown_name", "unknown_name", "unknown_name");
        var repaired = await store.Check(repair: true);

        Assert.Equal(Fsck.Clean, repaired.ExitCode);
        Assert.All(planted, path => Assert.True(File.Exists(path)));
        Assert.Contains(repaired.Lines(), line => line.Contains(@"a\u000aname", StringComparison.Ordinal));
        Assert.Contains($"parts/0001/{Path.GetFileName(stray)}", repaired.Findings.Map(finding => finding.Path));
    }

    [Fact]
    public async Task A_file_in_the_wrong_directory_is_named_beside_the_part_that_misses_it()
    {
        var path = store.FileOf(FsckStore.Large);
        var elsewhere = store.Layout.PartDirectory(7);
        Directory.CreateDirectory(elsewhere);
        File.Move(path, Path.Combine(elsewhere, Path.GetFileName(path)));

        await ShouldFind(Fsck.DamageLeft, "misplaced_file", "part_missing");
        _ = await store.Check(repair: true);
        File.Move(Path.Combine(elsewhere, Path.GetFileName(path)), path);

        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true, deep: true)).ExitCode);
        await ShouldFind(Fsck.Clean, true);
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_now_is_not_taken_for_rot()
    {
        var disk = new TestDisk();
        var path = store.FileOf(FsckStore.Large);
        disk.Before = (call, at) =>
        {
            if (call == "read" && at == path)
            {
                TestDisk.Fail(call, at);
            }
        };

        var report = await store.Check(repair: true, deep: true, disk: disk);

        Assert.Equal((Fsck.DamageLeft, "part_unreadable"), (report.ExitCode, Assert.Single(Kinds(report))));
        await ShouldFind(Fsck.Clean, true);
    }

    [Fact]
    public async Task A_repair_that_the_disk_refuses_is_reported_and_done_the_next_time()
    {
        var disk = new TestDisk();
        File.WriteAllBytes(store.FileOf(FsckStore.Large), Spoil(FsckStore.Large, -1, flip: false));
        disk.Before = (call, at) =>
        {
            if (call == "rename" && at.StartsWith(store.Layout.Quarantine, StringComparison.Ordinal))
            {
                TestDisk.Fail(call, at);
            }
        };

        var report = await store.Check(repair: true, disk: disk);

        Assert.Contains("not repaired: rename", Assert.Single(report.Findings).Detail, StringComparison.Ordinal);
        await ShouldFind(Fsck.DamageLeft, "part_short");
        _ = await store.Check(repair: true);
        Assert.Single(store.Quarantined());
    }

    [Fact]
    public async Task Several_kinds_at_once_are_found_and_mended_together()
    {
        File.WriteAllBytes(store.FileOf(FsckStore.Large), Spoil(FsckStore.Large, 1, flip: false));
        store.Sql($"UPDATE parts SET blob_refs = 5, damaged = 1 WHERE part = {Tail}; UPDATE totals SET chunks = 0; UPDATE buckets SET total_size = 1");

        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true, deep: true)).ExitCode);

        await ShouldFind(Fsck.Clean, true);
    }

    [Fact]
    public async Task A_check_without_repair_changes_nothing_on_the_disk()
    {
        File.WriteAllBytes(store.FileOf(FsckStore.Large), Spoil(FsckStore.Large, -1, flip: false));
        store.Sql("UPDATE totals SET contents = 9");
        var before = store.Listing();

        _ = await store.Check(deep: true);

        Assert.Equal(before, store.Listing());
        Assert.False(Directory.Exists(store.Layout.Quarantine));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_server_left_in_the_log_is_read_and_without_repair_nothing_is_changed(bool repair)
    {
        using var killed = new TestDirectory();
        var late = Guid.CreateVersion7();
        using (var open = store.Open())
        {
            Assert.True((await open.Put(late, open.File(Answers.Bytes(30_000, 710)))).IsRight);
            CopyAll(store.Root, killed.Root);
        }

        Assert.True(new FileInfo(killed.At("metadata.db-wal")).Length > 0);
        var before = killed.Listing();
        var report = await new FsckCommand(
            new FsckRequest(new DataLayout(killed.Root, killed.At("metadata.db")), repair, Deep: true), new PosixDisk(), TimeProvider.System,
            new CapturedLog().Logger, (_, _, _) => { }, default).Run();

        Assert.Equal((Fsck.Clean, 4L), (report.ExitCode, report.Checked.Blobs));
        if (!repair)
        {
            Assert.Equal(before, killed.Listing());
        }
    }

    [Fact]
    public async Task A_server_that_was_stopped_and_a_repair_leave_no_log_so_that_no_copy_is_needed()
    {
        await using (var server = await TestServer.Start(directory: store.Root))
        {
            await server.Upload(Guid.CreateVersion7(), FsckStore.Large).ShouldBeOk();
            Assert.True(server.Store.LogBytes > 0);
        }

        Assert.False(StoreIdentity.HasLog(store.Layout.IndexPath));
        store.Sql("UPDATE totals SET contents = 9");
        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);

        Assert.False(StoreIdentity.HasLog(store.Layout.IndexPath));
        Assert.Equal(Fsck.Clean, (await store.Check(deep: true)).ExitCode);
    }

    [Fact]
    public async Task A_log_that_finds_no_room_for_a_copy_is_said_to_need_so_much()
    {
        using (var open = store.Open())
        {
            Assert.True((await open.Put(Guid.CreateVersion7(), TestStore.Inline([1]))).IsRight);
            File.Copy(open.Layout.IndexPath + "-wal", Path.Combine(store.Root, "kept"));
        }

        File.Move(Path.Combine(store.Root, "kept"), store.Layout.IndexPath + "-wal", overwrite: true);
        var report = await store.Check(disk: new TestDisk { Sees = room => room with { FreeBytes = 1000 } });

        Assert.Equal(Fsck.CouldNotRun, report.ExitCode);
        Assert.Contains("which has 1000; set TMPDIR", report.Problem.IfNone(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_index_is_found_and_never_repaired_by_guessing()
    {
        var pages = new FileInfo(store.Layout.IndexPath).Length / SqliteSchema.PageSize;
        using (var file = new FileStream(store.Layout.IndexPath, FileMode.Open, FileAccess.Write))
        {
            for (var page = 6; page < pages; page++)
            {
                file.Position = page * SqliteSchema.PageSize;
                file.Write(Answers.Bytes(100, page));
            }
        }

        var report = await store.Check(repair: true, deep: true);

        Assert.Equal(Fsck.DamageLeft, report.ExitCode);
        Assert.Contains("index_damaged", Kinds(report));
        Assert.DoesNotContain(report.Findings, finding => finding.Repaired);
    }

    [Fact]
    public async Task An_index_that_misses_an_entry_is_found_by_a_deep_check()
    {
        store.Sql("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'parts_by_prefix'; PRAGMA writable_schema = RESET");

        var report = await store.Check(deep: true);

        Assert.Equal((Fsck.DamageLeft, "index_damaged"), (report.ExitCode, Kinds(report)[0]));
    }

    /// <summary>Counts made anew from tables that lost rows would give up the bytes of those rows.</summary>
    [Fact]
    public async Task Before_a_repair_the_index_itself_is_checked_and_one_that_is_broken_is_left_as_it_is()
    {
        store.Sql("UPDATE totals SET contents = 9; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'blobs_by_time'; PRAGMA writable_schema = RESET");

        var report = await store.Check(repair: true);

        Assert.Equal((Fsck.DamageLeft, "index_damaged"), (report.ExitCode, Kinds(report)[0]));
        Assert.DoesNotContain(report.Findings, finding => finding.Repaired);
        Assert.Equal(9, store.Number("SELECT contents FROM totals"));
    }

    [Fact]
    public async Task A_part_that_is_a_link_to_its_bytes_is_whole_and_one_that_leads_nowhere_is_missing()
    {
        using var elsewhere = new TestDirectory();
        var (large, tail) = (store.FileOf(FsckStore.Large), store.FileOf(FsckStore.Tail));
        File.Move(large, elsewhere.At("part"));
        _ = File.CreateSymbolicLink(large, elsewhere.At("part"));

        await ShouldFind(Fsck.Clean, deep: true);
        Assert.Equal(Fsck.Clean, (await store.Check(repair: true)).ExitCode);

        File.Delete(tail);
        _ = File.CreateSymbolicLink(tail, tail);
        await ShouldFind(Fsck.DamageLeft, deep: true, "part_missing");
    }

    [Fact]
    public async Task What_is_set_aside_is_durable_in_its_new_place()
    {
        var path = store.FileOf(FsckStore.Large);
        File.WriteAllBytes(path, Spoil(FsckStore.Large, 0, flip: true));
        var disk = new TestDisk();

        _ = await store.Check(repair: true, deep: true, disk: disk);

        var calls = disk.Calls.ToList();
        var moved = calls.IndexOf($"rename {Path.Combine(store.Layout.Quarantine, Path.GetFileName(path))}");
        Assert.Equal([$"fsync {store.Layout.Quarantine}", $"fsync {Path.GetDirectoryName(path)}"], calls.Skip(moved + 1).Take(2));
        Assert.True(0 <= calls.IndexOf($"fsync {store.Root}") && calls.IndexOf($"fsync {store.Root}") < moved);
    }

    [Fact]
    public async Task While_a_backup_needs_the_files_nothing_is_repaired_but_a_check_may_run()
    {
        store.Sql("UPDATE totals SET contents = 9");
        using (var backup = new RemovalLock(store.Layout.RemovalLock))
        {
            backup.Share();

            var refused = await store.Check(repair: true);

            Assert.Equal(Fsck.CouldNotRun, refused.ExitCode);
            Assert.Contains("a backup of this store runs", refused.Problem.IfNone(""), StringComparison.Ordinal);
            await ShouldFind(Fsck.DamageLeft, "totals_wrong");
        }

        Assert.Equal(Fsck.Repaired, (await store.Check(repair: true)).ExitCode);
    }

    [Fact]
    public async Task A_check_that_is_stopped_says_so()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var report = await store.Check(deep: true, repair: true, stop: stop.Token);

        Assert.Equal((Fsck.CouldNotRun, "stopped before the end"), (report.ExitCode, report.Problem.IfNone("")));
    }

    private static byte[] Spoil(byte[] bytes, int longer, bool flip)
    {
        byte[] spoiled = [.. bytes.Take(bytes.Length + longer), .. Enumerable.Repeat((byte)7, Math.Max(0, longer))];
        spoiled[bytes.Length / 2] ^= (byte)(flip ? 1 : 0);
        return spoiled;
    }

    private void Plant(byte[] bytes, byte[] planted, bool inFile)
    {
        if (inFile)
        {
            File.WriteAllBytes(store.FileOf(bytes), planted);
        }
        else
        {
            store.Sql($"UPDATE parts SET bytes = x'{Convert.ToHexString(planted)}' WHERE part = {FsckStore.PartOf(bytes)}");
        }
    }

    private static void CopyAll(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private Task ShouldFind(int code, params string[] kinds) => ShouldFind(code, false, kinds);

    private async Task ShouldFind(int code, bool deep, params string[] kinds)
    {
        var report = await store.Check(deep: deep);
        Assert.True(report.Problem.IsNone, report.Problem.IfNone(""));
        Assert.Equal(kinds.Order(StringComparer.Ordinal), Kinds(report).Order(StringComparer.Ordinal));
        Assert.Equal(code, report.ExitCode);
    }

    private static string[] Kinds(FsckReport report) =>
        [.. report.Findings.Map(finding => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString()))];

    /// <summary>Uploads the bytes once more, and deletes that blob again.</summary>
    private async Task Heal(byte[] bytes)
    {
        using var open = store.Open();
        var blob = Guid.CreateVersion7();
        Assert.True((await open.Put(blob, bytes.Length > 10_000 ? open.File(bytes) : TestStore.Inline(bytes))).IsRight);
        Assert.True((await open.Delete(blob)).IsRight);
    }

    /// <summary>All that is counted or names something, as text.</summary>
    private string Rows()
    {
        using var connection = SqliteSchema.Open(store.Layout.IndexPath, Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite);
        return string.Join('\n', Queries.Select(sql => connection.Rows(sql).Select(row => row.Text(0)).First()));
    }
}
