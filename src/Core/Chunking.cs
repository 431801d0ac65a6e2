namespace Borderless.Core;

/// <summary>A part of a file that goes up as one chunk.</summary>
/// <param name="Index">Its place, from 1.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Offset">Its first byte in the file, from 0.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct ChunkRange(int Index, int Total, long Offset, long Length);

/// <summary>The order in which chunks become a blob; it exists only when none is missing.</summary>
public sealed record MergePlan
{
    internal MergePlan(int total) => Total = total;

    /// <summary>How many chunks there are.</summary>
    public int Total { get; }

    /// <summary>The indices in merge order: 1, 2, … <see cref="Total"/>.</summary>
    public IEnumerable<int> Order => Enumerable.Range(1, Total);
}

/// <summary>Plans for uploads in chunks: the server's half (what is missing) and the client's half (how to split).</summary>
public static class Chunking
{
    /// <summary>Decides whether an upload can be merged.</summary>
    /// <param name="total">How many chunks it has, from 1 to <see cref="UploadIntent.MaxChunks"/>.</param>
    /// <param name="arrived">The indices that arrived, in any order; repeated ones count once, others than 1 to total not at all.</param>
    /// <returns>The plan, or <see cref="StoreError.ChunksMissing"/> with the missing indices ascending, or <see cref="StoreError.InvalidChunk"/>.</returns>
    public static Either<StoreError, MergePlan> PlanMerge(int total, IEnumerable<int> arrived) =>
        from inBounds in Pipeline.Require(
            total is >= 1 and <= UploadIntent.MaxChunks,
            () => new StoreError.InvalidChunk($"an upload has 1 to {UploadIntent.MaxChunks} chunks"))
        let missing = Missing(total, arrived)
        from complete in Pipeline.Require(missing.IsEmpty, () => new StoreError.ChunksMissing(missing))
        select new MergePlan(total);

    /// <summary>The indices from 1 to <paramref name="total"/> that did not arrive, ascending.</summary>
    public static Seq<int> Missing(int total, IEnumerable<int> arrived)
    {
        var here = new bool[total + 1];
        foreach (var index in arrived.Where(index => index >= 1 && index <= total))
        {
            here[index] = true;
        }

        return toSeq(Enumerable.Range(1, total).Where(index => !here[index]).ToArray());
    }

    /// <summary>Splits a file into chunks of one size, the last one shorter; an empty file is one empty chunk.</summary>
    /// <param name="size">The file's length in bytes, at least 0.</param>
    /// <param name="chunkSize">The length of a chunk in bytes, at least 1.</param>
    /// <returns>The chunks in order, or <see cref="StoreError.InvalidChunk"/> when there would be more than <see cref="UploadIntent.MaxChunks"/>.</returns>
    public static Either<StoreError, Seq<ChunkRange>> Split(long size, long chunkSize) =>
        from positive in Pipeline.Require(
            size >= 0 && chunkSize >= 1, () => new StoreError.InvalidChunk("a size is at least 0, a chunk's size at least 1"))
        let total = size == 0 ? 1 : (size - 1) / chunkSize + 1
        from inBounds in Pipeline.Require(
            total <= UploadIntent.MaxChunks,
            () => new StoreError.InvalidChunk($"{total} chunks are more than {UploadIntent.MaxChunks}; choose larger ones"))
        select toSeq(Enumerable.Range(0, (int)total)
            .Select(i => new ChunkRange(i + 1, (int)total, i * chunkSize, Math.Min(chunkSize, size - i * chunkSize)))
            .ToArray());
}
