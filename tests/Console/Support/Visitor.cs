using System.Collections.Concurrent;

namespace Borderless.Tests.Console.Support;

/// <summary>Somebody at the page. When they leave, nothing may have gone wrong that the page did not say.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    /// <summary>What the browser says by itself: that an answer was an error, and that a header counts in secure contexts only.</summary>
    private static readonly string[] Expected = ["Failed to load resource", "The Cross-Origin-Opener-Policy header has been ignored"];

    private readonly ConcurrentQueue<string> faults = new();
    private readonly Uri origin;

    private Visitor(IBrowserContext context, IPage page, Uri origin) => (Context, Page, this.origin) = (context, page, origin);

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    /// <summary>Uncaught errors, violations of the policy and requests to other hosts, so far.</summary>
    public IReadOnlyList<string> Faults => [.. faults];

    public ConcurrentQueue<IRequest> Requests { get; } = new();

    public ILocator Heading => Page.Locator("main h1");

    public ILocator Upload(string file) => Page.Locator("li.upload").Filter(new() { HasText = file });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    public static async Task<Visitor> Come(IBrowser browser, Uri origin, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.Locale = "en-GB";
        options.TimezoneId = "UTC";
        var context = await browser.NewContextAsync(options);
        context.SetDefaultTimeout(300_000);
        var visitor = new Visitor(context, await context.NewPageAsync(), origin);
        await visitor.Watch();
        _ = await visitor.Page.GotoAsync(new Uri(origin, "/console").ToString());
        return visitor;
    }

    public async Task SignIn(string key)
    {
        await Page.GetByLabel("API key").FillAsync(key);
        await Button("Sign in").ClickAsync();
        await Expect(Heading).ToHaveTextAsync("Upload");
    }

    public async Task GoTo(string fragment, string heading)
    {
        await Page.EvaluateAsync($"location.hash = '{fragment}'");
        await Expect(Heading).ToHaveTextAsync(heading);
        await Expect(Page.Locator("[aria-busy]")).ToHaveCountAsync(0);
    }

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        Assert.Empty(Faults);
    }

    private async Task Watch()
    {
        Page.PageError += (_, error) => faults.Enqueue($"uncaught: {error}");
        Page.Console += (_, line) =>
        {
            if (line.Type is "error" or "warning" && !Expected.Any(start => line.Text.StartsWith(start, StringComparison.Ordinal)))
            {
                faults.Enqueue($"console: {line.Text}");
            }
        };
        Context.Request += (_, request) =>
        {
            Requests.Enqueue(request);
            if (!request.Url.StartsWith("blob:", StringComparison.Ordinal) && new Uri(request.Url).Authority != origin.Authority)
            {
                faults.Enqueue($"a request to another host: {request.Url}");
            }
        };
        await Page.AddInitScriptAsync(
            "document.addEventListener('securitypolicyviolation', event => console.error(`violated ${event.violatedDirective}: ${event.blockedURI}`))");
    }
}
