using System.Text.Json;
using System.Text.RegularExpressions;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Observe;

/// <summary>The dashboard among the examples, held against what the server shows.</summary>
public sealed partial class DashboardTests
{
    [Fact]
    public async Task The_dashboard_asks_for_metrics_that_there_are_and_for_all_of_our_own()
    {
        await using var server = await TestServer.Start();
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Answers.Bytes(70_000)).ShouldBeOk();
        _ = await server.Send(HttpMethod.Get, $"/files/{blob}?expires=1&sig=x").ShouldBeError(401, "invalid_signature");
        var page = await Scrape.When(server, page => page.Requests("GET", "/files/{blob_id}", 401) == 1 && page["borderless_sync_duration_seconds_count{of=\"batch\"}"] > 0
            && page["borderless_janitor_runs_total{result=\"done\"}"] > 0);
        var asked = Expressions(JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "grafana-dashboard.json"))).RootElement)
            .SelectMany(expression => Metric().Matches(expression).Select(match => match.Value)).Distinct().ToArray();

        // What counts exceptions is there after the first; an answer that goes well throws none.
        Assert.Empty(asked.Except(page.Names).Except(["dotnet_exceptions_total"]));
        Assert.Empty(page.Names.Where(name => name.StartsWith("borderless_", StringComparison.Ordinal)).Select(Base).Except(asked.Select(Base)));
    }

    private static IEnumerable<string> Expressions(JsonElement dashboard) =>
        from panel in dashboard.GetProperty("panels").EnumerateArray()
        where panel.GetProperty("type").GetString() != "row"
        from target in panel.GetProperty("targets").EnumerateArray()
        select target.GetProperty("expr").GetString()!;

    private static string Base(string name) => Suffix().Replace(name, "");

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"\b(borderless|http_server|process|dotnet)_[a-z0-9_]+")]
    private static partial Regex Metric();
}
