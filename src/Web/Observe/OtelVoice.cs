using System.Diagnostics.Tracing;

namespace Borderless.Web.Observe;

/// <summary>
/// Tells in the log what OpenTelemetry says of itself: what it does not take of its variables, once; when a collector begins to fail, and
/// when it takes what is sent again.
/// </summary>
internal sealed class OtelVoice(Serilog.ILogger log) : EventListener
{
    // Set before the base class calls.
    private readonly Serilog.ILogger log = log;
    private readonly Lock gate = new();
    private readonly System.Collections.Generic.HashSet<string> failing = [];
    private readonly System.Collections.Generic.HashSet<string> remarked = [];

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        switch (eventSource.Name)
        {
            case "OpenTelemetry-Exporter-OpenTelemetryProtocol":
                EnableEvents(eventSource, EventLevel.Informational);
                break;
            case "OpenTelemetry-Sdk":
                EnableEvents(eventSource, EventLevel.Warning);
                break;
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var says = toSeq(eventData.Payload ?? (IEnumerable<object?>)[]).Map(value => $"{value}");
        lock (gate)
        {
            switch (OtelEvent.Of(eventData.EventName ?? "", eventData.Level, eventData.Message ?? "", says).Case)
            {
                case OtelEvent.Lost lost when failing.Add(lost.What):
                    log.Warning("the collector does not take {What:l}, and what it does not take is lost; requests go on: {Reason:l}", lost.What, lost.Reason);
                    break;
                case OtelEvent.Taken taken when failing.Remove(taken.What):
                    log.Information("the collector takes {What:l} again", taken.What);
                    break;
                case OtelEvent.Remark remark when remarked.Count < 100 && remarked.Add(remark.Text):
                    log.Warning("{Remark:l}", remark.Text);
                    break;
            }
        }
    }
}
