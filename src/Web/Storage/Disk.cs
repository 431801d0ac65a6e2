using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Storage;

/// <summary>A file that is being written or read.</summary>
internal interface IDiskFile : IDisposable
{
    /// <summary>The length in bytes.</summary>
    long Length { get; }

    /// <summary>Writes all bytes at the offset.</summary>
    void Write(ReadOnlySequence<byte> bytes, long offset);

    /// <summary>Reads at most so many bytes at the offset; 0 at the end.</summary>
    int Read(Span<byte> into, long offset);

    /// <summary>
    /// Takes the room for so many bytes from the beginning, without changing the length. Where that fails it may leave some of it
    /// taken, until <see cref="Trim"/>. Does nothing where the file system cannot reserve.
    /// </summary>
    void Reserve(long bytes);

    /// <summary>Gives back the room beyond the length. Nobody may write meanwhile.</summary>
    void Trim();

    /// <summary>Asks the kernel to begin writing these bytes to the disk, so that a sync finds little left to do. It promises nothing.</summary>
    void BeginWriteBack(long offset, long length);

    /// <summary>Returns when the bytes are durable; the name is not.</summary>
    void SyncData();
}

/// <summary>How full a file system is.</summary>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="FreeBytes">What this process may still take of them.</param>
/// <param name="FreeFiles">How many more files it can hold; <see cref="long.MaxValue"/> where it has no such limit.</param>
internal readonly record struct DiskRoom(long Bytes, long FreeBytes, long FreeFiles);

/// <summary>What a directory holds.</summary>
internal readonly record struct DiskEntry(string Name, long Bytes, DateTimeOffset ModifiedAt);

/// <summary>
/// The narrow seam to the file system, so that tests can put a disk under the store that fails and forgets. Every method throws
/// <see cref="IOException"/> when the disk fails; nothing is tried again.
/// </summary>
internal interface IDisk
{
    /// <summary>Creates a file for writing; fails where the name exists.</summary>
    IDiskFile Create(string path);

    /// <summary>Opens a file for reading; throws <see cref="FileNotFoundException"/> where there is none.</summary>
    IDiskFile Open(string path);

    /// <summary>Renames within one file system, replacing what is there.</summary>
    void Rename(string from, string to);

    /// <summary>Returns when the names in a directory are durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Removes a name; one that is not there is no error.</summary>
    void Unlink(string path);

    /// <summary>Makes a directory; one that is there is no error.</summary>
    void MakeDirectory(string path);

    /// <summary>The names of the directories in a directory.</summary>
    IReadOnlyList<string> Directories(string path);

    /// <summary>The files in a directory, and links to files; one that is removed meanwhile may be missing.</summary>
    IReadOnlyList<DiskEntry> Files(string path);

    /// <summary>How full the file system is that holds a path.</summary>
    DiskRoom Room(string path);
}

/// <summary>The disk of this machine.</summary>
internal sealed class PosixDisk : IDisk
{
    private const int ENOENT = 2;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public IDiskFile Create(string path) => new PosixFile(path, Posix.Create(path));

    public IDiskFile Open(string path)
    {
        try
        {
            return new PosixFile(path, Posix.Open(path));
        }
        catch (DiskException error) when (error.Errno == ENOENT)
        {
            throw new FileNotFoundException(error.Message, error);
        }
    }

    public void Rename(string from, string to) => Posix.Rename(from, to);

    public void SyncDirectory(string path) => Posix.SyncDirectory(path);

    public void Unlink(string path)
    {
        try
        {
            Posix.Unlink(path);
        }
        catch (DiskException error) when (error.Errno == ENOENT)
        {
            // It is gone, which is what was asked for.
        }
    }

    public void MakeDirectory(string path) => Directory.CreateDirectory(path, OwnerOnly);

    public IReadOnlyList<string> Directories(string path) => [.. Directory.EnumerateDirectories(path).Select(name => Path.GetFileName(name)!)];

    public IReadOnlyList<DiskEntry> Files(string path) => [.. new DirectoryInfo(path).EnumerateFiles().Select(Entry).OfType<DiskEntry>()];

    public DiskRoom Room(string path) => Posix.Room(path);

    /// <summary>The length of a file, as who opens it finds it: of a link, that of the file to which it leads.</summary>
    public static long Length(FileInfo file) => file.LinkTarget is null
        ? file.Length
        : ((FileInfo)file.ResolveLinkTarget(returnFinalTarget: true)!).Length;

    /// <summary>Null for a file that was removed since it was listed, and for a link that leads nowhere.</summary>
    private static DiskEntry? Entry(FileInfo file)
    {
        try
        {
            return new DiskEntry(file.Name, Length(file), file.LastWriteTimeUtc);
        }
        catch (IOException) when (!file.Exists || file.LinkTarget is not null)
        {
            return null;
        }
    }

    private sealed class PosixFile(string path, SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public void Write(ReadOnlySequence<byte> bytes, long offset)
        {
            if (bytes.IsSingleSegment)
            {
                RandomAccess.Write(handle, bytes.FirstSpan, offset);
                return;
            }

            // One gathering system call for all the segments.
            var segments = new List<ReadOnlyMemory<byte>>();
            foreach (var segment in bytes)
            {
                segments.Add(segment);
            }

            RandomAccess.Write(handle, segments, offset);
        }

        public int Read(Span<byte> into, long offset) => RandomAccess.Read(handle, into, offset);

        public void Reserve(long bytes) => Posix.Reserve(handle, path, bytes);

        public void Trim() => Posix.Truncate(handle, path, Length);

        public void BeginWriteBack(long offset, long length) => Posix.BeginWriteBack(handle, offset, length);

        public void SyncData() => Posix.SyncData(handle, path);

        public void Dispose() => handle.Dispose();
    }
}
