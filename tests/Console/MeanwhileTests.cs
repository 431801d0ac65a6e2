using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

/// <summary>What happens on the server while an upload stands still: its URL expires, and the janitor drops its chunks.</summary>
[Collection(Stage.Name)]
public sealed class MeanwhileTests(Stage stage)
{
    private static readonly (string, string) Minute = ("max_expiry_secs", "60");
    private static readonly TimeSpan LongerThanAnyUrl = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongerThanChunksWait = TimeSpan.FromHours(13);

    [Fact]
    public async Task Where_a_url_expires_under_a_chunk_a_new_one_is_minted()
    {
        using var file = TestFile.Of("expiring.bin", 24 * Mebi);
        await using var store = await HeldStore.Start(Minute);
        await using var visitor = await Come(store);
        var (page, late) = (visitor.Page, new TaskCompletionSource());
        await page.Divert(request => request.Chunk() == 3, async route =>
        {
            await late.Task;
            await route.LetGo();
        });
        await visitor.Pick(file);
        await page.UntilDone(2);

        store.Pass(LongerThanAnyUrl);
        var refused = await page.RunAndWaitForResponseAsync(
            () =>
            {
                late.SetResult();
                return Task.CompletedTask;
            },
            response => response.Status == 401);

        await IsWhole(visitor, store, file);
        Assert.Contains("link_expired", await refused.TextAsync(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 3], visitor.Requests.ChunksSent().Order());
        Assert.Equal(2, visitor.Requests.Count(request => request.IsPresign()));
    }

    [Fact]
    public async Task A_paused_upload_does_not_go_on_with_the_url_that_it_had()
    {
        using var file = TestFile.Of("rested.bin", 24 * Mebi);
        await using var store = await HeldStore.Start(Minute);
        await using var visitor = await Come(store);
        await Stand(visitor, file);
        var refused = 0;
        visitor.Page.Response += (_, response) => refused += response.Status == 401 ? 1 : 0;
        var before = visitor.Requests.Last(request => request.Chunk() is not null).Url;

        store.Pass(LongerThanAnyUrl);
        await visitor.Upload(file.Name).Press("Resume");

        await IsWhole(visitor, store, file);
        Assert.Equal(0, refused);
        Assert.NotEqual(before, visitor.Requests.Last(request => request.Chunk() is not null).Url);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_janitor_dropped_the_chunks_of_a_paused_upload_all_go_up_again(bool reloaded)
    {
        using var file = TestFile.Of("dropped.bin", 24 * Mebi);
        await using var store = await HeldStore.Start();
        await using var visitor = await Come(store);
        await Stand(visitor, file);

        await Drop(store, 2);
        if (reloaded)
        {
            _ = await visitor.Page.ReloadAsync();
            await visitor.Upload(file.Name).IsIn("needs-file");
        }

        var earlier = visitor.Requests.Count;
        await (reloaded ? visitor.Upload(file.Name).PickAgain(file) : visitor.Upload(file.Name).Press("Resume"));

        await IsWhole(visitor, store, file);
        Assert.Equal([1, 2, 3], visitor.Requests.Skip(earlier).ChunksSent().Order());
    }

    [Fact]
    public async Task Where_it_dropped_them_under_an_upload_that_runs_whose_url_expired_too_they_go_up_again()
    {
        using var file = TestFile.Of("undermined.bin", 24 * Mebi);
        await using var store = await HeldStore.Start();
        await using var visitor = await Come(store);
        var late = new TaskCompletionSource();
        await visitor.Page.Divert(request => request.Chunk() == 3, async route =>
        {
            await late.Task;
            await route.LetGo();
        });
        await visitor.Pick(file);
        await visitor.Page.UntilDone(2);

        await Drop(store, 2);
        late.SetResult();

        await IsWhole(visitor, store, file);
        Assert.Equal([1, 1, 2, 2, 3, 3], visitor.Requests.ChunksSent().Order());
    }

    [Fact]
    public async Task Where_it_dropped_them_before_they_were_joined_all_go_up_again()
    {
        using var file = TestFile.Of("unjoined.bin", 24 * Mebi);
        await using var store = await HeldStore.Start();
        await using var visitor = await Come(store);
        var (page, line) = (visitor.Page, visitor.Upload(file.Name));
        await page.Divert(request => request.IsMerge(), route => route.AbortAsync());
        await visitor.Pick(file);
        await Expect(line).ToContainTextAsync("All has arrived · No connection: trying again");
        await line.Press("Pause");
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.IgnoreErrors });

        await Drop(store, 3);
        var earlier = visitor.Requests.Count;
        await line.Press("Resume");

        await IsWhole(visitor, store, file);
        Assert.Equal([1, 2, 3], visitor.Requests.Skip(earlier).ChunksSent().Order());
    }

    private async Task<Visitor> Come(HeldStore store)
    {
        var visitor = await Visitor.Come(stage.Browser, store.Address);
        await visitor.SignIn(StoreProcess.Key);
        return visitor;
    }

    /// <summary>Two chunks of three are there, and the upload is paused.</summary>
    private static async Task Stand(Visitor visitor, TestFile file)
    {
        await visitor.Page.Divert(request => request.Chunk() == 3, _ => Task.CompletedTask);
        await visitor.Pick(file);
        await visitor.Page.UntilDone(2);
        await visitor.Upload(file.Name).Press("Pause");
        await visitor.Page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.IgnoreErrors });
    }

    private static async Task Drop(HeldStore store, int chunks)
    {
        store.Pass(LongerThanChunksWait);
        Assert.Equal(chunks, await store.Clean());
    }

    private static async Task IsWhole(Visitor visitor, HeldStore store, TestFile file)
    {
        await visitor.Upload(file.Name).IsIn("done");
        await Expect(visitor.Upload(file.Name)).ToContainTextAsync("Digests checked");
        Assert.Equal(file.Sha256, await store.Http.DigestOf("default", await visitor.Page.Blob()));
        Assert.Empty(await visitor.Page.Kept());
    }
}
