using System.Globalization;

namespace Borderless.Web.Import;

/// <summary>Shows how far an import is. Called often; it decides itself when to show.</summary>
internal delegate void ShowProgress(ImportReport soFar, long bytesRead);

/// <summary>Progress on a terminal is one line that changes; elsewhere it is a line a second at most.</summary>
internal sealed class ImportProgress(TextWriter writer, bool terminal, TimeProvider time)
{
    private readonly TimeSpan interval = TimeSpan.FromMilliseconds(terminal ? 100 : 1000);
    private long? last;

    public void Show(ImportReport soFar, long bytesRead)
    {
        if (last is { } shown && time.GetElapsedTime(shown) < interval)
        {
            return;
        }

        last = time.GetTimestamp();
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"importing: {soFar.Imported} imported, {soFar.AlreadyThere} already there, {soFar.Skipped.Count} left, {bytesRead} bytes read");
        writer.Write(terminal ? $"\r\e[K{line}" : line + "\n");
        writer.Flush();
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
