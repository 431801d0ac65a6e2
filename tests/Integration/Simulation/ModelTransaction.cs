using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>One transaction of the model: it makes the next state of all tables, which the commit puts in place of the last.</summary>
/// <param name="tables">The state that it begins with.</param>
/// <param name="strict">Whether parts that were not synced are never taken.</param>
/// <param name="now">Its time, in Unix milliseconds.</param>
/// <param name="nextPart">Gives the numbers of new parts.</param>
internal sealed class ModelTransaction(ModelTables tables, bool strict, long now, Func<long> nextPart) : ITransaction
{
    private readonly System.Collections.Generic.HashSet<LandedPart> named = new(ReferenceEqualityComparer.Instance);
    private readonly List<LandedPart> replaced = [];
    private readonly System.Collections.Generic.HashSet<BlobChange> changes = [];

    public ModelTables Tables { get; private set; } = tables;

    public long Now => now;

    public bool MadeGarbage { get; private set; }

    public IReadOnlyCollection<BlobChange> Changes => changes;

    public IReadOnlyList<LandedPart> Replaced => replaced;

    public bool Names(LandedPart part) => named.Contains(part);

    public long? FindBucket(BucketName bucket) => Tables.Bucket(bucket);

    public long EnsureBucket(BucketName bucket)
    {
        if (FindBucket(bucket) is { } found)
        {
            return found;
        }

        var number = ModelTables.Next(Tables.Buckets);
        Tables = Tables with { Buckets = Tables.Buckets.Add(number, new BucketRow(bucket.Value, now, 0, 0)) };
        return number;
    }

    public bool IsEmpty(long bucket) => Tables.Blobs.Values.All(blob => blob.Bucket != bucket);

    public void DeleteBucket(long bucket)
    {
        Tables.Uploads.Values.Where(upload => upload.Bucket == bucket).Iter(upload => DeleteUpload(upload.Row.Id));
        changes.Add(new BlobChange(NameOf(bucket), null));
        Tables = Tables with { Buckets = Tables.Buckets.Remove(bucket) };
    }

    public BlobRow? FindBlob(long bucket, BlobId blob) => Tables.Blob(bucket, blob)?.Row;

    public void PutBlob(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, LandedPart part) =>
        Put(bucket, blob, replaced, row, [new ManifestEntry(Adopt(part, 1, 0), row.Size)]);

    public void PutMerged(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, IReadOnlyList<ManifestEntry> manifest)
    {
        var parts = manifest.Select(entry => Tables.Parts[entry.Part].Row);
        if (parts.Any(part => part.Damaged || (strict && !part.Synced)))
        {
            throw new ViolationException($"a merge names a part that is damaged or was not synced: {string.Join(' ', manifest)}");
        }

        manifest.Iter(entry => Refer(entry.Part, 1, 0));
        Put(bucket, blob, replaced, row, [.. manifest]);
    }

    public void DeleteBlob(long bucket, BlobRow row)
    {
        row.Manifest.Iter(entry => Refer(entry.Part, -1, 0));
        changes.Add(new BlobChange(NameOf(bucket), Tables.Blobs[row.Id].Id));
        Tables = Tables with { Blobs = Tables.Blobs.Remove(row.Id) };
        Count(bucket, -1, -row.Size);
    }

    public UploadRow? FindUpload(long bucket, BlobId blob, int total)
    {
        foreach (var upload in FindUploads(bucket, blob).Where(upload => upload.Total == total))
        {
            return upload;
        }

        return null;
    }

    public UploadRow? FindUpload(long upload) => Tables.Uploads.GetValueOrDefault(upload)?.Row;

    public IReadOnlyList<UploadRow> FindUploads(long bucket, BlobId blob) => [.. Tables.UploadsOf(bucket, blob).Select(upload => upload.Row)];

    public IReadOnlyList<ChunkRow> FindChunks(long upload) => Tables.ChunksOf(upload);

    public void PutChunk(long bucket, BlobId blob, int total, int position, LandedPart part)
    {
        var adopted = Adopt(part, 0, 1);
        var upload = FindUpload(bucket, blob, total)?.Id ?? ModelTables.Next(Tables.Uploads);
        if (Tables.Chunks.TryGetValue((upload, position), out var replaced))
        {
            RemoveChunk(upload, replaced);
        }

        Tables = Tables with
        {
            Uploads = Tables.Uploads.SetItem(upload, new ModelUpload(bucket, blob, new UploadRow(upload, total, now))),
            Chunks = Tables.Chunks.Add((upload, position), new ChunkRow(position, adopted, part.Size)),
            Totals = Tables.Totals with { Chunks = Tables.Totals.Chunks + 1, ChunkBytes = Tables.Totals.ChunkBytes + part.Size },
        };
    }

    public void DeleteUpload(long upload)
    {
        FindChunks(upload).Iter(chunk => RemoveChunk(upload, chunk));
        Tables = Tables with { Uploads = Tables.Uploads.Remove(upload) };
    }

    public Durability Durability => strict ? Durability.Strict : Durability.Relaxed;

    public long WaitingBeside(BucketName bucket, BlobId blob, int total, int position) => Tables.WaitingBeside(bucket, blob, total, position);

    public SpentLink? FindSpent(BucketName bucket, BlobId blob, string nonce) => Tables.Spent.GetValueOrDefault((bucket.Value, blob, nonce));

    public void Spend(BucketName bucket, BlobId blob, string nonce, SpentLink spent) =>
        Tables = Tables with { Spent = Tables.Spent.Add((bucket.Value, blob, nonce), spent) };

    public int ForgetSpent(UnixSeconds before, int limit)
    {
        var forgotten = Tables.Spent.Where(spent => spent.Value.Until < before).Take(limit).Select(spent => spent.Key).ToArray();
        Tables = Tables with { Spent = Tables.Spent.RemoveRange(forgotten) };
        return forgotten.Length;
    }

    public long Revoke(BucketName bucket)
    {
        var epoch = Tables.Epochs.GetValueOrDefault(bucket.Value) + 1;
        Tables = Tables with { Epochs = Tables.Epochs.SetItem(bucket.Value, epoch) };
        return epoch;
    }

    public bool IsDamaged(long part) => Tables.Parts.TryGetValue(part, out var row) && row.Row.Damaged;

    public void MarkSynced(long part) => Change(part, row => row with { Synced = true });

    public void MarkDamaged(PartRow part)
    {
        if (Tables.Parts.TryGetValue(part.Id, out var row) && NonceOf(row.Row.Place) == NonceOf(part.Place))
        {
            Change(part.Id, found => found with { Damaged = true });
        }
    }

    public void ClearDamage(PartRow part) => throw OfRepair();

    public void Renew(PartRow part, LandedPart bytes) => throw OfRepair();

    public void MendBooks(bool onlyRaise) => throw OfRepair();

    public bool DeleteGarbage(GarbagePart part)
    {
        if (!Tables.Parts.TryGetValue(part.Id, out var row) || !row.IsGarbage || NonceOf(row.Row.Place) != NonceOf(part.Place))
        {
            return false;
        }

        Tables = Tables with { Parts = Tables.Parts.Remove(part.Id) };
        return true;
    }

    public void GiveBack(int pages)
    {
        // A model has no pages.
    }

    private static string? NonceOf(PartPlace place) => (place as PartPlace.File)?.Nonce;

    private BucketName NameOf(long bucket) =>
        BucketName.Parse(Tables.Buckets[bucket].Name).IfLeft(error => throw new InvalidOperationException(error.Code));

    private void Put(long bucket, BlobId blob, BlobRow? replaced, BlobRow row, ManifestEntry[] manifest)
    {
        var number = replaced?.Id ?? ModelTables.Next(Tables.Blobs);
        var createdAt = replaced is null ? row.CreatedAt : Tables.Blobs[number].Row.CreatedAt;
        Tables = Tables with
        {
            Blobs = Tables.Blobs.SetItem(number, new ModelBlob(bucket, blob, row with { Id = number, CreatedAt = createdAt, Manifest = manifest })),
        };
        changes.Add(new BlobChange(NameOf(bucket), blob));
        replaced?.Manifest.Iter(entry => Refer(entry.Part, -1, 0));
        Count(bucket, replaced is null ? 1 : 0, row.Size - (replaced?.Size ?? 0));
    }

    /// <summary>A repair is for the files of the real index; nothing that the simulation runs asks for one.</summary>
    private static NotSupportedException OfRepair() => new("the model cannot be repaired");

    private long Adopt(LandedPart part, int blobRefs, int chunkRefs)
    {
        var equal = Tables.Parts.Values
            .Where(found => found.Row.Size == part.Size && found.Row.Sha256.Equals(part.Sha256))
            .Where(found => !strict || found.Row.Synced || found.Row.Damaged)
            .OrderByDescending(found => found.Row.Damaged)
            .FirstOrDefault();
        if (equal is not { Row.Damaged: false })
        {
            named.Add(part);
        }

        var id = equal?.Row.Id ?? nextPart();
        if (equal is null)
        {
            Tables = Tables with { Parts = Tables.Parts.Add(id, new ModelPart(new PartRow(id, part.Sha256, part.Size, part.Place, part.Synced, false), 0, 0)) };
        }
        else if (equal.Row.Damaged)
        {
            Change(id, row => row with { Damaged = false, Synced = part.Synced, Place = part.Place });
            if (equal.Row.Place is PartPlace.File)
            {
                replaced.Add(part with { Place = equal.Row.Place });
            }
        }

        Refer(id, blobRefs, chunkRefs);
        return id;
    }

    private void Change(long part, Func<PartRow, PartRow> change)
    {
        if (Tables.Parts.TryGetValue(part, out var row))
        {
            Tables = Tables with { Parts = Tables.Parts.SetItem(part, row with { Row = change(row.Row) }) };
        }
    }

    private void RemoveChunk(long upload, ChunkRow chunk)
    {
        Refer(chunk.Part, 0, -1);
        Tables = Tables with
        {
            Chunks = Tables.Chunks.Remove((upload, chunk.Position)),
            Totals = Tables.Totals with { Chunks = Tables.Totals.Chunks - 1, ChunkBytes = Tables.Totals.ChunkBytes - chunk.Size },
        };
    }

    private void Refer(long part, int blobRefs, int chunkRefs)
    {
        var before = Tables.Parts[part];
        var after = before with { BlobRefs = before.BlobRefs + blobRefs, ChunkRefs = before.ChunkRefs + chunkRefs };
        var became = (after.BlobRefs > 0 ? 1 : 0) - (before.BlobRefs > 0 ? 1 : 0);
        Tables = Tables with
        {
            Parts = Tables.Parts.SetItem(part, after),
            Totals = Tables.Totals with
            {
                BlobRefs = Tables.Totals.BlobRefs + blobRefs,
                Contents = Tables.Totals.Contents + became,
                ContentBytes = Tables.Totals.ContentBytes + became * after.Row.Size,
            },
        };
        MadeGarbage |= after.IsGarbage;
    }

    private void Count(long bucket, long objects, long bytes)
    {
        var row = Tables.Buckets[bucket];
        row = row with { ObjectCount = row.ObjectCount + objects, TotalSize = row.TotalSize + bytes };
        Tables = Tables with { Buckets = Tables.Buckets.SetItem(bucket, row) };
    }
}
