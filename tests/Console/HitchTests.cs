using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

/// <summary>What may come between a file and the store.</summary>
[Collection(Stage.Name)]
public sealed class HitchTests(Stage stage)
{
    [Fact]
    public async Task A_page_of_somebody_between_is_no_answer_and_is_asked_again()
    {
        using var file = TestFile.Of("portal.bin", 1000);
        await using var visitor = await stage.Enter();
        var tries = 0;
        await visitor.Page.Divert(request => request.Method == "POST" && !request.IsPresign(), route => tries++ == 0
            ? route.FulfillAsync(new() { Status = 200, ContentType = "text/html", Body = "<h1>Welcome to our network" })
            : route.ContinueAsync());

        await visitor.Pick(file);

        await Expect(visitor.Upload("portal.bin")).ToContainTextAsync("not one of the store's: trying again");
        await visitor.Upload("portal.bin").IsIn("done");
        Assert.Equal(2, tries);
        Assert.Equal(4, await visitor.Page.EvaluateAsync<int>("slots.free"));
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_gets_the_rest()
    {
        using var file = TestFile.Of("survivor.bin", 120 * Mebi);
        await using var store = await StoreProcess.Start();
        await using var visitor = await Visitor.Come(stage.Browser, store.Address);
        await visitor.SignIn(StoreProcess.Key);

        await visitor.Pick(file);
        await visitor.Page.UntilDone(2);
        await store.Kill();
        await Expect(visitor.Upload("survivor.bin")).ToContainTextAsync("No connection: trying again");
        await store.Again();

        await visitor.Upload("survivor.bin").IsIn("done");
        Assert.Equal(file.Sha256, await store.DigestOf("default", await visitor.Page.Blob()));
    }

    [Fact]
    public async Task Where_the_server_takes_no_bodies_of_that_size_smaller_ones_are_sent()
    {
        using var large = TestFile.Of("large.bin", 24 * Mebi);
        using var small = TestFile.Of("small.bin", 6 * Mebi);
        await using var store = await StoreProcess.Start("--max-data-rq-size=4194304");
        await using var visitor = await Visitor.Come(stage.Browser, store.Address);
        await visitor.SignIn(StoreProcess.Key);

        await visitor.Pick(large);
        await visitor.Upload("large.bin").IsIn("done");
        Assert.Equal(6, await visitor.Page.EvaluateAsync<int>("jobs[0].record.total"));
        Assert.Equal(large.Sha256, await store.DigestOf("default", await visitor.Page.Blob()));
        await visitor.Pick(small);
        await visitor.Upload("small.bin").IsIn("done");
        Assert.Equal(2, await visitor.Page.EvaluateAsync<int>("jobs[0].record.total"));
        Assert.Equal(small.Sha256, await store.DigestOf("default", await visitor.Page.Blob()));
    }

    [Fact]
    public async Task A_merge_whose_answer_was_lost_is_not_said_to_be_checked()
    {
        using var file = TestFile.Of("joined.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("joined.bin"));
        var joined = new TaskCompletionSource();
        await page.Divert(request => request.IsMerge(), async route =>
        {
            _ = await route.FetchAsync();
            _ = joined.TrySetResult();
        });
        await visitor.Pick(file);
        await joined.Task;
        await line.Press("Pause");
        await Expect(line).ToContainTextAsync("paused");
        _ = await page.ReloadAsync();
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.IgnoreErrors });

        await line.PickAgain(file);

        await line.IsIn("done");
        await Expect(line).ToContainTextAsync("Digests not checked: the server had joined the chunks before");
        Assert.Equal(file.Sha256, await stage.Store.DigestOf("default", await page.Blob()));
    }

    [Fact]
    public async Task A_merge_of_another_length_is_a_failure()
    {
        using var file = TestFile.Of("short.bin", 9 * Mebi);
        await using var visitor = await stage.Enter();
        await visitor.Page.Divert(request => request.IsMerge(), route => route.FulfillAsync(new() { ContentType = "application/json", Body = """{"success":true,"bytes_written":1,"sha256_hash":"0"}""" }));

        await visitor.Pick(file);

        await visitor.Upload("short.bin").IsIn("failed");
        await Expect(visitor.Upload("short.bin").GetByRole(AriaRole.Alert)).ToContainTextAsync("The server joined 1 byte; the file has");
    }
}
