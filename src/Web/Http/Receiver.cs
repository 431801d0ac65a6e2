using System.Diagnostics;
using System.IO.Pipelines;
using Borderless.Web.Observe;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>
/// Takes a request's body in: counts it, hashes it and writes it while it arrives. On a Left nothing of it is left behind.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="expected">Digests that the bytes must have.</param>
/// <param name="most">How many bytes they may be at the most.</param>
/// <param name="whole">Of a chunk: the hash of the chunks before it, which is fed its bytes; null for any other body.</param>
internal delegate Task<Either<StoreError, ReceivedPart>> ReceivePart(HttpContext http, Seq<Digest> expected, long most, Prefix? whole);

/// <summary>
/// Receives bodies. The bytes are hashed and written straight out of the connection's own buffers, whose number is bounded, and those
/// of a large body through two buffers in turn: so a body of any size costs the same memory.
/// </summary>
internal sealed class Receiver(
    IParts parts, Space space, Health health, LimitSettings limits, StorageSettings storage, StallWatch stalls, DiskGate gate, LargeBuffers buffers,
    TimeProvider time, Serilog.ILogger log) : IDisposable
{
    /// <summary>So many bytes are gathered for one write.</summary>
    private const int Gathered = 65_537;

    /// <summary>A file above this length is synced before it queues, so that a batch never waits for a large one.</summary>
    private const long SyncedAlone = 1 << 20;

    private readonly WorkerThreads syncs = new(4, "bulk sync");

    public async Task<Either<StoreError, ReceivedPart>> Receive(HttpContext http, Seq<Digest> expected, long most, Prefix? whole)
    {
        var traffic = Traffic.Of(http);
        using var patience = new Patience(over => stalls.Watch(() => traffic.Received, over.Cancel));
        await using var body = new Body(parts, buffers, gate, whole) { Hashing = Pieces.Of("hash") };
        using var upload = traffic.BeginUpload();
        try
        {
            if ((await TakeAll(http, body, Math.Min(most, limits.MaxDataBytes), traffic, patience)).Case is StoreError refused)
            {
                return refused;
            }

            if (DigestFields.Check(expected, body.Sha256()).Case is StoreError mismatch)
            {
                return mismatch;
            }

            if (storage.Durability == Durability.Strict && body.File is { Length: > SyncedAlone } large)
            {
                using var step = Traces.Begin("sync");
                traffic.Synced(await syncs.Run(() =>
                {
                    var from = Stopwatch.GetTimestamp();
                    large.Sync();
                    return Stopwatch.GetElapsedTime(from);
                }));
            }

            return body.Finish();
        }
        catch (IOException error)
        {
            log.Error("an upload was refused because the disk failed: {Reason}", error.Message);
            health.Failed(error);
            return DiskErrors.ToStoreError(error);
        }
    }

    public void Dispose() => syncs.Dispose();

    private async ValueTask<Either<StoreError, Unit>> TakeAll(HttpContext http, Body body, long most, Traffic traffic, Patience patience)
    {
        using var step = Traces.Begin("receive");
        var progress = new Progress(time, limits.TimeoutSeconds);
        if ((await Reserve(body, http.Request.ContentLength)).Case is StoreError full)
        {
            return full;
        }

        var complete = false;
        while (!complete)
        {
            var gathered = await Gather(http, body, most, progress, traffic, patience);
            if (gathered.Case is not ReadResult read)
            {
                return (StoreError)gathered.Case;
            }

            complete = read.IsCompleted;
            if ((await Take(http.Request.BodyReader, body, read)).Case is StoreError noRoom)
            {
                return noRoom;
            }
        }

        await body.Complete();
        return unit;
    }

    /// <summary>Before the body is read, so that a full disk is found at once.</summary>
    private async ValueTask<Either<StoreError, Unit>> Reserve(Body body, long? announced)
    {
        using (await gate.Enter())
        {
            body.Admitted = announced ?? 0;
            return announced > Space.ReservedFrom ? space.Reserve(body.Begin(), announced.Value) : space.Admit(body.Admitted);
        }
    }

    /// <summary>Whatever becomes of the bytes, they count as read, or the connection could not go on to the next request.</summary>
    private async ValueTask<Either<StoreError, Unit>> Take(PipeReader reader, Body body, ReadResult read)
    {
        try
        {
            var length = body.Length + read.Buffer.Length;
            if (length > body.Admitted && (await Admit(read.Buffer.Length)).Case is StoreError noRoom)
            {
                return noRoom;
            }

            await body.Append(read.Buffer, read.IsCompleted && IsInline(length));
            return unit;
        }
        finally
        {
            BodyReading.Advance(reader, read.Buffer.End, read.Buffer.End);
        }
    }

    private async ValueTask<Either<StoreError, Unit>> Admit(long bytes)
    {
        using (await gate.Enter())
        {
            return space.Admit(bytes);
        }
    }

    private bool IsInline(long length) => storage.InlineLimit > 0 && length <= storage.InlineLimit;

    /// <summary>Waits for as many bytes as one write should have, or for the end.</summary>
    private static async ValueTask<Either<StoreError, ReadResult>> Gather(
        HttpContext http, Body body, long most, Progress progress, Traffic traffic, Patience patience)
    {
        var before = body.Length;
        var reader = http.Request.BodyReader;
        while (true)
        {
            var next = await BodyReading.Next(http, patience);
            if (next.Case is not ReadResult read)
            {
                return next;
            }

            traffic.Receive(before + read.Buffer.Length - traffic.Received);
            if (body.Admitted > traffic.Received && !progress.KeepsRoom(traffic.Received))
            {
                body.Admitted = 0;
                await body.GiveBack();
            }

            if (BodyLimit.Check(traffic.Received, most).Case is StoreError tooLarge)
            {
                BodyReading.Advance(reader, read.Buffer.End, read.Buffer.End);
                return tooLarge;
            }

            if (read.IsCompleted || read.Buffer.Length >= Gathered)
            {
                return read;
            }

            BodyReading.Advance(reader, read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>
    /// Whether an upload may keep room ahead of what it sent: one that moved less than a mebibyte in the last timeout may not, so
    /// that announcing alone cannot close the store. One that moves nothing at all is ended by the timeout itself.
    /// </summary>
    private sealed class Progress(TimeProvider time, int timeoutSeconds)
    {
        private const long LeastBytes = 1 << 20;

        private long windowStart = time.GetTimestamp();
        private long windowBytes;

        public bool KeepsRoom(long received)
        {
            if (time.GetElapsedTime(windowStart) < TimeSpan.FromSeconds(timeoutSeconds))
            {
                return true;
            }

            var moved = received - windowBytes;
            (windowStart, windowBytes) = (time.GetTimestamp(), received);
            return moved >= LeastBytes;
        }
    }
}
