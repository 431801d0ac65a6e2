using Borderless.Web.Storage;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Audit;

/// <summary>
/// The file that lines are added to. While that fails they are lost and counted: the log tells when it begins and when it is over. A line
/// that was torn keeps its place, and the next one begins behind it.
/// </summary>
internal sealed class AuditFile(SafeFileHandle file, string path, Serilog.ILogger log) : IDisposable
{
    private SafeFileHandle file = file;
    private long missing;
    private long lost;
    private bool torn;

    /// <summary>How many lines could not be written.</summary>
    public long Lost => Volatile.Read(ref lost);

    /// <summary>Adds whole lines, in one write.</summary>
    public void Append(ReadOnlySpan<byte> lines)
    {
        var written = 0;
        try
        {
            if (torn)
            {
                Posix.Append(file, path, "\n"u8, out _);
                torn = false;
            }

            Posix.Append(file, path, lines, out written);
        }
        catch (DiskException error)
        {
            torn |= written > 0 && lines[written - 1] != '\n';
            Lose(lines[written..].Count((byte)'\n'), error);
            return;
        }

        if (missing > 0)
        {
            log.Warning("the audit log is written again; {Missing} lines are missing in it", missing);
            missing = 0;
        }
    }

    /// <summary>Goes on in the file that has the name now. Where that cannot be opened, it goes on in the one that it has.</summary>
    public void Reopen()
    {
        try
        {
            var fresh = Posix.OpenToAppend(path);
            file.Dispose();
            (file, torn) = (fresh, false);
            log.Information("opened the audit log again");
        }
        catch (DiskException error)
        {
            log.Error("the audit log cannot be opened again, and goes on in the file that it has: {Reason}", error.Message);
        }
    }

    public void Dispose() => file.Dispose();

    private void Lose(int count, DiskException error)
    {
        if (missing == 0)
        {
            log.Error("the audit log cannot be written, and loses its lines until it can; requests go on: {Reason}", error.Message);
        }

        missing += count;
        Volatile.Write(ref lost, lost + count);
    }
}
