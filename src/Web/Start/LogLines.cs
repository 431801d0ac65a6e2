using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;
using Serilog.Sinks.Async;

namespace Borderless.Web.Start;

/// <summary>
/// Writes log lines to standard output or standard error. It is called by the one thread that empties the queue of lines, and hands
/// on what it has when no further line waits: under load many lines share a system call, and else none is held back.
/// </summary>
internal sealed class LogLines : ILogEventSink, IAsyncLogEventSinkMonitor, IDisposable
{
    private const int BufferChars = 16 << 10;
    private const string Text = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffK} {Level:u3} {Message:lj}{NewLine}{Exception}";

    private readonly ITextFormatter format;
    private readonly StreamWriter writer;
    private readonly StringBuilder line = new();
    private IAsyncLogEventSinkInspector? queue;

    public LogLines(LogFormat format, Stream to)
    {
        this.format = format == LogFormat.Json ? new RenderedCompactJsonFormatter() : new MessageTemplateTextFormatter(Text, CultureInfo.InvariantCulture);
        writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferChars);
    }

    public void Emit(LogEvent logEvent)
    {
        try
        {
            _ = line.Clear();
            format.Format(logEvent, new StringWriter(line, CultureInfo.InvariantCulture));
            writer.Write(line);
        }
        finally
        {
            if (queue is not { Count: > 0 })
            {
                writer.Flush();
            }
        }
    }

    public void StartMonitoring(IAsyncLogEventSinkInspector inspector) => queue = inspector;

    public void StopMonitoring(IAsyncLogEventSinkInspector inspector) => queue = null;

    public void Dispose() => writer.Dispose();
}
