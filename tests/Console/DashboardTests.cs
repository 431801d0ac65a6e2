using System.Text.RegularExpressions;
using Borderless.Tests.Console.Support;

namespace Borderless.Tests.Console;

[Collection(Stage.Name)]
public sealed class DashboardTests(Stage stage)
{
    [Fact]
    public async Task What_dedup_saves_is_a_picture_that_can_be_read_out()
    {
        _ = await stage.Store.Store("twins", new byte[100_000], "text/plain");
        _ = await stage.Store.Store("twins", new byte[100_000], "text/plain");
        await using var visitor = await stage.Enter();

        await visitor.GoTo("#/dashboard", "Dashboard");

        await Expect(visitor.Page.GetByRole(AriaRole.Img, new() { NameRegex = new("saved The blobs have .* together, and take .* on the disk") })).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "twins" })).ToContainTextAsync("195 KiB");
    }

    [Fact]
    public async Task The_servers_own_metrics_are_those_that_the_page_looks_for()
    {
        await using var visitor = await stage.Enter();

        await visitor.GoTo("#/dashboard", "Dashboard");

        await Expect(Tile(visitor, "Disk left")).ToContainTextAsync("iB");
        await Expect(Tile(visitor, "Requests a second")).ToContainTextAsync(new Regex("[0-9]\\.[0-9]"));
        await Expect(Tile(visitor, "Requests since the start")).ToContainTextAsync(new Regex("[1-9]"));
        await Expect(visitor.Page.GetByText("not a")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Metrics_that_cannot_be_had_are_said_to_be_not_available()
    {
        await using var visitor = await stage.Enter();
        await visitor.Page.RouteAsync("**/metrics", route => route.FulfillAsync(new()
        {
            Status = 403,
            ContentType = "application/json",
            Body = """{"success":false,"code":"key_not_allowed","message":"no","request_id":"r"}""",
        }));

        await visitor.GoTo("#/dashboard", "Dashboard");

        await Expect(visitor.Page.GetByText("not available: key_not_allowed")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task Requests_a_second_are_the_difference_of_two_looks_and_the_key_goes_with_them()
    {
        var looks = 0;
        await using var visitor = await stage.Enter();
        await visitor.Page.RouteAsync("**/metrics", route => route.FulfillAsync(new() { ContentType = "text/plain; version=0.0.4", Body = Metrics(100 + (looks++ * 50)) }));
        await visitor.Page.Clock.InstallAsync();

        await visitor.GoTo("#/dashboard", "Dashboard");
        await Expect(visitor.Page.GetByText("3.2 GiB")).ToBeVisibleAsync();
        await visitor.Page.Clock.RunForAsync(5000);

        await Expect(Tile(visitor, "Requests a second")).ToContainTextAsync("10.0");
        await Expect(Tile(visitor, "Requests since the start")).ToContainTextAsync("3 failures");
        await visitor.Page.Clock.RunForAsync(5000);
        await Expect(visitor.Page.Locator(".spark")).ToBeVisibleAsync();
        var request = visitor.Requests.First(one => one.Url.EndsWith("/metrics", StringComparison.Ordinal));
        Assert.Equal($"Bearer {StoreProcess.Key}", await request.HeaderValueAsync("authorization"));
    }

    private static ILocator Tile(Visitor visitor, string label) => visitor.Page.Locator(".tile").Filter(new() { HasText = label });

    private static string Metrics(int requests) =>
        $$"""
        # HELP http_server_request_duration_seconds Duration of HTTP server requests.
        # TYPE http_server_request_duration_seconds histogram
        http_server_request_duration_seconds_bucket{http_route="/presign",http_request_method="POST",http_response_status_code="200",le="0.005"} 1
        http_server_request_duration_seconds_count{http_route="/presign",http_request_method="POST",http_response_status_code="200"} {{requests - 3}}
        http_server_request_duration_seconds_count{http_route="/{bucket}/{blob}",http_request_method="GET",http_response_status_code="500"} 3
        http_server_request_duration_seconds_count{http_route="/metrics",http_request_method="GET",http_response_status_code="200"} {{requests * 7}}
        # TYPE borderless_disk_free_bytes gauge
        borderless_disk_free_bytes 3.43597e+09

        """;
}
