using System.Text;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>The pictures of the README, made anew when UPDATE_SCREENSHOTS is set; else they must be there, and small.</summary>
[Collection(Stage.Name)]
public sealed class PictureTests(Stage stage)
{
    private const int AtMost = 200_000;

    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_SCREENSHOTS") == "1";

    [Fact]
    public async Task The_readmes_pictures_are_there_and_are_made_by_this_test()
    {
        await using var store = await StoreProcess.Start();
        await Fill(store);
        using var film = TestFile.Of("holiday.webm", 160 << 20);
        using var notes = TestFile.Of("notes.md", Encoding.UTF8.GetBytes("# Notes\n"));
        foreach (var (name, scheme, width, height) in new[] { ("light", ColorScheme.Light, 1100, 760), ("dark", ColorScheme.Dark, 1100, 760), ("phone", ColorScheme.Light, 360, 740) })
        {
            await using var visitor = await Visitor.Come(stage.Browser, store.Address, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
            await visitor.SignIn(StoreProcess.Key);
            await visitor.Page.GetByLabel("Files to upload").SetInputFilesAsync([film.Location, notes.Location]);
            await Expect(visitor.Upload("notes.md")).ToHaveAttributeAsync("data-state", "done");
            await visitor.Page.WaitForFunctionAsync("() => jobs[1].done.size >= 4 && rateOf(jobs[1].samples) !== null");
            await Take(visitor, name);
        }

        await using var reader = await Visitor.Come(stage.Browser, store.Address, new() { ColorScheme = ColorScheme.Light, ViewportSize = new() { Width = 1100, Height = 980 } });
        await reader.SignIn(StoreProcess.Key);
        await reader.GoTo("#/dashboard", "Dashboard");
        await Take(reader, "dashboard");
    }

    private static async Task Fill(StoreProcess store)
    {
        var twin = new byte[3_000_000];
        foreach (var (bucket, count, size) in new[] { ("photos", 14, 2_400_000), ("backups", 3, 9_000_000), ("notes", 25, 12_000) })
        {
            for (var at = 0; at < count; at++)
            {
                var bytes = new byte[size];
                Random.Shared.NextBytes(bytes);
                _ = await store.Store(bucket, bytes, "application/octet-stream");
            }
        }

        for (var at = 0; at < 6; at++)
        {
            _ = await store.Store("photos", twin, "image/jpeg");
        }
    }

    private static async Task Take(Visitor visitor, string name)
    {
        var path = Path.Combine(Root(), "docs", $"console-{name}.png");
        if (Update)
        {
            _ = await visitor.Page.ScreenshotAsync(new() { Path = path, FullPage = true, Animations = ScreenshotAnimations.Disabled });
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
