using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a process leaves that was ended without a chance to clean up.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly int[] Sizes = [0, 100, 16_384, 100_000, 2_000_000];

    private readonly TestDirectory directory = new();

    /// <summary>The index holds small bodies, so it is as private as the parts are.</summary>
    [Fact]
    public async Task What_the_server_makes_is_readable_by_its_owner_only()
    {
        await using var server = await ServerProcess.Serve(directory.Root);
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100)).ShouldBeOk();
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100_000)).ShouldBeOk();

        Assert.All(Directory.EnumerateFileSystemEntries(directory.Root, "*", SearchOption.AllDirectories), path =>
            Assert.True((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) == 0, path));
    }

    [Fact]
    public async Task A_killed_upload_leaves_a_temporary_file_that_the_janitor_removes_when_it_is_old()
    {
        var killed = Guid.CreateVersion7();
        var acknowledged = Sizes.ToDictionary(_ => Guid.CreateVersion7(), size => Answers.Bytes(size, size));
        await using (var server = await ServerProcess.Serve(directory.Root))
        {
            foreach (var (blob, bytes) in acknowledged)
            {
                _ = await server.Upload(blob, bytes).ShouldBeOk();
            }

            using var upload = await server.Begin("POST", $"/upload/{killed}", "content-length: 300000\r\n", Answers.Bytes(200_000));
            await Wait.Until(() => directory.Temporary().Length == 1, "the upload has a temporary file");
            server.Signal(ServerProcess.SigKill);
            Assert.Equal(128 + 9, (await server.End()).Code);
        }

        await using (var server = await ServerProcess.Serve(directory.Root))
        {
            await server.WaitForLine("janitor: removed 0 temporary files");
            _ = Assert.Single(directory.Temporary());
            _ = await server.Download(killed).ShouldBeError(404, "no_such_blob");
            await ShouldBeWhole(server, acknowledged);
            server.Signal(ServerProcess.SigTerm);
            Assert.Equal(0, (await server.End()).Code);
        }

        await using (var server = await ServerProcess.Serve(directory.Root, "--ttl-orphan-secs=1", "--janitor-interval-secs=1"))
        {
            await server.WaitForLine("janitor: removed 1 temporary files");
            Assert.Empty(directory.Temporary());
            _ = await server.Download(killed).ShouldBeError(404, "no_such_blob");
            await ShouldBeWhole(server, acknowledged);
        }
    }

    public void Dispose() => directory.Dispose();

    private static async Task ShouldBeWhole(ServerProcess server, IEnumerable<KeyValuePair<Guid, byte[]>> blobs)
    {
        foreach (var (blob, bytes) in blobs)
        {
            await server.Download(blob).ShouldHaveBytes(bytes);
        }
    }
}
