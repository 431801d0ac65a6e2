using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Observe;

/// <summary>What the metrics say after what is known to have happened.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task What_was_stored_moved_and_refused_is_counted()
    {
        await using var server = await TestServer.Start();
        var (first, bytes) = (Guid.CreateVersion7(), Answers.Bytes(70_000));
        _ = await server.Upload(first, bytes).ShouldBeOk();
        _ = await server.Upload(Guid.CreateVersion7(), bytes).ShouldBeOk();
        _ = await server.Do("PUT", $"/photos/{Guid.CreateVersion7()}", [1, 2, 3]).ShouldBeOk();
        _ = await server.Chunk(Guid.CreateVersion7(), 1, 2, Answers.Bytes(5000, 2)).ShouldBeOk();
        await server.Download(first).ShouldHaveBytes(bytes);
        _ = await server.Send(HttpMethod.Get, server.Signed("GET", $"/files/{first}", validFor: -1)).ShouldBeError(401, "link_expired");
        _ = await server.Send(HttpMethod.Get, server.Signed("GET", $"/files/{first}", secret: "another")).ShouldBeError(401, "invalid_signature");
        _ = await server.Upload(first, bytes).ShouldBeError(409, "duplicate_blob");

        var page = await Scrape.When(server, page =>
            page.Requests("POST", "/upload/{blob_id}", 409) == 1 && page.Requests("GET", "/files/{blob_id}", 200) == 1
            && page["borderless_commit_batch_size_sum"] == 4);

        Assert.Equal(3, page.Requests("POST", "/upload/{blob_id}", 200));
        Assert.Equal(1, page.Requests("PUT", "/{bucket}/{blob_id}", 200));
        Assert.Equal(2, page.Requests("GET", "/files/{blob_id}", 401));
        Assert.Equal(145_003, page["borderless_received_bytes_total"]);
        Assert.InRange(page["borderless_sent_bytes_total"]!.Value, 70_000, 700_000);
        Assert.Equal([3, 2, 140_003, 70_003, 70_000, 2, 1, 5000], Values(
            page, "borderless_objects", "borderless_buckets", "borderless_logical_bytes", "borderless_stored_bytes", "borderless_dedup_saved_bytes",
            "borderless_parts", "borderless_waiting_chunks", "borderless_waiting_bytes"));
        Assert.Equal([1, 1, 1], Values(
            page, "borderless_errors_total{code=\"link_expired\"}", "borderless_errors_total{code=\"invalid_signature\"}",
            "borderless_errors_total{code=\"duplicate_blob\"}"));
        Assert.Equal([1, 1], Values(
            page, "borderless_url_refusals_total{code=\"link_expired\"}", "borderless_url_refusals_total{code=\"invalid_signature\"}"));
        Assert.Null(page["borderless_url_refusals_total{code=\"duplicate_blob\"}"]);
        Assert.Equal([0, 0, 0, 1], Values(page, "borderless_uploads_active", "borderless_uploads_received_bytes", "borderless_commit_queue_length", "borderless_ready"));
        Assert.InRange(page["borderless_sync_duration_seconds_count{of=\"batch\"}"]!.Value, 1, 3);
        Assert.Equal(page["borderless_commit_batch_size_count"], page["borderless_commit_duration_seconds_count"]);
        Assert.All(
            Values(
                page, "borderless_index_size_bytes{file=\"db\"}", "borderless_index_size_bytes{file=\"wal\"}", "borderless_disk_free_bytes",
                "borderless_disk_size_bytes", "process_memory_usage_bytes", "dotnet_gc_heap_total_allocated_bytes_total"),
            value => Assert.True(value > 0));
    }

    [Fact]
    public async Task Servers_of_one_process_count_each_for_itself()
    {
        await using var idle = await TestServer.Start();
        await using var busy = await TestServer.Start();

        _ = await busy.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        _ = await Scrape.When(busy, page => page.Requests("POST", "/upload/{blob_id}", 200) == 1);

        var page = await Scrape.Of(idle);
        Assert.Null(page.Requests("POST", "/upload/{blob_id}", 200));
        Assert.Equal(0, page["borderless_objects"]);
    }

    [Fact]
    public async Task An_upload_on_its_way_is_seen_with_its_bytes_and_is_gone_when_it_ends()
    {
        await using var server = await TestServer.Start();
        using var upload = await RawClient.Connect(server);
        await upload.Send(RawClient.Head("POST", server.Signed("POST", $"/upload/{Guid.CreateVersion7()}"), "content-length: 10"));
        await upload.Send(new byte[4]);

        var page = await Scrape.When(server, page => page["borderless_uploads_received_bytes"] == 4);
        Assert.Equal(1, page["borderless_uploads_active"]);
        Assert.Equal(2, page["http_server_active_requests"]);

        await upload.Send(new byte[6]);
        (await upload.ReadAnswer()).ShouldBeOk();
        page = await Scrape.When(server, page => page["http_server_active_requests"] == 1);
        Assert.Equal([0, 0, 10], Values(page, "borderless_uploads_active", "borderless_uploads_received_bytes", "borderless_received_bytes_total"));
    }

    [Fact]
    public async Task No_label_tells_of_a_blob_a_bucket_a_path_a_query_or_a_method_that_strangers_made_up()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        _ = await server.Do("POST", $"/holidays/{blob}", [1]).ShouldBeOk();
        _ = await server.Send(HttpMethod.Get, $"/holidays/{blob}?expires=1&sig=stolen").ShouldBeError(401, "invalid_signature");
        _ = await server.Send(new HttpMethod("BREW"), "/holidays").ShouldBeError(404, "no_such_route");
        _ = await server.Send(new HttpMethod("BREW"), "/healthz").ShouldBeError(405, "method_not_allowed");

        var page = await Scrape.When(server, page => page.Requests("_OTHER", "/healthz", 405) == 1 && page.Requests("_OTHER", "unmatched", 404) == 1);

        Assert.Equal(1, page.Requests("GET", "/{bucket}/{blob_id}", 401));
        Assert.All(
            [$"{blob}", "holidays", "BREW", "sig=", "expires=", "stolen", server.Directory],
            word => Assert.DoesNotContain(word, page.Text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task What_cannot_be_read_is_left_out_and_the_rest_is_told()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        disk.Sees = _ => throw new IOException("it is gone");

        var page = await Scrape.Of(server);

        Assert.Null(page["borderless_disk_free_bytes"]);
        Assert.Null(page["borderless_disk_room_bytes"]);
        Assert.Equal([0, 0, 1, 0], Values(
            page, "borderless_objects", "borderless_ready", "borderless_ailment{reason=\"disk_failed\"}", "borderless_ailment{reason=\"disk_full\"}"));
    }

    [Fact]
    public async Task What_the_janitor_and_the_scrub_did_is_counted()
    {
        await using var server = await TestServer.Start();
        var leftover = Path.Combine(server.Directory, "tmp", "0123456789abcdef.tmp");
        await File.WriteAllBytesAsync(leftover, new byte[10]);
        File.SetLastWriteTimeUtc(leftover, server.Time.GetUtcNow().UtcDateTime.AddDays(-2));
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(20_000)).ShouldBeOk();
        var before = await Scrape.When(server, page => page["borderless_janitor_runs_total{result=\"done\"}"] == 1);

        _ = await server.Server.Janitor.RunOnce(CancellationToken.None);
        var page = await Scrape.When(server, page => page["borderless_scrub_parts_total"] >= 1, () => server.Time.Advance(TimeSpan.FromMinutes(10)));

        Assert.InRange(page["borderless_janitor_runs_total{result=\"done\"}"]!.Value, 2, 1000);
        Assert.Equal([1, 0, 0, 10], Values(
            page, "borderless_janitor_removed_total{kind=\"temporary\"}", "borderless_janitor_removed_total{kind=\"part\"}",
            "borderless_janitor_removed_total{kind=\"chunk\"}", "borderless_janitor_freed_bytes_total"));
        Assert.InRange(page["borderless_janitor_last_end_timestamp_seconds"]!.Value, before["borderless_janitor_last_end_timestamp_seconds"]!.Value, server.Now.Value);
        Assert.InRange(page["borderless_scrub_read_bytes_total"]!.Value, 20_000, 20_000_000);
        Assert.Equal(0, page["borderless_scrub_damaged_total"]);
    }

    private static double?[] Values(Scrape page, params string[] series) => [.. series.Select(name => page[name])];
}
