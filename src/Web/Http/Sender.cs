using System.IO.Pipelines;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>The one way out: writes an answer, or the error in its place.</summary>
internal sealed class Sender(IIndex index, IParts parts, DiskGate gate, Serilog.ILogger log)
{
    private const int ReadBytes = 256 << 10;

    /// <summary>Writes what the pipeline came to.</summary>
    public async Task Send(EitherAsync<StoreError, Reply> outcome, HttpContext http) =>
        await Send(await outcome.IfLeft(error => Reply.Error(error, http.TraceIdentifier)), http);

    /// <summary>Writes the answer.</summary>
    public Task Send(Reply reply, HttpContext http) => reply.Body switch
    {
        ReplyBody.JsonText json => SendBytes(reply, json, http),
        ReplyBody.Blob blob => SendBlob(reply, blob.Reading, http),
        _ => throw new InvalidOperationException("an answer is JSON or a blob"),
    };

    private static async Task SendBytes(Reply reply, ReplyBody.JsonText json, HttpContext http)
    {
        http.Response.ContentType = "application/json";
        SetHead(reply, json.Utf8.Length, http.Response);
        await Write(json.Utf8, http);
    }

    private async Task SendBlob(Reply reply, BlobReading reading, HttpContext http)
    {
        using (reading)
        {
            if (reading.Only?.Place is PartPlace.Inline inline)
            {
                SetHead(reply, reading.Blob.Size, http.Response);
                await Write(inline.Bytes, http);
                return;
            }

            // The first file is opened before the head is out, so that its absence can still be told.
            var first = Open(reading, 0);
            if (first.Case is StoreError damaged)
            {
                await Send(Reply.Error(damaged, http.TraceIdentifier), http);
                return;
            }

            SetHead(reply, reading.Blob.Size, http.Response);
            if (!HttpMethods.IsHead(http.Request.Method))
            {
                await Copy(reading, (OpenPart)first.Case, http);
            }
            else
            {
                ((OpenPart)first.Case).Dispose();
            }
        }
    }

    private static void SetHead(Reply reply, long length, HttpResponse response)
    {
        response.StatusCode = reply.Status;
        response.ContentLength = length;
        reply.Headers.Filter(header => header.Value.Length > 0).Iter(header => response.Headers[header.Name] = header.Value);
    }

    /// <summary>Head and bytes leave in one packet where they fit.</summary>
    private static async Task Write(byte[] bytes, HttpContext http)
    {
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            Traffic.Of(http).Send(bytes.Length);
            _ = await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
        }
    }

    private async Task Copy(BlobReading reading, OpenPart first, HttpContext http)
    {
        var open = first;
        for (var i = 0; ; i++)
        {
            using (open)
            {
                if (!await Copy(open, http))
                {
                    Traffic.Of(http).Cut = true;
                    return;
                }
            }

            if (i + 1 == reading.Blob.Manifest.Count)
            {
                return;
            }

            if (Open(reading, i + 1).Case is not OpenPart next)
            {
                // The head is out: a connection that ends early is all that can still be said.
                Traffic.Of(http).Cut = true;
                http.Abort();
                return;
            }

            open = next;
        }
    }

    /// <returns>False when the client is gone or the bytes end early.</returns>
    private async Task<bool> Copy(OpenPart part, HttpContext http)
    {
        var writer = http.Response.BodyWriter;
        for (long offset = 0; offset < part.Size;)
        {
            var read = await Read(part, writer, offset);
            if (read == 0)
            {
                log.Error("part {Part} ends at {Offset} of {Size} bytes", part.Id, offset, part.Size);
                http.Abort();
                return false;
            }

            offset += read;
            var flushed = await writer.FlushAsync(http.RequestAborted);
            if (flushed.IsCompleted)
            {
                return false;
            }

            Traffic.Of(http).Send(read);
        }

        return true;
    }

    private async ValueTask<int> Read(OpenPart part, PipeWriter writer, long offset)
    {
        var length = (int)Math.Min(ReadBytes, part.Size - offset);
        using (await gate.Enter())
        {
            var read = part.Read(writer.GetSpan(length)[..length], offset);
            writer.Advance(read);
            return read;
        }
    }

    private Either<StoreError, OpenPart> Open(BlobReading reading, int i)
    {
        try
        {
            var row = reading.Only ?? index.FindParts([reading.Blob.Manifest[i].Part])[0];
            if (row is null || row.Damaged)
            {
                return new StoreError.BlobDamaged();
            }

            var open = new OpenPart(row, row.Place is PartPlace.File file ? parts.Open(row.Sha256, file) : null);
            if (open.IsWhole)
            {
                return open;
            }

            open.Dispose();
            log.Error("part {Part} is shorter than its {Size} bytes", row.Id, row.Size);
            return new StoreError.BlobDamaged();
        }
        catch (FileNotFoundException error)
        {
            log.Error("a blob's bytes are gone: {Reason}", error.Message);
            return new StoreError.BlobDamaged();
        }
    }

    /// <summary>A part whose bytes can be read.</summary>
    private sealed class OpenPart(PartRow row, IDiskFile? file) : IDisposable
    {
        public long Id => row.Id;

        public long Size => row.Size;

        public bool IsWhole => file is null || file.Length >= row.Size;

        public int Read(Span<byte> into, long offset)
        {
            if (file is not null)
            {
                return file.Read(into, offset);
            }

            ((PartPlace.Inline)row.Place).Bytes.AsSpan((int)offset, into.Length).CopyTo(into);
            return into.Length;
        }

        public void Dispose() => file?.Dispose();
    }
}
