namespace Borderless.Tests.Console.Support;

/// <summary>One server and one browser for all tests, which run one after the other.</summary>
public sealed class Stage : IAsyncLifetime
{
    public const string Name = "stage";

    /// <summary>A host that is no secure context, though it is this machine.</summary>
    internal const string InsecureHost = "insecure.test";

    private IPlaywright? playwright;

    internal StoreProcess Store { get; private set; } = null!;

    internal IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        // What is waited for comes at once, or, on a machine with much else to do, some time later.
        SetDefaultExpectTimeout(300_000);
        Store = await StoreProcess.Start();
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Args = [$"--host-resolver-rules=MAP {InsecureHost} 127.0.0.1", "--autoplay-policy=no-user-gesture-required"],
        });
    }

    public async Task DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright?.Dispose();
        await Store.DisposeAsync();
    }

    /// <summary>A browser without a past, on the console's page.</summary>
    internal Task<Visitor> Visit(BrowserNewContextOptions? options = null) => Visitor.Come(Browser, Store.Address, options);

    /// <summary>The same, signed in.</summary>
    internal async Task<Visitor> Enter(string key = StoreProcess.Key, BrowserNewContextOptions? options = null)
    {
        var visitor = await Visit(options);
        await visitor.SignIn(key);
        return visitor;
    }
}

[CollectionDefinition(Stage.Name, DisableParallelization = true)]
public sealed class OnStage : ICollectionFixture<Stage>;
