using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Import;

/// <summary>What kind of thing a name of the source stands for.</summary>
internal enum EntryKind
{
    Missing,
    File,
    Directory,
    Link,

    /// <summary>A pipe, a socket, a device.</summary>
    Special,

    /// <summary>The system does not say.</summary>
    Unreadable,
}

/// <summary>A name of the source, looked at without following it; times in Unix milliseconds.</summary>
internal sealed record SourceEntry(string Path, EntryKind Kind, long ModifiedAt);

/// <summary>
/// The system calls that look at a directory which nobody vouches for: none follows a link in the last place or waits for a pipe,
/// and reading leaves the time of access as it was where the system lets it.
/// </summary>
internal static partial class SourcePosix
{
    private const int ENOENT = 2;
    private const int ENOTDIR = 20;
    private const int ENAMETOOLONG = 36;

    private const int O_NONBLOCK = 0x800;
    private const int O_NOATIME = 0x40000;
    private const int O_CLOEXEC = 0x80000;

    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const int AT_EMPTY_PATH = 0x1000;
    private const uint STATX_TYPE_AND_MTIME = 0x1 | 0x40;
    private const int StatxLength = 256;
    private const int ModeOffset = 28;
    private const int ModifiedOffset = 112;

    /// <summary>The last second that a date can have.</summary>
    private const long LastSecond = 253_402_300_799;

    /// <summary>The one flag whose number depends on the processor.</summary>
    private static readonly int NoFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    public static SourceEntry Look(string path)
    {
        var found = new byte[StatxLength];
        return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE_AND_MTIME, ref found[0]) == 0
            ? new SourceEntry(path, KindOf(found), ModifiedAt(found))
            : new SourceEntry(path, Absent(Marshal.GetLastPInvokeError()) ? EntryKind.Missing : EntryKind.Unreadable, 0);
    }

    /// <summary>Opens a regular file for reading, and nothing else.</summary>
    public static Either<string, SafeFileHandle> OpenRegular(string path)
    {
        // Not even opened unless it is regular: opening a device can do things. Then again, for what was opened is what counts.
        if (Look(path).Kind is var kind and not EntryKind.File)
        {
            return Reason(kind);
        }

        var opened = Open(path, O_NOATIME) is >= 0 and var quiet ? quiet : Open(path, 0);
        if (opened < 0)
        {
            return $"cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
        }

        var file = new SafeFileHandle(opened, ownsHandle: true);
        var found = new byte[StatxLength];
        if (statx(opened, "", AT_EMPTY_PATH, STATX_TYPE_AND_MTIME, ref found[0]) == 0 && KindOf(found) == EntryKind.File)
        {
            return file;
        }

        file.Dispose();
        return Reason(EntryKind.Special);
    }

    /// <summary>Why something that is no regular file is not read.</summary>
    public static string Reason(EntryKind kind) => kind switch
    {
        EntryKind.File => "is a file",
        EntryKind.Missing => "its bytes are not there",
        EntryKind.Directory => "is a directory, and only regular files are read",
        EntryKind.Link => "is a link, and only links into the source's own content/ are followed",
        EntryKind.Special => "is a pipe, a socket or a device, and only regular files are read",
        EntryKind.Unreadable => "cannot be looked at; give this user the right to read it",
    };

    private static int Open(string path, int more) => open(path, O_CLOEXEC | O_NONBLOCK | NoFollow | more, 0);

    private static bool Absent(int errno) => errno is ENOENT or ENOTDIR or ENAMETOOLONG;

    private static EntryKind KindOf(ReadOnlySpan<byte> statx) => (BinaryPrimitives.ReadUInt16LittleEndian(statx[ModeOffset..]) & 0xF000) switch
    {
        0x8000 => EntryKind.File,
        0x4000 => EntryKind.Directory,
        0xA000 => EntryKind.Link,
        _ => EntryKind.Special,
    };

    /// <summary>A file system may say anything: what no date can be is the nearest one that can.</summary>
    private static long ModifiedAt(ReadOnlySpan<byte> statx) =>
        (1000 * Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(statx[ModifiedOffset..]), -LastSecond, LastSecond))
        + (BinaryPrimitives.ReadUInt32LittleEndian(statx[(ModifiedOffset + 8)..]) / 1_000_000);

#pragma warning disable IDE1006, SYSLIB1054 // The names are the C library's.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, ref byte found);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);
#pragma warning restore IDE1006, SYSLIB1054
}
