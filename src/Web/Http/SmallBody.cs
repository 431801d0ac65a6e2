using System.Buffers;

namespace Borderless.Web.Http;

/// <summary>Bodies that are read whole, because they are small: those of presign and admin requests.</summary>
internal static class SmallBody
{
    /// <summary>Reads the body within the time that a whole request may take, and up to the length that is permitted.</summary>
    public static async Task<Either<StoreError, ReadOnlyMemory<byte>>> Read(HttpContext http, LimitSettings limits, TimeProvider time)
    {
        if (BodyLimit.Check(http.Request.ContentLength, limits.MaxPresignBytes).Case is StoreError tooLarge)
        {
            return tooLarge;
        }

        using var patience = new Patience(over =>
            time.CreateTimer(_ => over.Cancel(), null, TimeSpan.FromSeconds(limits.TimeoutSeconds), Timeout.InfiniteTimeSpan));
        var reader = http.Request.BodyReader;
        while (true)
        {
            var next = await BodyReading.Next(http, patience);
            if (next.Case is not System.IO.Pipelines.ReadResult read)
            {
                return (StoreError)next.Case;
            }

            if (BodyLimit.Check(read.Buffer.Length, limits.MaxPresignBytes).Case is StoreError grownTooLarge)
            {
                BodyReading.Advance(reader, read.Buffer.End, read.Buffer.End);
                return grownTooLarge;
            }

            if (read.IsCompleted)
            {
                ReadOnlyMemory<byte> body = read.Buffer.ToArray();
                Traffic.Of(http).Receive(body.Length);
                BodyReading.Advance(reader, read.Buffer.End, read.Buffer.End);
                return body;
            }

            BodyReading.Advance(reader, read.Buffer.Start, read.Buffer.End);
        }
    }
}
