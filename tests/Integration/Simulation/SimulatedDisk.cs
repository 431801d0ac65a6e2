using System.Buffers;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// A disk in memory that forgets, as the kernel may, what was not synced, tears and loses it; what was synced stays. Each call goes
/// through the fate of the life that makes it.
/// </summary>
internal sealed class SimulatedDisk(TimeProvider clock) : IDisk
{
    private readonly SimulatedDirectory root = new();

    public Fate Fate { get; set; } = new(new Random(0), int.MaxValue, 0, () => { });

    /// <summary>The power goes, and comes back.</summary>
    public void Crash(Random random) => root.Crash(random);

    /// <summary>Whether the file is there, and no crash can change that, nor its bytes.</summary>
    public bool IsDurable(string path)
    {
        object? node = root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node = node is SimulatedDirectory directory && directory.IsDurable(name) ? directory.Names.GetValueOrDefault(name) : null;
        }

        return node is SimulatedFile { IsDurable: true };
    }

    /// <summary>The file's bytes, past all fate; null where there is no file.</summary>
    public byte[]? Bytes(string path) => Find(path) is SimulatedFile file ? file.Bytes.ToArray() : null;

    /// <summary>The file rots: it is gone, or a byte of it is another.</summary>
    public void Rot(string path, Random random)
    {
        if (Find(path) is SimulatedFile { Bytes.Length: > 0 } file && random.Next(2) == 0)
        {
            file.Rot(random.Next(file.Bytes.Length));
        }
        else
        {
            Parent(path).Set(NameOf(path), null);
        }
    }

    /// <summary>The paths of all files, past all fate.</summary>
    public IReadOnlyList<string> AllFiles() => [.. Below("", root)];

    public IDiskFile Create(string path) => Fate.Call(
        $"create {path}",
        () =>
        {
            if (Find(path) is not null)
            {
                throw new DiskException("create", path, 17);
            }

            return new OpenFile(this, path, Made(path));
        },
        () => Made(path),
        () => Made(path));

    public IDiskFile Open(string path) => Fate.Call($"open {path}", () => Find(path) is SimulatedFile file
        ? new OpenFile(this, path, file)
        : throw new FileNotFoundException(path));

    public void Rename(string from, string to)
    {
        Fate.Call($"rename {from} {to}", Renamed, Renamed, Renamed);

        void Renamed()
        {
            var file = Find(from) ?? throw new DiskException("rename", to, 2);
            Parent(to).Set(NameOf(to), file);
            Parent(from).Set(NameOf(from), null);
        }
    }

    public void SyncDirectory(string path)
    {
        var directory = Find(path) as SimulatedDirectory ?? throw new DiskException("open", path, 2);
        Fate.Call($"fsync {path}", directory.Sync, directory.FailSync, directory.Sync);
    }

    public void Unlink(string path)
    {
        Fate.Call($"unlink {path}", Unlinked, Unlinked, Unlinked);

        void Unlinked()
        {
            if (Find(path) is not null)
            {
                Parent(path).Set(NameOf(path), null);
            }
        }
    }

    public void MakeDirectory(string path)
    {
        Fate.Call($"mkdir {path}", Made, Made, Made);

        void Made()
        {
            if (Find(path) is null)
            {
                Parent(path).Set(NameOf(path), new SimulatedDirectory());
            }
        }
    }

    public IReadOnlyList<string> Directories(string path) => Fate.Call<IReadOnlyList<string>>(
        $"list {path}", () => [.. Listed(path).Where(entry => entry.Value is SimulatedDirectory).Select(entry => entry.Key)]);

    public IReadOnlyList<DiskEntry> Files(string path) => Fate.Call<IReadOnlyList<DiskEntry>>(
        $"list {path}", () =>
        [
            .. Listed(path).SelectMany(entry => entry.Value is SimulatedFile file
                ? new[] { new DiskEntry(entry.Key, file.Bytes.Length, file.ModifiedAt) }
                : []),
        ]);

    /// <summary>Small, so that a ballast is of one mebibyte, and always with room.</summary>
    public DiskRoom Room(string path) => new(1L << 20, 1L << 40, long.MaxValue);

    private DateTimeOffset Now => clock.GetUtcNow();

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static IEnumerable<string> Below(string path, SimulatedDirectory directory) => directory.Names.SelectMany(entry =>
        entry.Value is SimulatedDirectory below ? Below($"{path}/{entry.Key}", below) : [$"{path}/{entry.Key}"]);

    private SimulatedFile Made(string path)
    {
        var file = new SimulatedFile();
        file.Write(ReadOnlySequence<byte>.Empty, 0, Now);
        Parent(path).Set(NameOf(path), file);
        return file;
    }

    private IReadOnlyDictionary<string, object> Listed(string path) =>
        (Find(path) as SimulatedDirectory ?? throw new DiskException("open", path, 2)).Names;

    private SimulatedDirectory Parent(string path) =>
        Find(path[..path.LastIndexOf('/')]) as SimulatedDirectory ?? throw new DiskException("open", path, 2);

    private object? Find(string path)
    {
        object? node = root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node = (node as SimulatedDirectory)?.Names.GetValueOrDefault(name);
        }

        return node;
    }

    private sealed class OpenFile(SimulatedDisk disk, string path, SimulatedFile file) : IDiskFile
    {
        public long Length => file.Bytes.Length;

        public void Write(ReadOnlySequence<byte> bytes, long offset)
        {
            disk.Fate.Call($"write {path} {offset} {bytes.Length}", () => Put(bytes.Length), Some, Some);

            void Some() => Put(disk.Fate.Random.NextInt64(bytes.Length));
            void Put(long length) => file.Write(bytes.Slice(0, length), offset, disk.Now);
        }

        public int Read(Span<byte> into, long offset)
        {
            disk.Fate.Call($"read {path} {offset}", () => { });
            return file.Read(into, offset);
        }

        public void BeginWriteBack(long offset, long length)
        {
            // What the kernel has begun may be on the disk after a crash or not, which is so without it too.
        }

        public void Reserve(long bytes)
        {
        }

        public void Trim()
        {
        }

        public void SyncData() => disk.Fate.Call($"fdatasync {path}", file.Sync, file.FailSync, file.Sync);

        public void Dispose()
        {
        }
    }
}
