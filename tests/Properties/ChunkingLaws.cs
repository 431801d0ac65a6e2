namespace Borderless.Tests.Properties;

public sealed class ChunkingLaws
{
    [Property(MaxTest = 300)]
    public Property A_plan_exists_exactly_when_no_chunk_is_missing(Arrival arrival)
    {
        var missing = toSeq(Enumerable.Range(1, arrival.Total).Except(arrival.Arrived).Order().ToArray());
        return Chunking.PlanMerge(arrival.Total, arrival.Arrived).Match(
                Right: plan => missing.IsEmpty && plan.Total == arrival.Total && plan.Order.SequenceEqual(Enumerable.Range(1, arrival.Total)),
                Left: error => !missing.IsEmpty && error == new StoreError.ChunksMissing(missing))
            .Classify(missing.IsEmpty, "complete")
            .Classify(!missing.IsEmpty, "incomplete")
            .Classify(arrival.Arrived.Exists(index => index < 1 || index > arrival.Total), "with strays")
            .Classify(arrival.Arrived.Distinct().Count < arrival.Arrived.Count, "with repetitions");
    }

    [Property]
    public Property Order_and_repetition_do_not_matter(Arrival arrival) => Prop.ForAll(
        Gen.Shuffle(arrival.Arrived.Concat(arrival.Arrived.Take(5)).ToArray()).ToArbitrary(),
        shuffled => Chunking.PlanMerge(arrival.Total, shuffled) == Chunking.PlanMerge(arrival.Total, arrival.Arrived));

    [Property]
    public Property One_more_chunk_never_makes_more_missing(Arrival arrival, int index)
    {
        var next = (int)((uint)index % (uint)arrival.Total) + 1;
        var (before, after) = (Chunking.Missing(arrival.Total, arrival.Arrived), Chunking.Missing(arrival.Total, arrival.Arrived.Add(next)));
        return (after == before.Filter(one => one != next)).Classify(before != after, "it was missing");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_total_out_of_bounds_is_refused(int total) => Assert.Equal("invalid_chunk", Chunking.PlanMerge(total, [1, 2, 3]).Code());

    private static Gen<(long Size, long Chunk)> Files =>
        from chunk in Gen.Frequency((1, Gen.Constant(1)), (3, Gen.Choose(2, 64)), (2, Gen.Choose(1, int.MaxValue))).Select(value => (long)value)
        from count in Gen.Frequency((6, Gen.Choose(0, 50)), (1, Gen.Constant(UploadIntent.MaxChunks)))
        from near in Gen.Choose(-1, 1)
        select (Math.Max(0, chunk * count + near), chunk);

    [Property(MaxTest = 300)]
    public Property A_split_covers_the_file_without_gap_or_overlap() => Prop.ForAll(Files.ToArbitrary(), file =>
    {
        var needed = file.Size == 0 ? 1 : (Int128)file.Size / file.Chunk + (file.Size % file.Chunk == 0 ? 0 : 1);
        return Chunking.Split(file.Size, file.Chunk).Match(
                Left: error => error is StoreError.InvalidChunk && needed > UploadIntent.MaxChunks,
                Right: chunks => chunks.Count == needed && Covers(chunks, file.Size)
                    && chunks.ForAll(one => one.Length <= file.Chunk && one.Total == chunks.Count)
                    && chunks.Take(chunks.Count - 1).ForAll(one => one.Length == file.Chunk)
                    && Chunking.PlanMerge(chunks.Count, chunks.Map(one => one.Index).Rev()).IsRight)
            .Classify(file.Size == 0, "empty")
            .Classify(file.Size > 0 && file.Size % file.Chunk == 0, "even")
            .Classify(file.Size > 0 && file.Size < file.Chunk, "one short chunk")
            .Classify(needed > UploadIntent.MaxChunks, "too many")
            .Classify(needed == UploadIntent.MaxChunks, "just enough");
    });

    /// <summary>Walks along the chunks: each begins where the one before it ended, and the last one ends with the file.</summary>
    private static bool Covers(Seq<ChunkRange> chunks, long size)
    {
        var (end, index) = (0L, 0);
        foreach (var one in chunks)
        {
            if (one.Offset != end || one.Index != ++index || (one.Length < 1 && size > 0)) return false;
            end += one.Length;
        }

        return end == size;
    }

    [Property(MaxTest = 300)]
    public Property No_size_makes_a_split_throw(Wide size, Wide chunk) =>
        Chunking.Split(size.Value, chunk.Value).Match(
            Right: chunks => size.Value >= 0 && chunk.Value >= 1 && Covers(chunks, size.Value),
            Left: error => error is StoreError.InvalidChunk)
        .Classify(size.Value < 0 || chunk.Value < 1, "out of bounds")
        .Classify(Chunking.Split(size.Value, chunk.Value).IsRight, "split");
}
