using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Borderless.Web.Http;

/// <summary>Reading a request's body, where a client that fails is kept apart from a store that fails.</summary>
internal static class BodyReading
{
    /// <summary>
    /// The next bytes, or why there are none: the body was cut short, or patience was over. After a Left the connection takes no
    /// further request, for its reader stands somewhere in a body.
    /// </summary>
    public static async ValueTask<Either<StoreError, ReadResult>> Next(HttpContext http, Patience patience)
    {
        var reader = http.Request.BodyReader;
        try
        {
            if (reader.TryRead(out var there))
            {
                if (!there.IsCanceled)
                {
                    return there;
                }

                reader.AdvanceTo(there.Buffer.Start, there.Buffer.End);
            }

            // The read is cancelled, not its token: a reader whose token was cancelled could not be drained afterwards.
            var stalled = patience.Begin();
            using var cancelling = stalled.Register(reader.CancelPendingRead);
            while (true)
            {
                var read = await reader.ReadAsync(CancellationToken.None);
                if (!read.IsCanceled)
                {
                    return read;
                }

                if (stalled.IsCancellationRequested)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return Last(http, new StoreError.RequestTimeout());
                }

                // Kestrel cancels every pending read when it begins to stop. A body on its way has its grace.
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return Last(http, new StoreError.RequestTimeout());
        }
        catch (ConnectionResetException)
        {
            // Nobody is there to be answered, and no rest of the body to be drained.
            http.Abort();
            return Last(http, new StoreError.BrokenStream());
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The connection's, never the disk's: it ended, or the framing of its chunks is nonsense.
            return Last(http, new StoreError.BrokenStream());
        }
    }

    /// <summary>
    /// Gives bytes back as read. Where the connection has failed meanwhile that is said here, and again by the next reading, whose matter
    /// it is: here it would be taken for the disk's.
    /// </summary>
    public static void Advance(PipeReader reader, SequencePosition consumed, SequencePosition examined)
    {
        try
        {
            reader.AdvanceTo(consumed, examined);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The next reading tells.
        }
    }

    private static StoreError Last(HttpContext http, StoreError error)
    {
        // In HTTP/2 the stream ends by itself, and the others of its connection go on.
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        return error;
    }
}
