using System.Buffers;
using System.Security.Cryptography;

namespace Borderless.Web.Storage;

/// <summary>
/// Room that is given up in need: also a delete has to write into the index's log, and on a disk without a free block it could
/// not. The file holds real blocks of random bytes, which no file system stores as nothing.
/// </summary>
internal sealed class Ballast(IDisk disk, string path, Health health, Serilog.ILogger log)
{
    private const int BlockBytes = 1 << 20;

    private readonly Lock gate = new();
    private volatile bool isGivenUp;

    /// <summary>Whether the store is in need: there is no ballast, and only what frees room is done.</summary>
    public bool IsGivenUp => isGivenUp;

    /// <summary>The smaller of 8 MiB and 2 % of the file system, at least 1 MiB, in whole mebibytes.</summary>
    public static long SizeFor(long fileSystemBytes) => Math.Clamp(fileSystemBytes / 50 / BlockBytes, 1, 8) * BlockBytes;

    public long Size => SizeFor(disk.Room(Path.GetDirectoryName(Path.GetFullPath(path))!).Bytes);

    /// <summary>Makes it where it is not there whole; where there is no room for it, the store is in need from the start.</summary>
    public void Make()
    {
        lock (gate)
        {
            try
            {
                if (!IsWhole())
                {
                    disk.Unlink(path);
                    Write(Size);
                }

                Set(givenUp: false);
            }
            catch (IOException error)
            {
                log.Warning("there is no ballast, so only deletes are done until there is room: {Reason}", error.Message);
                Release();
            }
        }
    }

    /// <summary>Frees its room: from now on only what frees room is done.</summary>
    public void GiveUp()
    {
        lock (gate)
        {
            Release();
        }
    }

    /// <summary>Makes it again when there is so much room that uploads can go on beside it.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryRegain(long room)
    {
        if (isGivenUp && room > Size)
        {
            Make();
        }

        return !isGivenUp;
    }

    private void Release()
    {
        try
        {
            disk.Unlink(path);
        }
        catch (IOException error)
        {
            log.Error("the ballast cannot be given up: {Reason}", error.Message);
        }

        Set(givenUp: true);
    }

    private void Set(bool givenUp)
    {
        isGivenUp = givenUp;
        health.Set(Ailment.DiskFull, givenUp);
    }

    private bool IsWhole()
    {
        try
        {
            using var file = disk.Open(path);
            return file.Length == Size;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Synced, because a file system may take the blocks no sooner.</summary>
    private void Write(long size)
    {
        var block = new ReadOnlySequence<byte>(RandomNumberGenerator.GetBytes(BlockBytes));
        using var file = disk.Create(path);
        for (var offset = 0L; offset < size; offset += BlockBytes)
        {
            file.Write(block, offset);
        }

        file.SyncData();
    }
}
