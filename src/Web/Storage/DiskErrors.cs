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

    public static bool IsFull(int errno) => errno is Posix.ENOSPC or Posix.EDQUOT;
}
