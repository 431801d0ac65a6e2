using System.Buffers;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>A disk that takes each sync to be something else: nothing, or something for later.</summary>
/// <param name="disk">The disk below.</param>
/// <param name="syncData">Is given each fdatasync instead.</param>
/// <param name="syncDirectory">Is given each fsync of a directory, with its path, instead.</param>
internal sealed class LyingDisk(IDisk disk, Action<Action> syncData, Action<string, Action> syncDirectory) : IDisk
{
    public IDiskFile Create(string path) => new LyingFile(disk.Create(path), syncData);

    public IDiskFile Open(string path) => new LyingFile(disk.Open(path), syncData);

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void SyncDirectory(string path) => syncDirectory(path, () => disk.SyncDirectory(path));

    public void Unlink(string path) => disk.Unlink(path);

    public void MakeDirectory(string path) => disk.MakeDirectory(path);

    public IReadOnlyList<string> Directories(string path) => disk.Directories(path);

    public IReadOnlyList<DiskEntry> Files(string path) => disk.Files(path);

    public DiskRoom Room(string path) => disk.Room(path);

    private sealed class LyingFile(IDiskFile file, Action<Action> syncData) : IDiskFile
    {
        public long Length => file.Length;

        public void Write(ReadOnlySequence<byte> bytes, long offset) => file.Write(bytes, offset);

        public int Read(Span<byte> into, long offset) => file.Read(into, offset);

        public void BeginWriteBack(long offset, long length) => file.BeginWriteBack(offset, length);

        public void Reserve(long bytes) => file.Reserve(bytes);

        public void Trim() => file.Trim();

        public void SyncData() => syncData(file.SyncData);

        public void Dispose() => file.Dispose();
    }
}
