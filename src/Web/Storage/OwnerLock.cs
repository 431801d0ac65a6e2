using System.Globalization;

namespace Borderless.Web.Storage;

/// <summary>The one process that owns a data directory holds this as long as it lives.</summary>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream file;
    private readonly bool isNew;

    private OwnerLock(FileStream file, bool isNew) => (this.file, this.isNew) = (file, isNew);

    /// <summary>Takes the lock, or says who has it.</summary>
    public static Either<StartProblem, OwnerLock> Take(string path)
    {
        // A link would have us empty and lock what it names.
        if (new FileInfo(path).LinkTarget is not null)
        {
            return new StartProblem($"{path} is a link, and the lock must be a file of its own; remove the link");
        }

        try
        {
            var isNew = !File.Exists(path);
            return new OwnerLock(Locked(path), isNew);
        }
        catch (IOException error) when (error.HResult == Posix.EWOULDBLOCK)
        {
            return new StartProblem($"the data directory is in use by {Holder(path)}; stop it first, or use another data_dir");
        }
        catch (IOException error) when (error is not FileNotFoundException and not DirectoryNotFoundException)
        {
            return new StartProblem($"the lock cannot be taken: {error.Message}");
        }
        catch (UnauthorizedAccessException error)
        {
            return new StartProblem($"the lock cannot be taken: {error.Message}; make {path} a file that this user can write");
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>Lets go of a directory that turned out to be none of ours, as it was.</summary>
    public void Abandon()
    {
        if (isNew)
        {
            File.Delete(file.Name);
        }

        Dispose();
    }

    /// <summary>A read-only file system keeps nobody from looking: there the file that is there is locked, and not signed.</summary>
    private static FileStream Locked(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            Sign(file);
            return file;
        }
        catch (IOException error) when (error.HResult == Posix.EROFS)
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None);
        }
    }

    /// <summary>Says who holds it. On a full disk nobody is named, and the lock holds all the same.</summary>
    private static void Sign(FileStream file)
    {
        try
        {
            file.SetLength(0);
            RandomAccess.Write(
                file.SafeFileHandle,
                System.Text.Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}")),
                0);
        }
        catch (IOException error) when (DiskErrors.IsFull(error))
        {
            file.SetLength(0);
        }
    }

    /// <summary>The lock is advisory: reading past it is how a second process learns the holder's name.</summary>
    private static string Holder(string path)
    {
        try
        {
            using var disk = new PosixDisk().Open(path);
            var text = new byte[256];
            return System.Text.Encoding.UTF8.GetString(text, 0, disk.Read(text, 0)) is { Length: > 0 } holder ? holder : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
