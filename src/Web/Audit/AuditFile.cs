using Borderless.Web.Storage;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Audit;

/// <summary>
/// The file that lines are added to. While that fails they are lost and counted: the log tells when it begins, and how many there are when
/// it is over. A line that was torn keeps its place, and the next one begins behind it.
/// </summary>
internal sealed class AuditFile(SafeFileHandle file, string path, Serilog.ILogger log) : IDisposable
{
    private SafeFileHandle file = file;
    private long missing;
    private long lost;
    private bool torn = IsTorn(file);

    /// <summary>How many lines could not be written.</summary>
    public long Lost => Volatile.Read(ref lost);

    /// <summary>Adds whole lines, in one write.</summary>
    public void Append(ReadOnlySpan<byte> lines)
    {
        var written = 0;
        try
        {
            if (torn && !IsEmpty())
            {
                Posix.Append(file, path, "\n"u8, out _);
            }

            torn = false;
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
            (file, torn) = (fresh, IsTorn(fresh));
            log.Information("opened the audit log again");
        }
        catch (DiskException error)
        {
            log.Error("the audit log cannot be opened again, and goes on in the file that it has: {Reason}", error.Message);
        }
    }

    public void Dispose()
    {
        if (missing > 0)
        {
            log.Error("the audit log could not be written until the end; {Missing} lines are missing in it", missing);
            missing = 0;
        }

        file.Dispose();
    }

    /// <summary>
    /// Whether it is empty or begins as an audit log does. The first line may be torn, and what a crash or an editor left before it is
    /// passed over.
    /// </summary>
    public static bool MayBeOurs(SafeFileHandle file)
    {
        Span<byte> first = stackalloc byte[64];
        first = first[..RandomAccess.Read(file, first, fileOffset: 0)].TrimStart("\n\r\0"u8);
        var line = first.IndexOf((byte)'\n') is > 0 and var end ? first[..end] : first;
        return line.StartsWith(AuditLine.Beginning) || AuditLine.Beginning.StartsWith(line);
    }

    /// <summary>Whether somebody emptied it, as one does whose disk is full. What is no file on a disk has no length.</summary>
    private bool IsEmpty()
    {
        try
        {
            return RandomAccess.GetLength(file) == 0;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Whether its last line has no end. What is no file on a disk, as a pipe, has no end to look at.</summary>
    private static bool IsTorn(SafeFileHandle file)
    {
        try
        {
            Span<byte> last = stackalloc byte[1];
            return RandomAccess.GetLength(file) is > 0 and var length && RandomAccess.Read(file, last, length - 1) == 1 && last[0] != '\n';
        }
        catch (Exception error) when (error is NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

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
