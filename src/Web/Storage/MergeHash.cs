using System.Security.Cryptography;

namespace Borderless.Web.Storage;

/// <summary>
/// The digest of a sequence of chunks, with its state after each of them that was read, so that where one was replaced only the
/// chunks from there on are read again. Of those that were hashed while they arrived only the state after the last is known.
/// </summary>
internal sealed class MergeHash : IDisposable
{
    private readonly List<(ChunkRow Chunk, IncrementalHash? After)> states = [];

    public int Count => states.Count;

    public void KeepCommonPrefix(IReadOnlyList<ChunkRow> chunks)
    {
        var common = states.Zip(chunks, (state, chunk) => state.Chunk == chunk).TakeWhile(same => same).Count();
        while (common > 0 && states[common - 1].After is null)
        {
            common--;
        }

        states.Skip(common).Iter(state => state.After?.Dispose());
        states.RemoveRange(common, states.Count - common);
    }

    /// <summary>Goes on after the chunks that arrived hashed, which are the first of these.</summary>
    public void Begin(IReadOnlyList<ChunkRow> chunks, Prefix arrived)
    {
        states.AddRange(chunks.Take(arrived.Chunks.Count - 1).Select(chunk => (chunk, (IncrementalHash?)null)));
        states.Add((chunks[states.Count], arrived.Hash.Clone()));
    }

    public void Append(ChunkRow chunk, Action<IncrementalHash> feed)
    {
        var state = states.Count == 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : states[^1].After!.Clone();
        states.Add((chunk, state));
        feed(state);
    }

    public Digest Whole()
    {
        Span<byte> digest = stackalloc byte[Digest.Length];
        _ = states[^1].After!.GetCurrentHash(digest);
        return Digest.From(digest);
    }

    public void Dispose() => states.Iter(state => state.After?.Dispose());
}
