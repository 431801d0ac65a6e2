namespace Borderless.Web.Http;

/// <summary>What the log line of a request tells about its bytes.</summary>
internal sealed class Traffic
{
    private long received;
    private long sent;
    private bool waits;

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

    public static Traffic Of(HttpContext http) => http.Features.Get<Traffic>() ?? throw new InvalidOperationException("no request is being counted");

    public void Receive(long bytes) => Volatile.Write(ref received, received + bytes);

    public void Send(long bytes) => Volatile.Write(ref sent, sent + bytes);
}
