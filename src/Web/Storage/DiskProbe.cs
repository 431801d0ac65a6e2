using System.Buffers;

namespace Borderless.Web.Storage;

/// <summary>Takes a file all the way that an upload's takes, to see whether the disk lets it.</summary>
internal static class DiskProbe
{
    /// <summary>What is written, in bytes: a block.</summary>
    private const int Bytes = 4096;

    /// <summary>Throws what the first failing call throws, and leaves no file where the process lives on.</summary>
    public static void Run(IDisk disk, DataLayout layout)
    {
        // One name for all, so that the next run takes away what a killed process left.
        var (from, to) = (Path.Combine(layout.Temporary, ".probe"), Path.Combine(layout.Parts, ".probe"));
        disk.Unlink(from);
        try
        {
            using (var file = disk.Create(from))
            {
                file.Write(new ReadOnlySequence<byte>(new byte[Bytes]), 0);
                file.SyncData();
            }

            disk.Rename(from, to);
            disk.SyncDirectory(layout.Parts);
        }
        finally
        {
            disk.Unlink(from);
            disk.Unlink(to);
        }
    }
}
