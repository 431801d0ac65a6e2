namespace Borderless.Web.Start;

/// <summary>
/// Progress on a terminal is one line that changes; elsewhere it is a line a second at most. Called often and from any thread; the
/// text is asked for only when it is shown.
/// </summary>
internal sealed class ProgressLine(TextWriter writer, bool terminal, TimeProvider time)
{
    private readonly TimeSpan interval = TimeSpan.FromMilliseconds(terminal ? 100 : 1000);
    private readonly Lock gate = new();
    private long? last;

    public void Show(Func<string> text)
    {
        lock (gate)
        {
            if (last is { } shown && time.GetElapsedTime(shown) < interval)
            {
                return;
            }

            last = time.GetTimestamp();
            writer.Write(terminal ? $"\r\e[K{text()}" : text() + "\n");
            writer.Flush();
        }
    }

    /// <summary>What comes next begins on a line of its own.</summary>
    public void End()
    {
        if (terminal && last is not null)
        {
            writer.WriteLine();
        }
    }
}
