using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class CancelTests(Stage stage)
{
    [Fact]
    public async Task While_what_arrived_is_deleted_nothing_can_be_pressed_and_no_other_upload_goes_with_it()
    {
        using var file = TestFile.Of("cancelled.bin", 24 * Mebi);
        using var other = TestFile.Of("other.bin", 1000);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("cancelled.bin"));
        var deleting = new TaskCompletionSource();
        await page.Divert(request => request.Method == "DELETE", async route =>
        {
            await deleting.Task;
            await route.ContinueAsync();
        });
        await page.Divert(request => request.Chunk() == 3, _ => Task.CompletedTask);
        await visitor.Pick(other);
        await visitor.Upload("other.bin").IsIn("done");
        await visitor.Pick(file);
        await page.UntilDone(2);

        await Cancel(visitor, line);
        await Expect(line).ToContainTextAsync("Deleting what has arrived");
        await line.HasNoButtons();
        await Expect(visitor.Heading).ToBeFocusedAsync();
        _ = await page.EvaluateAsync("() => { window.again = cancelUpload(jobs[0]); }");
        deleting.SetResult();

        await Expect(line).ToHaveCountAsync(0);
        _ = await page.EvaluateAsync("window.again");
        await visitor.Upload("other.bin").IsIn("done");
        Assert.Empty(await page.Kept());
    }

    [Fact]
    public async Task Who_cancels_too_late_is_told_that_it_was_stored()
    {
        using var file = TestFile.Of("late.bin", 1000);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("late.bin"));
        var stored = new TaskCompletionSource();
        await page.Divert(request => request.Method == "POST" && !request.IsPresign(), async route =>
        {
            _ = await route.FetchAsync();
            stored.SetResult();
        });
        await visitor.Pick(file);
        await stored.Task;

        await Cancel(visitor, line);

        await line.IsIn("done");
        await Expect(line).ToContainTextAsync("It was already stored");
        await Expect(page.Locator("#status")).ToContainTextAsync("It was already stored");
        Assert.Equal(file.Sha256, await stage.Store.DigestOf("default", await page.Blob()));
        await page.GetByText("Clear finished").ClickAsync();
        await Expect(line).ToHaveCountAsync(0);
        await Expect(visitor.Heading).ToBeFocusedAsync();
    }

    private static async Task Cancel(Visitor visitor, ILocator line)
    {
        await line.Press("Cancel");
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel the upload" }).ClickAsync();
    }
}
