using System.Diagnostics.Tracing;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Observe;

namespace Borderless.Tests.Integration.Observe;

/// <summary>What OpenTelemetry says of itself, as the log has it.</summary>
public sealed class OtelVoiceTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Theory]
    [InlineData("FailedToReachCollector", "http://c:4318/v1/traces|System.Net.Http.HttpRequestException: refused (c:4318)\n   at Somewhere", "Lost { What = traces, Reason = refused (c:4318) }")]
    [InlineData("ExportFailure", "http://c:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export||HTTP status 502", "Lost { What = metrics, Reason = HTTP status 502 }")]
    [InlineData("ExportMethodException", "System.InvalidOperationException: what: else|False", "Lost { What = telemetry, Reason = what: else }")]
    [InlineData("RequestTimedOut", "https://c/v1/metrics", "Lost { What = metrics, Reason = RequestTimedOut }")]
    [InlineData("ExportSuccess", "http://c:4318/v1/metrics|", "Taken { What = metrics }")]
    [InlineData("UnsupportedProtocol", "pigeon", "Remark { Text = OTEL_EXPORTER_OTLP_PROTOCOL, or that of a signal, is neither grpc nor http/protobuf; grpc counts }")]
    [InlineData("Other", "NAME|secret", "Remark { Text = NAME has a value that OpenTelemetry does not take; its default counts }", "'{0}' has an invalid value: '{1}'")]
    [InlineData("Other", "a\u001b|b", @"Remark { Text = b of a\u001b }", "{1} of {0}\nand more")]
    public void An_event_is_told_in_a_line_without_values_of_variables(string name, string says, string means, string format = "") =>
        Assert.Equal(means, OtelEvent.Of(name, EventLevel.Warning, format, toSeq(says.Split('|'))).Match(Some: told => told.ToString(), None: () => ""));

    [Fact]
    public void What_is_no_warning_is_not_told() =>
        Assert.True(OtelEvent.Of("Other", EventLevel.Informational, "{0}", Seq1("x")).IsNone);

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=no-header", "invalid format")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere.pem", "/nowhere.pem")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317", "endpoint for metrics is no http or https URL")]
    public async Task Variables_that_cannot_be_used_are_one_line_and_no_start(string variable, string says)
    {
        var ended = await ServerProcess.Launch(ServerProcess.FlagsFor(directory.Root), Variables("http://127.0.0.1:1", variable)).End();

        Assert.Equal(1, ended.Code);
        var line = Assert.Single(ended.Errors);
        Assert.StartsWith("borderless-web: OpenTelemetry cannot be used as its variables say: ", line, StringComparison.Ordinal);
        Assert.Contains(says, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=//user:password", "OTEL_EXPORTER_OTLP_ENDPOINT has a value that OpenTelemetry does not take; its default counts")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "PROTOCOL")]
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
    public async Task Where_it_goes_is_told_and_when_a_collector_fails_and_when_it_is_there(string protocol)
    {
        await using var collector = new OtlpReceiver();
        var address = collector.AddressFor(protocol);
        collector.Refuses = true;
        await using var server = ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root), Variables(address, $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}", "OTEL_METRIC_EXPORT_INTERVAL=100"));

        await server.WaitForLine($"metrics go to {new Uri(address).Authority} by OTLP, {protocol}");
        await server.WaitForLine("the collector does not take metrics");
        collector.Refuses = false;
        await server.WaitForLine("the collector takes metrics again");

        Assert.Single(server.Lines, line => line.Contains("does not take metrics", StringComparison.Ordinal));
    }

    public void Dispose() => directory.Dispose();

    private static Dictionary<string, string> Variables(string endpoint, params string[] more) =>
        new(more.Select(one => one.Split('=', 2)).Select(one => KeyValuePair.Create(one[0], one[1])).Prepend(KeyValuePair.Create("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint))
            .GroupBy(one => one.Key).Select(same => same.Last()));
}
