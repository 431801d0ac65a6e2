using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Observe;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration.Observe;

/// <summary>The program itself, turned on and off by the standard variables, with a collector that takes what it sends.</summary>
public sealed class OtlpTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Spans_and_metrics_are_sent_where_and_how_the_standard_variables_say_and_by_gRPC_if_they_do_not_say_how(string? protocol)
    {
        await using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, protocol);
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
        await using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, "http/protobuf", ("OTEL_TRACES_SAMPLER", "always_off"));

        _ = await server.Ask("POST", $"/upload/{Guid.CreateVersion7()}", [1]);
        await Wait.Until(() => collector.HasMetric("borderless.objects"), "metrics were sent");
        server.Signal(ServerProcess.SigTerm);
        _ = await server.End();

        Assert.Empty(collector.Spans);
    }

    [Fact]
    public async Task A_disabled_SDK_sends_and_shows_nothing_and_all_else_works()
    {
        await using var collector = new OtlpReceiver();
        using var directory = new TestDirectory();
        await using var server = await Serve(directory.Root, collector, "http/protobuf", ("OTEL_SDK_DISABLED", "true"));

        var stored = await server.Ask("POST", $"/upload/{Guid.CreateVersion7()}", [1]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new("Bearer", TestServer.ApiKey);
        _ = await server.Http.SendAsync(request).ShouldBeError(404, "no_such_route");
        server.Signal(ServerProcess.SigTerm);
        _ = await server.End();

        Assert.Equal(200, stored?.Status);
        Assert.Empty(collector.Posts);
    }

    [Theory]
    [InlineData(false, "grpc")]
    [InlineData(true, "grpc")]
    [InlineData(true, "http/protobuf")]
    public async Task A_collector_that_is_dead_or_never_answers_keeps_nobody_from_serving_or_from_the_end(bool accepts, string protocol)
    {
        // Connections wait in its queue, where they are accepted by the kernel alone.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://{silent.LocalEndpoint}";
        if (!accepts)
        {
            silent.Stop();
        }

        using var directory = new TestDirectory();
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, "--shutdown-grace-secs=1"),
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,

                // So that who waits for an answer waits longer than this test does.
                ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "3600000",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "1",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1",
            }));

        var blob = Guid.CreateVersion7();
        await server.Upload(blob, [1, 2, 3]).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes([1, 2, 3]);
        server.Signal(ServerProcess.SigTerm);
        var ended = await server.End();

        Assert.Equal(0, ended.Code);
        Assert.EndsWith("stopped", ended.Output[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_of_all_is_sent_at_the_same_time()
    {
        using var both = new Barrier(2);
        var last = new LastWords();
        _ = (last.Of("spans", Meet), last.Of("metrics", Meet));

        await last.Say(TimeSpan.FromSeconds(60));

        Assert.Equal(1, both.CurrentPhaseNumber);

        bool Meet(string what, int within) => both.SignalAndWait(within);
    }

    [Theory]
    [InlineData("0", 1000, 1000)]
    [InlineData("3", 1000, 3000)]
    [InlineData("86400", 5000, 5000)]
    public async Task A_server_that_ends_sends_the_last_once_within_what_is_left_of_its_grace(string grace, int least, int most)
    {
        var said = new ConcurrentQueue<int>();
        var server = await TestServer.Start(new Dictionary<string, string> { ["shutdown_grace_secs"] = grace });
        _ = server.Server.Services.GetRequiredService<LastWords>().Of(said, (told, within) =>
        {
            told.Enqueue(within);
            return true;
        });

        await server.DisposeAsync();

        Assert.InRange(Assert.Single(said), least, most);
    }

    [Theory]
    [InlineData(30, 0, 5)]
    [InlineData(30, 27, 3)]
    [InlineData(30, 30, 1)]
    [InlineData(30, 35, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(0, 0, 1)]
    public void The_last_has_what_is_left_of_the_grace_but_a_second_at_least_and_five_at_most(int grace, int passed, int within) =>
        Assert.Equal(TimeSpan.FromSeconds(within), LastWords.Within(TimeSpan.FromSeconds(grace), TimeSpan.FromSeconds(passed)));

    private static Task<ServerProcess> Serve(string directory, OtlpReceiver collector, string? protocol, params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string>(more.Select(one => KeyValuePair.Create(one.Name, one.Value)))
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.AddressFor(protocol),
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        };
        if (protocol is not null)
        {
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        }

        return ServerProcess.Serve(ServerProcess.Launch(ServerProcess.FlagsFor(directory), variables));
    }
}
