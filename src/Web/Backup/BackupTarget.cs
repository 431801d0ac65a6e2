using System.Buffers;
using System.Text;
using Borderless.Web.Import;
using Borderless.Web.Storage;

namespace Borderless.Web.Backup;

/// <summary>
/// The directory of a backup is laid out as a store is, so that a server starts on it. <c>backup.json</c> is the first thing in it
/// and says of which store it is; <c>store.json</c> is there while it is complete. A server that is started on it takes
/// <c>backup.json</c> away, and refuses to start where that stands alone.
/// </summary>
internal static class BackupTarget
{
    /// <summary>Where a backup of the store may go, as far as paths tell. Changes nothing.</summary>
    public static Either<StartProblem, DataLayout> Locate(string to, DataLayout source) =>
        from real in Real(to)
        from apart in Require(
            Seq(source.Root, source.Parts).Map(Posix.RealPath).Somes().ForAll(dir => !ImportPaths.Contains(dir, real) && !ImportPaths.Contains(real, dir))
                && !Posix.RealPath(source.IndexPath).Exists(index => ImportPaths.Contains(real, index)),
            $"--to: {real} and the store must not contain one another; use a directory beside it, better on another disk")
        select new DataLayout(real, Path.Combine(real, "metadata.db"));

    /// <summary>Whether the directory is empty, or holds a backup of this very store. Changes nothing.</summary>
    public static Either<StartProblem, Unit> Judge(DataLayout at, string id)
    {
        var names = Directory.Exists(at.Root) ? Directory.EnumerateFileSystemEntries(at.Root).Select(Path.GetFileName).Except(["lock", "lost+found"]).ToArray() : [];
        var marked = StoreIdentity.IdIn(at.BackupMark);
        return names is [] or ["backup.json"] && (marked.IsNone || marked == id) || marked == id
            ? unit
            : new StartProblem($"--to: {at.Root} {Described(at, marked)}; use an empty directory, or one that holds a backup of this store");
    }

    /// <summary>Marks the directory as a backup, and clears what a run that was cut off left. The backup in it, if any, stays complete.</summary>
    public static void Claim(IDisk disk, DataLayout at, string id)
    {
        if (StoreIdentity.IdIn(at.BackupMark).IsNone)
        {
            disk.Unlink(at.BackupMark);
            using var mark = disk.Create(at.BackupMark);
            mark.Write(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(StoreIdentity.TextOf(id))), 0);
            mark.SyncData();
        }

        disk.SyncDirectory(at.Root);
        disk.MakeDirectory(at.Temporary);
        disk.Files(at.Temporary).Iter(file => disk.Unlink(Path.Combine(at.Temporary, file.Name)));
        disk.MakeDirectory(at.Parts);
        StoreIdentity.Discard(disk, at.NewIndex);
        if (!StoreIdentity.IsBesideParts(at, id))
        {
            StoreIdentity.WriteDurably(disk, at.PartsIdentity, id + "\n");
        }
    }

    /// <summary>
    /// Puts the new index, which is durable with all its parts, in place of an older one. The directory is no backup from the first
    /// step to the last, and each step is durable before the next.
    /// </summary>
    public static void Complete(IDisk disk, DataLayout at, string id)
    {
        disk.Unlink(at.Identity);
        disk.SyncDirectory(at.Root);

        // A log that somebody's reading left beside the old index must not be taken for one of the new.
        StoreIdentity.DiscardLog(disk, at.IndexPath);
        disk.Rename(at.NewIndex, at.IndexPath);
        disk.SyncDirectory(at.Root);
        StoreIdentity.WriteDurably(disk, at.Identity, StoreIdentity.TextOf(id));
    }

    private static Either<StartProblem, string> Real(string to) =>
        from parent in Posix.RealPath(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(to))) ?? "/")
            .ToEither(new StartProblem($"--to: the directory above {to} does not exist; create it first"))
        from real in Posix.RealPath(to) is { IsSome: true } there
            ? there.ToEither(new StartProblem(""))
            : Path.Combine(parent, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(to))))
        from directory in Require(!File.Exists(real), $"--to: {real} is a file, or a link that leads nowhere; use a directory")
        select real;

    private static string Described(DataLayout at, Option<string> marked) =>
        marked.Case is string other ? $"holds a backup of the store {other}"
        : File.Exists(at.BackupMark) ? "has a backup.json that is not readable"
        : File.Exists(at.Identity) ? "is a store, or a backup that a server was started on"
        : "is not empty";

    private static Either<StartProblem, Unit> Require(bool holds, string problem) => holds ? unit : new StartProblem(problem);
}
