using OpenTelemetry.Exporter;

namespace Borderless.Web.Observe;

/// <summary>Where a signal is sent. What the variables say of all signals is read by OpenTelemetry, what they say of one here.</summary>
internal static class OtlpTarget
{
    /// <summary>Takes over what the variables of the signal say; without them it stays as it is.</summary>
    /// <param name="to">What the variables of all signals said.</param>
    /// <param name="signal">The signal's name in those of one, as <c>TRACES</c>.</param>
    /// <param name="variable">The value of an environment variable, or null.</param>
    /// <exception cref="ArgumentException">One of them, or the endpoint of all signals, cannot be used; it is named.</exception>
    public static void Apply(OtlpExporterOptions to, string signal, Func<string, string?> variable)
    {
        Value("PROTOCOL").Iter(name => to.Protocol = name.Text switch
        {
            "grpc" => OtlpExportProtocol.Grpc,
            "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
            _ => throw new ArgumentException($"{name.Variable} is neither grpc nor http/protobuf."),
        });
        Value("TIMEOUT").Iter(name => to.TimeoutMilliseconds = int.TryParse(name.Text, out var milliseconds) && milliseconds > 0
            ? milliseconds
            : throw new ArgumentException($"{name.Variable} is no number of milliseconds."));
        Value("HEADERS").Iter(name => to.Headers = name.Text);
        Value("ENDPOINT").Iter(name => to.Endpoint = Uri.TryCreate(name.Text, UriKind.Absolute, out var url)
            ? url
            : throw new ArgumentException($"{name.Variable} is no URL."));

        // To another scheme nothing would be sent, and nothing told.
        if (to.Endpoint.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"The endpoint of {signal.ToLowerInvariant()} is no http or https URL.");
        }

        Option<(string Variable, string Text)> Value(string what) =>
            $"OTEL_EXPORTER_OTLP_{signal}_{what}" is var name && variable(name)?.Trim() is { Length: > 0 } text ? (name, text) : None;
    }

    /// <summary>Where it goes, without what the URL may hold that is secret.</summary>
    public static string Told(OtlpExporterOptions to) =>
        $"{to.Endpoint.Authority} by OTLP, {(to.Protocol == OtlpExportProtocol.Grpc ? "grpc" : "http/protobuf")}";
}
