using System.Buffers;
using Borderless.Web.Storage;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Import;

/// <summary>Makes parts of the source's files, by copying or by hard links. On a Left nothing of it is left behind.</summary>
internal sealed class PartMaker(IParts parts, IDisk disk, SourceReading reading, bool link, int inlineMaxBytes)
{
    /// <summary>A file above this length is synced before it queues, so that a batch never waits for a large one.</summary>
    private const long SyncedAlone = 1 << 20;

    /// <summary>The digest of a blob's bytes, when they are what was promised.</summary>
    public Either<Skipped, Digest> Digest(Candidate blob) => Opened(blob, file => Verified(blob, file, _ => { }));

    /// <summary>A part of a blob's bytes, when they are what was promised.</summary>
    public Either<Skipped, ReceivedPart> Make(Candidate blob) =>
        Opened(blob, file => RandomAccess.GetLength(file) <= inlineMaxBytes ? Inline(blob, file) : InFile(blob, file));

    private static Either<Skipped, T> Opened<T>(Candidate blob, Func<SafeFileHandle, Either<Skipped, T>> use) =>
        SourcePosix.OpenRegular(blob.BytesAt).MapLeft(reason => new Skipped(blob.Path, reason, IsBlob: true)).Bind(file =>
        {
            using (file)
            {
                return use(file);
            }
        });

    private Either<Skipped, Digest> Verified(Candidate blob, SafeFileHandle file, Action<ReadOnlyMemory<byte>> sink)
    {
        var length = RandomAccess.GetLength(file);
        return
            from digest in reading.Read(file, length, sink).MapLeft(reason => new Skipped(blob.Path, reason, IsBlob: true))
            from promised in ImportPlan.Verify(blob, digest, length)
            select digest;
    }

    private Either<Skipped, ReceivedPart> Inline(Candidate blob, SafeFileHandle file)
    {
        var bytes = new ArrayBufferWriter<byte>();
        return Verified(blob, file, read => bytes.Write(read.Span))
            .Map<ReceivedPart>(digest => new ReceivedPart.Inline(digest, bytes.WrittenSpan.ToArray()));
    }

    private Either<Skipped, ReceivedPart> InFile(Candidate blob, SafeFileHandle file)
    {
        var temporary = link ? parts.Begin(path => Link(blob.BytesAt, path)) : parts.Begin();
        var handedOn = false;
        try
        {
            var read = link
                ? Opened(blob with { BytesAt = temporary.Path }, linked => Verified(blob, linked, _ => { }))
                : Verified(blob, file, bytes => temporary.Append(new ReadOnlySequence<byte>(bytes)));
            var part = read.Map<ReceivedPart>(digest => new ReceivedPart.File(digest, temporary));
            if (part.IsRight && temporary.Length > SyncedAlone)
            {
                temporary.Sync();
            }

            handedOn = part.IsRight;
            return part;
        }
        finally
        {
            if (!handedOn)
            {
                temporary.Dispose();
            }
        }
    }

    /// <summary>The file's second name. What is hashed is what stands behind this name, for the first may have changed since.</summary>
    private IDiskFile Link(string source, string path)
    {
        try
        {
            Posix.Link(source, path);
            return disk.Open(path);
        }
        catch (DiskException error)
        {
            disk.Unlink(path);
            throw new IOException($"{error.Message}; without --link, bytes are copied", error);
        }
    }
}
