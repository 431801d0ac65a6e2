using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Observe;

/// <summary>The program itself, turned on and off by the standard variables, with a collector that takes what it sends.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task Spans_and_metrics_are_sent_where_the_standard_variables_say()
    {
        using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, []);
        var (trace, parent, header) = Spans.NewParent();
        var blob = Guid.CreateVersion7();
        _ = await server.Ask("POST", $"/upload/{blob}", Answers.Bytes(70_000), header);
        await Wait.Until(() => collector.Spans.Any(span => span.Trace == trace && span.Parent == parent), "the request's span was sent");

        var tree = Spans.Tree(collector.Spans, trace, parent);

        Assert.Equal(["POST /upload/{blob_id}", "commit", "hash", "receive", "send", "sync"], tree.Select(span => span.Name));
        Assert.All(tree.Skip(1), child => Assert.Equal(tree[0].Id, child.Parent));
        Assert.Equal($"/upload/{blob}", tree[0].Tags["url.path"]);
        await Wait.Until(() => collector.HasMetric("borderless.objects") && collector.HasMetric("http.server.request.duration"), "metrics were sent");
        Assert.DoesNotContain(collector.Posts, post => System.Text.Encoding.Latin1.GetString(post.Body).Contains("sig=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_standard_sampler_decides_what_is_recorded()
    {
        using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, ("OTEL_TRACES_SAMPLER", "always_off"));

        _ = await server.Ask("POST", $"/upload/{Guid.CreateVersion7()}", [1]);
        await Wait.Until(() => collector.HasMetric("borderless.objects"), "metrics were sent");
        server.Signal(ServerProcess.SigTerm);
        _ = await server.End();

        Assert.Empty(collector.Spans);
    }

    [Fact]
    public async Task A_disabled_SDK_sends_and_shows_nothing_and_all_else_works()
    {
        using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, ("OTEL_SDK_DISABLED", "true"));

        var stored = await server.Ask("POST", $"/upload/{Guid.CreateVersion7()}", [1]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new("Bearer", TestServer.ApiKey);
        _ = await server.Http.SendAsync(request).ShouldBeError(404, "no_such_route");
        server.Signal(ServerProcess.SigTerm);
        _ = await server.End();

        Assert.Equal(200, stored?.Status);
        Assert.Empty(collector.Posts);
    }

    private static Task<ServerProcess> Serve(string directory, OtlpReceiver collector, params (string Name, string Value)[] more) =>
        ServerProcess.Serve(ServerProcess.Launch(
            ServerProcess.FlagsFor(directory),
            new Dictionary<string, string>(more.Select(one => KeyValuePair.Create(one.Name, one.Value)))
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            }));
}
