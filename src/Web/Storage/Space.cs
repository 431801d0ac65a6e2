namespace Borderless.Web.Storage;

/// <summary>
/// How much room uploads may take: what the file systems of parts and index have free, less what is kept free of uploads. Room is
/// reserved before a body is read, so that a full disk is found at once and uploads at the same time do not use up each
/// other's room.
/// </summary>
internal sealed class Space(IDisk disk, DataLayout layout, StorageSettings settings)
{
    /// <summary>Up to this length a body is written by one call, so that nothing is gained by reserving.</summary>
    public const int ReservedFrom = 64 << 10;

    private readonly Lock reserving = new();
    private readonly string indexDirectory = Path.GetDirectoryName(Path.GetFullPath(layout.IndexPath))!;

    /// <summary>How many bytes uploads may take now; negative when what is kept free of them is in use.</summary>
    public long Room() => Math.Min(RoomAt(layout.Parts), RoomAt(indexDirectory));

    /// <summary>Whether no upload can be taken, for want of bytes or of files.</summary>
    public bool IsFull() => Room() <= 0 || disk.Room(layout.Parts).FreeFiles == 0;

    /// <summary>Tells whether an upload of so many more bytes may go on.</summary>
    public Either<StoreError, Unit> Admit(long bytes) =>
        Pipeline.Require(Room() > bytes, () => new StoreError.InsufficientStorage());

    /// <summary>Takes the room for a whole body ahead of it; on a Left none of it is taken.</summary>
    public Either<StoreError, Unit> Reserve(TemporaryFile file, long bytes)
    {
        lock (reserving)
        {
            return Admit(bytes).Map(_ =>
            {
                file.Reserve(bytes);
                return unit;
            });
        }
    }

    private long RoomAt(string path)
    {
        var room = disk.Room(path);
        return room.FreeBytes - settings.KeptFree(room.Bytes);
    }
}
