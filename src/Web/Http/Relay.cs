using System.Buffers;

namespace Borderless.Web.Http;

/// <summary>
/// Two buffers in turn: while one fills from the connection, the other is hashed and written on another thread. A large body so
/// arrives at the speed of the slower of the two, and not at that of both one after the other; that the bytes are copied once for
/// it costs less than it gains. Not for use by two threads.
/// </summary>
/// <param name="buffers">Lends the two.</param>
/// <param name="empty">Takes the bytes of a full buffer.</param>
internal sealed class Relay(LargeBuffers buffers, Func<ReadOnlyMemory<byte>, Task> empty) : IAsyncDisposable
{
    private byte[] filling = buffers.Rent();
    private byte[] emptying = buffers.Rent();
    private int filled;
    private Task emptied = Task.CompletedTask;

    /// <summary>Takes the bytes over. Throws what an earlier buffer's emptying threw.</summary>
    public async ValueTask Take(ReadOnlySequence<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = (int)Math.Min(bytes.Length, LargeBuffers.Bytes - filled);
            bytes.Slice(0, count).CopyTo(filling.AsSpan(filled));
            filled += count;
            bytes = bytes.Slice(count);
            if (filled == LargeBuffers.Bytes)
            {
                await Turn();
            }
        }
    }

    /// <summary>Returns when all bytes that were taken are hashed and written.</summary>
    public async Task Flush()
    {
        await Turn();
        await emptied;
    }

    /// <summary>Waits for what is being emptied, whose outcome nobody asks for any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await emptied.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        buffers.Return(filling);
        buffers.Return(emptying);
    }

    private async Task Turn()
    {
        await emptied;
        (filling, emptying) = (emptying, filling);
        var full = emptying.AsMemory(0, filled);
        filled = 0;
        emptied = Task.Run(() => empty(full));
    }
}
