using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>The console's page as an answer. What it does in a browser is tests/Console.</summary>
public sealed partial class ConsoleTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Path = "/console";

    /// <summary>What Chromium sends for a page, and what curl sends for anything.</summary>
    private const string Browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
    private const string Programs = "*/*";

    private readonly TestServer server = shared.Server;

    [Fact]
    public async Task The_page_is_for_everybody_and_is_asked_for_anew_by_its_tag()
    {
        using var answer = await server.Send(HttpMethod.Get, Path);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoCache);
        using var again = await server.Send(HttpMethod.Get, Path, null, ("if-none-match", answer.Headers.ETag!.ToString()));
        Assert.Equal(304, (int)again.StatusCode);
        Assert.Equal(Policy(answer), Policy(again));
        using var dated = await server.Send(HttpMethod.Get, Path, null, ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"));
        Assert.Equal(200, (int)dated.StatusCode);
    }

    [Fact]
    public async Task Its_policy_permits_its_own_script_and_style_by_digest_and_nothing_else()
    {
        using var answer = await server.Send(HttpMethod.Get, Path);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.Equal(
            [
                "base-uri 'none'", "connect-src 'self'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'", "img-src 'self' blob:",
                "media-src 'self' blob:", "require-trusted-types-for 'script'", $"script-src {Source(Script(), html)}", $"style-src {Source(Style(), html)}",
                "trusted-types 'none'",
            ],
            Policy(answer).Split("; ").Order(StringComparer.Ordinal));
        Assert.Equal("nosniff", Header(answer, "x-content-type-options"));
        Assert.Equal("DENY", Header(answer, "x-frame-options"));
        Assert.Equal("no-referrer", Header(answer, "referrer-policy"));
        Assert.Equal("same-origin", Header(answer, "cross-origin-opener-policy"));
        Assert.NotEmpty(Header(answer, "permissions-policy"));
    }

    [Fact]
    public async Task It_never_makes_elements_of_text_and_names_no_other_host()
    {
        using var answer = await server.Send(HttpMethod.Get, Path);
        var html = await answer.Content.ReadAsStringAsync();

        Assert.DoesNotMatch(@"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function|\sstyle=|setAttribute\(""on", html);
        Assert.DoesNotMatch(@"https?://(?!www\.w3\.org/2000/svg"")", html);
    }

    [Fact]
    public async Task Head_has_the_same_length_and_no_body()
    {
        using var whole = await server.Send(HttpMethod.Get, Path);
        using var head = await server.Send(HttpMethod.Head, Path);

        Assert.Equal(whole.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Other_methods_are_told_which_there_are()
    {
        using var answer = await server.Send(HttpMethod.Post, Path);

        Assert.Equal(405, (int)answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("GET", "/console/", Programs, 308)]
    [InlineData("HEAD", "/console/?a=1", Programs, 308)]
    [InlineData("GET", "/", Browsers, 307)]
    [InlineData("HEAD", "/?a=1", "application/json, TEXT/HTML;q=0.1", 307)]
    public async Task Who_looks_for_it_elsewhere_is_led_to_it(string method, string path, string accept, int status)
    {
        using var answer = await server.Send(new HttpMethod(method), path, null, ("accept", accept));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(Path, answer.Headers.Location?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET", "/", Programs)]
    [InlineData("GET", "/", "application/json, text/html;q=0")]
    [InlineData("GET", "/", "no type at all")]
    [InlineData("GET", "/nothing", Browsers)]
    [InlineData("GET", "//", Browsers)]
    [InlineData("GET", "/console//", Browsers)]
    [InlineData("POST", "/", Browsers)]
    [InlineData("POST", "/console/", Browsers)]
    public async Task All_others_are_told_that_there_is_nothing(string method, string path, string accept) =>
        await server.Send(new HttpMethod(method), path, null, ("accept", accept)).ShouldBeError(404, "no_such_route");

    [Theory]
    [InlineData("/console/console.js")]
    [InlineData("/Console")]
    [InlineData("/Console/")]
    public async Task Nothing_else_is_there(string path) => await server.Send(HttpMethod.Get, path).ShouldBeError(404, "no_such_route");

    [Fact]
    public async Task Switched_off_it_is_a_path_like_any_that_is_none()
    {
        await using var without = await TestServer.Start(new Dictionary<string, string> { ["console"] = "false" });

        await without.Send(HttpMethod.Get, Path).ShouldBeError(404, "no_such_route");
        await without.Send(HttpMethod.Post, Path).ShouldBeError(404, "no_such_route");
        await without.Send(HttpMethod.Get, "/console/", null, ("accept", Browsers)).ShouldBeError(404, "no_such_route");
        await without.Send(HttpMethod.Get, "/", null, ("accept", Browsers)).ShouldBeError(404, "no_such_route");
    }

    private static string Policy(HttpResponseMessage answer) => Header(answer, "content-security-policy");

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static string Source(Regex element, string html) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Assert.Single(element.Matches(html)).Groups[1].Value)))}'";

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
