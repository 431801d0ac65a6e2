using System.IO.Pipelines;
using System.Text;
using Borderless.Web.Audit;
using Borderless.Web.Observe;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>The one way out: writes an answer, or the error in its place.</summary>
internal sealed class Sender(IIndexReader index, IParts parts, DamageReports damage, DiskGate gate, LargeBuffers buffers, StallWatch stalls, Serilog.ILogger log)
{
    /// <summary>So many bytes are read at a time, in the beginning and once a client has shown to take them.</summary>
    private const int SmallRead = 64 << 10;
    private const int LargeRead = LargeBuffers.Bytes;
    private const long ShownAfter = 1 << 20;

    /// <summary>Writes what the pipeline came to.</summary>
    public async Task Send(Task<Either<StoreError, Reply>> outcome, HttpContext http) => await Send(await outcome, http);

    /// <summary>Writes what the pipeline came to.</summary>
    public Task Send(Either<StoreError, Reply> outcome, HttpContext http) =>
        outcome.Case switch
        {
            Reply reply => Send(reply, http),
            StoreError error => Send(error, http),
            _ => throw new InvalidOperationException("a pipeline ends with a reply or an error"),
        };

    /// <summary>Writes an error.</summary>
    public Task Send(StoreError error, HttpContext http) => Send(Answer(error, http), http);

    /// <summary>Writes the answer.</summary>
    public Task Send(Reply reply, HttpContext http) => Traces.Request is null ? Put(reply, http) : PutTraced(reply, http);

    /// <summary>The error as an answer, told to those who count and note it.</summary>
    private static Reply Answer(StoreError error, HttpContext http)
    {
        Traffic.Of(http).Code = error.Code;
        return Reply.Error(AuditFacts.Met(http, error), http.TraceIdentifier);
    }

    private async Task PutTraced(Reply reply, HttpContext http)
    {
        using var step = Traces.Begin("send");
        await Put(reply, http);
    }

    private Task Put(Reply reply, HttpContext http) => reply.Body switch
    {
        ReplyBody.JsonText json => SendBytes(reply, json.Utf8, "application/json", http),
        ReplyBody.Text text => SendBytes(reply, text.Utf8, text.ContentType, http),
        ReplyBody.Blob blob => SendBlob(reply, blob.Reading, blob.Plan, http),
        ReplyBody.Nothing => SendNothing(reply, http),
        _ => throw new InvalidOperationException("an answer is text, a blob or nothing"),
    };

    private static Task SendNothing(Reply reply, HttpContext http)
    {
        SetHead(reply, null, http.Response);
        return Task.CompletedTask;
    }

    private static async Task SendBytes(Reply reply, byte[] utf8, string contentType, HttpContext http)
    {
        http.Response.ContentType = contentType;
        SetHead(reply, utf8.Length, http.Response);
        await Write(utf8, http);
    }

    private async Task SendBlob(Reply reply, BlobReading reading, BodyPlan plan, HttpContext http)
    {
        using (reading)
        {
            // The first part is opened before the head is out, so that its absence can still be told.
            var slices = Slices(reading.Blob, plan);
            var first = slices.Find(slice => slice.Bytes is not null)?.Bytes is { } bytes ? Open(reading, bytes.Part).Case : null;
            if (first is StoreError damaged)
            {
                await Put(Answer(damaged, http), http);
                return;
            }

            using var open = first as OpenPart;
            SetHead(reply, plan.Length, http.Response);
            if (!HttpMethods.IsHead(http.Request.Method))
            {
                using var watched = plan.Length <= SmallRead || ConnectionWatch.Sees(http) ? null : Watch(Traffic.Of(http), http);
                Traffic.Of(http).Cut = !await Copy(reading, slices, open, http);
            }
        }
    }

    /// <summary>Ends the answer where it waits for a reader that does not read, as <see cref="ConnectionWatch"/> does where it sees that.</summary>
    private IDisposable Watch(Traffic traffic, HttpContext http) => stalls.Watch(
        () => traffic.Waits ? traffic.Sent : null,
        () =>
        {
            traffic.Stalled = true;
            http.Abort();
        },
        movesInSteps: true);

    private static void SetHead(Reply reply, long? length, HttpResponse response)
    {
        response.StatusCode = reply.Status;
        response.ContentLength = length;
        foreach (var (name, value) in reply.Headers)
        {
            if (value.Length > 0)
            {
                response.Headers[name] = value;
            }
        }
    }

    /// <summary>Head and bytes leave in one packet where they fit.</summary>
    private static async Task<bool> Write(ReadOnlyMemory<byte> bytes, HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return true;
        }

        Traffic.Of(http).Send(bytes.Length);
        var flushed = await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
        return !flushed.IsCompleted;
    }

    /// <summary>The body as texts and slices of parts, in order.</summary>
    private static List<Slice> Slices(BlobRow blob, BodyPlan plan)
    {
        var sizes = toSeq(blob.Manifest.Map(entry => entry.Size).ToArray());
        var slices = new List<Slice>();
        foreach (var stretch in plan.Stretches)
        {
            switch (stretch)
            {
                case Stretch.Bytes bytes:
                    Ranges.Slice(sizes, bytes.Range).Iter(slice => slices.Add(new Slice(null, slice)));
                    break;
                case Stretch.Text text:
                    slices.Add(new Slice(text.Latin1, null));
                    break;
                default:
                    throw new InvalidOperationException("a stretch is text or bytes");
            }
        }

        return slices;
    }

    /// <returns>False when the client is gone or the bytes end early.</returns>
    private async Task<bool> Copy(BlobReading reading, List<Slice> slices, OpenPart? first, HttpContext http)
    {
        foreach (var (text, bytes) in slices)
        {
            var whole = bytes is { } slice
                ? await CopyOpened(reading, slice, first, http)
                : await Write(Encoding.Latin1.GetBytes(text!), http);
            if (!whole)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> CopyOpened(BlobReading reading, PartSlice slice, OpenPart? first, HttpContext http)
    {
        if (first is not null && first.Position == slice.Part)
        {
            return await Copy(first, slice, http);
        }

        using var open = Open(reading, slice.Part).MatchUnsafe(Right: part => part, Left: _ => null!);
        if (open is not null)
        {
            return await Copy(open, slice, http);
        }

        // The head is out: a connection that ends early is all that can still be said.
        http.Abort();
        return false;
    }

    private async Task<bool> Copy(OpenPart part, PartSlice slice, HttpContext http)
    {
        if (part.Inline is { } inline)
        {
            return await Write(inline.AsMemory((int)slice.Offset, (int)slice.Length), http);
        }

        var (writer, traffic) = (http.Response.BodyWriter, Traffic.Of(http));
        using var large = buffers.Reserve(LargeBuffers.ForDownload);
        for (var (offset, end) = (slice.Offset, slice.Offset + slice.Length); offset < end;)
        {
            var length = offset - slice.Offset >= ShownAfter && large.IsGranted ? LargeRead : SmallRead;
            var read = await Read(part, writer, offset, (int)Math.Min(length, end - offset));
            if (read == 0)
            {
                _ = damage.Report(part.Row, $"it ends at {offset} of {part.Row.Size} bytes");
                http.Abort();
                return false;
            }

            offset += read;
            traffic.Waits = true;
            var flushed = await writer.FlushAsync(http.RequestAborted);
            traffic.Waits = false;
            if (flushed.IsCompleted)
            {
                return false;
            }

            traffic.Send(read);
        }

        return true;
    }

    private async ValueTask<int> Read(OpenPart part, PipeWriter writer, long offset, int length)
    {
        using (await gate.Enter())
        {
            var read = part.Read(writer.GetSpan(length)[..length], offset);
            writer.Advance(read);
            return read;
        }
    }

    private Either<StoreError, OpenPart> Open(BlobReading reading, int position)
    {
        var row = reading.Only ?? index.FindParts([reading.Blob.Manifest[position].Part])[0];
        if (row is null || row.Damaged)
        {
            return new StoreError.BlobDamaged();
        }

        try
        {
            var open = new OpenPart(row, position, row.Place is PartPlace.File file ? parts.Open(row.Sha256, file) : null);
            if (open.IsWhole)
            {
                return open;
            }

            open.Dispose();
            _ = damage.Report(row, $"its file is shorter than {row.Size} bytes");
        }
        catch (FileNotFoundException)
        {
            _ = damage.Report(row, "its file is missing");
        }
        catch (IOException error)
        {
            log.Error("a blob cannot be read now: {Reason}", error.Message);
            return DiskErrors.ToStoreError(error);
        }

        return new StoreError.BlobDamaged();
    }

    /// <summary>A text, or a slice of a part.</summary>
    private sealed record Slice(string? Text, PartSlice? Bytes);

    /// <summary>A part whose bytes can be read.</summary>
    private sealed class OpenPart(PartRow row, int position, IDiskFile? file) : IDisposable
    {
        public PartRow Row => row;

        /// <summary>Its place in the blob's manifest.</summary>
        public int Position => position;

        public byte[]? Inline => (row.Place as PartPlace.Inline)?.Bytes;

        public bool IsWhole => file is null || file.Length >= row.Size;

        public int Read(Span<byte> into, long offset) => file!.Read(into, offset);

        public void Dispose() => file?.Dispose();
    }
}
