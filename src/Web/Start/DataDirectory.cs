using Borderless.Web.Storage;

namespace Borderless.Web.Start;

/// <summary>Whether a directory can hold a store.</summary>
internal static class DataDirectory
{
    /// <summary>For who only reads it: whether it is there.</summary>
    /// <returns>What is wrong, or None.</returns>
    public static Option<string> Exists(string path) => Directory.Exists(path) ? None : "is not a directory that exists";

    /// <summary>Whether it is there, and files can be made in it.</summary>
    /// <returns>What is wrong and what to do, or None.</returns>
    public static Option<string> Probe(string path) =>
        Exists(path).Case is string missing ? $"{missing}; create it first" : CannotWrite(path);

    /// <summary>Creates and removes a file in a directory that exists.</summary>
    /// <returns>What is wrong, or None.</returns>
    public static Option<string> CannotWrite(string path)
    {
        var probe = Path.Combine(path, $".probe-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return None;
        }
        catch (IOException error) when (DiskErrors.IsFull(error))
        {
            // A full disk is for the store to deal with, which has to start so that something can be deleted.
            return None;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"is not writable for this user: {DiskErrors.Reason(error)}";
        }
    }
}
