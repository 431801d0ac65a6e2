using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Storage;

/// <summary>A system call failed. The message names the call and the path, so it is for the log, never for a client.</summary>
internal sealed class DiskException(string call, string path, int errno)
    : IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    public int Errno { get; } = errno;

    /// <summary>What went wrong, without the path.</summary>
    public string Reason => Marshal.GetPInvokeErrorMessage(Errno);
}

/// <summary>
/// The system calls that durability rests on, called directly: the framework's own flushes return normally when the kernel's
/// fail, and its move copies across file systems. Each failure becomes a <see cref="DiskException"/>; only EINTR is tried again.
/// </summary>
internal static partial class Posix
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EWOULDBLOCK = 11;
    public const int EXDEV = 18;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EMLINK = 31;
    public const int ENOSYS = 38;
    public const int EOPNOTSUPP = 95;
    public const int EDQUOT = 122;

    /// <summary>Of <see cref="KindOf"/>: a directory.</summary>
    public const int S_IFDIR = 0x4000;

    /// <summary>Of <see cref="KindOf"/>: a regular file.</summary>
    public const int S_IFREG = 0x8000;

    /// <summary>Of <see cref="KindOf"/>: a socket.</summary>
    public const int S_IFSOCK = 0xC000;

    private const int O_RDONLY = 0;
    private const int O_WRONLY = 1;
    private const int O_RDWR = 2;
    private const int O_CREAT = 0x40;
    private const int O_EXCL = 0x80;
    private const int O_APPEND = 0x400;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int AT_FDCWD = -100;
    private const uint RENAME_EXCHANGE = 2;
    private const int FALLOC_FL_KEEP_SIZE = 1;
    private const uint SYNC_FILE_RANGE_WRITE = 2;
    private const int LOCK_SH = 1;
    private const int LOCK_EX = 2;
    private const int LOCK_NB = 4;
    private const int LOCK_UN = 8;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_TYPE = 1;
    private const uint STATX_INO = 0x100;
    private const int S_IFMT = 0xF000;
    private const int PathMax = 4096;

    /// <summary>Creates a file for writing, readable by its owner only; fails where the name exists.</summary>
    public static SafeFileHandle Create(string path) => Opened("create", path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);

    /// <summary>Opens a file or a directory for reading.</summary>
    public static SafeFileHandle Open(string path) => Opened("open", path, O_RDONLY | O_CLOEXEC);

    /// <summary>Opens a file that exists for writing.</summary>
    public static SafeFileHandle OpenForWriting(string path) => Opened("open", path, O_WRONLY | O_CLOEXEC);

    /// <summary>Opens for reading, without waiting for a writer where the name turns out to be a pipe.</summary>
    public static SafeFileHandle OpenWithoutWaiting(string path) => Opened("open", path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    /// <summary>Opens a file to add to its end, and makes it where there is none, for its owner only.</summary>
    public static SafeFileHandle OpenToAppend(string path) => Opened("open", path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC);

    /// <summary>Opens a file that exists as <see cref="OpenToAppend"/> does.</summary>
    public static SafeFileHandle OpenExistingToAppend(string path) => Opened("open", path, O_RDWR | O_APPEND | O_CLOEXEC);

    /// <summary>Adds bytes to the end of a file that was opened for it, in one system call where they find room.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its name, for what is told of a failure.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="written">How many were written, also where that fails.</param>
    public static unsafe void Append(SafeFileHandle file, string path, ReadOnlySpan<byte> bytes, out int written)
    {
        written = 0;
        fixed (byte* first = bytes)
        {
            var at = (nint)first;
            while (written < bytes.Length)
            {
                var (from, length) = (at + written, (nuint)(bytes.Length - written));
                written += Try("write", path, () => (int)write(file, (byte*)from, length));
            }
        }
    }

    public static void SyncData(SafeFileHandle file, string path) => Try("fdatasync", path, () => fdatasync(file));

    /// <summary>Begins to write dirty pages to the disk and does not wait for it (sync_file_range(2)). What fails shows at the sync.</summary>
    public static void BeginWriteBack(SafeFileHandle file, long offset, long length) =>
        _ = sync_file_range(file, offset, length, SYNC_FILE_RANGE_WRITE);

    public static void SyncDirectory(string path)
    {
        using var directory = Open(path);
        Try("fsync", path, () => fsync(directory));
    }

    public static void Rename(string from, string to) => Try("rename", to, () => rename(from, to));

    /// <summary>Lets two names change places in one step, whatever they name; EINVAL where the file system cannot.</summary>
    public static void Exchange(string one, string other) =>
        Try("exchange", other, () => renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE));

    /// <summary>Gives a file a second name; fails where that name exists.</summary>
    public static void Link(string from, string to) => Try("link", to, () => link(from, to));

    /// <summary>Opens a file to be locked, and makes it where there is none. On a read-only file system one that is there will do.</summary>
    public static SafeFileHandle OpenLock(string path)
    {
        try
        {
            return Opened("open", path, O_RDWR | O_CREAT | O_CLOEXEC);
        }
        catch (DiskException error) when (error.Errno == EROFS)
        {
            return Open(path);
        }
    }

    /// <summary>Takes a lock that others may share; waits for who has it alone. The lock ends with the process, however that ends.</summary>
    public static void LockShared(SafeFileHandle file, string path) => Try("flock", path, () => flock(file, LOCK_SH));

    /// <summary>Takes a lock alone, or says at once that others have it.</summary>
    public static bool TryLock(SafeFileHandle file, string path)
    {
        try
        {
            return Try("flock", path, () => flock(file, LOCK_EX | LOCK_NB)) == 0;
        }
        catch (DiskException error) when (error.Errno == EWOULDBLOCK)
        {
            return false;
        }
    }

    public static void Unlock(SafeFileHandle file, string path) => Try("flock", path, () => flock(file, LOCK_UN));

    /// <summary>Whether two names that are there stand for one file, so that they share its bytes.</summary>
    public static bool IsSameFile(string one, string other) => FileId(one).SequenceEqual(FileId(other));

    /// <summary>The path without links; None where there is nothing.</summary>
    public static Option<string> RealPath(string path)
    {
        var real = new byte[PathMax];
        return realpath(path, ref real[0]) == 0 ? None : Encoding.UTF8.GetString(real, 0, System.Array.IndexOf(real, (byte)0));
    }

    /// <summary>Allocates blocks from the beginning and keeps the length; does nothing where the file system cannot.</summary>
    public static void Reserve(SafeFileHandle file, string path, long bytes)
    {
        try
        {
            _ = Try("fallocate", path, () => fallocate(file, FALLOC_FL_KEEP_SIZE, 0, bytes));
        }
        catch (DiskException error) when (error.Errno is EOPNOTSUPP or ENOSYS)
        {
            // Then what is written takes its room as it comes.
        }
    }

    /// <summary>Sets the length; blocks beyond it are free.</summary>
    public static void Truncate(SafeFileHandle file, string path, long length) => Try("ftruncate", path, () => ftruncate(file, length));

    /// <summary>How full the file system is that holds a path (statvfs).</summary>
    public static unsafe DiskRoom Room(string path)
    {
        // struct statvfs of 64-bit Linux: bsize, frsize, blocks, bfree, bavail, files, ffree, favail, fsid, flag, namemax, spare.
        var words = stackalloc ulong[32];
        _ = Try("statvfs", path, () => statvfs(path, words));
        var (unit, files) = (words[1], words[5]);
        return new DiskRoom(
            (long)Math.Min(words[2] * unit, long.MaxValue),
            (long)Math.Min(words[4] * unit, long.MaxValue),
            files == 0 ? long.MaxValue : (long)Math.Min(words[7], long.MaxValue));
    }

    public static void Unlink(string path) => Try("unlink", path, () => unlink(path));

    /// <summary>Makes what this process creates from now on readable by its owner only: the index holds small bodies.</summary>
    public static void CreateForOwnerOnly() => _ = umask(0x3f);

    /// <summary>Ends the process now, without running anything more.</summary>
    public static void ExitNow(int code) => _exit(code);

    /// <summary>What kind of file a name stands for, of a link that it is one; None where there is nothing.</summary>
    public static Option<int> KindOf(string path) => Kind(path, AT_SYMLINK_NOFOLLOW);

    /// <summary>The same of what a link leads to in the end; None too where it leads nowhere.</summary>
    public static Option<int> TargetKindOf(string path) => Kind(path, 0);

    private static Option<int> Kind(string path, int flags)
    {
        var found = new byte[256];
        try
        {
            _ = Try("statx", path, () => statx(AT_FDCWD, path, flags, STATX_TYPE, ref found[0]));
            return BitConverter.ToUInt16(found, 28) & S_IFMT;
        }
        catch (DiskException error) when (error.Errno == ENOENT)
        {
            return None;
        }
    }

    /// <summary>Inode and device, from where struct statx has them.</summary>
    private static byte[] FileId(string path)
    {
        var found = new byte[256];
        _ = Try("statx", path, () => statx(AT_FDCWD, path, 0, STATX_INO, ref found[0]));
        return [.. found[32..40], .. found[136..144]];
    }

    private static SafeFileHandle Opened(string call, string path, int flags) =>
        new(Try(call, path, () => open(path, flags, 0x180)), ownsHandle: true);

    private static int Try(string call, string path, Func<int> systemCall)
    {
        while (true)
        {
            var result = systemCall();
            if (result >= 0)
            {
                return result;
            }

            if (Marshal.GetLastPInvokeError() is var errno and not EINTR)
            {
                throw new DiskException(call, path, errno);
            }
        }
    }

#pragma warning disable IDE1006, SYSLIB1054 // The names are the C library's.
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(SafeFileHandle fd, byte* bytes, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle fd);

    [LibraryImport("libc")]
    private static partial int sync_file_range(SafeFileHandle fd, long offset, long length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle fd);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string from, string to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle fd, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, ref byte found);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, ref byte resolved);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle fd, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(SafeFileHandle fd, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statvfs(string path, ulong* into);

    [LibraryImport("libc")]
    private static partial int umask(int mask);

    [LibraryImport("libc")]
    private static partial void _exit(int code);
#pragma warning restore IDE1006, SYSLIB1054
}
