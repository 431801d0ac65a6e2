using System.Buffers;
using System.Collections.Concurrent;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>The real disk, where every call is written down first and may be made to wait or to fail.</summary>
internal sealed class TestDisk : IDisk
{
    private readonly PosixDisk disk = new();
    private readonly ConcurrentQueue<string> calls = new();
    private int openFiles;

    /// <summary>Called before each call with its name and path; what it throws, the call throws.</summary>
    public Action<string, string> Before { get; set; } = (_, _) => { };

    /// <summary>What the store is told of the room there is.</summary>
    public Func<DiskRoom, DiskRoom> Sees { get; set; } = room => room;

    /// <summary>The calls so far, as <c>name path</c>.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    /// <summary>How many files were made or opened and not disposed. One that was forgotten stays counted, also when a finalizer closed it.</summary>
    public int OpenFiles => Volatile.Read(ref openFiles);

    /// <summary>As the real disk fails: reads and writes go through the framework, which throws its own.</summary>
    public static void Fail(string call, string path, int errno = 5) =>
        throw (call is "read" or "write" ? new IOException($"{call} failed", errno) : new DiskException(call, path, errno));

    /// <summary>Stops one call on a path, after so many of its kind: tells when it came, and lets it go on when the gate opens.</summary>
    public (Task Came, ManualResetEventSlim Gate) Stop(string call, string path, int after = 0)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new ManualResetEventSlim();
        Before = (name, at) =>
        {
            if (name == call && at == path && Interlocked.Decrement(ref after) < 0 && came.TrySetResult())
            {
                gate.Wait();
            }
        };
        return (came.Task, gate);
    }

    public IDiskFile Create(string path) => Called("create", path, () => Opened(path, disk.Create(path)));

    public IDiskFile Open(string path) => Called("open", path, () => Opened(path, disk.Open(path)));

    public void Rename(string from, string to) => Called("rename", to, () => disk.Rename(from, to));

    public void SyncDirectory(string path) => Called("fsync", path, () => disk.SyncDirectory(path));

    public void Unlink(string path) => Called("unlink", path, () => disk.Unlink(path));

    public void MakeDirectory(string path) => Called("mkdir", path, () => disk.MakeDirectory(path));

    public IReadOnlyList<string> Directories(string path) => Called("list", path, () => disk.Directories(path));

    public IReadOnlyList<DiskEntry> Files(string path) => Called("list", path, () => disk.Files(path));

    public DiskRoom Room(string path) => Called("statvfs", path, () => Sees(disk.Room(path)));

    private TestFile Opened(string path, IDiskFile file)
    {
        _ = Interlocked.Increment(ref openFiles);
        return new TestFile(this, path, file);
    }

    private void Called(string call, string path, Action action) => Called(call, path, () =>
    {
        action();
        return unit;
    });

    private T Called<T>(string call, string path, Func<T> function)
    {
        calls.Enqueue($"{call} {path}");
        Before(call, path);
        return function();
    }

    private sealed class TestFile(TestDisk owner, string path, IDiskFile file) : IDiskFile
    {
        private int closed;

        public long Length => file.Length;

        public void Write(ReadOnlySequence<byte> bytes, long offset) => owner.Called("write", path, () => file.Write(bytes, offset));

        public int Read(Span<byte> into, long offset)
        {
            owner.calls.Enqueue($"read {path}");
            owner.Before("read", path);
            return file.Read(into, offset);
        }

        public void BeginWriteBack(long offset, long length) => owner.Called("sync_file_range", path, () => file.BeginWriteBack(offset, length));

        public void Reserve(long bytes) => owner.Called("fallocate", path, () => file.Reserve(bytes));

        public void Trim() => owner.Called("ftruncate", path, file.Trim);

        public void SyncData() => owner.Called("fdatasync", path, file.SyncData);

        public void Dispose()
        {
            file.Dispose();
            if (Interlocked.Exchange(ref closed, 1) == 0)
            {
                _ = Interlocked.Decrement(ref owner.openFiles);
            }
        }
    }
}
