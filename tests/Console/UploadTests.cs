using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class UploadTests(Stage stage)
{
    private const int Mebi = 1 << 20;

    [Fact]
    public async Task A_small_file_goes_up_in_one_piece_and_its_digest_is_checked()
    {
        using var file = TestFile.Of("smäll ‮file.bin", 3 * Mebi);
        await using var visitor = await stage.Enter();

        await Pick(visitor, file);

        await Expect(visitor.Upload("smäll")).ToHaveAttributeAsync("data-state", "done");
        await Expect(visitor.Upload("smäll")).ToContainTextAsync("Digests checked");
        var posts = visitor.Requests.Where(request => request.Method == "POST" && !IsPresign(request)).ToList();
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

        await Pick(visitor, file);
        await UntilDone(page, 2);
        await visitor.Context.SetOfflineAsync(true);
        await Expect(line).ToContainTextAsync("No connection: trying again");
        var beforeCut = await Done(page);
        await visitor.Context.SetOfflineAsync(false);
        await UntilDone(page, beforeCut + 3);
        _ = await page.ReloadAsync();
        await Expect(line).ToContainTextAsync("pick the file again");

        await line.Locator("input[type=file]").SetInputFilesAsync(other.Location);
        await Expect(line.GetByRole(AriaRole.Alert)).ToContainTextAsync("the size differs");
        var earlier = visitor.Requests.Count;
        var asked = await page.RunAndWaitForResponseAsync(
            () => line.Locator("input[type=file]").SetInputFilesAsync(file.Location), response => response.Url.Contains("/chunks?", StringComparison.Ordinal));
        using var status = JsonDocument.Parse(await asked.TextAsync());
        var missing = status.RootElement.GetProperty("missing_chunks").EnumerateArray().Select(index => index.GetInt32()).ToList();
        await Expect(line).ToHaveAttributeAsync("data-state", "done");

        Assert.InRange(missing.Count, 1, 25 - 5);
        Assert.Equal(missing, (await ChunksSent(visitor.Requests.Skip(earlier))).Order());
        await line.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByText(file.Sha256)).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => visitor.Button("Download").ClickAsync());
        Assert.Equal("film.bin", download.SuggestedFilename);
        await using var down = File.OpenRead(await download.PathAsync());
        Assert.Equal(file.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(down)));
        Assert.Empty(await Kept(page));
    }

    [Fact]
    public async Task A_paused_upload_goes_on_and_a_cancelled_one_leaves_nothing()
    {
        using var file = TestFile.Of("long.bin", 120 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("long.bin"));

        await Pick(visitor, file);
        await UntilDone(page, 1);
        await line.GetByText("Pause", new() { Exact = true }).ClickAsync();
        await Expect(line).ToContainTextAsync("paused");
        await Expect(line.GetByText("Resume", new() { Exact = true })).ToBeFocusedAsync();
        var (bucket, blob) = ("default", await page.EvaluateAsync<string>("jobs[0].record.blobId"));
        await line.GetByText("Resume", new() { Exact = true }).ClickAsync();
        await UntilDone(page, 3);
        await line.GetByText("Pause", new() { Exact = true }).ClickAsync();
        await line.GetByText("Cancel", new() { Exact = true }).ClickAsync();
        await visitor.Dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel the upload" }).ClickAsync();
        await Expect(line).ToHaveCountAsync(0);

        var (path, _) = await stage.Store.Mint(new { action = "status", bucket, blob_id = blob });
        using var answer = await stage.Store.Http.GetAsync(path);
        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Empty(await Kept(page));
    }

    [Fact]
    public async Task A_file_that_differs_although_its_name_size_and_time_do_not_replaces_the_chunks_that_differ()
    {
        using var file = TestFile.Of("twin.bin", 24 * Mebi);
        await using var visitor = await stage.Enter();
        var (page, line) = (visitor.Page, visitor.Upload("twin.bin"));
        await page.RouteAsync("**/*", route => IsMerge(route.Request) ? route.AbortAsync() : route.ContinueAsync());
        await Pick(visitor, file);
        await UntilDone(page, 3);
        await Expect(line).ToContainTextAsync("the server joins the chunks");
        await page.UnrouteAllAsync(new() { Behavior = UnrouteBehavior.Wait });
        _ = await page.ReloadAsync();

        var time = File.GetLastWriteTimeUtc(file.Location);
        var bytes = await File.ReadAllBytesAsync(file.Location);
        bytes[10 * Mebi] ^= 1;
        await File.WriteAllBytesAsync(file.Location, bytes);
        File.SetLastWriteTimeUtc(file.Location, time);
        var earlier = visitor.Requests.Count;
        await line.Locator("input[type=file]").SetInputFilesAsync(file.Location);
        await Expect(line).ToHaveAttributeAsync("data-state", "done");

        Assert.Equal([2], await ChunksSent(visitor.Requests.Skip(earlier)));
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

        await Expect(visitor.Upload("dropped.txt")).ToHaveAttributeAsync("data-state", "done");
    }

    [Fact]
    public async Task An_upload_whose_urls_are_revoked_on_the_way_mints_new_ones()
    {
        using var file = TestFile.Of("revoked.bin", 120 * Mebi);
        await using var visitor = await stage.Enter();
        await visitor.Page.GetByLabel("Bucket").FillAsync("revoking");

        await Pick(visitor, file);
        await UntilDone(visitor.Page, 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/admin/buckets/revoking/revoke") { Headers = { Authorization = new("Bearer", StoreProcess.Key) } };
        using var revoked = await stage.Store.Http.SendAsync(request);
        Assert.Equal(200, (int)revoked.StatusCode);

        await Expect(visitor.Upload("revoked.bin")).ToHaveAttributeAsync("data-state", "done");
        Assert.Contains(visitor.Requests, one => one.Url.Contains("epoch=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_context_is_not_secure_the_line_says_that_nothing_was_checked()
    {
        using var file = TestFile.Of("plain.bin", 17 * Mebi);
        var insecure = new UriBuilder(stage.Store.Address) { Host = Stage.InsecureHost }.Uri;
        await using var visitor = await Visitor.Come(stage.Browser, insecure);
        await visitor.SignIn(StoreProcess.Key);

        await Pick(visitor, file);

        await Expect(visitor.Upload("plain.bin")).ToHaveAttributeAsync("data-state", "done");
        await Expect(visitor.Upload("plain.bin")).ToContainTextAsync("not checked");
        await visitor.Upload("plain.bin").GetByRole(AriaRole.Link).ClickAsync();
        await Expect(visitor.Page.GetByText(file.Sha256)).ToBeVisibleAsync();
    }

    private static Task Pick(Visitor visitor, TestFile file) => visitor.Page.GetByLabel("Files to upload").SetInputFilesAsync(file.Location);

    private static Task UntilDone(IPage page, int chunks) =>
        page.WaitForFunctionAsync("least => jobs[0].done.size >= least", chunks);

    private static Task<int> Done(IPage page) => page.EvaluateAsync<int>("jobs[0].done.size");

    private static Task<string[]> Kept(IPage page) => page.EvaluateAsync<string[]>("Object.keys(localStorage)");

    private static bool IsPresign(IRequest request) => request.Url.EndsWith("/presign", StringComparison.Ordinal);

    private static bool IsMerge(IRequest request) => request.Headers.ContainsKey("x-chunk-merge");

    private static async Task<List<int>> ChunksSent(IEnumerable<IRequest> requests)
    {
        var indexes = await Task.WhenAll(requests.Select(request => request.HeaderValueAsync("x-chunk-index")));
        return [.. indexes.OfType<string>().Select(index => int.Parse(index, CultureInfo.InvariantCulture))];
    }
}
