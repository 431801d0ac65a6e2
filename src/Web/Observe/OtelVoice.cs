using System.Diagnostics.Tracing;

namespace Borderless.Web.Observe;

/// <summary>
/// Tells in the log what OpenTelemetry says of itself: what it does not take of its variables, once; when telemetry begins to be lost, and
/// when all of it has been taken for a while. One that is taken now and then makes no more lines than one that never is.
/// </summary>
internal sealed class OtelVoice(Serilog.ILogger log, TimeProvider time) : EventListener
{
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    // Set before the base class calls.
    private readonly Serilog.ILogger log = log;
    private readonly TimeProvider time = time;
    private readonly Lock gate = new();
    private readonly System.Collections.Generic.HashSet<string> remarked = [];
    private DateTimeOffset? lastLost;

    /// <summary>Takes an event in.</summary>
    public void Hear(string name, Seq<string> says)
    {
        lock (gate)
        {
            switch (OtelEvent.Of(name, says).Case)
            {
                case OtelEvent.Lost lost:
                    if (lastLost is null)
                    {
                        log.Warning("a collector does not take telemetry, and what it does not take is lost; requests go on: {Reason:l}", lost.Reason);
                    }

                    lastLost = time.GetUtcNow();
                    break;
                case OtelEvent.Taken when lastLost is { } last && time.GetUtcNow() - last >= Quiet:
                    log.Information("collectors take all telemetry again");
                    lastLost = null;
                    break;
                case OtelEvent.Remark remark when remarked.Add(remark.Text):
                    log.Warning("{Remark:l}", remark.Text);
                    break;
            }
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource) =>
        OtelEvent.Heard(eventSource.Name).Iter(level => EnableEvents(eventSource, level));

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        Hear(eventData.EventName ?? "", toSeq(eventData.Payload ?? (IEnumerable<object?>)[]).Map(value => $"{value}").Strict());
}
