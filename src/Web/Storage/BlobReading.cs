namespace Borderless.Web.Storage;

/// <summary>A blob that is being read. Its parts stay until it is disposed, whatever is deleted or replaced meanwhile.</summary>
/// <param name="Blob">The blob's row.</param>
/// <param name="Only">The blob's part when it has only one.</param>
/// <param name="Hold">What keeps the parts; null where none is needed.</param>
internal sealed record BlobReading(BlobRow Blob, PartRow? Only, IDisposable? Hold) : IDisposable
{
    public void Dispose() => Hold?.Dispose();
}

/// <summary>Finds blobs for reading.</summary>
internal sealed class BlobFinder(IIndex index, Holds<long> holds)
{
    /// <summary>
    /// Looks up, holds the parts, looks up again, and starts over where the answer changed: so the parts of the answer were all
    /// there while they were held, and no transaction stays open while bytes travel. Bytes that came with the row need no hold.
    /// </summary>
    public Either<StoreError, BlobReading> Find(BucketName bucket, BlobId blob)
    {
        var found = index.FindBlob(bucket, blob);
        while (found is not null)
        {
            if (found.Only is { Place: PartPlace.Inline })
            {
                return new BlobReading(found.Blob, found.Only, null);
            }

            IDisposable? hold = holds.Hold([.. found.Blob.Manifest.Select(entry => entry.Part)]);
            try
            {
                var again = index.FindBlob(bucket, blob);
                if (again is not null && again.Blob.Manifest.SequenceEqual(found.Blob.Manifest))
                {
                    var reading = new BlobReading(again.Blob, again.Only, hold);
                    hold = null;
                    return reading;
                }

                found = again;
            }
            finally
            {
                // Also where the index fails: what stayed held would never be removed.
                hold?.Dispose();
            }
        }

        return new StoreError.NoSuchBlob();
    }
}
