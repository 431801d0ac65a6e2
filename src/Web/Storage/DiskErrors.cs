namespace Borderless.Web.Storage;

/// <summary>What a failure of the disk means to a client.</summary>
internal static class DiskErrors
{
    public static StoreError ToStoreError(IOException error) =>
        error is IndexException { IsFull: true } || Errno(error) is Posix.ENOSPC or Posix.EDQUOT
            ? new StoreError.InsufficientStorage()
            : new StoreError.StorageUnavailable();

    /// <summary>The framework's own file errors carry the errno as their HResult.</summary>
    private static int Errno(IOException error) => error is DiskException disk ? disk.Errno : error.HResult;
}
