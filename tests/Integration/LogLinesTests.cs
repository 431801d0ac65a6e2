using System.Text;
using Borderless.Web.Start;
using Serilog;
using Serilog.Sinks.Async;

namespace Borderless.Tests.Integration;

/// <summary>How log lines go out: together under load, at once else.</summary>
public sealed class LogLinesTests
{
    [Fact]
    public void A_line_goes_out_at_once_when_no_other_waits_and_with_the_next_ones_when_some_do()
    {
        var (written, queue) = (new Written(), new Queue());
        using var lines = new LogLines(LogFormat.Text, written);
        lines.StartMonitoring(queue);
        using var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger();

        log.Information("one");
        Assert.Single(written.Writes);

        queue.Count = 2;
        log.Information("two");
        log.Information("three");
        Assert.Single(written.Writes);

        queue.Count = 0;
        log.Information("four");
        Assert.Equal(2, written.Writes.Count);
        Assert.Equal(["two", "three", "four"], Messages(written.Writes[1]));
    }

    [Fact]
    public void After_a_write_that_failed_the_next_line_goes_out()
    {
        var written = new Written { Fails = true };
        using var lines = new LogLines(LogFormat.Text, written);
        using var log = new LoggerConfiguration().WriteTo.Sink(lines).CreateLogger();
        log.Information("lost");

        written.Fails = false;
        log.Information("kept");

        Assert.Equal(["kept"], Messages(Assert.Single(written.Writes)));
    }

    private static IEnumerable<string> Messages(string text) => text.TrimEnd().Split('\n').Select(line => line.Split(' ')[^1]);

    private sealed class Queue : IAsyncLogEventSinkInspector
    {
        public int BufferSize => 10;

        public int Count { get; set; }

        public long DroppedMessagesCount => 0;
    }

    private sealed class Written : MemoryStream
    {
        public List<string> Writes { get; } = [];

        public bool Fails { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Fails)
            {
                throw new IOException("no space left");
            }

            Writes.Add(Encoding.UTF8.GetString(buffer));
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
