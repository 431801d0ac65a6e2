using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

/// <summary>What the page says of what is refused, and in whose words.</summary>
[Collection(Stage.Name)]
public sealed class RefusedTests(Stage stage)
{
    [Theory]
    [InlineData(StoreProcess.Key, "admin", "invalid_bucket (400)")]
    [InlineData(StoreProcess.PhotosKey, "default", "key_not_allowed (403)")]
    public async Task A_file_that_no_trying_gets_up_is_refused_and_can_only_be_removed(string key, string bucket, string told)
    {
        using var file = TestFile.Of("unwanted.bin", 1000);
        await using var visitor = await stage.Enter(key);
        var line = visitor.Upload("unwanted.bin");

        await visitor.Page.GetByLabel("Bucket").FillAsync(bucket);
        await visitor.Pick(file);

        await line.IsIn("refused");
        await Expect(line.GetByRole(AriaRole.Alert)).ToContainTextAsync(told);
        await Expect(line.Locator("button:visible")).ToHaveTextAsync(["Remove"]);
        await line.Press("Remove");
        await Expect(line).ToHaveCountAsync(0);
        await Expect(visitor.Heading).ToBeFocusedAsync();
        Assert.Empty(await visitor.Page.Kept());
    }

    [Fact]
    public async Task What_had_begun_waits_for_a_key_that_may()
    {
        using var file = TestFile.Of("begun.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("begun.bin"));
        await page.Divert(request => request.Chunk() == 3, _ => Task.CompletedTask);
        await visitor.Pick(file);
        await page.UntilDone(2);
        await visitor.Button("Sign out").ClickAsync();
        await visitor.SignIn(StoreProcess.PhotosKey);
        await line.IsIn("needs-file");

        await line.PickAgain(file);

        await line.IsIn("failed");
        await Expect(line.GetByRole(AriaRole.Alert)).ToContainTextAsync("key_not_allowed (403)");
        await Expect(line.Locator("button:visible")).ToHaveTextAsync(["Resume", "Cancel"]);
        _ = Assert.Single(await page.Kept());
    }

    [Fact]
    public async Task A_key_that_may_not_list_is_led_to_the_form_that_needs_no_list()
    {
        await using var visitor = await stage.Enter(StoreProcess.PhotosKey);

        await visitor.GoTo("#/buckets", "Buckets");

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("key_not_allowed (403)");
        await Expect(visitor.Page.GetByText("One whose name you know can be opened here")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(StoreProcess.PhotosKey, "default", "key_not_allowed (403)")]
    [InlineData(StoreProcess.Key, "nowhere", "no_such_bucket (404)")]
    public async Task What_refuses_a_bucket_is_told_once(string key, string bucket, string told)
    {
        await using var visitor = await stage.Enter(key);

        await visitor.GoTo($"#/buckets/{bucket}", bucket);

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(1);
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync(told);
    }

    [Fact]
    public async Task What_the_page_says_itself_has_plain_words_and_no_code()
    {
        using var file = TestFile.Of("nowhere.bin", 1000);
        await using var visitor = await stage.Enter();
        var alert = visitor.Page.GetByRole(AriaRole.Alert);

        await visitor.Page.GetByLabel("Bucket").FillAsync("no name");
        await visitor.Pick(file);
        await Expect(alert).ToHaveTextAsync("A bucket's name is 1 to 63 of a-z, 0-9, - and _");

        await visitor.Page.RouteAsync("**/admin/buckets", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Bad gateway" }));
        await visitor.GoTo("#/buckets", "Buckets");
        await Expect(alert).ToHaveTextAsync("The answer is not one of the store's (502)");

        await visitor.Context.SetOfflineAsync(true);
        await visitor.GoTo("#/buckets/nowhere", "nowhere");
        await Expect(alert).ToHaveTextAsync("The server cannot be reached");
        await visitor.GoTo("#/dashboard", "Dashboard");
        await Expect(alert).ToHaveTextAsync("The server cannot be reached");
        await Expect(visitor.Page.GetByText("not available: the server cannot be reached")).ToHaveCountAsync(2);
    }
}
