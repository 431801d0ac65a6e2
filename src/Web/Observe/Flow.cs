namespace Borderless.Web.Observe;

/// <summary>What all requests together move, counted while they do.</summary>
internal sealed class Flow
{
    private long received;
    private long sent;
    private long uploads;
    private long arriving;

    /// <summary>Bytes of bodies that were read.</summary>
    public long Received => Interlocked.Read(ref received);

    /// <summary>Bytes of bodies that were handed to connections.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>How many bodies of uploads are on their way.</summary>
    public long Uploads => Interlocked.Read(ref uploads);

    /// <summary>How many bytes of these came so far.</summary>
    public long Arriving => Interlocked.Read(ref arriving);

    /// <summary>Called when a large body was synced, with the time that it took. Whoever listens must be short, and must not throw.</summary>
    public event Action<TimeSpan>? BodySynced;

    public void SyncedBody(TimeSpan took) => BodySynced?.Invoke(took);

    public void Receive(long bytes) => Interlocked.Add(ref received, bytes);

    public void Send(long bytes) => Interlocked.Add(ref sent, bytes);

    /// <summary>An upload begins or ends, with so many bytes that it has then.</summary>
    public void Count(int more, long bytes)
    {
        _ = Interlocked.Add(ref uploads, more);
        Arrive(bytes);
    }

    public void Arrive(long bytes) => Interlocked.Add(ref arriving, bytes);
}
