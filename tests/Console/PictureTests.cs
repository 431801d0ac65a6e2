using System.Text;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>The pictures of the README, made anew when UPDATE_SCREENSHOTS is set; else they must be there, and small.</summary>
[Collection(Stage.Name)]
public sealed class PictureTests(Stage stage)
{
    private const int AtMost = 200_000;

    private const string Landscape =
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="900" height="420" viewBox="0 0 900 420">
          <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="#27335f"/><stop offset=".6" stop-color="#c4667a"/><stop offset="1" stop-color="#f6b26b"/></linearGradient></defs>
          <rect width="900" height="420" fill="url(#sky)"/><circle cx="620" cy="250" r="46" fill="#ffe3a3"/>
          <path d="M0 300 150 210 270 290 420 170 590 300 700 240 900 320V420H0Z" fill="#4a3560"/>
          <path d="M0 360 200 290 380 350 560 300 760 360 900 330V420H0Z" fill="#2a2140"/>
        </svg>
        """;

    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_SCREENSHOTS") == "1";

    [Fact]
    public async Task The_readmes_pictures_are_there_and_are_made_by_this_test()
    {
        await using var store = await StoreProcess.Start();
        await Fill(store);
        using var film = TestFile.Of("holiday.webm", 160 << 20);
        using var notes = TestFile.Of("notes.md", Encoding.UTF8.GetBytes("# Notes\n"));
        await using (var visitor = await Come(store, ColorScheme.Light, 1100, 760))
        {
            await visitor.Pick(film, notes);
            await visitor.Upload("notes.md").IsIn("done");
            await visitor.Page.WaitForFunctionAsync("() => jobs[1].done.size >= 4 && rateOf(jobs[1].samples) !== null");
            await Take(visitor, "light");
        }

        await using (var visitor = await Come(store, ColorScheme.Dark, 1100, 980))
        {
            var blob = await store.Store("photos", Encoding.UTF8.GetBytes(Landscape), "image/svg+xml", "attachment; filename=\"evening.svg\"");
            await visitor.GoTo($"#/buckets/photos/{blob}", blob);
            await Expect(visitor.Page.GetByAltText("Preview of evening.svg")).ToHaveJSPropertyAsync("naturalWidth", 900);
            await Take(visitor, "dark");
        }

        await using (var visitor = await Come(store, ColorScheme.Light, 360, 740))
        {
            await visitor.GoTo("#/buckets/notes", "notes");
            await Take(visitor, "phone", whole: false);
        }

        await using (var visitor = await Come(store, ColorScheme.Light, 1100, 980))
        {
            await visitor.GoTo("#/dashboard", "Dashboard");
            await Expect(visitor.Page.Locator(".tile").Filter(new() { HasText = "Disk left" })).ToContainTextAsync("iB");
            foreach (var busy in new[] { 12, 15, 24, 22, 35, 48, 41, 62 })
            {
                await Look(visitor.Page, store, busy);
            }

            await Expect(visitor.Page.Locator(".spark")).ToBeVisibleAsync();
            await Expect(visitor.Page.GetByText("not available")).ToHaveCountAsync(0);
            await Take(visitor, "dashboard");
        }
    }

    private async Task<Visitor> Come(StoreProcess store, ColorScheme scheme, int width, int height)
    {
        var visitor = await Visitor.Come(stage.Browser, store.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        await visitor.SignIn(StoreProcess.Key);
        return visitor;
    }

    /// <summary>Something happens in the store, and the page's next look at it is waited for.</summary>
    private static async Task Look(IPage page, StoreProcess store, int busy) => await page.RunAndWaitForResponseAsync(
        async () =>
        {
            for (var at = 0; at < busy; at++)
            {
                using var answer = await store.Http.GetAsync("/healthz");
            }
        },
        response => response.Url.EndsWith("/metrics", StringComparison.Ordinal));

    private static async Task Fill(StoreProcess store)
    {
        var twin = new byte[3_000_000];
        foreach (var (bucket, name, ending, type, count, size) in new[]
        {
            ("photos", "lake", "jpg", "image/jpeg", 14, 2_400_000),
            ("backups", "november", "zip", "application/zip", 3, 9_000_000),
            ("notes", "meeting", "md", "text/markdown", 25, 12_000),
        })
        {
            for (var at = 0; at < count; at++)
            {
                var bytes = new byte[size];
                Random.Shared.NextBytes(bytes);
                _ = await store.Store(bucket, bytes, type, $"attachment; filename=\"{name}-{at + 1:00}.{ending}\"");
            }
        }

        for (var at = 0; at < 6; at++)
        {
            _ = await store.Store("photos", twin, "image/jpeg");
        }
    }

    private static async Task Take(Visitor visitor, string name, bool whole = true)
    {
        var path = Path.Combine(Root(), "docs", $"console-{name}.png");
        if (Update)
        {
            _ = await visitor.Page.ScreenshotAsync(new() { Path = path, FullPage = whole, Animations = ScreenshotAnimations.Disabled });
        }

        Assert.True(File.Exists(path), $"{path} is made with UPDATE_SCREENSHOTS=1");
        Assert.InRange(new FileInfo(path).Length, 1, AtMost);
    }

    /// <summary>The directory of the solution, above that of the tests' program.</summary>
    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Borderless.Functional.sln")))
        {
            at = at.Parent ?? throw new InvalidOperationException("the solution is above the tests");
        }

        return at.FullName;
    }
}
