using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>What a store does when its disk has no room, or fails, and how it comes back.</summary>
public sealed class SpaceTests
{
    private const long Room = 1_000_000;

    private static readonly Dictionary<string, string> Settings = new() { ["min_free_bytes"] = "100000" };

    private readonly TestDisk disk = new();

    [Fact]
    public async Task Without_room_uploads_are_refused_before_the_body_and_everything_else_works()
    {
        await using var server = await TestServer.Start(Settings, disk: disk);
        var (kept, gone, merged) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var bytes = Answers.Bytes(100_000);
        _ = await server.Upload(kept, bytes).ShouldBeOk();
        _ = await server.Upload(gone, Answers.Bytes(100_000, 2)).ShouldBeOk();
        _ = await server.Chunk(merged, 1, 1, bytes).ShouldBeOk();
        disk.Sees = room => room with { FreeBytes = 100_000 };

        using var small = await server.Upload(Guid.CreateVersion7(), [1]);
        Assert.Equal("5", small.Headers.GetValues("retry-after").Single());
        _ = await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeError(507, "insufficient_storage");
        _ = await server.Upload(Guid.CreateVersion7(), bytes).ShouldBeError(507, "insufficient_storage");
        _ = await server.Chunk(Guid.CreateVersion7(), 1, 2, bytes).ShouldBeError(507, "insufficient_storage");
        var ready = await Ready(server).ShouldBeError(503, "not_ready");
        Assert.Equal("disk_full", ready.GetProperty("reasons").EnumerateArray().Single().GetString());
        _ = await server.Http.GetAsync(new Uri("/healthz", UriKind.Relative)).ShouldBeOk();
        await server.Download(kept).ShouldHaveBytes(bytes);
        _ = await server.Merge(merged, 1).ShouldBeOk();
        _ = await server.Do("DELETE", $"/files/{gone}").ShouldBeOk();

        disk.Sees = room => room;
        _ = await server.Upload(gone, bytes).ShouldBeOk();
        _ = await Ready(server).ShouldBeOk();
    }

    [Fact]
    public async Task What_is_announced_is_reserved_before_the_body_and_what_does_not_fit_is_refused()
    {
        await using var server = await TestServer.Start(Settings, disk: disk);
        using var upload = await Announced(server, Guid.CreateVersion7(), 700_000);

        disk.Sees = room => room with { FreeBytes = Room };
        _ = await server.Upload(Guid.CreateVersion7(), new byte[900_001]).ShouldBeError(507, "insufficient_storage");
        _ = await server.Upload(Guid.CreateVersion7(), new byte[800_000]).ShouldBeOk();
    }

    [Fact]
    public async Task Room_that_cannot_be_reserved_is_given_back_and_nothing_is_left()
    {
        await using var server = await TestServer.Start(Settings, disk: disk);
        Fail("fallocate", Posix.ENOSPC);

        _ = await server.Upload(Guid.CreateVersion7(), new byte[100_000]).ShouldBeError(507, "insufficient_storage");

        Assert.Contains(disk.Calls, call => call.StartsWith("ftruncate ", StringComparison.Ordinal));
        Assert.Empty(server.FilesUnder("tmp"));
        _ = await Ready(server).ShouldBeOk();
    }

    [Fact]
    public async Task An_upload_that_moves_less_than_a_mebibyte_in_the_timeout_gives_its_room_back_and_can_still_end()
    {
        const int Piece = 70_000;
        await using var server = await TestServer.Start(Settings, disk: disk);
        var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(5 * Piece));
        using var upload = await Announced(server, blob, bytes.Length);
        for (var i = 0; i < 4; i++)
        {
            await upload.Send(bytes.AsMemory(i * Piece, Piece));
            var arrived = (i + 1) * Piece;
            await Wait.Until(() => server.FilesUnder("tmp") is [var file] && new FileInfo(file).Length >= arrived - Piece / 10, $"{arrived} bytes are on the disk");
            Assert.Equal(i == 3, disk.Calls.Any(call => call.StartsWith("ftruncate ", StringComparison.Ordinal)));
            server.Time.Advance(TimeSpan.FromSeconds(i < 2 ? 14 : 15));
        }

        await upload.Send(bytes.AsMemory(4 * Piece));

        (await upload.ReadAnswer()).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task After_a_write_that_failed_the_connection_takes_the_next_request()
    {
        await using var server = await TestServer.Start(Settings, disk: disk);
        using var client = await RawClient.Connect(server);
        Fail("write", errno: 5);
        await client.Send(RawClient.Head("POST", server.Signed("POST", $"/upload/{Guid.CreateVersion7()}"), "content-length: 200000"));
        await client.Send(Answers.Bytes(200_000));
        _ = (await client.ReadAnswer()).ShouldBeError(503, "storage_unavailable");

        disk.Before = (_, _) => { };
        await client.Send(RawClient.Head("GET", "/healthz"));

        _ = (await client.ReadAnswer()).ShouldBeOk();
    }

    [Fact]
    public void Reserved_blocks_are_real_and_go_back()
    {
        using var directory = new TestDirectory();
        using var file = new PosixDisk().Create(directory.At("file"));
        file.Reserve(1 << 20);
        Assert.Equal(0, file.Length);
        Assert.True(Blocks(directory.At("file")) >= 2048);

        file.Trim();

        Assert.Equal(0, Blocks(directory.At("file")));
    }

    [Fact]
    public async Task The_room_that_is_reserved_for_the_log_is_behind_its_end_and_less_what_it_adds_to_the_database()
    {
        using var store = new TestStore();
        Assert.True((await store.Put(Guid.NewGuid(), TestStore.Inline(new byte[60_000]))).IsRight);
        var length = store.LogBytes;
        Assert.True(length > 60_000);

        store.Index.ReserveLog(100_000);
        Assert.Equal(store.Index.Pages().All * SqliteSchema.PageSize, new FileInfo(store.Layout.IndexPath).Length);
        store.Index.ReserveLog(100_000);

        Assert.Equal(length, store.LogBytes);
        Assert.True(512 * Blocks(store.Layout.IndexPath + "-wal") >= length + 100_000);
    }

    [Fact]
    public async Task A_failed_disk_is_told_until_it_takes_writes_again()
    {
        await using var server = await TestServer.Start(Settings, disk: disk);
        Fail("fdatasync", errno: 5);
        _ = await server.Upload(Guid.CreateVersion7(), new byte[100_000]).ShouldBeError(503, "storage_unavailable");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        await Wait.Until(() => disk.Calls.Count(call => call.StartsWith("fdatasync ", StringComparison.Ordinal)) > 2, "it was tried again");
        var ready = await Ready(server).ShouldBeError(503, "not_ready");
        Assert.Equal("disk_failed", ready.GetProperty("reasons").EnumerateArray().Single().GetString());

        disk.Before = (_, _) => { };
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => !server.Store.Health.Has(Ailment.DiskFailed), "the disk is found to work");

        _ = await Ready(server).ShouldBeOk();
        Assert.Empty(server.FilesUnder("tmp"));
        Assert.DoesNotContain(server.FilesUnder("parts"), file => file.Contains("probe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_commit_without_room_the_ballast_goes_and_the_deletes_of_the_same_batch_are_done()
    {
        FailingIndex failing = null!;
        using var store = new TestStore(index => failing = new FailingIndex(index));
        store.Ballast.Make();
        var (blob, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.True((await store.Put(blob, store.File([1, 2, 3]))).IsRight);
        using var gate = new ManualResetEventSlim();
        var blocked = await store.Block(gate);
        var (put, delete) = (store.Put(other, store.File([4, 5, 6])), store.Delete(blob));
        failing.Next = FailingIndex.Failure.Full;
        gate.Set();
        _ = await blocked;

        Assert.Equal("insufficient_storage", (await put).LeftToList().Single().Code);
        Assert.True((await delete).IsRight);
        Assert.True(store.Ballast.IsGivenUp);
        Assert.False(File.Exists(store.Layout.Ballast));
        Assert.Null(store.Find(blob));
        Assert.Null(store.Find(other));
        Assert.Equal("insufficient_storage", (await store.Put(other, store.File([4, 5, 6]))).LeftToList().Single().Code);
        await Wait.Until(() => store.PartFiles().Length == 1, "the refused upload's file is removed");
        Assert.Empty(Directory.GetFiles(store.Layout.Temporary));

        Assert.False(store.Ballast.TryRegain(room: 0));
        Assert.True(store.Ballast.TryRegain(room: 1L << 40));
        Assert.True((await store.Put(other, store.File([4, 5, 6]))).IsRight);
    }

    [Fact]
    public async Task When_the_ballast_is_used_up_deletes_take_the_room_of_the_log()
    {
        FailingIndex failing = null!;
        using var store = new TestStore(index => failing = new FailingIndex(index));
        var blob = Guid.CreateVersion7();
        Assert.True((await store.Put(blob, TestStore.Inline(new byte[60_000]))).IsRight);
        store.Ballast.GiveUp();
        var length = store.LogBytes;
        failing.LogIsUsedUp = true;

        Assert.True((await store.Delete(blob)).IsRight);

        Assert.Equal(length, store.LogBytes);
        failing.LogIsUsedUp = true;
        Assert.Equal("insufficient_storage", (await store.Put(blob, TestStore.Inline([1]))).LeftToList().Single().Code);
    }

    [Theory]
    [InlineData(8L << 20, 1L << 20)]
    [InlineData(100L << 20, 2L << 20)]
    [InlineData(1L << 40, 8L << 20)]
    public void The_ballast_is_the_smaller_of_8_MiB_and_2_percent_and_at_least_1_MiB(long fileSystem, long ballast) =>
        Assert.Equal(ballast, Ballast.SizeFor(fileSystem));

    [Theory]
    [InlineData("create")]
    [InlineData("write")]
    public async Task A_store_without_room_for_its_ballast_starts_and_deletes_and_takes_uploads_when_there_is_room(string failing)
    {
        using var directory = new TestDirectory();
        var blob = Guid.CreateVersion7();
        await using (var first = await TestServer.Start(Settings, directory.Root))
        {
            _ = await first.Upload(blob, new byte[100_000]).ShouldBeOk();
        }

        File.Delete(directory.At("ballast"));
        Fail(failing, Posix.ENOSPC);
        await using var server = await TestServer.Start(Settings, directory.Root, disk);
        _ = await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeError(507, "insufficient_storage");
        _ = await server.Do("DELETE", $"/files/{blob}").ShouldBeOk();

        disk.Before = (_, _) => { };
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => !server.Store.Health.Has(Ailment.DiskFull), "there is a ballast again");
        _ = await server.Upload(blob, [1]).ShouldBeOk();
        Assert.True(File.Exists(directory.At("ballast")));
    }

    [Fact]
    public async Task A_store_that_is_told_to_stop_is_not_ready()
    {
        await using var server = await TestServer.Start();
        _ = await Ready(server).ShouldBeOk();

        server.Server.Lifetime.StopApplication();

        using var answer = await Ready(server);
        Assert.Equal("5", answer.Headers.GetValues("retry-after").Single());
        var error = await Task.FromResult(answer).ShouldBeError(503, "not_ready");
        Assert.Equal("shutting_down", error.GetProperty("reasons").EnumerateArray().Single().GetString());
    }

    private static Task<HttpResponseMessage> Ready(TestServer server) => server.Http.GetAsync(new Uri("/readyz", UriKind.Relative));

    private void Fail(string failing, int errno) => disk.Before = (call, path) =>
    {
        if (call == failing)
        {
            TestDisk.Fail(call, path, errno);
        }
    };

    /// <summary>An upload whose head was sent, and whose room is taken.</summary>
    private async Task<RawClient> Announced(TestServer server, Guid blob, int length)
    {
        var upload = await RawClient.Connect(server);
        await upload.Send(RawClient.Head("POST", server.Signed("POST", $"/upload/{blob}"), $"content-length: {length}"));
        await Wait.Until(() => disk.Calls.Any(call => call.StartsWith("fallocate ", StringComparison.Ordinal)), "room is reserved");
        return upload;
    }

    /// <summary>Blocks of 512 bytes that a file occupies.</summary>
    private static long Blocks(string path)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        return long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
