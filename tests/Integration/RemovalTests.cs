using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

public sealed class RemovalTests
{
    private static readonly byte[] Body = Answers.Bytes(100_000);

    private static Task<Either<StoreError, Deleted>> Delete(TestServer server, Guid blob) =>
        server.Store.Committer.Commit(tx => Decisions.Delete(tx, BucketName.Default, BlobId.From(blob), ConditionHeaders.None));

    private static BlobReading Read(TestServer server, Guid blob) =>
        server.Store.Finder.Find(BucketName.Default, BlobId.From(blob)).IfLeft(error => throw new InvalidOperationException(error.Code));

    [Fact]
    public async Task The_bytes_of_a_deleted_blob_are_off_the_disk_at_once()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        await server.Upload(blob, Body).ShouldBeOk();

        Assert.True((await Delete(server, blob)).IsRight);

        await server.Download(blob).ShouldBeError(404, "no_such_blob");
        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the file is gone");
        Assert.Empty(server.Store.Index.Garbage(0, 10));
    }

    [Fact]
    public async Task Parts_that_a_reader_holds_stay_until_it_lets_go()
    {
        await using var server = await TestServer.Start();
        var (blob, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await server.Upload(blob, Body).ShouldBeOk();
        await server.Upload(other, Answers.Bytes(100_000, 2)).ShouldBeOk();
        var reading = Read(server, blob);
        Assert.True((await Delete(server, blob)).IsRight);

        // When the other one's file is gone, the remover has passed the held one by.
        Assert.True((await Delete(server, other)).IsRight);
        await Wait.Until(() => server.FilesUnder("parts").Length == 1, "the other file is gone");
        Assert.Contains(Answers.Sha256(Body), server.FilesUnder("parts").Single(), StringComparison.Ordinal);
        reading.Dispose();

        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the held file is gone");
    }

    [Fact]
    public async Task Garbage_that_is_uploaded_again_before_it_is_removed_lives_on()
    {
        await using var server = await TestServer.Start();
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await server.Upload(first, Body).ShouldBeOk();
        using (Read(server, first))
        {
            Assert.True((await Delete(server, first)).IsRight);
            await server.Upload(second, Body).ShouldBeOk();
        }

        await Wait.Until(() => server.FilesUnder("parts").Length == 1, "only one copy is there");
        await server.Download(second).ShouldHaveBytes(Body);
    }

    [Fact]
    public async Task What_a_killed_process_left_as_garbage_is_removed_at_the_next_start()
    {
        var directory = TestServer.NewDirectory();
        var blob = Guid.CreateVersion7();
        await using (var server = await TestServer.Start(directory: directory))
        {
            await server.Upload(blob, Body).ShouldBeOk();
            server.Store.StopBackground();
            Assert.True((await Delete(server, blob)).IsRight);
            Assert.Single(server.FilesUnder("parts"));
        }

        await using (var server = await TestServer.Start(directory: directory))
        {
            await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the file is gone");
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_row_goes_before_the_file()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var blob = Guid.CreateVersion7();
        await server.Upload(blob, Body).ShouldBeOk();
        var rowsAtUnlink = -1;
        disk.Before = (call, path) =>
        {
            if (call == "unlink" && path.Contains("/parts/", StringComparison.Ordinal))
            {
                rowsAtUnlink = server.Store.Index.Garbage(0, 10).Count;
            }
        };

        Assert.True((await Delete(server, blob)).IsRight);

        await Wait.Until(() => server.FilesUnder("parts").Length == 0, "the file is gone");
        Assert.Equal(0, rowsAtUnlink);
    }
}
