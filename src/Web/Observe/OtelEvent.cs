using System.Diagnostics.Tracing;
using System.Text.RegularExpressions;
using Borderless.Web.Start;

namespace Borderless.Web.Observe;

/// <summary>What an event of OpenTelemetry's own event sources means to who runs the server.</summary>
internal abstract partial record OtelEvent
{
    public const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";
    public const string Sdk = "OpenTelemetry-Sdk";

    private OtelEvent()
    {
    }

    /// <summary>A collector took what was sent.</summary>
    public sealed record Taken : OtelEvent;

    /// <summary>A collector did not take what was sent.</summary>
    public sealed record Lost(string Reason) : OtelEvent;

    /// <summary>Something about the variables that is worth a line, once.</summary>
    public sealed record Remark(string Text) : OtelEvent;

    /// <summary>
    /// The events by their names. Of those that lose something: which of the texts they come with is the client's own word on it, or none.
    /// Never is what a collector says, nor the value of a variable: it may be a secret, sent back or in the wrong place.
    /// </summary>
    private static readonly Seq<(string Name, Func<Seq<string>, OtelEvent> Means)> Known = Seq<(string, Func<Seq<string>, OtelEvent>)>(
        ("ExportSuccess", _ => new Taken()),
        ("FailedToReachCollector", says => new Lost(Why(says, 1))),
        ("TransientHttpError", says => new Lost(Why(says, 1))),
        ("HttpRequestFailed", says => new Lost(Why(says, 2))),
        ("OperationUnexpectedlyCanceled", says => new Lost(Why(says, 1))),
        ("RequestTimedOut", _ => new Lost("it did not answer in time")),
        ("ExportFailure", says => new Lost(GrpcStatus(says, 2))),
        ("ExportMethodException", says => new Lost(Why(says, 0))),
        ("TrySubmitRequestException", says => new Lost(Why(says, 0))),
        ("RequestDiscardedDueToSizeLimit", _ => new Lost("it is too large to be sent")),
        ("BatchDroppedDueToSerializationFailure", _ => new Lost("it cannot be encoded")),
        ("UnsupportedProtocol", _ => new Remark("OTEL_EXPORTER_OTLP_PROTOCOL is neither grpc nor http/protobuf; grpc counts")),
        ("TracesSamplerConfigInvalid", _ => new Remark("OTEL_TRACES_SAMPLER names no sampler; parentbased_always_on counts")),
        ("TracesSamplerArgConfigInvalid", _ => new Remark("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 counts")),
        ("InvalidConfigurationValue", says => new Remark($"{One(says, 0)} has a value that OpenTelemetry does not take; its default counts")));

    /// <summary>The names of the events that mean something.</summary>
    public static Seq<string> Names => Known.Map(known => known.Name);

    /// <summary>How much of a source has to be listened to.</summary>
    public static Option<EventLevel> Heard(string source) => source switch
    {
        Exporter => EventLevel.Informational,
        Sdk => EventLevel.Warning,
        _ => None,
    };

    /// <summary>Reads an event; None where it does not matter.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="says">The texts that it comes with.</param>
    public static Option<OtelEvent> Of(string name, Seq<string> says) => Known.Find(known => known.Name == name).Map(known => known.Means(says));

    /// <summary>An exception's message: the first line, without the type before it and without what stands in parentheses behind it.</summary>
    private static string Why(Seq<string> says, int place)
    {
        var line = One(says, place).Split('\n')[0].Split(" (")[0].Trim();
        return Printable.Text(line.Split(": ", 2) is [var type, var message] && type.EndsWith("Exception", StringComparison.Ordinal) ? message : line);
    }

    /// <summary>The status's name, without the detail that the collector wrote.</summary>
    private static string GrpcStatus(Seq<string> says, int place) =>
        StatusCode().Match(One(says, place)) is { Success: true } found ? $"gRPC status {found.Groups[1].Value}" : "it refuses";

    private static string One(Seq<string> says, int place) => says.Skip(place).HeadOrNone().IfNone("");

    [GeneratedRegex("StatusCode ?= ?\"?([A-Za-z]{1,30})")]
    private static partial Regex StatusCode();
}
