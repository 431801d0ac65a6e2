using Borderless.Web.Storage;

namespace Borderless.Web.Start;

/// <summary>Files that settings name, which are read whole.</summary>
internal static class SmallFile
{
    public const int MostBytes = 1 << 20;

    private const int FirstBytes = 8 << 10;

    /// <summary>Whether it can be read again after it was read: what a pipe or a device holds is there once, and who opens it may have to wait.</summary>
    public static bool IsLasting(string path)
    {
        try
        {
            return Posix.TargetKindOf(path).ForAll(kind => kind is Posix.S_IFREG or Posix.S_IFDIR);
        }
        catch (DiskException)
        {
            // Who reads it says why it cannot be.
            return true;
        }
    }

    /// <summary>What a file holds, also one that has no length, as a pipe.</summary>
    /// <returns>Null where it is longer than <see cref="MostBytes"/>.</returns>
    public static byte[]? Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var bytes = new byte[FirstBytes];
        var length = 0;
        while (stream.Read(bytes, length, bytes.Length - length) is > 0 and var read)
        {
            length += read;
            if (length > MostBytes)
            {
                return null;
            }

            if (length == bytes.Length)
            {
                System.Array.Resize(ref bytes, Math.Min(2 * length, MostBytes + 1));
            }
        }

        return bytes[..length];
    }
}
