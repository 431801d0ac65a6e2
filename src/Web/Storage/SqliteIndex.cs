using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Storage;

/// <summary>
/// The index on SQLite in WAL mode: one writing connection, a reading connection for each thread that reads at once, and one
/// that checkpoints off the commit path.
/// </summary>
internal sealed class SqliteIndex : IIndex
{
    /// <summary>When the log is longer than this, because readers held it, the committer itself empties it between two batches.</summary>
    public const long MaxLogBytes = 64L << 20;

    /// <summary>
    /// After so many bytes the committer begins the log anew from its start, over what is written back: file and blocks are there
    /// already then, which makes a commit cheaper than in a log that grows.
    /// </summary>
    private const long ReusedAfterBytes = 48L << 20;

    /// <summary>How long commits wait for readers that hold a long log, and how long they then leave it alone.</summary>
    private const int RestartWaitMilliseconds = 200;
    private const int RestartPauseMilliseconds = 1000;

    /// <summary>How long they wait where the log is short, and is to be used again, or to go for the sake of deleted bytes.</summary>
    private const int BriefWaitMilliseconds = 50;

    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMilliseconds(250);

    private readonly string path;
    private readonly bool strict;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger log;
    private readonly ReaderWriterLockSlim open = new();
    private readonly Lock writing = new();
    private readonly Lock checkpointing = new();
    private readonly ConcurrentBag<SqliteReader> readers = [];
    private readonly AutoResetEvent committed = new(false);
    private readonly CancellationTokenSource stopping = new();
    private readonly Thread checkpointer;
    private SqliteWriter? writer;
    private SafeFileHandle? file;
    private long length;
    private volatile FrozenDictionary<string, long> epochs = FrozenDictionary<string, long>.Empty;
    private volatile bool owesErasure;
    private long restartFrom;
    private long logged;

    public SqliteIndex(string path, bool strict, TimeProvider time, Serilog.ILogger log)
    {
        (this.path, this.strict, this.time, this.log) = (path, strict, time, log);
        OpenWriter();
        checkpointer = new Thread(Checkpoint) { IsBackground = true, Name = "checkpointer" };
        checkpointer.Start();
    }

    /// <summary>The length of the log in bytes.</summary>
    public long LogBytes => new FileInfo(path + "-wal") is { Exists: true } wal ? wal.Length : 0;

    /// <summary>
    /// Whether bytes were deleted that are still on the disk: in the log's old frames, and in the database until the newer ones,
    /// which overwrite them, are written back.
    /// </summary>
    public bool OwesErasure => owesErasure;

    public T Commit<T>(Func<ITransaction, T> work) => Writing(() =>
    {
        var current = writer ?? throw new IndexException("it is closed after a failure", 0);
        var result = current.Commit(work);
        MustBeWhole();
        owesErasure |= current.Erased;
        epochs = current.Revoked ? current.Epochs() : epochs;
        _ = committed.Set();
        logged += current.TakeWritten();
        if (LogBytes > MaxLogBytes)
        {
            ShortenLog();
        }
        else if (logged > ReusedAfterBytes)
        {
            _ = BeginLogAnew(BriefWaitMilliseconds);
        }

        return result;
    });

    /// <summary>
    /// Throws where the file was emptied, cut or overwritten under us, which the pages in memory would hide for long. It is looked at
    /// through a descriptor that stays open, because closing one lets go of all locks that the process has on a file (POSIX
    /// record locks, fcntl(2)), SQLite's among them.
    /// </summary>
    public void MustBeWhole()
    {
        if (!IsWhole())
        {
            // A checkpoint that runs may have begun to make it shorter, and its header not yet.
            lock (checkpointing)
            {
                if (!IsWhole())
                {
                    throw new IndexException("its file was emptied, cut or overwritten", 0);
                }
            }
        }
    }

    /// <summary>Writes the log back and gives its room to the file system, if no reader holds it.</summary>
    public void RestartLog() => Writing(() => EmptyLog(RestartWaitMilliseconds));

    /// <summary>
    /// Writes the log back and gives its room to the file system for the sake of deleted bytes. Most is written back before, while
    /// commits go on; while a reader holds the log, the erasure stays owed.
    /// </summary>
    public void Erase()
    {
        WriteBack();
        _ = Writing(() => EmptyLog(BriefWaitMilliseconds));
    }

    public bool ReuseLog() => Writing(() => BeginLogAnew(RestartWaitMilliseconds));

    /// <summary>
    /// What the log will add to the database gets its room first, by being written back: a log that cannot be written back cannot
    /// be used again either, and deletes add nothing more.
    /// </summary>
    public void ReserveLog(long bytes)
    {
        try
        {
            var growth = Pages().All * SqliteSchema.PageSize - new FileInfo(path).Length;
            using var file = Posix.OpenForWriting(path + "-wal");
            Posix.Reserve(file, path + "-wal", LogBytes + Math.Max(0, bytes - Math.Max(0, growth)));
            _ = ReuseLog();
        }
        catch (IOException error)
        {
            log.Warning("no room is reserved for the index's log: {Reason}", error.Message);
        }
    }

    public void Reopen()
    {
        open.EnterWriteLock();
        try
        {
            Close();
            OpenWriter();
        }
        finally
        {
            open.ExitWriteLock();
        }
    }

    public FoundBlob? FindBlob(BucketName bucket, BlobId blob) => Read(reader => reader.FindBlob(bucket, blob));

    public IReadOnlyList<PartRow?> FindParts(IReadOnlyList<long> parts) => Read(reader => reader.FindParts(parts));

    public PartRow? NextPart(long after) => Read(reader => reader.NextPart(after));

    public IReadOnlyList<ChunkRow> FindChunks(BucketName bucket, BlobId blob, int total) =>
        Read(reader => reader.FindChunks(bucket, blob, total));

    public (int Total, IReadOnlyList<WaitingChunk> Chunks)? FindUpload(BucketName bucket, BlobId blob, int? total) =>
        Read(reader => reader.FindUpload(bucket, blob, total));

    public IReadOnlyList<BucketRow> Buckets() => Read(reader => reader.Buckets());

    public BucketRow? FindBucket(BucketName bucket) => Read(reader => reader.FindBucket(bucket));

    public long EpochOf(BucketName bucket) => epochs.GetValueOrDefault(bucket.Value);

    public bool AnySpentBefore(UnixSeconds time) => Read(reader => reader.AnySpentBefore(time));

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) =>
        Read(reader => reader.WaitingBeside(bucket, blob, total, position));

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) => Read(reader => reader.FindSpent(bucket, blob, nonce));

    public (IReadOnlyList<BucketRow> Buckets, Totals Totals) Counts() => Read(reader => reader.Counts());

    public IReadOnlyList<ListedBlob> List(BucketName? bucket, ListPosition? after, int limit, long offset) =>
        Read(reader => reader.List(bucket, after, limit, offset));

    public (IReadOnlyList<ListedBlob> Page, long Total) ListById(
        BucketName? bucket, BlobId from, BlobId to, ListPosition? after, int limit, long offset) =>
        Read(reader => reader.ListById(bucket, from, to, after, limit, offset));

    public bool NamesFile(Digest sha256, string nonce) => Read(reader => reader.NamesFile(sha256, nonce));

    public IReadOnlyList<StaleUpload> UploadsUntouchedSince(long time) => Read(reader => reader.UploadsUntouchedSince(time));

    public IReadOnlyList<GarbagePart> Garbage(long after, int limit) => Read(reader => reader.Garbage(after, limit));

    public (long Free, long All) Pages() => Read(reader => reader.Pages());

    public void Dispose()
    {
        stopping.Cancel();
        _ = committed.Set();
        checkpointer.Join();
        open.EnterWriteLock();
        try
        {
            Close();
        }
        finally
        {
            open.ExitWriteLock();
        }

        open.Dispose();
        committed.Dispose();
        stopping.Dispose();
    }

    private T Read<T>(Func<SqliteReader, T> read)
    {
        open.EnterReadLock();
        try
        {
            var reader = readers.TryTake(out var idle) ? idle : new SqliteReader(path);
            try
            {
                return read(reader);
            }
            finally
            {
                readers.Add(reader);
            }
        }
        finally
        {
            open.ExitReadLock();
        }
    }

    /// <summary>No commit comes between: the log's end stands still.</summary>
    private T Writing<T>(Func<T> work)
    {
        open.EnterReadLock();
        try
        {
            lock (writing)
            {
                return work();
            }
        }
        finally
        {
            open.ExitReadLock();
        }
    }

    /// <summary>
    /// What the log brings back after a crash or a failed commit may be in the kernel's memory only, so all of it is written into
    /// the database and synced before anything builds on it.
    /// </summary>
    private void OpenWriter()
    {
        writer = new SqliteWriter(path, strict, time);
        (file, length) = (Posix.Open(path), new FileInfo(path).Length);
        owesErasure = true;
        epochs = writer.Epochs();
        try
        {
            if (!writer.Truncate())
            {
                throw new IndexException("its log cannot be written back: another process has it open", 0);
            }

            owesErasure = false;
        }
        catch (IndexException error) when (error.IsFull)
        {
            // A full disk must not keep anybody from reading and deleting. The log is complete, and is written back when there is room.
            log.Warning("the index's log is not written back yet: {Reason}", error.Message);
        }
    }

    private void Close()
    {
        while (readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        writer?.Dispose();
        writer = null;
        file?.Dispose();
        file = null;
    }

    private void Checkpoint()
    {
        while (committed.WaitOne() && !stopping.Token.WaitHandle.WaitOne(CheckpointInterval))
        {
            WriteBack();
        }
    }

    /// <summary>
    /// Whether it begins as a database does, and did not become shorter than its header says (the SQLite file format, section 1.3).
    /// That it merely is shorter is no harm: a full disk may have stopped a checkpoint, and the log has the rest.
    /// </summary>
    private bool IsWhole()
    {
        Span<byte> header = stackalloc byte[32];
        if (file is not { } open || RandomAccess.Read(open, header, 0) != header.Length || !header.StartsWith("SQLite format 3\0"u8))
        {
            return false;
        }

        var (before, now) = (length, new FileInfo(path) is { Exists: true } there ? there.Length : 0);
        var isWhole = now >= Math.Min(before, BinaryPrimitives.ReadUInt32BigEndian(header[28..]) * (long)SqliteSchema.PageSize);
        length = isWhole ? now : before;
        return isWhole;
    }

    private void WriteBack()
    {
        open.EnterReadLock();
        try
        {
            _ = TryCheckpoint("PASSIVE", patience: 0);
        }
        finally
        {
            open.ExitReadLock();
        }
    }

    /// <param name="patience">For how many milliseconds commits wait, at the most, for readers that hold the log.</param>
    private bool EmptyLog(int patience)
    {
        var done = TryCheckpoint("TRUNCATE", patience);
        owesErasure &= !done;
        logged = done ? 0 : logged;
        return done;
    }

    /// <summary>Where a reader is in the way, the next try is after as many bytes again.</summary>
    private bool BeginLogAnew(int patience)
    {
        logged = 0;
        return TryCheckpoint("RESTART", patience);
    }

    private void ShortenLog()
    {
        if (Environment.TickCount64 >= restartFrom && !EmptyLog(RestartWaitMilliseconds))
        {
            restartFrom = Environment.TickCount64 + RestartPauseMilliseconds;
        }
    }

    /// <summary>
    /// What was committed is durable without it, so that a failure here is no failure of a commit. A reader may hold the log for
    /// long (a backup does while it copies the index): then it grows meanwhile, and commits are hardly held up for it.
    /// </summary>
    /// <returns>Whether it was done; not while a reader holds the log.</returns>
    private bool TryCheckpoint(string mode, int patience)
    {
        lock (checkpointing)
        {
            try
            {
                using var connection = SqliteSchema.Open(path, SqliteOpenMode.ReadWrite);
                SqliteSchema.Execute(connection, $"PRAGMA busy_timeout = {patience}; PRAGMA synchronous = {(strict ? "FULL" : "NORMAL")};");
                var done = SqliteSchema.Number(connection, $"PRAGMA wal_checkpoint({mode})") == 0;
                if (!done && patience == RestartWaitMilliseconds)
                {
                    log.Warning("the index's log could not be restarted at {Bytes} bytes; readers hold it", LogBytes);
                }

                return done;
            }
            catch (IndexException error)
            {
                log.Warning("the index's log was not checkpointed, and will be after the next commit: {Reason}", error.Message);
                return false;
            }
        }
    }
}
