using System.Buffers;
using System.Collections.Concurrent;

namespace Borderless.Web.Storage;

/// <summary>Bytes that were received and hashed, on their way to the committer. Whoever has it last disposes it.</summary>
internal abstract record ReceivedPart(Digest Sha256, long Size) : IDisposable
{
    public void Dispose() => (this as File)?.Temporary.Dispose();

    /// <summary>Short enough to live in the index.</summary>
    public sealed record Inline(Digest Sha256, byte[] Bytes) : ReceivedPart(Sha256, Bytes.Length);

    /// <summary>In a temporary file.</summary>
    public sealed record File(Digest Sha256, TemporaryFile Temporary) : ReceivedPart(Sha256, Temporary.Length);
}

/// <summary>
/// The port to where parts' bytes are. Nonces in flight are those of files that this process is writing or has renamed without
/// knowing yet whether a row names them; nobody else may touch such a file.
/// </summary>
internal interface IParts
{
    /// <summary>Starts a temporary file.</summary>
    TemporaryFile Begin();

    /// <summary>Starts a temporary file that the function makes at the path given to it; what it holds is the beginning.</summary>
    TemporaryFile Begin(Func<string, IDiskFile> make);

    /// <summary>
    /// Makes files durable (when strict) under their final names. Each has its own result; one that failed is removed at once,
    /// because no row can name it.
    /// </summary>
    IReadOnlyList<Either<StoreError, LandedPart>> Land(IReadOnlyList<ReceivedPart> parts);

    /// <summary>Opens a part's file; throws <see cref="FileNotFoundException"/> where there is none.</summary>
    IDiskFile Open(Digest digest, PartPlace.File file);

    /// <summary>Makes a part durable that a relaxed store left to the kernel.</summary>
    void Sync(Digest digest, PartPlace.File file);

    /// <summary>Removes a part's file.</summary>
    void Remove(Digest digest, PartPlace.File file);

    bool IsInFlight(string nonce);

    /// <summary>
    /// What is wrong where the directory is not the one that this process began with, because it was unmounted or exchanged; null
    /// where it is. In another one no part is missing, and none may be put or removed.
    /// </summary>
    string? Foreign();

    /// <summary>The file's fate is known: it has a row, or is gone, or is the janitor's.</summary>
    void Settle(LandedPart part);
}

/// <summary>
/// A file under <c>tmp/</c> that is being written. Disposing it before it landed removes it, or leaves it to the janitor where the disk
/// fails, and never throws: whoever gives up an upload has others to answer.
/// </summary>
internal sealed class TemporaryFile(
    IDisk disk, string path, string nonce, bool writesBack, Action<string> settled, Action<IOException> left, IDiskFile file) : IDisposable
{
    /// <summary>After so many bytes the kernel is asked to begin writing them to the disk, where they will be synced.</summary>
    private const long WriteBackBytes = 8 << 20;

    private bool moved;
    private long writtenBack;

    public string Nonce => nonce;

    public string Path => path;

    public long Length { get; private set; } = file.Length;

    public bool Synced { get; private set; }

    /// <summary>Appends the bytes.</summary>
    public void Append(ReadOnlySequence<byte> bytes)
    {
        file.Write(bytes, Length);
        Length += bytes.Length;
        if (writesBack && Length - writtenBack >= WriteBackBytes)
        {
            file.BeginWriteBack(writtenBack, Length - writtenBack);
            writtenBack = Length;
        }
    }

    /// <summary>Takes the room for so many bytes ahead of them; where that fails, none of it is taken.</summary>
    public void Reserve(long bytes)
    {
        try
        {
            file.Reserve(bytes);
        }
        catch (IOException)
        {
            file.Trim();
            throw;
        }
    }

    /// <summary>Gives back the room that was reserved beyond what was written. Nobody may append meanwhile.</summary>
    public void GiveBack() => file.Trim();

    public void Sync()
    {
        if (!Synced)
        {
            file.SyncData();
            Synced = true;
        }
    }

    /// <summary>Gives the file its final name.</summary>
    public void MoveTo(string target)
    {
        file.Dispose();
        disk.Rename(path, target);
        moved = true;
    }

    public void Dispose()
    {
        file.Dispose();
        if (moved)
        {
            return;
        }

        try
        {
            disk.Unlink(path);
        }
        catch (IOException error)
        {
            left(error);
        }
        finally
        {
            settled(nonce);
        }
    }
}

/// <summary>Parts as files of the local disk.</summary>
internal sealed class LocalParts : IParts, IDisposable
{
    /// <summary>So many files fill a directory.</summary>
    private const int FilesPerDirectory = 4096;

    /// <summary>So many files of a batch are synced at once.</summary>
    private const int SyncThreads = 8;

    private readonly IDisk disk;
    private readonly DataLayout layout;
    private readonly bool strict;
    private readonly Func<string> newNonce;
    private readonly Health health;
    private readonly Serilog.ILogger log;
    private readonly WorkerThreads syncs;
    private readonly ConcurrentDictionary<string, bool> inFlight = new();
    private readonly Option<string> store;
    private readonly int filesPerDirectory;
    private int directory;
    private int filesInDirectory;

    public LocalParts(
        IDisk disk, DataLayout layout, bool strict, Func<string> newNonce, Health health, Serilog.ILogger log, int syncThreads = SyncThreads,
        int filesPerDirectory = FilesPerDirectory)
    {
        this.filesPerDirectory = filesPerDirectory;
        syncs = new WorkerThreads(syncThreads, "sync");
        (this.disk, this.layout, this.strict, this.newNonce, this.health, this.log) = (disk, layout, strict, newNonce, health, log);
        store = StoreIdentity.BesideParts(layout);
        directory = disk.Directories(layout.Parts).Map(DataLayout.ParsePartDirectory).Somes().Fold(0, Math.Max);
        if (directory > 0)
        {
            TakeUp();
        }
        else
        {
            filesInDirectory = filesPerDirectory;
        }
    }

    public TemporaryFile Begin() => Begin(disk.Create);

    public TemporaryFile Begin(Func<string, IDiskFile> make)
    {
        var nonce = newNonce();
        inFlight[nonce] = true;
        try
        {
            var path = layout.TemporaryFile(nonce);
            return new TemporaryFile(disk, path, nonce, strict, Settle, Leave, make(path));
        }
        catch
        {
            Settle(nonce);
            throw;
        }
    }

    public IReadOnlyList<Either<StoreError, LandedPart>> Land(IReadOnlyList<ReceivedPart> parts)
    {
        var landings = parts.Map(part => new Landing(part)).ToArray();
        var files = landings.Where(landing => landing.Part is ReceivedPart.File).ToArray();
        if (strict)
        {
            // Every new file of the batch becomes durable, several at once.
            syncs.ForEach(files, landing => landing.Try(() => landing.Temporary.Sync()));
        }

        if (files.Length > 0)
        {
            files[0].Try(MustBeOurs);
            files.Iter(landing => landing.Failure ??= files[0].Failure);
        }

        // Each gets its final name.
        foreach (var landing in files)
        {
            landing.Try(() => Rename(landing));
        }

        if (strict)
        {
            // Each directory is synced once.
            SyncDirectories(files);
        }

        return [.. landings.Select(Landed)];
    }

    public IDiskFile Open(Digest digest, PartPlace.File file)
    {
        try
        {
            return disk.Open(layout.PartFile(digest, file));
        }
        catch (FileNotFoundException)
        {
            MustBeOurs();
            throw;
        }
    }

    public string? Foreign() => store.ForAll(id => StoreIdentity.IsBesideParts(layout, id))
        ? null
        : $"{layout.PartsIdentity} no longer belongs to this store; mount or restore the parts directory";

    /// <summary>Throws where <see cref="Foreign"/> has something to say.</summary>
    public void MustBeOurs()
    {
        if (Foreign() is { } problem)
        {
            throw new IOException(problem);
        }
    }

    public void Sync(Digest digest, PartPlace.File file)
    {
        using (var opened = Open(digest, file))
        {
            opened.SyncData();
        }

        disk.SyncDirectory(layout.PartDirectory(file.Directory));
        disk.SyncDirectory(layout.Parts);
    }

    public void Remove(Digest digest, PartPlace.File file) => disk.Unlink(layout.PartFile(digest, file));

    /// <summary>How many files are in flight.</summary>
    public int InFlight => inFlight.Count;

    public bool IsInFlight(string nonce) => inFlight.ContainsKey(nonce);

    public void Settle(LandedPart part)
    {
        if (part.Place is PartPlace.File file)
        {
            Settle(file.Nonce);
        }
    }

    public void Dispose() => syncs.Dispose();

    private void Leave(IOException error) => log.Warning("a temporary file is left to the janitor: {Reason}", error.Message);

    private void Settle(string nonce) => inFlight.TryRemove(nonce, out _);

    private void Rename(Landing landing)
    {
        if (filesInDirectory >= filesPerDirectory)
        {
            NextDirectory();
        }

        landing.Place = new PartPlace.File(directory, landing.Temporary.Nonce);
        landing.Temporary.MoveTo(layout.PartFile(landing.Part.Sha256, landing.Place));
        filesInDirectory++;
    }

    /// <summary>
    /// The last directory may be of a process that was killed before its name was durable, or that was relaxed. A strict store leaves
    /// it alone: if a sync of its name failed, another one proves nothing.
    /// </summary>
    private void TakeUp()
    {
        if (strict)
        {
            disk.SyncDirectory(layout.Parts);
        }

        var files = disk.Files(layout.PartDirectory(directory)).Count;
        filesInDirectory = strict || files == 0 ? filesPerDirectory : files;
    }

    private void NextDirectory()
    {
        // Counted first: where its name could not be made durable, the next try takes another name.
        directory++;
        disk.MakeDirectory(layout.PartDirectory(directory));
        if (strict)
        {
            disk.SyncDirectory(layout.Parts);
        }

        filesInDirectory = 0;
    }

    /// <summary>
    /// Where the sync of a directory failed, a later one that succeeds proves nothing about these names, so its files fail and
    /// the directory is not filled further.
    /// </summary>
    private void SyncDirectories(IReadOnlyList<Landing> files)
    {
        foreach (var group in files.Where(landing => landing.Failure is null).GroupBy(landing => landing.Place!.Directory))
        {
            var first = group.First();
            first.Try(() => disk.SyncDirectory(layout.PartDirectory(group.Key)));
            if (first.Failure is { } failure)
            {
                filesInDirectory = filesPerDirectory;
                group.Iter(landing => landing.Failure = failure);
            }
        }
    }

    private Either<StoreError, LandedPart> Landed(Landing landing)
    {
        if (landing.Failure is { } failure)
        {
            log.Error("an upload was refused because the disk failed: {Reason}", failure.Message);
            health.Failed(failure);
            Drop(landing);
            return DiskErrors.ToStoreError(failure);
        }

        return landing.Part switch
        {
            ReceivedPart.Inline inline => new LandedPart(inline.Sha256, inline.Size, new PartPlace.Inline(inline.Bytes), Synced: true),
            _ => new LandedPart(landing.Part.Sha256, landing.Part.Size, landing.Place!, Synced: strict),
        };
    }

    private void Drop(Landing landing)
    {
        try
        {
            landing.Part.Dispose();
            if (landing.Place is { } place)
            {
                Remove(landing.Part.Sha256, place);
                Settle(place.Nonce);
            }
        }
        catch (IOException error)
        {
            Settle(landing.Temporary.Nonce);
            log.Warning("a file of a refused upload is left to the janitor: {Reason}", error.Message);
        }
    }

    /// <summary>A part on its way to its final name.</summary>
    private sealed class Landing(ReceivedPart part)
    {
        public ReceivedPart Part => part;

        public TemporaryFile Temporary => ((ReceivedPart.File)part).Temporary;

        public PartPlace.File? Place { get; set; }

        public IOException? Failure { get; set; }

        /// <summary>Takes the step unless an earlier one failed. A failure is kept and never tried again.</summary>
        public void Try(Action step)
        {
            if (Failure is not null)
            {
                return;
            }

            try
            {
                step();
            }
            catch (IOException error)
            {
                Failure = error;
            }
        }
    }
}
