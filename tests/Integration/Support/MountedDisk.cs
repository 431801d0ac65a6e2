using System.Diagnostics;

namespace Borderless.Tests.Integration.Support;

/// <summary>A test that mounts a file system, which only root may, and not everywhere; elsewhere it counts as skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> MayMount = new(() =>
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return false;
        }

        var directory = TestServer.NewDirectory();
        var mounted = Shell.Run("mount", "-t", "tmpfs", "tmpfs", directory).Code == 0;
        if (mounted)
        {
            Shell.Do("umount", directory);
        }

        Directory.Delete(directory);
        return mounted;
    });

    public MountFactAttribute() => Skip = MayMount.Value ? null : "mounts a file system, which is not permitted here";
}

/// <summary>A small file system of a test's own, in memory.</summary>
internal sealed class MountedDisk : IDisposable
{
    public MountedDisk(string options)
    {
        Root = TestServer.NewDirectory();
        Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", Root);
    }

    public string Root { get; }

    public void Remount(string options) => Run("mount", "-o", $"remount,{options}", Root);

    public void Dispose()
    {
        Run("umount", Root);
        Directory.Delete(Root);
    }

    private static void Run(string program, params string[] args)
    {
        using var process = Process.Start(program, args);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', args)} ended with {process.ExitCode}");
    }
}
