using Borderless.Tests.Integration.Support;
using Borderless.Web.View;
using static Borderless.Tests.Integration.Support.ViewWords;

namespace Borderless.Tests.Integration;

public sealed class ReadingViewMendingTests
{
    [Fact]
    public async Task The_janitor_makes_what_is_missing_or_wrong_and_removes_what_should_not_be()
    {
        using var outside = new TestDirectory();
        await using var server = await TestServer.Start(On);
        var (lost, spoiled, merged, right) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        foreach (var blob in new[] { lost, spoiled, right })
        {
            await server.Upload(blob, Large).ShouldBeOk();
        }

        await Merged(server, merged, Small, Large);
        await ShouldShow(server, merged, [.. Small, .. Large]);
        var kept = outside.Write("kept", "kept");
        File.Delete(Shown(server, lost));
        File.Delete(Shown(server, spoiled));
        _ = Directory.CreateDirectory(Path.Combine(Shown(server, spoiled), "deep"));
        await File.WriteAllTextAsync(Path.Combine(Shown(server, merged), "00003"), "one too much");
        await File.WriteAllTextAsync(InView(server, "notes.txt"), "foreign");
        _ = File.CreateSymbolicLink(InView(server, "elsewhere"), outside.Root);
        _ = File.CreateSymbolicLink(InView(server, "default", "link"), outside.Root);
        _ = Directory.CreateDirectory(InView(server, "no-such-bucket", "deep"));
        _ = File.CreateSymbolicLink(InView(server, "no-such-bucket", "deep", "link"), outside.Root);
        await File.WriteAllTextAsync(InView(server, "default", $"{Guid.CreateVersion7()}"), "no such blob");
        await File.WriteAllTextAsync(InView(server, "default", $"{right}".ToUpperInvariant()), "not its name");

        await Mend(server);

        Assert.Equal([InView(server, "default")], Directory.GetFileSystemEntries(InView(server)));
        Assert.Equal(
            new[] { lost, spoiled, merged, right }.Select(blob => Shown(server, blob)).Order(StringComparer.Ordinal),
            Directory.GetFileSystemEntries(InView(server, "default")).Order(StringComparer.Ordinal));
        foreach (var blob in new[] { lost, spoiled, right })
        {
            Assert.Equal(Large, Read(Shown(server, blob)));
        }

        Assert.Equal((byte[])[.. Small, .. Large], Read(Shown(server, merged))!);
        Assert.Equal("kept", await File.ReadAllTextAsync(kept));
        ShouldStayInside(server);
        Assert.Equal(default, server.Store.View!.Mend(CancellationToken.None));
    }

    [Fact]
    public async Task A_link_in_place_of_a_buckets_directory_is_replaced_and_never_followed()
    {
        using var outside = new TestDirectory();
        await using var server = await TestServer.Start(On);
        _ = Directory.CreateDirectory(InView(server));
        _ = File.CreateSymbolicLink(InView(server, "default"), outside.Root);
        var blob = Guid.CreateVersion7();

        await server.Upload(blob, Large).ShouldBeOk();

        await ShouldShow(server, blob, Large);
        Assert.Null(new FileInfo(InView(server, "default")).LinkTarget);
        Assert.Empty(Directory.GetFileSystemEntries(outside.Root));
    }

    [Fact]
    public async Task The_janitor_walks_an_index_of_several_pages()
    {
        await using var server = await TestServer.Start(On);
        var blobs = Enumerable.Range(0, 250).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var blob in blobs)
        {
            await server.Upload(blob, Small).ShouldBeOk();
        }

        await ShouldShow(server, blobs[^1], Small);
        Directory.Delete(InView(server), recursive: true);

        // The directory of the bucket, and a link for each blob.
        Assert.Equal(new Refreshed(251, 0, 0, null), server.Store.View!.Mend(CancellationToken.None));
        Assert.All(blobs, blob => Assert.Equal(Small, Read(Shown(server, blob))));
    }

    [Fact]
    public async Task What_does_not_fit_in_the_queue_is_told_once_and_left_to_the_janitor()
    {
        using var store = new TestStore();
        var view = new ViewKeeper(store.Index, store.Layout, store.Log.Logger, capacity: 1);
        store.Committer.BlobsChanged += view.Note;
        var blobs = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var blob in blobs)
        {
            Assert.True((await store.Put(blob, store.File(Large))).IsRight);
        }

        await Wait.Until(() => store.Log.Problems.Count > 0, "the warning is there");
        Assert.Equal(3, view.Mend(CancellationToken.None).Made - 1);
        Assert.Single(store.Log.Problems);
        Assert.All(blobs, blob => Assert.Equal(Large, Read(Path.Combine(store.Layout.View, "default", $"{blob}"))!));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    [InlineData("read-only")]
    public async Task A_broken_view_fails_no_request(string broken)
    {
        using var outside = new TestDirectory();
        await using var server = await TestServer.Start(On);
        Break(server, broken, outside.Root);
        var blob = Guid.CreateVersion7();

        await server.Upload(blob, Small).ShouldBeOk();
        await Put(server, blob, Large).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(Large);
        await Delete(server, $"/files/{blob}").ShouldBeOk();
        await Mend(server);

        Assert.Empty(Directory.GetFileSystemEntries(outside.Root));
        if (broken != "read-only" || !Environment.IsPrivilegedProcess)
        {
            await Wait.Until(() => server.Log.Problems.Any(line => line.StartsWith("Warning the reading view", StringComparison.Ordinal)), "a warning");
        }
    }

    private static void Break(TestServer server, string how, string outside)
    {
        switch (how)
        {
            case "file":
                File.WriteAllText(InView(server), "in the way");
                break;
            case "link":
                _ = File.CreateSymbolicLink(InView(server), outside);
                break;
            default:
                _ = Directory.CreateDirectory(InView(server), UnixFileMode.UserRead | UnixFileMode.UserExecute);
                break;
        }
    }
}
