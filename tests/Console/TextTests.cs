using System.Text;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>Which type a text is stored with.</summary>
[Collection(Stage.Name)]
public sealed class TextTests(Stage stage)
{
    private const int Kibi = 1 << 10;

    [Fact]
    public async Task Text_in_utf_8_is_read_as_such_by_whoever_opens_it()
    {
        using var file = TestFile.Of("greeting.txt", Encoding.UTF8.GetBytes("héllo"));
        await using var visitor = await stage.Enter();

        await visitor.Pick(file);
        await visitor.Upload("greeting.txt").IsIn("done");

        var blob = await visitor.Page.Blob();
        var (path, _) = await stage.Store.Mint(new { action = "download", bucket = "default", blob_id = blob, response_content_disposition = "inline" });
        var shown = await visitor.Context.NewPageAsync();
        _ = await shown.GotoAsync(new Uri(stage.Store.Address, path).ToString());
        await Expect(shown.Locator("body")).ToHaveTextAsync("héllo");
    }

    [Theory]
    [InlineData("latin.txt", "h\u00e9llo", "text/plain")]
    [InlineData("bytes.bin", "hello", "application/octet-stream")]
    public async Task What_is_no_text_in_utf_8_keeps_the_type_that_the_browser_gives_it(string name, string text, string type)
    {
        using var file = TestFile.Of(name, Encoding.Latin1.GetBytes(text));
        await using var visitor = await stage.Enter();

        await visitor.Pick(file);
        await visitor.Upload(name).IsIn("done");

        using var answer = await stage.Store.Download("default", await visitor.Page.Blob());
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Text_that_goes_up_in_chunks_says_so_too_and_is_known_again_after_a_reload()
    {
        using var file = TestFile.Of("long.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("é", 200 * Kibi))));
        await using var store = await HeldStore.Start(("max_data_rq_size", $"{256 * Kibi}"));
        await using var visitor = await Visitor.Come(stage.Browser, store.Address);
        var (page, line) = (visitor.Page, visitor.Upload("long.txt"));
        await visitor.SignIn(StoreProcess.Key);
        await page.Divert(request => request.IsMerge(), route => route.AbortAsync());
        await visitor.Pick(file);
        await Expect(line).ToContainTextAsync("All has arrived · No connection: trying again");
        _ = await page.ReloadAsync();
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.IgnoreErrors });
        var earlier = visitor.Requests.Count;

        await line.PickAgain(file);
        await line.IsIn("done");

        Assert.Empty(visitor.Requests.Skip(earlier).ChunksSent());
        using var answer = await store.Http.Download("default", await page.Blob());
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
    }
}
