using System.Diagnostics.Tracing;
using Borderless.Web.Start;

namespace Borderless.Web.Observe;

/// <summary>What an event of OpenTelemetry's own event sources means to who runs the server.</summary>
internal abstract record OtelEvent
{
    private const int MostShown = 200;

    private static readonly Seq<string> Failures = Seq(
        "FailedToReachCollector", "ExportMethodException", "SubmitRequestException", "TransientHttpError", "HttpRequestFailed",
        "OperationUnexpectedlyCanceled", "RequestTimedOut", "ExportFailure");

    private OtelEvent()
    {
    }

    /// <summary>A collector took what was sent.</summary>
    /// <param name="What">What that was.</param>
    public sealed record Taken(string What) : OtelEvent;

    /// <summary>A collector did not take what was sent.</summary>
    /// <param name="What">What that was.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Lost(string What, string Reason) : OtelEvent;

    /// <summary>Something that is worth a line, once.</summary>
    public sealed record Remark(string Text) : OtelEvent;

    /// <summary>Reads an event. No value of a variable is in what it means, for it may be a secret in the wrong place.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="level">How bad it is.</param>
    /// <param name="format">Its message, with places for what it says.</param>
    /// <param name="says">What it says: of one that is about a collector first its URL.</param>
    public static Option<OtelEvent> Of(string name, EventLevel level, string format, Seq<string> says) => name switch
    {
        "ExportSuccess" => new Taken(Signal(says)),
        _ when Failures.Exists(failure => failure == name) => new Lost(Signal(says), says.Filter(text => !IsUrl(text)).Map(Line).Find(text => text.Length > 0).IfNone(name)),

        // What we do not measure is told of each instrument.
        "MetricInstrumentIgnored" => None,
        _ when level > EventLevel.Warning => None,
        "UnsupportedProtocol" => new Remark("OTEL_EXPORTER_OTLP_PROTOCOL, or that of a signal, is neither grpc nor http/protobuf; grpc counts"),
        "TracesSamplerConfigInvalid" => new Remark("OTEL_TRACES_SAMPLER names no sampler; parentbased_always_on counts"),
        "TracesSamplerArgConfigInvalid" => new Remark("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 counts"),
        _ when format.Contains("has an invalid value", StringComparison.Ordinal) =>
            new Remark($"{says.HeadOrNone().IfNone("")} has a value that OpenTelemetry does not take; its default counts"),
        _ => new Remark(Line(Filled(format, says))),
    };

    /// <summary>Both ways of OTLP name the signal in the URL.</summary>
    private static string Signal(Seq<string> says) => says.HeadOrNone().IfNone("") switch
    {
        var url when url.Contains("metrics", StringComparison.OrdinalIgnoreCase) => "metrics",
        var url when url.Contains("trace", StringComparison.OrdinalIgnoreCase) => "traces",
        _ => "telemetry",
    };

    private static bool IsUrl(string text) => text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The first line, without the name of an exception's type.</summary>
    private static string Line(string text)
    {
        var line = text.Split('\n')[0].Trim();
        var said = line.Split(": ", 2) is [var type, var message] && type.EndsWith("Exception", StringComparison.Ordinal) ? message : line;
        return Printable.Text(said.Length > MostShown ? said[..MostShown] : said);
    }

    private static string Filled(string format, Seq<string> says) =>
        says.Map((place, text) => (Text: text, Mark: $"{{{place}}}"))
            .Fold(format, (filled, one) => filled.Replace(one.Mark, one.Text, StringComparison.Ordinal));
}
