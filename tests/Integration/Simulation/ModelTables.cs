using System.Collections.Immutable;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

internal sealed record ModelPart(PartRow Row, long BlobRefs, long ChunkRefs)
{
    public bool IsGarbage => BlobRefs == 0 && ChunkRefs == 0;
}

internal sealed record ModelBlob(long Bucket, BlobId Id, BlobRow Row);

internal sealed record ModelUpload(long Bucket, BlobId Blob, UploadRow Row);

/// <summary>All rows of one committed state. It never changes, so that a reader, a rollback and a crash cost nothing.</summary>
internal sealed record ModelTables
{
    public static readonly ModelTables Empty = new();

    public ImmutableSortedDictionary<long, BucketRow> Buckets { get; init; } = ImmutableSortedDictionary<long, BucketRow>.Empty;

    public ImmutableSortedDictionary<long, ModelPart> Parts { get; init; } = ImmutableSortedDictionary<long, ModelPart>.Empty;

    public ImmutableSortedDictionary<long, ModelBlob> Blobs { get; init; } = ImmutableSortedDictionary<long, ModelBlob>.Empty;

    public ImmutableSortedDictionary<long, ModelUpload> Uploads { get; init; } = ImmutableSortedDictionary<long, ModelUpload>.Empty;

    public ImmutableSortedDictionary<(long Upload, int Position), ChunkRow> Chunks { get; init; } =
        ImmutableSortedDictionary<(long Upload, int Position), ChunkRow>.Empty;

    public ImmutableDictionary<(string Bucket, BlobId Blob, string Nonce), SpentLink> Spent { get; init; } =
        ImmutableDictionary<(string Bucket, BlobId Blob, string Nonce), SpentLink>.Empty;

    public ImmutableDictionary<string, long> Epochs { get; init; } = ImmutableDictionary<string, long>.Empty;

    public Totals Totals { get; init; } = new(0, 0, 0, 0, 0);

    public long LastPart => Last(Parts);

    /// <summary>The number that the next row gets: one more than the highest that is there.</summary>
    public static long Next<T>(ImmutableSortedDictionary<long, T> rows) => Last(rows) + 1;

    public long? Bucket(BucketName name)
    {
        foreach (var (number, row) in Buckets)
        {
            if (row.Name == name.Value)
            {
                return number;
            }
        }

        return null;
    }

    public ModelBlob? Blob(long? bucket, BlobId id) => Blobs.Values.FirstOrDefault(blob => blob.Bucket == bucket && blob.Id == id);

    public IReadOnlyList<ModelUpload> UploadsOf(long? bucket, BlobId blob) =>
        [.. Uploads.Values.Where(upload => upload.Bucket == bucket && upload.Blob == blob)];

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) => UploadsOf(Bucket(bucket), blob)
        .Sum(upload => ChunksOf(upload.Row.Id).Where(chunk => (upload.Row.Total, chunk.Position) != (total, position)).Sum(chunk => chunk.Size));

    public IReadOnlyList<ChunkRow> ChunksOf(long upload) => [.. Chunks.Where(chunk => chunk.Key.Upload == upload).Select(chunk => chunk.Value)];

    /// <summary>What is wrong with what is counted: each count against what adding up gives.</summary>
    public IEnumerable<string> Imbalances()
    {
        var blobRefs = Blobs.Values.SelectMany(blob => blob.Row.Manifest).CountBy(entry => entry.Part).ToDictionary();
        var chunkRefs = Chunks.Values.CountBy(chunk => chunk.Part).ToDictionary();
        foreach (var (id, part) in Parts)
        {
            if ((part.BlobRefs, part.ChunkRefs) != (blobRefs.GetValueOrDefault(id), chunkRefs.GetValueOrDefault(id)))
            {
                yield return $"part {id} counts {part.BlobRefs} blobs and {part.ChunkRefs} chunks, and is named by {blobRefs.GetValueOrDefault(id)} and {chunkRefs.GetValueOrDefault(id)}";
            }
        }

        foreach (var id in blobRefs.Keys.Union(chunkRefs.Keys).Where(id => !Parts.ContainsKey(id)))
        {
            yield return $"part {id} is named and has no row";
        }

        foreach (var (number, bucket) in Buckets)
        {
            var blobs = Blobs.Values.Where(blob => blob.Bucket == number).ToArray();
            if ((bucket.ObjectCount, bucket.TotalSize) != (blobs.Length, blobs.Sum(blob => blob.Row.Size)))
            {
                yield return $"bucket {bucket.Name} counts {bucket.ObjectCount} objects of {bucket.TotalSize} bytes, and has {blobs.Length}";
            }
        }

        var contents = Parts.Values.Where(part => part.BlobRefs > 0).ToArray();
        var sums = new Totals(
            contents.Length, contents.Sum(part => part.Row.Size), blobRefs.Values.Sum(), Chunks.Count, Chunks.Values.Sum(chunk => chunk.Size));
        if (Totals != sums)
        {
            yield return $"the totals are {Totals}, and should be {sums}";
        }
    }

    private static long Last<T>(ImmutableSortedDictionary<long, T> rows) => rows.IsEmpty ? 0 : rows.Keys.Last();
}
