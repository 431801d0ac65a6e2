using System.Globalization;
using System.Text;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class PreviewTests(Stage stage)
{
    [Fact]
    public async Task A_film_is_sought_by_ranges()
    {
        await using var visitor = await stage.Enter();
        var film = await Film.Make(visitor.Page);
        var blob = await stage.Store.Store("films", film, "video/webm", "attachment; filename=\"film.webm\"");
        await visitor.GoTo($"#/buckets/films/{blob}", blob);
        var video = visitor.Page.Locator("video");
        await Holds(visitor.Page, "film.readyState > 0");
        Assert.Equal(Film.Seconds, await video.EvaluateAsync<double>("film => film.duration"), 1.0);

        _ = await video.EvaluateAsync("film => { film.currentTime = 35; }");
        await Holds(visitor.Page, "!film.seeking && film.readyState >= 2");

        Assert.Equal(35, await video.EvaluateAsync<double>("film => film.currentTime"));
        Assert.Equal(Film.HueAt(35), await video.EvaluateAsync<double>(Hue), 12.0);
        var ranges = await Task.WhenAll(visitor.Requests.Where(request => request.ResourceType == "media").Select(request => request.HeaderValueAsync("range")));
        Assert.Contains(ranges, range => long.Parse(range!["bytes=".Length..].Split('-')[0], CultureInfo.InvariantCulture) > film.Length / 2);
    }

    [Fact]
    public async Task A_picture_is_shown_although_its_stranger_wanted_it_saved()
    {
        var svg = """<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="teal"/></svg>""";
        var blob = await stage.Store.Store("pictures", Encoding.UTF8.GetBytes(svg), "image/svg+xml", "attachment; filename=\"t.svg\"");
        await using var visitor = await stage.Enter();

        await visitor.GoTo($"#/buckets/pictures/{blob}", blob);

        await Expect(visitor.Page.GetByAltText("Preview of t.svg")).ToHaveJSPropertyAsync("naturalWidth", 120);
    }

    [Fact]
    public async Task Text_is_shown_as_text_and_no_more_than_its_first_64_KiB_are_fetched()
    {
        var text = "<script>document.title = 'taken over'</script>" + new string('x', 100_000);
        var blob = await stage.Store.Store("texts", Encoding.UTF8.GetBytes(text), "text/html");
        await using var visitor = await stage.Enter();

        await visitor.GoTo($"#/buckets/texts/{blob}", blob);

        await Expect(visitor.Page.Locator("pre")).ToHaveTextAsync(text[..(64 << 10)]);
        Assert.Contains("Blob", await visitor.Page.TitleAsync(), StringComparison.Ordinal);
        await Expect(visitor.Page.GetByText("The first 64 KiB:")).ToBeVisibleAsync();
        var range = await Task.WhenAll(visitor.Requests.Where(request => request.Url.Contains(blob, StringComparison.Ordinal)).Select(request => request.HeaderValueAsync("range")));
        Assert.Contains("bytes=0-65535", range);
    }

    [Fact]
    public async Task A_type_without_a_preview_is_shown_as_text_when_that_is_wanted_and_an_empty_blob_not_at_all()
    {
        var blob = await stage.Store.Store("texts", "plain all the same"u8.ToArray(), "application/x-unknown");
        var nothing = await stage.Store.Store("texts", [], "image/png");
        await using var visitor = await stage.Enter();

        await visitor.GoTo($"#/buckets/texts/{blob}", blob);
        await visitor.Button("Show as text").ClickAsync();
        await Expect(visitor.Page.Locator("pre")).ToHaveTextAsync("plain all the same");
        Assert.NotEqual("BODY", await visitor.Page.EvaluateAsync<string>("document.activeElement.tagName"));

        await visitor.GoTo($"#/buckets/texts/{nothing}", nothing);
        await Expect(visitor.Page.GetByText("The blob is empty.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_film_whose_url_expired_gets_new_ones_and_says_when_there_is_none()
    {
        await using var store = await HeldStore.Start(("max_expiry_secs", "10"));
        await using var visitor = await Visitor.Come(stage.Browser, store.Address);
        await visitor.SignIn(StoreProcess.Key);
        var blob = await store.Http.Store("films", await Film.Make(visitor.Page), "video/webm");
        await visitor.GoTo($"#/buckets/films/{blob}", blob);
        await Holds(visitor.Page, "film.readyState > 0");
        _ = await visitor.Page.Locator("video").EvaluateAsync("film => { film.currentTime = 35; }");
        await Holds(visitor.Page, "!film.seeking");

        for (var renewed = 0; renewed < 2; renewed++)
        {
            var before = await Source(visitor.Page);
            store.Pass(TimeSpan.FromMinutes(1));
            await Stop(visitor.Page);
            await Holds(visitor.Page, "film.loaded === 'again' && film.readyState > 0");
            Assert.NotEqual(before, await Source(visitor.Page));
            await Holds(visitor.Page, "film.currentTime === 35");
        }

        store.Pass(TimeSpan.FromMinutes(1));
        await visitor.Page.RouteAsync("**/presign", route => route.FulfillAsync(new()
        {
            Status = 403,
            ContentType = "application/json",
            Body = """{"success":false,"code":"key_not_allowed","message":"no","request_id":"r"}""",
        }));
        await Stop(visitor.Page);
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("key_not_allowed (403)");
    }

    [Fact]
    public async Task What_the_browser_cannot_show_says_so_and_is_not_asked_for_for_ever()
    {
        var blob = await stage.Store.Store("films", "no film"u8.ToArray(), "video/webm");
        await using var visitor = await stage.Enter();

        await visitor.GoTo($"#/buckets/films/{blob}", blob);

        await Expect(visitor.Page.GetByText("The browser cannot show this.")).ToBeVisibleAsync();
        Assert.Equal(1, visitor.Requests.Count(request => request.IsPresign()));
    }

    /// <summary>As when the browser finds that it gets no more of a film.</summary>
    private static async Task Stop(IPage page) =>
        _ = await page.Locator("video").EvaluateAsync(
            """
            film => {
              film.loaded = "before";
              film.addEventListener("loadstart", () => { film.loaded = "again"; }, { once: true });
              film.dispatchEvent(new Event("error"));
            }
            """);

    private static Task<string> Source(IPage page) => page.Locator("video").EvaluateAsync<string>("film => film.getAttribute('src')");

    private static Task Holds(IPage page, string condition) =>
        page.WaitForFunctionAsync($"() => {{ const film = document.querySelector('video'); return film && {condition}; }}");

    /// <summary>The hue of the picture's corner, in degrees.</summary>
    private const string Hue =
        """
        film => {
          const context = new OffscreenCanvas(1, 1).getContext("2d");
          context.drawImage(film, 0, 0, 8, 8, 0, 0, 1, 1);
          const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
          return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180 / Math.PI + 360) % 360;
        }
        """;
}
