using System.Collections.Concurrent;

namespace Borderless.Web.Http;

/// <summary>
/// How many transfers may use large buffers at once. The others go on with small ones, so that the memory of all transfers stays
/// bounded however many clients there are.
/// </summary>
internal sealed class LargeBuffers
{
    /// <summary>The length of one.</summary>
    public const int Bytes = 128 << 10;

    /// <summary>How many there are: 16 MiB together.</summary>
    public const int Most = 128;

    /// <summary>Two buffers in turn.</summary>
    public const int ForUpload = 2;

    public const int ForDownload = 1;

    private readonly ConcurrentBag<byte[]> idle = [];
    private int inUse;

    /// <summary>How many are reserved.</summary>
    public int InUse => Volatile.Read(ref inUse);

    /// <summary>Reserves so many if they are left; disposing the result gives them back.</summary>
    public Reservation Reserve(int count)
    {
        for (var seen = InUse; seen + count <= Most;)
        {
            var found = Interlocked.CompareExchange(ref inUse, seen + count, seen);
            if (found == seen)
            {
                return new Reservation(this, count);
            }

            seen = found;
        }

        return default;
    }

    /// <summary>One of those that were reserved.</summary>
    public byte[] Rent() => idle.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(Bytes);

    public void Return(byte[] buffer) => idle.Add(buffer);

    internal readonly struct Reservation(LargeBuffers buffers, int count) : IDisposable
    {
        public bool IsGranted => count > 0;

        public void Dispose()
        {
            if (IsGranted)
            {
                _ = Interlocked.Add(ref buffers.inUse, -count);
            }
        }
    }
}
