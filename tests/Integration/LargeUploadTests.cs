using Borderless.Tests.Integration.Support;
using Borderless.Web.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration;

/// <summary>Bodies that go through two buffers in turn.</summary>
public sealed class LargeUploadTests
{
    private const int Mebibyte = 1 << 20;

    [Theory]
    [InlineData(Mebibyte - 1)]
    [InlineData(Mebibyte)]
    [InlineData(Mebibyte + 1)]
    [InlineData(Mebibyte + LargeBuffers.Bytes)]
    [InlineData((2 * Mebibyte) + 7)]
    [InlineData((5 * Mebibyte) - 3)]
    public async Task A_body_of_any_length_is_stored_as_it_was_sent(int length)
    {
        await using var server = await TestServer.Start();
        var (blob, body) = (Guid.CreateVersion7(), Answers.Bytes(length));

        var stored = await server.Upload(blob, body).ShouldBeOk();

        Assert.Equal(Answers.Sha256(body), stored.GetProperty("sha256_hash").GetString());
        await server.Download(blob).ShouldHaveBytes(body);
        Assert.Equal(0, Buffers(server).InUse);
    }

    [Theory]
    [InlineData("strict", 2)]
    [InlineData("relaxed", 0)]
    public async Task Of_what_will_be_synced_the_kernel_begins_to_write_each_eight_mebibytes_back_while_they_arrive(string durability, int times)
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["durability"] = durability }, disk: disk);

        await server.Upload(Guid.CreateVersion7(), Answers.Bytes(20 * Mebibyte)).ShouldBeOk();

        Assert.Equal(times, disk.Calls.Count(call => call.StartsWith("sync_file_range ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(25)]
    public async Task A_write_that_fails_while_the_body_arrives_fails_the_upload_and_leaves_nothing(int written)
    {
        var (disk, left) = (new TestDisk(), written);
        await using var server = await TestServer.Start(disk: disk);
        disk.Before = (call, path) =>
        {
            if (call == "write" && path.EndsWith(".tmp", StringComparison.Ordinal) && Interlocked.Decrement(ref left) < 0)
            {
                TestDisk.Fail(call, path);
            }
        };

        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(8 * Mebibyte)).ShouldBeError(503, "storage_unavailable");

        Assert.Empty(server.FilesUnder("tmp"));
        Assert.DoesNotContain(server.FilesUnder("parts"), path => Path.GetFileName(path) != ".store");
        await Wait.Until(() => Buffers(server).InUse == 0, "the buffers are given back");
        disk.Before = (_, _) => { };
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(Mebibyte)).ShouldBeOk();
    }

    [Fact]
    public async Task More_uploads_than_there_are_buffers_are_all_stored()
    {
        const int Uploads = (LargeBuffers.Most / LargeBuffers.ForUpload) + 6;
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        var most = 0;
        disk.Before = (_, _) => most = Math.Max(most, Buffers(server).InUse);

        var blobs = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(async i =>
        {
            var blob = Guid.CreateVersion7();
            _ = await server.Upload(blob, Answers.Bytes((2 * Mebibyte) + i, i)).ShouldBeOk();
            return blob;
        }));

        Assert.InRange(most, 1, LargeBuffers.Most);
        foreach (var (blob, i) in blobs.Select((blob, i) => (blob, i)))
        {
            await server.Download(blob).ShouldHaveBytes(Answers.Bytes((2 * Mebibyte) + i, i));
        }
    }

    private static LargeBuffers Buffers(TestServer server) => server.Server.Services.GetRequiredService<LargeBuffers>();
}
