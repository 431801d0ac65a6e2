using Borderless.Web.Observe;

namespace Borderless.Web.Http;

/// <summary>What is told of a request when it ends: its bytes, which are counted beside those of all others, and its error.</summary>
internal sealed class Traffic(Flow flow)
{
    private long received;
    private long sent;
    private bool waits;
    private bool isUpload;

    /// <summary>Bytes of the request's body that were read.</summary>
    public long Received => Volatile.Read(ref received);

    /// <summary>Bytes of the response's body that were handed to the connection.</summary>
    public long Sent => Volatile.Read(ref sent);

    /// <summary>Whether the answer ended before it was complete.</summary>
    public bool Cut { get; set; }

    /// <summary>Whether the answer waits for its reader.</summary>
    public bool Waits { get => Volatile.Read(ref waits); set => Volatile.Write(ref waits, value); }

    /// <summary>Whether the answer was ended because nobody read it.</summary>
    public bool Stalled { get; set; }

    /// <summary>The code of the error that was answered; null where none was.</summary>
    public string? Code { get; set; }

    public static Traffic Of(HttpContext http) => http.Features.Get<Traffic>() ?? throw new InvalidOperationException("no request is being counted");

    public void Receive(long bytes)
    {
        Volatile.Write(ref received, received + bytes);
        flow.Receive(bytes);
        if (isUpload)
        {
            flow.Arrive(bytes);
        }
    }

    public void Send(long bytes)
    {
        Volatile.Write(ref sent, sent + bytes);
        flow.Send(bytes);
    }

    /// <summary>The body was large, and is synced.</summary>
    public void Synced(TimeSpan took) => flow.SyncedBody(took);

    /// <summary>The body is an upload, on its way until the result is disposed.</summary>
    public Upload BeginUpload()
    {
        isUpload = true;
        flow.Count(1, received);
        return new Upload(this);
    }

    private void EndUpload()
    {
        isUpload = false;
        flow.Count(-1, -received);
    }

    internal readonly struct Upload(Traffic traffic) : IDisposable
    {
        public void Dispose() => traffic.EndUpload();
    }
}
