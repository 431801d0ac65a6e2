using Borderless.Tests.Integration.Support;
using static Borderless.Tests.Integration.Support.ViewWords;

namespace Borderless.Tests.Integration;

public sealed class ReadingViewTests
{
    [Fact]
    public async Task It_is_off_by_default_and_then_an_existing_directory_is_left_alone()
    {
        await using var server = await TestServer.Start();
        _ = Directory.CreateDirectory(InView(server));
        await File.WriteAllTextAsync(InView(server, "mine"), "mine");

        await server.Upload(Guid.CreateVersion7(), Large).ShouldBeOk();
        await Mend(server);

        Assert.Equal([InView(server, "mine")], Directory.GetFileSystemEntries(InView(server)));
    }

    [Fact]
    public async Task A_blob_is_a_link_to_its_part_also_when_it_is_small()
    {
        await using var server = await TestServer.Start(On);
        var blobs = new[] { Small, Large, [] }.Select(bytes => (Id: Guid.CreateVersion7(), Bytes: bytes)).ToArray();
        foreach (var (id, bytes) in blobs)
        {
            await server.Upload(id, bytes).ShouldBeOk();
            await ShouldShow(server, id, bytes);
            Assert.StartsWith("../../parts/0001/", new FileInfo(Shown(server, id)).LinkTarget, StringComparison.Ordinal);
        }

        Assert.Equal(blobs.Length, server.FilesUnder("parts").Length);
        ShouldStayInside(server);
        Assert.DoesNotContain(server.Log.Problems, line => line.Contains("view", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Overwriting_turns_the_link_and_deleting_removes_it()
    {
        await using var server = await TestServer.Start(On);
        var blob = Guid.CreateVersion7();
        await server.Upload(blob, Small).ShouldBeOk();
        await Put(server, blob, Large).ShouldBeOk();
        await ShouldShow(server, blob, Large);

        await Delete(server, $"/files/{blob}").ShouldBeOk();

        await Wait.Until(() => Directory.GetFileSystemEntries(InView(server, "default")).Length == 0, "the link is gone");
    }

    [Fact]
    public async Task A_merged_blob_is_a_directory_that_reads_in_order_and_takes_the_place_of_whatever_was_there()
    {
        await using var server = await TestServer.Start(On);
        var blob = Guid.CreateVersion7();
        var chunks = Enumerable.Range(1, 12).Select(i => Answers.Bytes(1000 + i, i)).ToArray();
        await Merged(server, blob, chunks);
        await ShouldShow(server, blob, [.. chunks.SelectMany(chunk => chunk)]);
        Assert.Equal(12, Directory.GetFiles(Shown(server, blob)).Count(part => new FileInfo(part).LinkTarget is not null));
        ShouldStayInside(server);

        // A directory makes way for a link, a link for a directory, and a directory for another.
        await Put(server, blob, Large).ShouldBeOk();
        await ShouldShow(server, blob, Large);
        await Delete(server, $"/files/{blob}").ShouldBeOk();
        await Merged(server, blob, Large);
        await ShouldShow(server, blob, Large);
        await Delete(server, $"/files/{blob}").ShouldBeOk();
        await Merged(server, blob, Small, Large);
        await ShouldShow(server, blob, [.. Small, .. Large]);
        Assert.Equal([Shown(server, blob)], Directory.GetFileSystemEntries(InView(server, "default")));
    }

    [Fact]
    public async Task A_directory_goes_with_its_bucket()
    {
        await using var server = await TestServer.Start(On);
        var blob = Guid.CreateVersion7();
        await server.Send(HttpMethod.Post, server.Signed("POST", $"/Photos/{blob}"), new ByteArrayContent(Large)).ShouldBeOk();
        await Wait.Until(() => File.Exists(InView(server, "photos", $"{blob}")), "the link is there");
        await Delete(server, $"/photos/{blob}").ShouldBeOk();

        await server.Send(HttpMethod.Delete, "/admin/buckets/photos", null, ("authorization", $"Bearer {TestServer.ApiKey}")).ShouldBeOk();

        await Wait.Until(() => !Directory.Exists(InView(server, "photos")), "the directory is gone");
    }

    [Fact]
    public async Task Older_bytes_of_the_index_appear_as_read_only_files()
    {
        using var directory = new TestDirectory();
        var (single, merged) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (var before = await TestServer.Start(directory: directory.Root))
        {
            await before.Upload(single, Small).ShouldBeOk();
            await Merged(before, merged, Small, Large);
        }

        await using var server = await TestServer.Start(On, directory.Root);

        await ShouldShow(server, single, Small);
        await ShouldShow(server, merged, [.. Small, .. Large]);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Shown(server, single)));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(Shown(server, merged), "00001")));
        Assert.NotNull(new FileInfo(Path.Combine(Shown(server, merged), "00002")).LinkTarget);

        // Equal bytes that come in now are stored once, in the index as before.
        var copy = Guid.CreateVersion7();
        await server.Upload(copy, Small).ShouldBeOk();
        await ShouldShow(server, copy, Small);
    }
}
