using System.Text;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>Every view, light and dark, wide and on a phone. axe-core comes by the variable AXE_CORE; without it nothing is asked of it.</summary>
[Collection(Stage.Name)]
public sealed class AppearanceTests(Stage stage)
{
    private static readonly string Axe = Environment.GetEnvironmentVariable("AXE_CORE") is { Length: > 0 } path ? File.ReadAllText(path) : "";

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Every_view_is_accessible_and_fits(ColorScheme scheme, int width)
    {
        var blob = await stage.Store.Store(
            "appearance", Encoding.UTF8.GetBytes("# Notes\n\n" + new string('n', 300)), "text/markdown", $"attachment; filename=\"{new string('w', 120)}.md\"");
        using var file = TestFile.Of($"{new string('W', 60)}.bin", 1000);
        await using var visitor = await stage.Visit(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 740 }, ReducedMotion = ReducedMotion.Reduce });

        await Judge(visitor, "signing in");
        await visitor.SignIn(StoreProcess.Key);
        await Judge(visitor, "nothing on its way");
        await visitor.Page.GetByLabel("Files to upload").SetInputFilesAsync(file.Location);
        await Expect(visitor.Upload("WWW")).ToHaveAttributeAsync("data-state", "done");
        await Judge(visitor, "an upload");
        await visitor.GoTo("#/buckets", "Buckets");
        await Judge(visitor, "buckets");
        await visitor.GoTo("#/buckets/appearance/nothing", "There is no such page");
        await Judge(visitor, "no page");
        await visitor.GoTo("#/buckets/appearance", "appearance");
        await Judge(visitor, "a bucket");
        await visitor.GoTo("#/buckets/nowhere", "nowhere");
        await Judge(visitor, "an error");
        await visitor.GoTo($"#/buckets/appearance/{blob}", blob);
        await Judge(visitor, "a blob");
        await visitor.Button("Delete…").ClickAsync();
        await Judge(visitor, "a question");
        await visitor.Button("Keep").ClickAsync();
        await visitor.Button("Make a URL…").ClickAsync();
        await visitor.Dialog.GetByText("Rules", new() { Exact = true }).ClickAsync();
        await visitor.Button("Make the URL").ClickAsync();
        await Expect(visitor.Page.Locator("textarea")).ToBeVisibleAsync();
        await Judge(visitor, "a URL");
        await visitor.Button("Close").ClickAsync();
        await visitor.GoTo("#/dashboard", "Dashboard");
        await Judge(visitor, "the dashboard");
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Every_state_of_an_upload_is_accessible_and_fits(ColorScheme scheme, int width)
    {
        using var file = TestFile.Of($"{new string('S', 60)}.bin", 24 << 20);
        await using var visitor = await stage.Visit(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 740 }, ReducedMotion = ReducedMotion.Reduce });
        var (page, line) = (visitor.Page, visitor.Upload("SSS"));
        await visitor.SignIn(StoreProcess.Key);
        await page.Divert(request => request.Chunk() == 3, _ => Task.CompletedTask);
        await visitor.Pick(file);
        await page.UntilDone(2);
        await Judge(visitor, "running");
        await line.Press("Pause");
        await line.IsIn("paused");
        await Judge(visitor, "paused");
        await line.Press("Cancel");
        await Expect(visitor.Dialog).ToBeVisibleAsync();
        await Judge(visitor, "whether to cancel");
        await visitor.Button("Keep").ClickAsync();
        _ = await page.ReloadAsync();
        await line.IsIn("needs-file");
        await Judge(visitor, "waiting for its file");
        await page.Divert(request => request.Chunk() == 3, route => route.FulfillAsync(new()
        {
            Status = 409,
            ContentType = "application/json",
            Body = """{"success":false,"code":"a_conflict","message":"no","request_id":"r"}""",
        }));
        await line.PickAgain(file);
        await line.IsIn("failed");
        await Judge(visitor, "failed");
        using var unwanted = TestFile.Of($"{new string('U', 60)}.bin", 1);
        await page.GetByLabel("Bucket").FillAsync("admin");
        await visitor.Pick(unwanted);
        await visitor.Upload("UUU").IsIn("refused");
        await Judge(visitor, "refused");
    }

    [Fact]
    public async Task The_keyboard_alone_signs_in_walks_through_and_opens_and_closes_a_dialog()
    {
        var blob = await stage.Store.Store("keyboard", [1], "text/plain");
        await using var visitor = await stage.Visit();
        var keyboard = visitor.Page.Keyboard;

        await keyboard.TypeAsync(StoreProcess.Key);
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Heading).ToBeFocusedAsync();
        await Reach(visitor, "Choose files");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Browse" }).FocusAsync();
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Heading).ToHaveTextAsync("Buckets");
        await Expect(visitor.Heading).ToBeFocusedAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        await Reach(visitor, "keyboard");
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Page.GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        await Reach(visitor, blob);
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Button("Delete…")).ToBeVisibleAsync();
        await Reach(visitor, "Delete…");
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Button("Keep")).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await Expect(visitor.Button("Delete…")).ToBeFocusedAsync();
    }

    /// <summary>Tab, until what has the focus has this text.</summary>
    private static async Task Reach(Visitor visitor, string text)
    {
        for (var presses = 0; presses < 40; presses++)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            if (await visitor.Page.EvaluateAsync<string>("document.activeElement.textContent") == text)
            {
                return;
            }
        }

        Assert.Fail($"the keyboard does not reach {text}");
    }

    /// <summary>Nothing stands out sideways, and axe has no serious finding.</summary>
    private static async Task Judge(Visitor visitor, string view)
    {
        Assert.True(
            await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
            $"{view} is wider than the screen");
        Assert.Empty(await Findings(visitor.Page, view));
    }

    private static async Task<string[]> Findings(IPage page, string view)
    {
        if (Axe.Length == 0)
        {
            return [];
        }

        if (!await page.EvaluateAsync<bool>("'axe' in window"))
        {
            _ = await page.EvaluateAsync(Axe);
        }

        return await page.EvaluateAsync<string[]>(
            """
            async view => (await axe.run()).violations
              .filter(violation => ["serious", "critical"].includes(violation.impact))
              .flatMap(violation => violation.nodes.map(node => `${view}: ${violation.id}: ${node.target}: ${node.failureSummary}`))
            """,
            view);
    }
}
