using Borderless.Web.Storage;

namespace Borderless.Web.View;

/// <summary>Makes entries of the view, each of them whole before it is seen.</summary>
internal static class ViewMaker
{
    /// <summary>
    /// Makes an entry under a temporary name and puts it in its place by one rename. A directory cannot be renamed over another
    /// one that holds something, nor over a file, so there the two names change places in one step and the old entry is removed.
    /// </summary>
    /// <param name="directory">The bucket's directory.</param>
    /// <param name="name">The blob's name in it.</param>
    /// <param name="entry">What to make.</param>
    /// <param name="bytesOf">The bytes of the part at a position, for read-only files.</param>
    public static void Make(string directory, string name, ViewEntry entry, Func<int, byte[]> bytesOf)
    {
        var (temporary, path) = (Path.Combine(directory, $".{name}.new"), Path.Combine(directory, name));
        ViewDisk.Remove(temporary);
        MakeNew(temporary, entry, 0, bytesOf);
        if (ViewDisk.IsDirectory(path) || (entry is ViewEntry.Folder && ViewDisk.Exists(path)))
        {
            Exchange(temporary, path);
            ViewDisk.Remove(temporary);
        }
        else
        {
            Posix.Rename(temporary, path);
        }
    }

    private static void MakeNew(string path, ViewEntry entry, int position, Func<int, byte[]> bytesOf)
    {
        switch (entry)
        {
            case ViewEntry.Link link:
                _ = File.CreateSymbolicLink(path, link.Target);
                break;
            case ViewEntry.ReadOnlyFile:
                Write(path, bytesOf(position));
                break;
            case ViewEntry.Folder folder:
                ViewDisk.MakeDirectory(path);
                for (var i = 0; i < folder.Entries.Count; i++)
                {
                    var name = ReadingView.NumberedName(i);
                    MakeNew(Path.Combine(path, name), folder.Entries[name], i, bytesOf);
                }

                break;
            default:
                throw new InvalidOperationException("only links, files and directories of them are made");
        }
    }

    private static void Write(string path, byte[] bytes)
    {
        using var file = Posix.Create(path);
        RandomAccess.Write(file, bytes, 0);
        File.SetUnixFileMode(file, ViewDisk.ReadOnly);
    }

    /// <summary>Where the file system cannot exchange names, the old entry is removed first, and for a moment there is none.</summary>
    private static void Exchange(string temporary, string path)
    {
        try
        {
            Posix.Exchange(temporary, path);
        }
        catch (Exception error) when (error is DiskException { Errno: Posix.EINVAL or Posix.ENOSYS } or EntryPointNotFoundException)
        {
            ViewDisk.Remove(path);
            Posix.Rename(temporary, path);
        }
    }
}
