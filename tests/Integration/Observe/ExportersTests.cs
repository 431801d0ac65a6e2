using Borderless.Web.Observe;

namespace Borderless.Tests.Integration.Observe;

/// <summary>What is sent, by the standard variables alone.</summary>
public sealed class ExportersTests
{
    [Theory]
    [InlineData("", "measures")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "measures metrics traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT= ", "measures")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://c:4318/v1/traces", "measures traces")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4318/v1/metrics", "measures metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_TRACES_EXPORTER=none", "measures metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_METRICS_EXPORTER=none", "measures traces")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_TRACES_EXPORTER=console,otlp", "measures metrics traces")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", "measures traces")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp OTEL_TRACES_SAMPLER=always_on", "measures traces sampler")]
    [InlineData("OTEL_METRICS_EXPORTER=console", "measures")]
    [InlineData("OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "")]
    [InlineData("OTEL_SDK_DISABLED=TRUE", "")]
    [InlineData("OTEL_SDK_DISABLED=false", "measures")]
    public void Only_what_has_an_endpoint_or_an_exporter_and_was_not_turned_off_is_sent(string variables, string expected)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);

        var exporters = Exporters.Of(name => set.GetValueOrDefault(name));

        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Said(exporters));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=none,Prometheus OTEL_SDK_DISABLED=TRUE", "")]
    [InlineData("OTEL_TRACES_EXPORTER=zipkin", "OTEL_TRACES_EXPORTER names an exporter that is not here: otlp, none are; nothing is sent to others")]
    [InlineData("OTEL_METRICS_EXPORTER=otlp,console", "OTEL_METRICS_EXPORTER names an exporter that is not here: otlp, prometheus, none are; nothing is sent to others")]
    [InlineData("OTEL_SDK_DISABLED=yes", "OTEL_SDK_DISABLED is neither true nor false; false counts")]
    public void What_names_nothing_that_is_here_is_told(string variables, string expected)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);

        Assert.Equal(expected, string.Join('\n', Exporters.Remarks(name => set.GetValueOrDefault(name))));
    }

    /// <summary>The room for series by code has to be enough.</summary>
    [Fact]
    public void There_is_room_to_count_every_error_code()
    {
        var codes = typeof(StoreError).GetNestedTypes().Length;

        Assert.InRange(codes, 40, 99);
    }

    private static IEnumerable<string> Said(Exporters exporters) =>
        new[]
        {
            (exporters.Measures, "measures"), (exporters.SendsMetrics, "metrics"), (exporters.SendsTraces, "traces"), (exporters.NamesSampler, "sampler"),
        }.Where(one => one.Item1).Select(one => one.Item2);
}
