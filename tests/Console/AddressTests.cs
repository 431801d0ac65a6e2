using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

/// <summary>What names a page, a bucket or a blob, as people write it.</summary>
[Collection(Stage.Name)]
public sealed class AddressTests(Stage stage)
{
    [Fact]
    public async Task A_buckets_name_in_upper_case_is_lowered_where_it_is_typed_and_in_the_address()
    {
        using var file = TestFile.Of("capital.bin", 1000);
        await using var visitor = await stage.Enter();

        await visitor.Page.GetByLabel("Bucket").FillAsync("Capitals");
        await visitor.Pick(file);
        await visitor.Upload("capital.bin").IsIn("done");
        await Expect(visitor.Upload("capital.bin")).ToContainTextAsync("to capitals");

        await visitor.GoTo("#/buckets", "Buckets");
        await visitor.Page.GetByLabel("Bucket").FillAsync("CAPITALS");
        await visitor.Button("Open").ClickAsync();
        await Expect(visitor.Heading).ToHaveTextAsync("capitals");
        await Expect(visitor.Page.GetByText("1 blob ·")).ToBeVisibleAsync();
        await visitor.GoTo("#/buckets/CapitalS", "capitals");
    }

    [Theory]
    [InlineData("#/nonsense", "#/buckets")]
    [InlineData("#/buckets/pics/xyz", "#/buckets/pics")]
    [InlineData("#/buckets/no.name", "#/buckets")]
    [InlineData("#/dashboard/more", "#/buckets")]
    public async Task An_address_that_names_no_page_says_so_and_leads_on(string fragment, string onward)
    {
        await using var visitor = await stage.Enter();

        await visitor.GoTo(fragment, "There is no such page");

        await Expect(visitor.Page.Locator("main a")).ToHaveAttributeAsync("href", onward);
        await Expect(visitor.Heading).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData("#", "Upload", "Upload")]
    [InlineData("#/", "Upload", "Upload")]
    [InlineData("#/upload", "Upload", "Upload")]
    [InlineData("#/buckets/", "Buckets", "Browse")]
    [InlineData("#/dashboard", "Dashboard", "Dashboard")]
    public async Task An_address_that_names_a_page_leads_there_and_the_menu_knows_it(string fragment, string heading, string entry)
    {
        await using var visitor = await stage.Enter();
        await visitor.GoTo("#/nonsense", "There is no such page");
        await Expect(visitor.Page.Locator("[aria-current=page]")).ToHaveCountAsync(0);

        await visitor.GoTo(fragment, heading);

        await Expect(visitor.Page.Locator("[aria-current=page]")).ToContainTextAsync(entry);
    }

    [Fact]
    public async Task What_must_have_a_format_says_which()
    {
        await using var visitor = await stage.Enter();
        foreach (var (fragment, heading) in new[] { ("#/upload", "Upload"), ("#/buckets/pics", "pics"), ("#/buckets", "Buckets") })
        {
            await visitor.GoTo(fragment, heading);
            await Expect(visitor.Page.Locator("input[pattern]")).Not.ToHaveCountAsync(0);
            await Expect(visitor.Page.Locator("input[pattern]:not([title])")).ToHaveCountAsync(0);
        }

        var id = visitor.Page.GetByLabel("Blob id");
        await visitor.Page.GetByLabel("Bucket").FillAsync("pics");
        foreach (var wrong in new[] { "0", new string('-', 36) })
        {
            await id.FillAsync(wrong);
            await visitor.Button("Open").ClickAsync();
            await Expect(id).ToBeFocusedAsync();
            await Expect(visitor.Heading).ToHaveTextAsync("Buckets");
        }

        await Expect(id).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex("36 hexadecimal digits and dashes"));
    }
}
