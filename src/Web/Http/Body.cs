using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Observe;
using Borderless.Web.Storage;

namespace Borderless.Web.Http;

/// <summary>A body as far as it has come: in memory when it is short and complete, else in a temporary file.</summary>
/// <param name="parts">Makes the file.</param>
/// <param name="buffers">Lends buffers to a large one.</param>
/// <param name="gate">Leads to the disk.</param>
/// <param name="whole">Of a chunk: the hash of the chunks before it, which is fed the body too.</param>
internal sealed class Body(IParts parts, LargeBuffers buffers, DiskGate gate, Prefix? whole) : IAsyncDisposable
{
    /// <summary>From this length on a body is large.</summary>
    private const long Large = 1 << 20;

    private BodyHash? hash;
    private LargeBuffers.Reservation reserved;
    private Relay? relay;
    private Digest? digest;
    private byte[]? inlined;
    private bool handedOn;

    public TemporaryFile? File { get; private set; }

    /// <summary>Takes the times of hashing, if somebody wants to know them.</summary>
    public Pieces? Hashing { get; init; }

    /// <summary>How many bytes were appended.</summary>
    public long Length { get; private set; }

    /// <summary>Up to this length there is room for it.</summary>
    public long Admitted { get; set; }

    /// <summary>The file, before its first byte is there, to have room reserved for all of it.</summary>
    public TemporaryFile Begin() => File ??= parts.Begin();

    public async ValueTask Append(ReadOnlySequence<byte> bytes, bool inline)
    {
        Length += bytes.Length;
        if (inline && File is null)
        {
            inlined = bytes.ToArray();
            whole?.Hash.AppendData(inlined);
        }
        else if (relay is not null || BeginRelay())
        {
            await relay!.Take(bytes);
        }
        else
        {
            await Store(bytes);
        }
    }

    /// <summary>Gives back the room that was reserved beyond what came.</summary>
    public async ValueTask GiveBack()
    {
        await Complete();
        File?.GiveBack();
    }

    /// <summary>Returns when all bytes that were appended are hashed and written.</summary>
    public Task Complete() => relay?.Flush() ?? Task.CompletedTask;

    /// <summary>The digest of all bytes; called once, when they are complete.</summary>
    public Digest Sha256()
    {
        var began = Hashing?.Begin() ?? 0;
        digest = inlined is { } bytes ? Digest.From(SHA256.HashData(bytes)) : hash!.Sha256();
        Hashing?.End(began);
        Hashing?.Add();
        return digest;
    }

    /// <summary>The part; from here on it is the caller's.</summary>
    public ReceivedPart Finish()
    {
        handedOn = true;
        return inlined is { } bytes ? new ReceivedPart.Inline(digest!, bytes) : new ReceivedPart.File(digest!, File!);
    }

    public async ValueTask DisposeAsync()
    {
        if (relay is not null)
        {
            await relay.DisposeAsync();
        }

        reserved.Dispose();
        hash?.Dispose();
        if (!handedOn)
        {
            File?.Dispose();
        }
    }

    private bool BeginRelay()
    {
        if (Length <= Large)
        {
            return false;
        }

        reserved = buffers.Reserve(LargeBuffers.ForUpload);
        relay = reserved.IsGranted ? new Relay(buffers, bytes => Store(new ReadOnlySequence<byte>(bytes)).AsTask()) : null;
        return reserved.IsGranted;
    }

    private async ValueTask Store(ReadOnlySequence<byte> bytes)
    {
        using (await gate.Enter())
        {
            hash ??= new BodyHash(whole);
            var began = Hashing?.Begin() ?? 0;
            var hashing = hash.Append(bytes);
            Hashing?.End(began);
            try
            {
                Begin().Append(bytes);
            }
            finally
            {
                await hashing;
            }
        }
    }
}
