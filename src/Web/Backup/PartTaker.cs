using System.Buffers;
using Borderless.Web.Import;
using Borderless.Web.Storage;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Backup;

/// <summary>
/// Brings one part after the other into a backup, on several threads. A file gets its name there only when its bytes were found
/// right and are durable, so that a later run need not look at what it finds, whatever ended this one.
/// </summary>
internal sealed class PartTaker(IDisk disk, DataLayout from, DataLayout to, bool copy, bool verify, Action<int> moved, CancellationToken stop)
    : IDisposable
{
    private readonly ThreadLocal<SourceReading> reading = new(() => new SourceReading(moved, stop));

    public PartOutcome Take(PartRow part) =>
        part.Place is PartPlace.Inline inline ? Inline(part, inline) : InFile(part, (PartPlace.File)part.Place);

    public void Dispose() => reading.Dispose();

    private static PartOutcome Inline(PartRow part, PartPlace.Inline inline) =>
        inline.Bytes.Length != part.Size || !Digest.From(System.Security.Cryptography.SHA256.HashData(inline.Bytes)).Equals(part.Sha256)
            ? new PartOutcome.Damaged("has other bytes than its digest says")
            : part.Damaged ? new PartOutcome.Rescued(Marked) : new PartOutcome.InIndex();

    private const string Marked = "is marked damaged";

    private PartOutcome InFile(PartRow part, PartPlace.File file)
    {
        var (source, target) = (from.PartFile(part.Sha256, file), to.PartFile(part.Sha256, file));
        var lost = Lost(source, part.Size);
        var doubt = lost ?? (part.Damaged ? Marked : null);
        string? mended = null;
        if (File.Exists(target) && !(copy && lost is null && Posix.IsSameFile(source, target)))
        {
            mended = Lost(target, part.Size) ?? (doubt is null && !verify ? null : Differs(part, target));
            if (mended is null)
            {
                return doubt is null ? new PartOutcome.Kept() : new PartOutcome.Rescued(doubt);
            }
        }

        // What is there is replaced by a rename and not removed before, for the older backup needs it until then.
        return (lost is not null ? lost : Make(part, source, target)).Match<PartOutcome>(
            Right: linked => doubt is not null ? new PartOutcome.Rescued(doubt)
                : linked ? new PartOutcome.Linked(mended) : new PartOutcome.Copied(mended),
            Left: reason =>
            {
                // A file under this name is right; one that is neither right nor mended must not be taken for it.
                disk.Unlink(target);
                return new PartOutcome.Damaged(reason);
            });
    }

    /// <returns>Whether it was linked and not copied, or why the store's bytes are of no use.</returns>
    private Either<string, bool> Make(PartRow part, string source, string target)
    {
        var temporary = to.TemporaryFile(Path.GetFileName(target));
        var linked = !copy && new FileInfo(source).LinkTarget is null && TryLink(source, temporary);
        var made = linked ? Checked(part, temporary) : Copied(part, source, temporary);
        made.Match(Right: _ => disk.Rename(temporary, target), Left: _ => disk.Unlink(temporary));
        return made.Map(_ => linked);
    }

    /// <returns>False where the file system, or its owner's rules, want a copy.</returns>
    private static bool TryLink(string source, string temporary)
    {
        try
        {
            Posix.Link(source, temporary);
            return true;
        }
        catch (DiskException error) when (error.Errno is Posix.EXDEV or Posix.EPERM or Posix.EMLINK or Posix.EOPNOTSUPP)
        {
            return false;
        }
    }

    /// <summary>The bytes are read under their new name, and made durable where a relaxed store left that to the kernel.</summary>
    private Either<string, Unit> Checked(PartRow part, string linked)
    {
        var differs = Differs(part, linked);
        if (differs is not null)
        {
            return differs;
        }

        if (!part.Synced)
        {
            using var file = disk.Open(linked);
            file.SyncData();
        }

        return unit;
    }

    private Either<string, Unit> Copied(PartRow part, string source, string temporary)
    {
        using var copied = disk.Create(temporary);
        var offset = 0L;
        var right = Read(part, source, bytes =>
        {
            copied.Write(new ReadOnlySequence<byte>(bytes), offset);
            offset += bytes.Length;
        });
        if (right.IsRight)
        {
            copied.SyncData();
        }

        return right;
    }

    private string? Differs(PartRow part, string path) => Read(part, path, _ => { }).Case as string;

    /// <summary>Reads a file that has the right length; what goes wrong with the reading is the file's fault, and so a Left.</summary>
    private Either<string, Unit> Read(PartRow part, string path, Action<ReadOnlyMemory<byte>> sink) =>
        Opened(path).Bind(file =>
        {
            using (file)
            {
                return reading.Value!.Read(file, part.Size, sink)
                    .Bind<Unit>(digest => digest.Equals(part.Sha256) ? unit : "has other bytes than its name says");
            }
        });

    private static Either<string, SafeFileHandle> Opened(string path)
    {
        try
        {
            return Posix.Open(path);
        }
        catch (DiskException error)
        {
            return $"cannot be opened: {error.Message}";
        }
    }

    /// <summary>What is wrong with a file's length. A directory that may not be looked into is no damage, and ends the backup.</summary>
    private static string? Lost(string path, long size)
    {
        try
        {
            return PosixDisk.Length(new FileInfo(path)) is var length && length != size ? $"has {length} bytes, and its row says {size}" : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is missing";
        }
        catch (IOException error)
        {
            return $"cannot be looked at: {error.Message}";
        }
    }
}
