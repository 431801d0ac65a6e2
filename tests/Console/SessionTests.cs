using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class SessionTests(Stage stage)
{
    [Fact]
    public async Task A_wrong_key_is_told_with_code_and_request_id_and_opens_nothing()
    {
        await using var visitor = await stage.Visit();

        await visitor.Page.GetByLabel("API key").FillAsync("not-the-key");
        await visitor.Button("Sign in").ClickAsync();

        var alert = visitor.Page.GetByRole(AriaRole.Alert);
        await Expect(alert).ToContainTextAsync("invalid_api_key (401): the API key is not valid here");
        await Expect(alert.Locator("code")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9a-f]{32}$"));
        await Expect(visitor.Page.GetByRole(AriaRole.Navigation)).ToHaveCountAsync(0);
        await Expect(visitor.Page.GetByLabel("API key")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Signing_in_says_which_key_is_wanted_in_the_words_of_the_settings()
    {
        await using var visitor = await stage.Visit();
        await using var elsewhere = await Visitor.Come(stage.Browser, new UriBuilder(stage.Store.Address) { Host = Stage.InsecureHost }.Uri);

        var hint = visitor.Page.Locator($"[id='{await visitor.Page.GetByLabel("API key").GetAttributeAsync("aria-describedby")}']");
        await Expect(hint).ToContainTextAsync("The store's presign_api_key (environment: PRESIGN_API_KEY), or one of its api_keys.");
        await Expect(hint).ToContainTextAsync("run_dev.sh");
        await Expect(hint).ToContainTextAsync("It stays in this tab only");
        await Expect(elsewhere.Page.Locator("main")).ToContainTextAsync("presign_api_key");
        await Expect(elsewhere.Page.Locator("main")).Not.ToContainTextAsync("run_dev.sh");
    }

    [Fact]
    public async Task Who_comes_to_the_server_alone_finds_the_page_and_the_view_that_was_named()
    {
        await using var visitor = await stage.Enter();

        foreach (var path in new[] { "/", "/console/#/dashboard" })
        {
            _ = await visitor.Page.GotoAsync(new Uri(stage.Store.Address, path).ToString());
            await Expect(visitor.Heading).ToHaveTextAsync(path == "/" ? "Upload" : "Dashboard");
            Assert.Equal("/console", new Uri(visitor.Page.Url).AbsolutePath);
        }
    }

    [Fact]
    public async Task The_key_is_in_the_sessions_storage_alone_and_survives_a_reload_but_not_signing_out()
    {
        await using var visitor = await stage.Enter();
        _ = await visitor.Page.ReloadAsync();
        await Expect(visitor.Heading).ToHaveTextAsync("Upload");

        Assert.Equal(StoreProcess.Key, await visitor.Page.EvaluateAsync<string>("sessionStorage.getItem('borderless.key')"));
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("localStorage.length"));
        Assert.Empty(await visitor.Context.CookiesAsync());
        Assert.DoesNotContain(visitor.Requests, request => request.Url.Contains(StoreProcess.Key, StringComparison.Ordinal));

        await visitor.Button("Sign out").ClickAsync();
        await Expect(visitor.Heading).ToHaveTextAsync("Sign in");
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Fact]
    public async Task A_key_that_is_none_any_more_ends_the_session()
    {
        await using var visitor = await stage.Enter();

        await visitor.Page.EvaluateAsync("sessionStorage.setItem('borderless.key', 'rotated-away')");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Browse" }).ClickAsync();

        await Expect(visitor.Heading).ToHaveTextAsync("Sign in");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("invalid_api_key");
    }

    [Fact]
    public async Task A_late_answer_to_an_old_key_does_not_end_the_session_of_a_new_one()
    {
        await using var visitor = await stage.Enter();
        await visitor.Page.EvaluateAsync(
            """
            key => {
              sessionStorage.setItem(KEY, "an-old-key");
              window.late = admin("GET", "/stats").catch(error => error.code);
              sessionStorage.setItem(KEY, key);
            }
            """,
            StoreProcess.Key);

        Assert.Equal("invalid_api_key", await visitor.Page.EvaluateAsync<string>("window.late"));
        await Expect(visitor.Heading).ToHaveTextAsync("Upload");
        Assert.Equal(StoreProcess.Key, await visitor.Page.EvaluateAsync<string>("apiKey()"));
    }

    [Fact]
    public async Task Who_signs_in_next_finds_only_what_is_kept_and_not_the_files()
    {
        using var file = TestFile.Of("left.bin", 24 << 20);
        await using var visitor = await stage.Enter();
        await visitor.Page.Divert(request => request.Chunk() == 3, route => route.AbortAsync());
        await visitor.Pick(file);
        await visitor.Page.UntilDone(2);

        await visitor.Button("Sign out").ClickAsync();
        Assert.Equal(0, await visitor.Page.EvaluateAsync<int>("jobs.length"));
        await visitor.SignIn(StoreProcess.Key);

        await visitor.Upload("left.bin").IsIn("needs-file");
        await Expect(visitor.Upload("left.bin")).ToContainTextAsync("2 of 3 chunks");
    }

    [Fact]
    public async Task A_key_for_one_bucket_is_told_what_it_may_not_and_uses_that_bucket()
    {
        var blob = await stage.Store.Store("photos", [1, 2, 3], "application/x-three");
        await using var visitor = await stage.Enter(StoreProcess.PhotosKey);

        await visitor.GoTo("#/buckets", "Buckets");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("key_not_allowed (403)");
        await visitor.Page.GetByLabel("Bucket").FillAsync("photos");
        await visitor.Button("Open").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link).Filter(new() { HasText = blob }).ClickAsync();

        await Expect(visitor.Page.GetByText("application/x-three")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_key_that_only_mints_uploads_and_sees_a_blob_whose_id_it_knows()
    {
        using var file = TestFile.Of("minted.bin", 1000);
        await using var visitor = await stage.Enter(StoreProcess.MintingKey);

        await visitor.Page.GetByLabel("Files to upload").SetInputFilesAsync(file.Location);
        await Expect(visitor.Upload("minted.bin")).ToHaveAttributeAsync("data-state", "done");
        await visitor.Upload("minted.bin").GetByRole(AriaRole.Link).ClickAsync();

        await Expect(visitor.Page.GetByText(file.Sha256)).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByText("1000 B (1,000 bytes)")).ToBeVisibleAsync();
    }
}
