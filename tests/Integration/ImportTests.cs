using Borderless.Tests.Integration.Support;
using Borderless.Web.Import;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Tests.Integration;

/// <summary>Moving in from real data directories of the Rust original, as they are.</summary>
public sealed class ImportTests
{
    [Theory]
    [InlineData(OldStore.OldLayout, false)]
    [InlineData(OldStore.OldLayout, true)]
    [InlineData(OldStore.NewLayout, false)]
    [InlineData(OldStore.NewLayout, true)]
    public async Task A_real_directory_is_imported_completely_and_stays_as_it_was(string fixture, bool link)
    {
        using var old = new OldStore(fixture);
        var before = old.Listing();

        var report = await old.Import(link, inlineMaxBytes: 100);

        Assert.Equal(before, old.Listing());
        Assert.Equal((old.Blobs.Count, 0, old.Blobs.Sum(blob => blob.size)), (report.Imported, report.AlreadyThere, report.Bytes));
        Assert.Empty(report.Missing);
        Assert.Equal(1, report.UnfinishedUploads);
        Assert.Equal(ImportReport.Complete, report.ExitCode);
        await using var server = await TestServer.Start(directory: old.DataDir);
        foreach (var blob in old.Blobs)
        {
            await ShouldBeServed(server, blob);
        }
    }

    [Fact]
    public async Task What_is_no_blob_is_named_with_its_reason()
    {
        using var old = new OldStore();
        File.WriteAllText(old.At("notes.txt"), "mine");

        var report = await old.Import();

        Assert.Equal(
            [
                "buckets/default/0199ffff-0000-7000-8000-000000000000.tmp: its name is no blob's",
                "content/790f6efcea262df49536f71b9cc9152a2f14d601cfe70b97eeb9d7ad4f03a305: no blob names it",
                "notes.txt: is nothing of the Rust original's",
            ],
            report.Others.Map(skipped => $"{skipped.Path}: {skipped.Reason}").Order(StringComparer.Ordinal));
        Assert.Equal(ImportReport.Complete, report.ExitCode);
    }

    [Fact]
    public async Task Times_are_kept_and_those_of_names_without_a_row_are_the_files()
    {
        using var old = new OldStore();
        var (id, written) = (OldStore.NewId(), new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc));
        File.WriteAllText(old.At($"buckets/team-a/{id}"), "no row");
        File.SetLastWriteTimeUtc(old.At($"buckets/team-a/{id}"), written);
        old.Sql($"UPDATE objects SET created_at = 1000, updated_at = 2000 WHERE blob_id = '{old.Hello.blob_id}'");

        _ = await old.Import();

        var (kept, fresh) = (old.Find("default", old.Hello.blob_id)!, old.Find("team-a", id)!);
        Assert.Equal((1_000_000, 2_000_000), (kept.CreatedAt, kept.UpdatedAt));
        var milliseconds = new DateTimeOffset(written).ToUnixTimeMilliseconds();
        Assert.Equal((milliseconds, milliseconds), (fresh.CreatedAt, fresh.UpdatedAt));
        Assert.Null(fresh.ContentType);
    }

    [Fact]
    public async Task Times_are_cut_to_those_from_1970_until_now()
    {
        using var old = new OldStore();
        var (past, future) = (OldStore.NewId(), OldStore.NewId());
        Put(past, 1960);
        Put(future, 2400);
        old.Sql($"UPDATE objects SET created_at = 300000000000, updated_at = {long.MaxValue} WHERE blob_id = '{old.Hello.blob_id}'");
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        _ = await old.Import();

        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Assert.Equal((0, 0), Times(past, "team-a"));
        Assert.All(Seq(Times(future, "team-a"), Times(old.Hello.blob_id, "default")), times =>
        {
            Assert.InRange(times.CreatedAt, before - 1000, now);
            Assert.InRange(times.UpdatedAt, before - 1000, now);
        });

        void Put(string id, int year)
        {
            File.WriteAllText(old.At($"buckets/team-a/{id}"), id);
            File.SetLastWriteTimeUtc(old.At($"buckets/team-a/{id}"), new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        (long CreatedAt, long UpdatedAt) Times(string id, string bucket) =>
            old.Find(bucket, id) is { } row ? (row.CreatedAt, row.UpdatedAt) : throw new InvalidOperationException($"{id} was not imported");
    }

    [Fact]
    public async Task A_name_without_a_row_and_a_row_without_a_name_both_count()
    {
        using var old = new OldStore();
        old.Sql($"DELETE FROM objects WHERE blob_id = '{old.Hello.blob_id}'");
        File.Delete(old.Name(old.Blobs[1]));

        var report = await old.Import();

        Assert.Equal((6, 0), (report.Imported, report.Missing.Count));
        Assert.Null(old.Find("default", old.Hello.blob_id)!.ContentType);
        Assert.Equal(old.Blobs[1].content_type, old.Find("default", old.Blobs[1].blob_id)!.ContentType);
        Assert.DoesNotContain(report.Others, skipped => skipped.Path == $"content/{old.Hello.sha256}");
    }

    [Fact]
    public async Task Without_metadata_db_the_names_are_enough()
    {
        using var old = new OldStore();
        File.Delete(old.At("metadata.db"));

        var report = await old.Import();

        Assert.Equal((6, 0), (report.Imported, report.Missing.Count));
    }

    [Fact]
    public async Task Rows_that_are_only_in_the_log_are_read_and_the_log_stays()
    {
        using var old = new OldStore();
        var id = OldStore.NewId();
        using (var open = SqliteSchema.Open(old.At("metadata.db"), SqliteOpenMode.ReadWrite))
        {
            SqliteSchema.Execute(open, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;");
            SqliteSchema.Execute(
                open,
                $"INSERT INTO objects SELECT bucket, '{id}', 'text/x-log', NULL, file_size, sha256_hash, 1, 2 FROM objects WHERE blob_id = '{old.Hello.blob_id}'");
            Seq("metadata.db", "metadata.db-wal").Iter(file => File.Copy(old.At(file), old.At(file + ".copy")));
        }

        Seq("metadata.db", "metadata.db-wal").Iter(file => File.Move(old.At(file + ".copy"), old.At(file), overwrite: true));
        var before = old.Listing();

        var report = await old.Import();

        Assert.Equal(7, report.Imported);
        Assert.Equal("text/x-log", old.Find("default", id)!.ContentType);
        Assert.Equal(before, old.Listing());
        Assert.Contains(before, line => line.StartsWith(old.At("metadata.db-wal"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_index_of_the_source_may_have_any_name()
    {
        using var old = new OldStore();
        old.Sql("CREATE INDEX import_by_digest ON objects (sha256_hash); CREATE TABLE digests (a); CREATE INDEX by_digest ON digests (a)");

        var report = await old.Import();

        Assert.Equal((6, ImportReport.Complete), (report.Imported, report.ExitCode));
    }

    [Theory]
    [InlineData(OldStore.OldLayout)]
    [InlineData(OldStore.NewLayout)]
    public async Task A_second_run_imports_nothing(string fixture)
    {
        using var old = new OldStore(fixture);
        _ = await old.Import();

        var again = await old.Import();

        Assert.Equal((0, old.Blobs.Count, 0), (again.Imported, again.AlreadyThere, again.Missing.Count));
        Assert.Equal(ImportReport.Complete, again.ExitCode);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("shorter")]
    [InlineData("marked")]
    public async Task Bytes_that_the_store_lost_since_are_brought_in_again(string damage)
    {
        using var old = new OldStore();
        _ = await old.Import(inlineMaxBytes: damage == "marked" ? 16_384 : 0);
        await using (var server = await TestServer.Start(directory: old.DataDir))
        {
            await Lose(server);
        }

        var again = await old.Import();

        Assert.Equal((6, 0), (again.Imported + again.AlreadyThere, again.Missing.Count));
        Assert.InRange(again.Imported, damage == "marked" ? 1 : 4, damage == "marked" ? 2 : 5);
        await using var healed = await TestServer.Start(directory: old.DataDir);
        foreach (var blob in old.Blobs)
        {
            await ShouldBeServed(healed, blob);
        }

        await ShouldBalance(healed);

        async Task Lose(TestServer server)
        {
            Action<string> harm = damage == "missing" ? File.Delete : path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
            server.FilesUnder("parts").Where(path => new FileInfo(path).Length > 0).Iter(harm);
            if (damage == "marked")
            {
                await server.Store.Committer.MarkDamaged(
                    server.Store.Index.FindBlob(BucketName.Default, BlobId.From(Guid.Parse(old.Hello.blob_id)))!.Only!);
            }
        }
    }

    [Fact]
    public async Task A_blob_of_chunks_that_lost_one_is_brought_in_again_as_a_whole()
    {
        using var old = new OldStore(OldStore.OldLayout);
        var large = old.Blobs.Single(blob => blob.size == 70_000);
        var bytes = File.ReadAllBytes(old.At($"full/{large.blob_id}"));
        await using (var server = await TestServer.Start(directory: old.DataDir))
        {
            var id = Guid.Parse(large.blob_id);
            _ = await server.Chunk(id, 1, 2, bytes[..30_000]).ShouldBeOk();
            _ = await server.Chunk(id, 2, 2, bytes[30_000..]).ShouldBeOk();
            _ = await server.Merge(id, 2).ShouldBeOk();
            File.Delete(server.FilesUnder("parts")[0]);
        }

        var report = await old.Import();

        Assert.Equal((6, 0, ImportReport.Complete), (report.Imported, report.AlreadyThere, report.ExitCode));
        await using var healed = await TestServer.Start(directory: old.DataDir);
        using var answer = await healed.Download(Guid.Parse(large.blob_id));
        Assert.Equal(large.sha256, Answers.Sha256(await answer.Content.ReadAsByteArrayAsync()));
        await ShouldBalance(healed);
    }

    [Theory]
    [InlineData(OldStore.OldLayout)]
    [InlineData(OldStore.NewLayout)]
    public async Task A_run_that_was_stopped_ends_between_two_blobs_and_the_next_goes_on(string fixture)
    {
        using var old = new OldStore(fixture);
        using var stop = new CancellationTokenSource();
        var shown = 0;

        var first = (await old.TryImport(show: (_, _) => StopAtTheFifth(), stop: stop.Token))
            .IfLeft(problem => throw new InvalidOperationException(problem.Message));
        var second = await old.Import();

        Assert.True(first.Stopped);
        Assert.Equal(ImportReport.Failure, first.ExitCode);
        Assert.InRange(first.Imported, 1, old.Blobs.Count - 1);
        Assert.Equal((old.Blobs.Count - first.Imported, first.Imported), (second.Imported, second.AlreadyThere));
        Assert.Empty(Directory.GetFiles(Path.Combine(old.DataDir, "tmp")));

        void StopAtTheFifth()
        {
            if (++shown == 5)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public async Task Links_share_their_bytes_with_the_source_and_copies_do_not()
    {
        using var linked = new OldStore(OldStore.OldLayout);
        using var copied = new OldStore(OldStore.OldLayout);

        _ = await linked.Import(link: true);
        _ = await copied.Import(link: false);

        Assert.Equal((1, 0), (Shared(linked), Shared(copied)));

        // The one file above the inline limit; a change of the source shows through its second name.
        static int Shared(OldStore old)
        {
            var large = old.Blobs.Single(blob => blob.size == 70_000);
            File.AppendAllText(old.At($"full/{large.blob_id}"), "!");
            return Directory.EnumerateFiles(Path.Combine(old.DataDir, "parts"), $"{large.sha256}-*", SearchOption.AllDirectories)
                .Count(part => new FileInfo(part).Length == 70_001);
        }
    }

    /// <summary>Files that lost their row are the janitor's, once they are old.</summary>
    private static async Task ShouldBalance(TestServer server)
    {
        server.Time.Advance(TimeSpan.FromDays(1));
        _ = await server.Server.Janitor.RunOnce(CancellationToken.None);
        await Audit.Balance(server);
    }

    private static async Task ShouldBeServed(TestServer server, OldBlob blob)
    {
        var found = server.Store.Index.FindBlob(BucketName.Parse(blob.bucket).IfLeft(BucketName.Default), BlobId.From(Guid.Parse(blob.blob_id)))!.Blob;
        Assert.Equal((blob.size, blob.sha256), (found.Size, found.Sha256.ToString()));
        Assert.Equal((blob.content_type, blob.content_disposition), (found.ContentType, found.ContentDisposition));
        if (blob.bucket == "default")
        {
            using var answer = await server.Download(Guid.Parse(blob.blob_id));
            Assert.Equal(blob.sha256, Answers.Sha256(await answer.Content.ReadAsByteArrayAsync()));
            Assert.Equal(blob.content_type ?? ContentHeaders.DefaultType, answer.Content.Headers.GetValues("content-type").Single());
        }
    }
}
