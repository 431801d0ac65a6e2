using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Borderless.Web.Http;

/// <summary>
/// The memory that connections receive into. The server's own blocks have 4 KiB, and each is filled by a system call of its own:
/// of 32 KiB a large body needs fewer. An idle connection has none.
/// </summary>
internal sealed class Blocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int Bytes = 32 << 10;

    /// <summary>So many are kept for reuse: 16 MiB.</summary>
    private const int Kept = 512;

    private readonly ConcurrentQueue<Block> idle = new();
    private int count;

    public override int MaxBufferSize => Bytes;

    /// <summary>All connections share one.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Bytes);
        if (!idle.TryDequeue(out var block))
        {
            return new Block(this);
        }

        _ = Interlocked.Decrement(ref count);
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        // Whoever shares it may end before the others do.
    }

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref count) <= Kept)
        {
            idle.Enqueue(block);
        }
        else
        {
            _ = Interlocked.Decrement(ref count);
        }
    }

    /// <summary>Pinned, so that a system call into it pins nothing.</summary>
    private sealed class Block(Blocks blocks) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(Bytes, pinned: true);

        public void Dispose() => blocks.Return(this);
    }
}
