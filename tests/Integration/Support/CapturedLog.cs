using System.Collections.Concurrent;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Borderless.Tests.Integration.Support;

/// <summary>A log that keeps its lines for a test to look at.</summary>
internal sealed class CapturedLog : ILogEventSink
{
    private readonly ConcurrentQueue<string> lines = new();

    public CapturedLog() => Logger = new LoggerConfiguration().MinimumLevel.Debug().MinimumLevel.Override("Microsoft", LogEventLevel.Warning).WriteTo.Sink(this).CreateLogger();

    public ILogger Logger { get; }

    public IReadOnlyList<string> Lines => [.. lines];

    /// <summary>Whether a line was written within a span.</summary>
    public bool WasTraced { get; private set; }

    /// <summary>Lines that would call somebody to look.</summary>
    public IReadOnlyList<string> Problems =>
        [.. Lines.Where(line => !line.StartsWith("Information", StringComparison.Ordinal) && !line.StartsWith("Debug", StringComparison.Ordinal))];

    public void Emit(LogEvent logEvent)
    {
        WasTraced |= logEvent.TraceId is not null;
        lines.Enqueue($"{logEvent.Level} {logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {logEvent.Exception}");
    }
}
