using System.Text.RegularExpressions;
using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

/// <summary>How an upload runs: how many requests at once, in which tab, and once only.</summary>
[Collection(Stage.Name)]
public sealed class RunTests(Stage stage)
{
    [Fact]
    public async Task Four_chunks_travel_at_once_and_no_more()
    {
        using var file = TestFile.Of("wide.bin", 48 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, four) = (visitor.Page, new TaskCompletionSource());
        var begun = 0;
        await page.Divert(request => request.Chunk() is not null, async route =>
        {
            if (Interlocked.Increment(ref begun) == 4)
            {
                four.SetResult();
            }

            await four.Task;
            await route.ContinueAsync();
        });

        await visitor.Pick(file);
        await four.Task;
        Assert.Equal(0, await page.EvaluateAsync<int>("slots.free"));
        await visitor.Upload("wide.bin").IsIn("done");
        Assert.Equal(Enumerable.Range(1, 6), visitor.Requests.ChunksSent().Order());
    }

    [Fact]
    public async Task A_line_says_how_fast_it_goes_and_how_long_it_takes()
    {
        using var file = TestFile.Of("slow.bin", 64 * Mebi);
        await using var visitor = await stage.Enter();
        var network = await visitor.Context.NewCDPSessionAsync(visitor.Page);
        _ = await network.SendAsync("Network.emulateNetworkConditions", Throughput(4 * Mebi));

        await visitor.Pick(file);

        await Expect(visitor.Upload("slow.bin")).ToContainTextAsync(new Regex("[0-9] [KM]iB/s · ([0-9]+ min )?[0-9]+ s left"));
        _ = await network.SendAsync("Network.emulateNetworkConditions", Throughput(-1));
        await visitor.Upload("slow.bin").IsIn("done");
    }

    [Fact]
    public async Task Pausing_and_resuming_while_chunks_are_compared_runs_it_once()
    {
        using var file = TestFile.Of("compared.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("compared.bin"));
        await page.Divert(request => request.Chunk() == 3, route => route.AbortAsync());
        await visitor.Pick(file);
        await page.UntilDone(2);
        _ = await page.ReloadAsync();
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.IgnoreErrors });
        await page.EvaluateAsync(
            """
            () => {
              const read = Blob.prototype.arrayBuffer;
              const gate = new Promise(open => { window.open = open; });
              Blob.prototype.arrayBuffer = async function () {
                await (this.size > 1 ? gate : null);
                return read.call(this);
              };
            }
            """);
        var earlier = visitor.Requests.Count;

        await line.PickAgain(file);
        await line.IsIn("checking");
        await line.Press("Pause");
        await line.Press("Resume");
        await page.EvaluateAsync("window.open()");
        await line.IsIn("done");

        Assert.Equal([3], visitor.Requests.Skip(earlier).ChunksSent());
        _ = Assert.Single(visitor.Requests.Skip(earlier), request => request.IsMerge());
        await Expect(line).ToContainTextAsync("Digests checked");
    }

    [Fact]
    public async Task An_upload_runs_in_one_tab_and_goes_on_in_another_when_that_lets_it()
    {
        using var file = TestFile.Of("tabs.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (first, line) = (visitor.Page, visitor.Upload("tabs.bin"));
        await first.Divert(request => request.Chunk() == 3, _ => Task.CompletedTask);
        await visitor.Pick(file);
        await first.UntilDone(2);

        var second = await visitor.Context.NewPageAsync();
        _ = await second.GotoAsync(first.Url);
        await second.GetByLabel("API key").FillAsync(StoreProcess.Key);
        await second.Keyboard.PressAsync("Enter");
        var there = second.Locator("li.upload").Filter(new() { HasText = "to default" });
        await Expect(there).ToContainTextAsync("running in another tab");
        await there.HasNoButtons();

        await line.Press("Pause");
        await there.IsIn("needs-file");
        await second.GetByLabel("Bucket").FillAsync("elsewhere");
        await second.Pick(file);
        await second.Locator("li.upload").Filter(new() { HasText = "to elsewhere" }).IsIn("done");
        await there.IsIn("needs-file");
        await second.GetByLabel("Bucket").FillAsync("default");
        await second.Pick(file);
        await there.IsIn("done");

        await Expect(line).ToHaveCountAsync(0);
        Assert.Equal(file.Sha256, await stage.Store.DigestOf("default", await second.EvaluateAsync<string>("jobs.find(job => job.record.bucket === 'default').record.blobId")));
    }

    private static Dictionary<string, object> Throughput(int upload) =>
        new() { ["offline"] = false, ["latency"] = 0, ["downloadThroughput"] = -1, ["uploadThroughput"] = upload };
}
