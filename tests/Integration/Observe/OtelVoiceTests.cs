using System.Diagnostics.Tracing;
using System.Reflection;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Observe;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace Borderless.Tests.Integration.Observe;

/// <summary>What OpenTelemetry says of itself, as the log has it, and where it sends.</summary>
public sealed class OtelVoiceTests : IDisposable
{
    private const string Loss = "Warning a collector does not take telemetry, and what it does not take is lost; requests go on: ";

    private readonly TestDirectory directory = new();

    [Theory]
    [InlineData("FailedToReachCollector", "http://c:4318/v1/traces|System.Net.Http.HttpRequestException: refused (c:4318)\n   at Somewhere", "Lost { Reason = refused }")]
    [InlineData("HttpRequestFailed", "http://c|{\"error\":\"no such key: secret\"}|Response status code does not indicate success: 401 (secret).", "Lost { Reason = Response status code does not indicate success: 401 }")]
    [InlineData("ExportFailure", "http://c|secret|Status(StatusCode=\"Unavailable\", Detail=\"secret\")", "Lost { Reason = gRPC status Unavailable }")]
    [InlineData("ExportFailure", "http://c|secret|secret", "Lost { Reason = it refuses }")]
    [InlineData("ExportMethodException", "System.InvalidOperationException: what: \u001belse|False", @"Lost { Reason = what: \u001belse }")]
    [InlineData("RequestTimedOut", "http://c|secret", "Lost { Reason = it did not answer in time }")]
    [InlineData("ExportSuccess", "http://c|secret", "Taken { }")]
    [InlineData("UnsupportedProtocol", "secret", "Remark { Text = OTEL_EXPORTER_OTLP_PROTOCOL is neither grpc nor http/protobuf; grpc counts }")]
    [InlineData("InvalidConfigurationValue", "NAME|secret", "Remark { Text = NAME has a value that OpenTelemetry does not take; its default counts }")]
    [InlineData("MtlsCertificateFileNotFound", "CA|/nowhere", "")]
    public void An_event_is_told_without_what_a_collector_says_and_without_values(string name, string says, string means) =>
        Assert.Equal(means, OtelEvent.Of(name, toSeq(says.Split('|'))).Match(Some: told => told.ToString(), None: () => ""));

    [Fact]
    public void The_events_are_those_of_the_packages_and_come_when_they_are_listened_to()
    {
        var events = new[] { typeof(OtlpExporterOptions).Assembly, typeof(Sdk).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Select(type => (Type: type, Level: OtelEvent.Heard(type.GetCustomAttribute<EventSourceAttribute>()?.Name ?? "")))
            .SelectMany(source => source.Type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(method => source.Level.Exists(level => method.GetCustomAttribute<EventAttribute>()?.Level <= level)).Select(method => method.Name));

        Assert.Empty(OtelEvent.Names.Except(events));
    }

    [Fact]
    public void Telemetry_that_is_lost_now_and_then_is_a_line_until_it_was_taken_for_a_while()
    {
        var (captured, time) = (new CapturedLog(), new FakeTimeProvider());
        using var voice = new OtelVoice(captured.Logger, time);
        Range(0, 100).Iter(_ =>
        {
            voice.Hear("RequestTimedOut", Seq1("http://c"));
            time.Advance(OtelVoice.Quiet - TimeSpan.FromSeconds(1));
            voice.Hear("ExportSuccess", Seq1("http://c"));
        });
        Assert.Equal($"{Loss}it did not answer in time", Assert.Single(captured.Lines).Trim());

        time.Advance(TimeSpan.FromSeconds(1));
        Range(0, 3).Iter(_ => voice.Hear("ExportSuccess", Seq1("http://c")));
        voice.Hear("ExportFailure", Seq("http://c", "", ""));
        Range(0, 3).Iter(_ => voice.Hear("UnsupportedProtocol", Seq1("x")));

        Assert.Equal(
            ["collectors take all telemetry again", $"{Loss}it refuses", "Warning OTEL_EXPORTER_OTLP_PROTOCOL is neither grpc nor http/protobuf; grpc counts"],
            captured.Lines.Skip(1).Select(line => line.Replace("Information ", "", StringComparison.Ordinal).Trim()));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=no-header", "Headers provided in an invalid format;")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere.pem", "/nowhere.pem;")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317", "The endpoint of metrics is no http or https URL;")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=localhost", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no URL;")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=pigeon", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is neither grpc nor http/protobuf;")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=soon", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is no number of milliseconds;")]
    public async Task Variables_that_cannot_be_used_are_one_line_and_no_start(string variable, string says)
    {
        await using var server = ServerProcess.Launch(ServerProcess.FlagsFor(directory.Root), Variables("http://127.0.0.1:1", variable));

        var ended = await server.End();

        Assert.Equal(1, ended.Code);
        var line = Assert.Single(ended.Errors);
        Assert.StartsWith("borderless-web: OpenTelemetry cannot be used as its variables say: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.DoesNotContain(ended.Output, told => told.Contains(says[..^1], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=//user:password", "OTEL_EXPORTER_OTLP_ENDPOINT has a value that OpenTelemetry does not take; its default counts")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL=soon", "OTEL_METRIC_EXPORT_INTERVAL has a value that OpenTelemetry does not take; its default counts")]
    [InlineData("OTEL_TRACES_SAMPLER=some", "OTEL_TRACES_SAMPLER names no sampler; parentbased_always_on counts")]
    [InlineData("OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER names an exporter that is not here")]
    public async Task Values_that_are_not_taken_are_told(string variable, string says)
    {
        await using var server = ServerProcess.Launch(ServerProcess.FlagsFor(directory.Root), Variables("http://127.0.0.1:1", variable));

        await server.WaitForLine(" serves ");

        Assert.Contains(server.Lines, line => line.Contains("WRN", StringComparison.Ordinal) && line.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Lines, line => line.Contains("password", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Where_it_goes_is_told_and_when_a_collector_fails(string protocol)
    {
        await using var collector = new OtlpReceiver();
        var address = collector.AddressFor(protocol);
        collector.Refuses = true;
        await using var server = ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root), Variables(address, $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}", "OTEL_METRIC_EXPORT_INTERVAL=100"));

        await server.WaitForLine($"metrics go to {new Uri(address).Authority} by OTLP, {protocol}");
        await server.WaitForLine("WRN a collector does not take telemetry");

        Assert.Contains(server.Lines, line => line.EndsWith(
            protocol == "grpc" ? "requests go on: gRPC status InvalidArgument" : "requests go on: Response status code does not indicate success: 400", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_signal_goes_where_its_own_variables_say()
    {
        await using var ofMetrics = new OtlpReceiver();
        await using var ofTraces = new OtlpReceiver();
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(ServerProcess.FlagsFor(directory.Root), Variables(
            "http://127.0.0.1:1",
            "OTEL_METRIC_EXPORT_INTERVAL=100",
            "OTEL_BSP_SCHEDULE_DELAY=100",
            "OTEL_EXPORTER_OTLP_HEADERS=x-for=all",
            $"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT={ofMetrics.AddressFor("http/protobuf")}/v1/metrics",
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf",
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS=x-for=metrics",
            "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=60000",
            $"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={ofTraces.AddressFor("grpc")}")));

        await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        await Wait.Until(() => ofMetrics.Posts.Any(post => post.Path == "/v1/metrics") && ofTraces.Spans.Count > 0, "each has its signal");

        Assert.All(ofMetrics.Posts, post => Assert.Equal("/v1/metrics", post.Path));
        Assert.All(ofTraces.Posts, post => Assert.Equal("/v1/traces", post.Path));
        Assert.Equal(("metrics", "all"), (ofMetrics.For, ofTraces.For));
    }

    public void Dispose() => directory.Dispose();

    private static Dictionary<string, string> Variables(string endpoint, params string[] more)
    {
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint };
        more.Select(one => one.Split('=', 2)).Iter(one => variables[one[0]] = one[1]);
        return variables;
    }
}
