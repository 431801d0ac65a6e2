using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Borderless.Web.Http;

/// <summary>Reading a request's body, where a client that fails is kept apart from a store that fails.</summary>
internal static class BodyReading
{
    /// <summary>The next bytes, or why there are none: the body was cut short, or the token was cancelled because it stalled.</summary>
    public static async ValueTask<Either<StoreError, ReadResult>> Next(PipeReader body, CancellationToken stalled)
    {
        try
        {
            return await body.ReadAsync(stalled);
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested)
        {
            return new StoreError.RequestTimeout();
        }
        catch (BadHttpRequestException error)
        {
            return error.StatusCode == StatusCodes.Status408RequestTimeout ? new StoreError.RequestTimeout() : new StoreError.BrokenStream();
        }
        catch (Exception error) when (error is ConnectionResetException or OperationCanceledException)
        {
            return new StoreError.BrokenStream();
        }
    }
}
