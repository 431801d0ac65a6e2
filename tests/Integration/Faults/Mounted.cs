using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Faults;

/// <summary>A small file system of its own for a store, which may fill up or fail without harm to any other.</summary>
internal sealed class Mounted : IDisposable
{
    private readonly TestDirectory directory = new();
    private readonly string[] options;

    /// <param name="make">Words for <c>mount</c>, before the directory, after whatever they need was made.</param>
    private Mounted(Func<TestDirectory, string[]> make)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new CannotBeTried("only root can mount");
        }

        try
        {
            options = make(directory);
            _ = Directory.CreateDirectory(Root);
            Mount();
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            throw new CannotBeTried(error.Message);
        }
    }

    public string Root => directory.At("data");

    private string Image => directory.At("image");

    public static Mounted Tmpfs(string size, int files) => new(_ => ["-t", "tmpfs", "-o", $"size={size},nr_inodes={files}", "none"]);

    /// <summary>A file system that turns read-only at its first error, as those of servers do.</summary>
    public static Mounted Ext4() => new(directory =>
    {
        Shell.Do("truncate", "--size=64M", directory.At("image"));
        Shell.Do("mkfs.ext4", "-q", directory.At("image"));
        return ["-o", "loop,errors=remount-ro", directory.At("image")];
    });

    /// <summary>Another program takes all the room there is, to the last byte.</summary>
    public string FillBytes()
    {
        var file = Path.Combine(Root, "somebody.else");
        var filled = Shell.Run("dd", "if=/dev/zero", $"of={file}", "bs=4k", "oflag=append", "conv=notrunc");
        return filled.Code == 1 && filled.Output.Contains("No space left", StringComparison.Ordinal)
            ? file
            : throw new InvalidOperationException($"the disk did not fill: {filled.Output}");
    }

    /// <summary>Another program makes files until no more can be made.</summary>
    public string FillFiles()
    {
        var others = Directory.CreateDirectory(Path.Combine(Root, "somebody.else")).FullName;
        try
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                File.Create(Path.Combine(others, $"{i}")).Dispose();
            }
        }
        catch (IOException)
        {
            return others;
        }

        throw new InvalidOperationException("the disk takes files without end");
    }

    /// <summary>The kernel is told of an error of the file system, which then turns read-only.</summary>
    public void TurnReadOnly()
    {
        var device = Shell.Run("findmnt", "-no", "SOURCE", Root).Output.Trim();
        File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "the test's error");
    }

    /// <summary>Unmounts, checks and mounts again, as an operator would.</summary>
    public void Mend()
    {
        Shell.Do("umount", Root);
        _ = Shell.Run("e2fsck", "-fy", Image);
        Mount();
    }

    public void Dispose()
    {
        _ = Shell.Run("umount", "--lazy", Root);
        directory.Dispose();
    }

    private void Mount()
    {
        Shell.Do(["mount", .. options, Root]);
        Shell.Do("chmod", "700", Root);
    }
}
