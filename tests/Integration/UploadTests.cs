using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class UploadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(3_000_001)]
    public async Task A_body_of_any_size_comes_back_as_it_was_sent(int size)
    {
        await using var server = await TestServer.Start();
        var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(size));

        var stored = await server.Upload(blob, bytes).ShouldBeOk();

        Assert.Equal("uploaded blob", stored.GetProperty("message").GetString());
        Assert.Equal(blob.ToString(), stored.GetProperty("blob_id").GetString());
        Assert.Equal(size, stored.GetProperty("bytes_written").GetInt64());
        Assert.Equal(Answers.Sha256(bytes), stored.GetProperty("sha256_hash").GetString());
        await server.Download(blob).ShouldHaveBytes(bytes);
        Assert.Empty(server.FilesUnder("tmp"));
        Assert.Equal(size <= 16_384 ? 0 : 1, server.FilesUnder("parts").Length);
    }

    /// <summary>So that a batch of small files never waits for a large one.</summary>
    [Fact]
    public async Task A_large_file_is_synced_by_its_own_request_and_not_by_the_committer()
    {
        var disk = new TestDisk();
        await using var server = await TestServer.Start(disk: disk);
        using var gate = new ManualResetEventSlim();
        var blocked = server.Store.Committer.Commit<LanguageExt.Unit>(_ =>
        {
            gate.Wait();
            return unit;
        });

        var upload = server.Upload(Guid.CreateVersion7(), Answers.Bytes((1 << 20) + 1));

        await Wait.Until(() => disk.Calls.Any(call => call.StartsWith("fdatasync", StringComparison.Ordinal)), "the file is synced");
        Assert.False(upload.IsCompleted);
        gate.Set();
        Assert.True((await blocked).IsRight);
        await upload.ShouldBeOk();
    }
}
