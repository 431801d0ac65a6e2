using System.Buffers;
using Borderless.Web.Storage;

namespace Borderless.Web.Fsck;

/// <summary>Sets bytes aside that are none of their part's. Nothing in it is ever replaced or deleted.</summary>
internal sealed class Quarantine(IDisk disk, DataLayout layout)
{
    /// <summary>Moves a part's file there, or writes the part's bytes of the index into a file there. Durable when it returns.</summary>
    /// <returns>The new file, relative to the data directory.</returns>
    public string Take(PartRow part)
    {
        disk.MakeDirectory(layout.Quarantine);
        disk.SyncDirectory(layout.Root);
        var target = part.Place switch
        {
            PartPlace.File file => Move(layout.PartFile(part.Sha256, file), layout.PartDirectory(file.Directory)),
            PartPlace.Inline inline => Write($"{part.Sha256}-inline", inline.Bytes),
            _ => throw new InvalidOperationException("a part is inline or a file"),
        };
        return Path.GetRelativePath(layout.Root, target);
    }

    private string Move(string path, string directory)
    {
        var target = Free(Path.GetFileName(path));
        disk.Rename(path, target);
        disk.SyncDirectory(layout.Quarantine);
        disk.SyncDirectory(directory);
        return target;
    }

    private string Write(string name, byte[] bytes)
    {
        var target = Free(name);
        using (var file = disk.Create(target))
        {
            file.Write(new ReadOnlySequence<byte>(bytes), 0);
            file.SyncData();
        }

        disk.SyncDirectory(layout.Quarantine);
        return target;
    }

    /// <summary>A name that is free; the owner's lock is held, so that it stays so.</summary>
    private string Free(string name) =>
        Enumerable.Range(0, int.MaxValue)
            .Select(i => Path.Combine(layout.Quarantine, i == 0 ? name : $"{name}.{i}"))
            .First(path => !Path.Exists(path));
}
