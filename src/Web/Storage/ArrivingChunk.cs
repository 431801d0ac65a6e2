namespace Borderless.Web.Storage;

/// <summary>
/// A chunk on its way. While it is, the chunks before it are no leftovers, and where they came in order its bytes go on with their hash.
/// </summary>
internal sealed class ArrivingChunk(Holds<MergeKey> inProgress, Prefixes prefixes, MergeKey key, int position) : IDisposable
{
    private Prefix? whole = prefixes.Begin(key, position);
    private readonly IDisposable hold = inProgress.Hold([key]);

    /// <summary>The hash of the chunks before it, to be fed its bytes; null where not all of them are hashed.</summary>
    public Prefix? Whole => whole;

    /// <summary>Its commit is done, and <see cref="Whole"/> was fed exactly its bytes.</summary>
    public Stored Adopt(Stored chunk)
    {
        prefixes.Adopt(key, position, chunk, whole);
        whole = null;
        return chunk;
    }

    public void Dispose()
    {
        whole?.Dispose();
        hold.Dispose();
    }
}
