using System.Security.Cryptography;
using System.Text.Json;
using Borderless.Tests.Console.Support;
using static Borderless.Tests.Console.Support.Uploading;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class UploadTests(Stage stage)
{
    [Fact]
    public async Task A_small_file_goes_up_in_one_piece_and_its_digest_is_checked()
    {
        using var file = TestFile.Of("smäll ‮file.bin", 3 * Mebi);
        await using var visitor = await stage.Enter();

        await visitor.Pick(file);

        await visitor.Upload("smäll").IsIn("done");
        await Expect(visitor.Upload("smäll")).ToContainTextAsync("Digests checked");
        var posts = visitor.Requests.Where(request => request.Method == "POST" && !request.IsPresign()).ToList();
        Assert.Equal($"sha-256=:{Convert.ToBase64String(Convert.FromHexString(file.Sha256))}:", await Assert.Single(posts).HeaderValueAsync("content-digest"));
        await visitor.Upload("smäll").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(visitor.Page.GetByText(file.Sha256)).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator("dl bdi").First).ToHaveTextAsync(file.Name);
    }

    [Fact]
    public async Task Two_hundred_mebibytes_survive_a_lost_network_and_a_reload_and_only_missing_chunks_go_up_again()
    {
        using var file = TestFile.Of("film.bin", 200 * Mebi);
        using var other = TestFile.Of("film.bin", 9 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("film.bin"));

        await visitor.Pick(file);
        await page.UntilDone(2);
        await visitor.Context.SetOfflineAsync(true);
        await Expect(line).ToContainTextAsync("No connection: trying again");
        var beforeCut = await page.Done();
        await visitor.Context.SetOfflineAsync(false);
        await page.UntilDone(beforeCut + 3);
        _ = await page.ReloadAsync();
        await Expect(line).ToContainTextAsync("pick the file again");

        await line.PickAgain(other);
        await Expect(line.GetByRole(AriaRole.Alert)).ToContainTextAsync("the size differs");
        var earlier = visitor.Requests.Count;
        var asked = await page.RunAndWaitForResponseAsync(
            () => line.PickAgain(file), response => response.Url.Contains("/chunks?", StringComparison.Ordinal));
        using var status = JsonDocument.Parse(await asked.TextAsync());
        var missing = status.RootElement.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32()).ToList();
        await line.IsIn("done");

        Assert.InRange(missing.Count, 1, 25 - 5);
        Assert.Equal(missing, visitor.Requests.Skip(earlier).ChunksSent().Order());
        await line.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByText(file.Sha256)).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => visitor.Button("Download").ClickAsync());
        Assert.Equal("film.bin", download.SuggestedFilename);
        await using var down = File.OpenRead(await download.PathAsync());
        Assert.Equal(file.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(down)));
        Assert.Empty(await page.Kept());
    }

    [Fact]
    public async Task A_paused_upload_goes_on_and_a_cancelled_one_leaves_nothing()
    {
        using var file = TestFile.Of("long.bin", 120 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("long.bin"));

        await visitor.Pick(file);
        await page.UntilDone(1);
        await line.Press("Pause");
        await Expect(line).ToContainTextAsync("paused");
        await Expect(line.GetByText("Resume", new() { Exact = true })).ToBeFocusedAsync();
        var sent = visitor.Requests.ChunksSent().Count;
        _ = await page.EvaluateAsync("jobs[0].running");
        Assert.Equal(sent, visitor.Requests.ChunksSent().Count);
        Assert.InRange(sent, 1, 14);
        var (bucket, blob) = ("default", await page.Blob());
        await line.Press("Resume");
        await page.UntilDone(3);
        await line.Press("Pause");
        await line.Press("Cancel");
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel the upload" }).ClickAsync();
        await Expect(line).ToHaveCountAsync(0);

        var (path, _) = await stage.Store.Mint(new { action = "status", bucket, blob_id = blob });
        using var answer = await stage.Store.Http.GetAsync(path);
        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Empty(await page.Kept());
    }

    [Fact]
    public async Task A_file_that_differs_although_its_name_size_and_time_do_not_replaces_the_chunks_that_differ()
    {
        using var file = TestFile.Of("twin.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("twin.bin"));
        await page.Divert(request => request.IsMerge(), route => route.AbortAsync());
        await visitor.Pick(file);
        await page.UntilDone(3);
        await Expect(line).ToContainTextAsync("All has arrived · No connection: trying again");
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.Wait });
        _ = await page.ReloadAsync();

        var time = File.GetLastWriteTimeUtc(file.Location);
        var bytes = await File.ReadAllBytesAsync(file.Location);
        bytes[10 * Mebi] ^= 1;
        await File.WriteAllBytesAsync(file.Location, bytes);
        File.SetLastWriteTimeUtc(file.Location, time);
        var earlier = visitor.Requests.Count;
        await line.PickAgain(file);
        await line.IsIn("done");

        Assert.Equal([2], visitor.Requests.Skip(earlier).ChunksSent());
        await line.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByText(Convert.ToHexStringLower(SHA256.HashData(bytes)))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_file_is_dropped()
    {
        await using var visitor = await stage.Enter();

        var dropped = await visitor.Page.EvaluateHandleAsync(
            """
            () => {
              const data = new DataTransfer();
              data.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
              return data;
            }
            """);
        await visitor.Page.DispatchEventAsync(".drop", "drop", new { dataTransfer = dropped });

        await visitor.Upload("dropped.txt").IsIn("done");
    }

    [Fact]
    public async Task An_upload_whose_urls_are_revoked_on_the_way_mints_new_ones()
    {
        using var file = TestFile.Of("revoked.bin", 120 * Mebi);
        await using var visitor = await stage.Enter();
        await visitor.Page.GetByLabel("Bucket").FillAsync("revoking");

        await visitor.Pick(file);
        await visitor.Page.UntilDone(1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/buckets/revoking/revoke") { Headers = { Authorization = new("Bearer", StoreProcess.Key) } };
        using var revoked = await stage.Store.Http.SendAsync(request);
        Assert.Equal(200, (int)revoked.StatusCode);

        await visitor.Upload("revoked.bin").IsIn("done");
        Assert.Contains(visitor.Requests, one => one.Url.Contains("epoch=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_context_is_not_secure_the_line_says_that_nothing_was_checked()
    {
        using var file = TestFile.Of("plain.bin", 17 * Mebi);
        var insecure = new UriBuilder(stage.Store.Address) { Host = Stage.InsecureHost }.Uri;
        await using var visitor = await Visitor.Come(stage.Browser, insecure);
        await visitor.SignIn(StoreProcess.Key);

        await visitor.Pick(file);

        await visitor.Upload("plain.bin").IsIn("done");
        await Expect(visitor.Upload("plain.bin")).ToContainTextAsync("not checked");
        await visitor.Upload("plain.bin").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(visitor.Page.GetByText(file.Sha256)).ToBeVisibleAsync();
    }
}
