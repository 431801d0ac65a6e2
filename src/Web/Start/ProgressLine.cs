using System.Globalization;

namespace Borderless.Web.Start;

/// <summary>Shows that so many of so many are done. Called often; it decides itself when to show.</summary>
internal delegate void ShowDone(string what, long done, long all);

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

    /// <summary>Shows how much is done, with its part of a hundred.</summary>
    public void Show(string what, long done, long all) =>
        Show(() => string.Create(CultureInfo.InvariantCulture, $"{what}: {done} of {all} ({(all == 0 ? 100 : 100m * done / all):F0} %)"));

    /// <summary>What comes next begins on a line of its own.</summary>
    public void End()
    {
        if (terminal && last is not null)
        {
            writer.WriteLine();
        }
    }
}
