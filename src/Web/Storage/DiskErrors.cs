using System.Runtime.InteropServices;

namespace Borderless.Web.Storage;

/// <summary>What a failure of the disk means to a client.</summary>
internal static class DiskErrors
{
    public static StoreError ToStoreError(IOException error) =>
        IsFull(error) ? new StoreError.InsufficientStorage() : new StoreError.StorageUnavailable();

    /// <summary>Whether it was for want of room, of blocks or of files.</summary>
    public static bool IsFull(IOException error) => error switch
    {
        IndexException index => index.IsFull,
        DiskException disk => IsFull(disk.Errno),

        // The framework's own file errors carry the errno as their HResult.
        _ => IsFull(error.HResult),
    };

    /// <summary>Why something about a file failed, without the file's name, which the framework's messages have in them.</summary>
    public static string Reason(Exception error) => error switch
    {
        DiskException disk => disk.Reason,
        PathTooLongException => "the name is too long",
        FileNotFoundException or DirectoryNotFoundException => Marshal.GetPInvokeErrorMessage(Posix.ENOENT),
        UnauthorizedAccessException { InnerException: IOException inner } => Reason(inner),
        UnauthorizedAccessException => "permission denied",
        IOException { HResult: > 0 and var errno } => Marshal.GetPInvokeErrorMessage(errno),
        _ => "the system does not say why",
    };

    public static bool IsFull(int errno) => errno is Posix.ENOSPC or Posix.EDQUOT;
}
