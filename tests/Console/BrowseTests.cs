using System.Text;
using System.Text.RegularExpressions;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class BrowseTests(Stage stage)
{
    private const int Page = 50;

    [Fact]
    public async Task Pages_are_turned_both_ways_and_an_id_is_found_by_its_beginning()
    {
        var ids = new List<string>();
        for (var at = 0; at < Page + 3; at++)
        {
            ids.Add(await stage.Store.Store("paged", Encoding.UTF8.GetBytes($"{at}"), "text/plain"));
        }

        await using var visitor = await stage.Enter();
        var rows = visitor.Page.Locator("tbody tr");
        await visitor.GoTo("#/buckets/paged", "paged");
        await Expect(rows).ToHaveCountAsync(Page);
        await visitor.Button("Next page").ClickAsync();
        await Expect(rows).ToHaveCountAsync(3);
        await Expect(visitor.Page.GetByText("51 to 53 of 53")).ToBeVisibleAsync();
        await visitor.Button("Previous page").ClickAsync();
        await Expect(rows).ToHaveCountAsync(Page);

        await visitor.Page.GetByLabel("Id begins with").FillAsync(ids[0]);
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Expect(rows).ToHaveCountAsync(1);
        await Expect(rows).ToContainTextAsync(ids[0]);
    }

    [Fact]
    public async Task A_blob_is_deleted_after_a_question_and_kept_where_the_answer_is_no()
    {
        var blob = await stage.Store.Store("deletes", [1], "text/plain", "attachment; filename=\"<b>bold</b>.txt\"");
        await using var visitor = await stage.Enter();
        await visitor.GoTo($"#/buckets/deletes/{blob}", blob);

        await visitor.Button("Delete…").ClickAsync();
        await Expect(visitor.Dialog).ToContainTextAsync("<b>bold</b>.txt is deleted for good: URLs to download it answer 404 from then on");
        await Expect(visitor.Dialog).ToContainTextAsync("An upload URL that has not expired can store it again");
        await Expect(visitor.Button("Keep")).ToBeFocusedAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await Expect(visitor.Button("Delete…")).ToBeFocusedAsync();
        using (var kept = await stage.Store.Download("deletes", blob))
        {
            Assert.Equal(200, (int)kept.StatusCode);
        }

        await visitor.Button("Delete…").ClickAsync();
        await visitor.Dialog.GetByText("Delete", new() { Exact = true }).ClickAsync();
        await Expect(visitor.Heading).ToHaveTextAsync("deletes");
        await Expect(visitor.Page.GetByText("There is no blob here")).ToBeVisibleAsync();
        using var gone = await stage.Store.Download("deletes", blob);
        Assert.Equal(404, (int)gone.StatusCode);

        await visitor.Button("Delete bucket…").ClickAsync();
        await visitor.Dialog.GetByText("Delete bucket", new() { Exact = true }).ClickAsync();
        await Expect(visitor.Heading).ToHaveTextAsync("Buckets");
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "deletes" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_download_that_is_refused_says_so_with_code_and_request_id()
    {
        var blob = await stage.Store.Store("refused", [1], "text/plain");
        await using var visitor = await stage.Enter();
        await visitor.GoTo($"#/buckets/refused/{blob}", blob);
        var (path, _) = await stage.Store.Mint(new { action = "delete", bucket = "refused", blob_id = blob });
        using var deleted = await stage.Store.Http.DeleteAsync(path);
        Assert.Equal(200, (int)deleted.StatusCode);

        await visitor.Button("Download").ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no_such_blob (404)");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Request id");
    }

    [Fact]
    public async Task A_bucket_that_is_not_empty_says_so_with_code_and_request_id()
    {
        _ = await stage.Store.Store("full", [1], "text/plain");
        await using var visitor = await stage.Enter();
        await visitor.GoTo("#/buckets/full", "full");

        await visitor.Button("Delete bucket…").ClickAsync();
        await Expect(visitor.Dialog).ToContainTextAsync("Delete this bucket if it is empty?");
        await visitor.Dialog.GetByText("Delete bucket", new() { Exact = true }).ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("bucket_not_empty (409)");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Request id");
    }

    [Fact]
    public async Task A_minted_url_has_the_chosen_rules_and_is_that_of_the_stores_own_domain()
    {
        await using var visitor = await stage.Enter(options: new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await visitor.GoTo("#/buckets/links", "links");

        await visitor.Button("Make an upload URL…").ClickAsync();
        await visitor.Dialog.GetByLabel("Valid for").FillAsync("2");
        await visitor.Dialog.GetByLabel("Unit of the expiry").SelectOptionAsync("hours");
        await visitor.Dialog.GetByText("Rules", new() { Exact = true }).ClickAsync();
        await visitor.Dialog.GetByLabel("At most").FillAsync("10 KiB");
        await visitor.Dialog.GetByLabel("Content type").FillAsync("text/*");
        await visitor.Dialog.GetByLabel("Stores once").CheckAsync();
        await visitor.Button("Make the URL").ClickAsync();
        await visitor.Button("Copy the URL").ClickAsync();
        await Expect(visitor.Button("Copied")).ToBeVisibleAsync();
        await Expect(visitor.Dialog.GetByRole(AriaRole.Status)).ToHaveTextAsync("Copied");
        var url = await visitor.Page.EvaluateAsync<string>("navigator.clipboard.readText()");

        Assert.StartsWith($"{StoreProcess.Domain}/links/", url, StringComparison.Ordinal);
        Assert.Contains("max_size=10240", url, StringComparison.Ordinal);
        Assert.Matches(new Regex("[?&]once=[0-9a-f]{32}"), url);
        var expires = long.Parse(Regex.Match(url, "expires=([0-9]+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(expires - DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 7000, 7200);
        using var refused = await stage.Store.Http.PostAsync(new Uri(url).PathAndQuery, new ByteArrayContent([1]) { Headers = { { "content-type", "image/png" } } });
        Assert.Equal(415, (int)refused.StatusCode);
    }

    [Fact]
    public async Task A_rule_that_the_store_refuses_is_told_and_one_that_is_no_size_is_not_asked_for()
    {
        var blob = await stage.Store.Store("links", [1], "text/plain");
        await using var visitor = await stage.Enter();
        await visitor.GoTo($"#/buckets/links/{blob}", blob);

        await visitor.Button("Make a URL…").ClickAsync();
        await visitor.Dialog.GetByText("Rules", new() { Exact = true }).ClickAsync();
        await Expect(visitor.Dialog.GetByLabel("At most")).ToBeHiddenAsync();
        await visitor.Dialog.GetByLabel("Client address").FillAsync("everybody");
        await visitor.Button("Make the URL").ClickAsync();
        await Expect(visitor.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("invalid_rule (400)");

        await visitor.Dialog.GetByLabel("It may").SelectOptionAsync("update");
        await visitor.Dialog.GetByLabel("At most").FillAsync("plenty");
        await visitor.Button("Make the URL").ClickAsync();
        await Expect(visitor.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("\"plenty\" cannot be read");
    }

    [Fact]
    public async Task Revoking_kills_urls_that_were_minted_before()
    {
        var blob = await stage.Store.Store("revoked", [1], "text/plain");
        var (path, _) = await stage.Store.Mint(new { action = "download", bucket = "revoked", blob_id = blob });
        await using var visitor = await stage.Enter();
        await visitor.GoTo("#/buckets/revoked", "revoked");

        await visitor.Button("Revoke URLs…").ClickAsync();
        await visitor.Dialog.GetByText("Revoke", new() { Exact = true }).ClickAsync();

        await Expect(visitor.Page.GetByText("epoch 1")).ToBeVisibleAsync();
        using var dead = await stage.Store.Http.GetAsync(path);
        Assert.Equal(401, (int)dead.StatusCode);
    }
}
