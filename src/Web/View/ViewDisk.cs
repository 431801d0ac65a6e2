using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Web.View;

/// <summary>
/// The names of the view on the disk. It looks at names and never through them: no link is followed, neither to look nor to make
/// nor to remove. Every method throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the disk fails.
/// </summary>
internal static class ViewDisk
{
    /// <summary>The mode of a file that the view made.</summary>
    public const UnixFileMode ReadOnly = UnixFileMode.UserRead;

    private const FileAttributes Missing = (FileAttributes)(-1);
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>No part in the index is longer; see the setting inline_max_bytes.</summary>
    private const int LongestFile = 65_536;

    public static bool Exists(string path) => new FileInfo(path).Attributes != Missing;

    /// <summary>Whether it is a directory itself and no link to one.</summary>
    public static bool IsDirectory(string path) => IsDirectory(new FileInfo(path).Attributes);

    /// <summary>The names in a directory, one after the other; none where there is no directory.</summary>
    public static IEnumerable<string> Names(string directory)
    {
        try
        {
            return IsDirectory(directory)
                ? Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path))
                : [];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>What stands at a blob's name, or null where nothing does.</summary>
    public static ViewEntry? Look(string path) => IsDirectory(path) ? LookInto(path) : LookAtOne(path);

    /// <summary>What stands at a bucket's name, or null where nothing does.</summary>
    public static ViewEntry? LookAtBucket(string path) =>
        IsDirectory(path) ? new ViewEntry.Bucket() : Exists(path) ? new ViewEntry.Foreign() : null;

    /// <summary>Makes a directory, for its owner only, in place of what else is there.</summary>
    public static void MakeDirectory(string path)
    {
        if (!IsDirectory(path))
        {
            Remove(path);
            _ = Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>Removes what is there, with all that is in it where it is a directory; of a link, the link.</summary>
    public static void Remove(string path)
    {
        if (IsDirectory(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else if (Exists(path))
        {
            Posix.Unlink(path);
        }
    }

    private static bool IsDirectory(FileAttributes attributes) =>
        attributes != Missing && attributes.HasFlag(FileAttributes.Directory) && !attributes.HasFlag(FileAttributes.ReparsePoint);

    private static ViewEntry? LookAtOne(string path)
    {
        var file = new FileInfo(path);
        return file.Attributes == Missing ? null
            : file.LinkTarget is { } target ? new ViewEntry.Link(target)
            : !IsDirectory(file.Attributes) && file.Length <= LongestFile && file.UnixFileMode == ReadOnly
                ? LookAtFile(path)
            : new ViewEntry.Foreign();
    }

    private static ViewEntry LookAtFile(string path)
    {
        try
        {
            using var file = Posix.OpenWithoutWaiting(path);
            var bytes = new byte[LongestFile];
            return RandomAccess.GetLength(file) <= LongestFile
                ? new ViewEntry.ReadOnlyFile(Digest.From(SHA256.HashData(bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0)))))
                : new ViewEntry.Foreign();
        }
        catch (NotSupportedException)
        {
            // A pipe or a device has no length.
            return new ViewEntry.Foreign();
        }
    }

    /// <summary>A directory with more entries than a blob can have parts is looked at no further.</summary>
    private static ViewEntry LookInto(string path)
    {
        var names = Names(path).Take(UploadIntent.MaxChunks + 1).ToArray();
        return names.Length > UploadIntent.MaxChunks
            ? new ViewEntry.Foreign()
            : new ViewEntry.Folder(toHashMap(names.Select(name => (name, LookAtOne(Path.Combine(path, name)) ?? new ViewEntry.Foreign()))));
    }
}
