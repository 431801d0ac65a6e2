namespace Borderless.Web.Import;

/// <summary>A row of the old index. Of a value that has the wrong type nothing passes the checks.</summary>
internal sealed record SourceRow(
    string Bucket, string BlobId, string? ContentType, string? ContentDisposition, long? Size, string? Sha256, long? CreatedAt, long? UpdatedAt);

/// <summary>Something of the source that stays there.</summary>
/// <param name="Path">Where it is, from the source's root.</param>
/// <param name="Reason">Why it stays.</param>
/// <param name="IsBlob">Whether a blob is missing for it, or only something that is none.</param>
internal sealed record Skipped(string Path, string Reason, bool IsBlob);

/// <summary>
/// A blob of the source whose names passed the checks and whose bytes did not yet: <c>Path</c> is what reports call it, <c>BytesAt</c>
/// the file to read, <c>Named</c> the digest that its name or row promises, and <c>Size</c> the length. Times in Unix milliseconds.
/// </summary>
internal sealed record Candidate(
    string Path, string BytesAt, BucketName Bucket, BlobId Id, ContentHeaders Headers, Option<Digest> Named, long? Size,
    long? CreatedAt, long? UpdatedAt);

/// <summary>
/// What stands in the source under a bucket and an id: a name on the disk, with its text where it is a link; a row; or both.
/// </summary>
internal sealed record Found(string Bucket, string Id, SourceEntry Entry, string? Target, SourceRow? Row);

/// <summary>Decides what of the source may become a blob. Pure.</summary>
/// <param name="At">The source.</param>
/// <param name="Renames">What buckets of the source are called here.</param>
/// <param name="Now">The time of the import, in Unix milliseconds: no blob is newer.</param>
internal sealed record ImportPlan(SourceLayout At, HashMap<string, BucketName> Renames, long Now)
{
    private const int BucketsNamed = 20;

    /// <summary>A rename of a bucket that is not there is a mistake, and the bucket that was meant would keep its name.</summary>
    public Either<string, Unit> JudgeRenames(Seq<string> buckets) =>
        toSeq(Renames.Keys).Find(name => !buckets.Contains(name)).Match(
            Some: name => Left<string, Unit>(
                $"--rename-bucket: the source has no bucket {name}; it has {string.Join(", ", buckets.Take(BucketsNamed))}"
                + (buckets.Count > BucketsNamed ? $" and {buckets.Count - BucketsNamed} more" : "")),
            None: () => unit);

    /// <summary>A blob to read, or why it stays.</summary>
    public Either<Skipped, Candidate> Judge(Found found)
    {
        var path = found.Entry.Kind == EntryKind.Missing ? $"metadata.db: {found.Bucket}/{found.Id}" : At.Shown(found.Entry.Path);
        return (
            from bucket in Bucket(found.Bucket)
            from id in BlobId.Parse(found.Id).MapLeft(error => error.Message)
            from headers in ContentHeaders.Read(found.Row?.ContentType, found.Row?.ContentDisposition).MapLeft(Message)
            from bytes in Locate(found)
            select new Candidate(
                path, bytes.Path, bucket, id, headers, bytes.Named, found.Row?.Size,
                Time(found.Row?.CreatedAt, found.Entry), Time(found.Row?.UpdatedAt, found.Entry)))
            .MapLeft(reason => new Skipped(path, reason, IsBlob: true));
    }

    /// <summary>Our own digest counts: bytes are those that were promised, or stay.</summary>
    public static Either<Skipped, Unit> Verify(Candidate blob, Digest digest, long size) =>
        from rightSize in Checks.Require(
            (blob.Size ?? size) == size, () => new Skipped(blob.Path, $"has {size} bytes, and its row says {blob.Size}", IsBlob: true))
        from rightBytes in Checks.Require(
            blob.Named.ForAll(named => named.Equals(digest)),
            () => new Skipped(blob.Path, $"is damaged: its bytes have the SHA-256 {digest}, not the one of its name or row", IsBlob: true))
        select unit;

    /// <summary>A digest written out, in lower case as the Rust original names files.</summary>
    public static Option<Digest> DigestOf(string name) =>
        name.Length == 2 * Digest.Length && name.All(char.IsAsciiHexDigitLower) ? Digest.From(Convert.FromHexString(name)) : None;

    private static string Message(StoreError error) => error.Message;

    private Either<string, BucketName> Bucket(string name) =>
        Renames.Find(name).Match(
            Some: Right<string, BucketName>,
            None: () => BucketName.Parse(name).MapLeft(error => $"{error.Message}; give the bucket another with --rename-bucket {name}=<new>"));

    /// <summary>The name on the disk comes first and the row second, and where both promise bytes, they must promise the same.</summary>
    private Either<string, (string Path, Option<Digest> Named)> Locate(Found found) =>
        from row in RowDigest(found.Row)
        from bytes in found.Entry.Kind switch
        {
            EntryKind.File => (found.Entry.Path, row),
            EntryKind.Link => Linked(found, row),
            EntryKind.Missing => row
                .Map(digest => (ContentFile(digest), row))
                .ToEither("its row names no bytes"),
            var kind => Left<string, (string, Option<Digest>)>(SourcePosix.Reason(kind)),
        }
        select bytes;

    private Either<string, (string Path, Option<Digest> Named)> Linked(Found found, Option<Digest> row) =>
        from name in At.ContentName(found.Entry.Path, found.Target ?? "").ToEither(SourcePosix.Reason(EntryKind.Link))
        from digest in DigestOf(name).ToEither("links to a name in content/ that is no SHA-256")
        from agrees in Checks.Require(
            row.ForAll(promised => promised.Equals(digest)), () => "its link and its row name different bytes")
        select (ContentFile(digest), Some(digest));

    private string ContentFile(Digest digest) => Path.Combine(At.Content, digest.ToString());

    private static Either<string, Option<Digest>> RowDigest(SourceRow? row) =>
        row?.Sha256 is { } text
            ? DigestOf(text).Map(Some).ToEither("its row's sha256_hash is no SHA-256")
            : Option<Digest>.None;

    /// <summary>The time of the row, else the one of the name, from 1970 to now; null where there is neither.</summary>
    private long? Time(long? seconds, SourceEntry entry) =>
        seconds is >= 0 ? 1000 * Math.Min(seconds.Value, Now / 1000)
        : entry.Kind == EntryKind.Missing ? null
        : Math.Clamp(entry.ModifiedAt, 0, Now);
}
