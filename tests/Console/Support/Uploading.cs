using System.Globalization;

namespace Borderless.Tests.Console.Support;

/// <summary>What the tests of uploads do and ask again and again.</summary>
internal static class Uploading
{
    public const int Mebi = 1 << 20;

    public static Task Pick(this Visitor visitor, params TestFile[] files) => visitor.Page.Pick(files);

    public static Task Pick(this IPage page, params TestFile[] files) => page.GetByLabel("Files to upload").SetInputFilesAsync(files.Select(file => file.Location));

    public static Task PickAgain(this ILocator line, TestFile file) => line.Locator("input[type=file]").SetInputFilesAsync(file.Location);

    public static Task Press(this ILocator line, string button) => line.GetByText(button, new() { Exact = true }).ClickAsync();

    public static Task IsIn(this ILocator line, string state) => Expect(line).ToHaveAttributeAsync("data-state", state);

    public static Task HasNoButtons(this ILocator line) => Expect(line.Locator("button:visible, a:visible")).ToHaveCountAsync(0);

    public static Task UntilDone(this IPage page, int chunks) => page.WaitForFunctionAsync("least => jobs[0].done.size >= least", chunks);

    public static Task<int> Done(this IPage page) => page.EvaluateAsync<int>("jobs[0].done.size");

    public static Task<string> Blob(this IPage page) => page.EvaluateAsync<string>("jobs[0].record.blobId");

    public static Task<string[]> Kept(this IPage page) => page.EvaluateAsync<string[]>("Object.keys(localStorage)");

    public static bool IsPresign(this IRequest request) => request.Url.EndsWith("/presign", StringComparison.Ordinal);

    public static bool IsMerge(this IRequest request) => request.Headers.ContainsKey("x-chunk-merge");

    public static int? Chunk(this IRequest request) =>
        request.Headers.TryGetValue("x-chunk-index", out var index) ? int.Parse(index, CultureInfo.InvariantCulture) : null;

    public static List<int> ChunksSent(this IEnumerable<IRequest> requests) => [.. requests.Select(Chunk).OfType<int>()];

    /// <summary>Requests of a kind go another way; all others go on.</summary>
    public static Task Divert(this IPage page, Func<IRequest, bool> which, Func<IRoute, Task> way) =>
        page.RouteAsync("**/*", route => which(route.Request) ? way(route) : route.ContinueAsync());

    /// <summary>Requests that a test held may be gone when it lets them go: their page has stopped them.</summary>
    public static async Task LetGo(this IRoute route)
    {
        try
        {
            await route.ContinueAsync();
        }
        catch (PlaywrightException)
        {
        }
    }
}
