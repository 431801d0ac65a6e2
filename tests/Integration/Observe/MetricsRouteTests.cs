using System.Net;
using System.Net.Sockets;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Observe;

/// <summary>Who is shown the metrics, and where.</summary>
public sealed class MetricsRouteTests
{
    [Fact]
    public async Task Metrics_are_shown_to_a_key_that_may_see_all_and_to_nobody_else()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string>
        {
            ["api_keys"] = "ops:ops-key-of-the-tests:admin\nphotos:photos-key-of-the-tests:bucket=photos",
        });

        _ = await Ask(server, null).ShouldBeError(401, "missing_api_key");
        _ = await Ask(server, "no-key-of-the-tests").ShouldBeError(401, "invalid_api_key");
        _ = await Ask(server, "photos-key-of-the-tests").ShouldBeError(403, "key_not_allowed");
        using var shown = await Ask(server, "ops-key-of-the-tests");
        Assert.Equal(200, (int)shown.StatusCode);
        Assert.Equal("text/plain", shown.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", shown.Headers.CacheControl?.ToString());
        Assert.Equal(shown.Content.Headers.ContentLength, (await shown.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task Metrics_answer_HEAD_and_refuse_what_is_no_reading()
    {
        await using var server = await TestServer.Start();

        using var head = await server.AskAdmin("HEAD", "/metrics");
        Assert.Equal(200, (int)head.StatusCode);
        Assert.True(head.Content.Headers.ContentLength > 1000);
        using var post = await server.AskAdmin("POST", "/metrics");
        Assert.Equal(405, (int)post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_listener_of_their_own_shows_metrics_without_a_key_and_nothing_else(bool onUnixSocket)
    {
        var directory = Directory.CreateTempSubdirectory("bl-").FullName;
        await using var server = await TestServer.Start(new Dictionary<string, string>
        {
            ["metrics_addr"] = onUnixSocket ? $"unix:{directory}/m.sock" : "127.0.0.1:0",
        });
        using var metrics = Scrape.ClientOf(server.Server.MetricsAddress);
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, [1]).ShouldBeOk();
        metrics.DefaultRequestHeaders.Authorization = new("Bearer", TestServer.ApiKey);

        using var shown = await metrics.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(200, (int)shown.StatusCode);
        Assert.Equal(1, new Scrape(await shown.Content.ReadAsStringAsync())["borderless_objects"]);
        foreach (var path in new[] { "/", "/healthz", "/readyz", "/admin/stats", "/metrics/", "/METRICS", "/x/../healthz", server.Signed("GET", $"/files/{blob}") })
        {
            _ = await metrics.GetAsync(new Uri(path, UriKind.Relative)).ShouldBeError(404, "no_such_route");
        }

        _ = await metrics.PostAsync(new Uri("/presign", UriKind.Relative), new StringContent("{}")).ShouldBeError(404, "no_such_route");
        _ = await metrics.PostAsync(new Uri("/metrics", UriKind.Relative), new StringContent("{}")).ShouldBeError(405, "method_not_allowed");
        _ = await server.Send(HttpMethod.Get, "/metrics").ShouldBeError(401, "missing_api_key");
        Assert.NotEqual(server.Server.Address, server.Server.MetricsAddress);
        await server.Download(blob).ShouldHaveBytes([1]);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_listener_that_cannot_be_is_told_by_the_name_of_its_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.Start(new Dictionary<string, string>
        {
            ["metrics_addr"] = $"{taken.LocalEndpoint}",
        }));

        Assert.StartsWith($"metrics_addr: cannot listen on {taken.LocalEndpoint}: another process listens there", problem.Message, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> Ask(TestServer server, string? key) =>
        server.Send(HttpMethod.Get, "/metrics", null, key is null ? [] : [("authorization", $"Bearer {key}")]);
}
