namespace Borderless.Web.Http;

/// <summary>
/// How many transfers may use large buffers at once. The others go on with small ones, so that the memory of all transfers stays
/// bounded however many clients there are.
/// </summary>
internal sealed class LargeBuffers
{
    /// <summary>Of 256 KiB each: 32 MiB together.</summary>
    public const int Most = 128;

    private int inUse;

    /// <summary>How many are reserved.</summary>
    public int InUse => Volatile.Read(ref inUse);

    /// <summary>Reserves one if there is one left; disposing the result gives it back.</summary>
    public Reservation Reserve()
    {
        var granted = Interlocked.Increment(ref inUse) <= Most;
        if (!granted)
        {
            _ = Interlocked.Decrement(ref inUse);
        }

        return new Reservation(this, granted);
    }

    internal readonly struct Reservation(LargeBuffers buffers, bool granted) : IDisposable
    {
        public bool IsGranted => granted;

        public void Dispose()
        {
            if (granted)
            {
                _ = Interlocked.Decrement(ref buffers.inUse);
            }
        }
    }
}
