namespace Borderless.Web.Storage;

/// <summary>
/// The hashes of unfinished uploads, as far as their chunks came in order, so that a merge need not read again what was hashed while it
/// arrived. They live in memory and only help: each is the hash of the chunks that it names, whatever became of the upload meanwhile,
/// and a merge takes it only where the upload still has these. So one that is out of date or lost costs a merge its reading and nothing
/// else.
/// </summary>
internal sealed class Prefixes : IDisposable
{
    /// <summary>So many uploads have one; the one that grew longest ago gives way.</summary>
    public const int Most = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<MergeKey, (Prefix Prefix, long Grown)> known = [];
    private long adoptions;

    /// <summary>How many uploads have one.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return known.Count;
            }
        }
    }

    /// <summary>For a chunk that begins to arrive: what its bytes are to be fed to, or null where not all before it is hashed.</summary>
    public Prefix? Begin(MergeKey key, int position)
    {
        if (position == 1)
        {
            return Prefix.Empty();
        }

        lock (gate)
        {
            return Find(key) is { } before && before.Chunks.Count == position - 1 ? before.Copy() : null;
        }
    }

    /// <summary>For a merge: what is hashed of the upload, or null.</summary>
    public Prefix? Copy(MergeKey key)
    {
        lock (gate)
        {
            return Find(key)?.Copy();
        }
    }

    /// <summary>
    /// A chunk is stored. What was fed with it, if anything was, becomes the upload's where that has not changed since. Any other chunk
    /// that came within what is hashed counts as in its place, whether its bytes are others or the
    /// same, unless it only says the last one again.
    /// </summary>
    public void Adopt(MergeKey key, int position, Stored chunk, Prefix? fed)
    {
        lock (gate)
        {
            var hashed = Find(key)?.Chunks ?? ChunkList.Empty;
            if (fed is not null && (position == 1 || fed.Chunks == hashed))
            {
                Put(key, fed.With(chunk));
                return;
            }

            fed?.Dispose();
            if (position < hashed.Count || (position == hashed.Count && chunk != hashed.Last))
            {
                Remove(key);
            }
        }
    }

    /// <summary>Uploads that are no more.</summary>
    public void Forget(Func<MergeKey, bool> which)
    {
        lock (gate)
        {
            known.Keys.Where(which).ToArray().Iter(Remove);
        }
    }

    public void Dispose() => Forget(_ => true);

    private Prefix? Find(MergeKey key) => known.TryGetValue(key, out var found) ? found.Prefix : null;

    private void Put(MergeKey key, Prefix prefix)
    {
        Remove(key);
        if (known.Count == Most)
        {
            Remove(known.MinBy(upload => upload.Value.Grown).Key);
        }

        known[key] = (prefix, ++adoptions);
    }

    private void Remove(MergeKey key)
    {
        if (known.Remove(key, out var removed))
        {
            removed.Prefix.Dispose();
        }
    }
}
