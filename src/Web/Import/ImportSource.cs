namespace Borderless.Web.Import;

/// <summary>Finds what the old directory holds, one thing after the other, and changes nothing in it.</summary>
internal sealed class ImportSource(ImportPlan plan, Option<SourceIndex> index)
{
    /// <summary>Digests that names without a row lead to. Those of rows are asked of the index.</summary>
    private readonly System.Collections.Generic.HashSet<Digest> linked = [];

    private SourceLayout At => plan.At;

    /// <summary>
    /// Every blob and everything that is none. Rows come first, because they know more than the names on the disk; then names
    /// without a row; then what no name leads to.
    /// </summary>
    public IEnumerable<Either<Skipped, Candidate>> Findings() =>
        Rows().Concat(Buckets()).Concat(Full()).Concat(Unnamed()).Concat(Strangers());

    /// <summary>The names of its buckets, whether or not anything in them can be imported.</summary>
    public Seq<string> BucketNames() =>
        toSeq(index.ToSeq().SelectMany(open => open.Buckets())
            .Concat(SourceListing.Of(At.Buckets).Rights().Where(entry => entry.Kind == EntryKind.Directory).Select(entry => Path.GetFileName(entry.Path)))
            .Concat(SourcePosix.Look(At.Full).Kind == EntryKind.Directory ? [BucketName.Default.Value] : [])
            .Distinct()
            .Order(StringComparer.Ordinal)).Strict();

    /// <summary>How many uploads wait for more chunks: each has a directory with them.</summary>
    public int UnfinishedUploads() =>
        SourcePosix.Look(At.Chunks).Kind != EntryKind.Directory
            ? 0
            : SourceListing.Of(At.Chunks).Rights().Count(upload =>
                upload.Kind == EntryKind.Directory && SourceListing.Of(upload.Path).Rights().Exists(IsChunk));

    private static bool IsChunk(SourceEntry entry) =>
        entry.Kind == EntryKind.File && Path.GetFileName(entry.Path).StartsWith("chunk_", StringComparison.Ordinal);

    private IEnumerable<Either<Skipped, Candidate>> Rows() =>
        index.ToSeq().SelectMany(open => open.Rows()).Select(row => Judge(row.Bucket, row.BlobId, EntryOf(row), row));

    /// <summary>The name on the disk that belongs to a row. A row's text becomes a path only when it is one plain name each.</summary>
    private SourceEntry EntryOf(SourceRow row)
    {
        var bucket = Path.Combine(At.Buckets, row.Bucket);
        var path = Path.Combine(bucket, row.BlobId);
        return IsPlain(row.Bucket) && IsPlain(row.BlobId) && SourcePosix.Look(bucket).Kind == EntryKind.Directory
            ? SourcePosix.Look(path)
            : new SourceEntry(path, EntryKind.Missing, 0);
    }

    private static bool IsPlain(string name) => name is not ("" or "." or "..") && name.IndexOfAny(['/', '\0']) < 0;

    private IEnumerable<Either<Skipped, Candidate>> Buckets() =>
        from bucket in List(At.Buckets)
        from finding in bucket.Match(
            Right: entry => entry.Kind == EntryKind.Directory
                ? Bucket(entry)
                : [new Skipped(At.Shown(entry.Path), $"is no bucket: {SourcePosix.Reason(entry.Kind)}", IsBlob: entry.Kind != EntryKind.File)],
            Left: skipped => [skipped])
        select finding;

    private IEnumerable<Either<Skipped, Candidate>> Bucket(SourceEntry bucket) =>
        from name in List(bucket.Path)
        where !name.Exists(entry => HasRow(Path.GetFileName(bucket.Path), entry))
        select name.Bind(entry => Named(Path.GetFileName(bucket.Path), entry));

    private bool HasRow(string bucket, SourceEntry entry) => index.Exists(open => open.Has(bucket, Path.GetFileName(entry.Path)));

    private IEnumerable<Either<Skipped, Candidate>> Full() =>
        List(At.Full).Select(name => name.Bind(entry => Named(BucketName.Default.Value, entry)));

    /// <summary>A name without a row: whatever is no blob's id has never been a blob.</summary>
    private Either<Skipped, Candidate> Named(string bucket, SourceEntry entry) =>
        BlobId.Parse(Path.GetFileName(entry.Path)).IsLeft
            ? new Skipped(At.Shown(entry.Path), "its name is no blob's", IsBlob: false)
            : Judge(bucket, Path.GetFileName(entry.Path), entry, null);

    private Either<Skipped, Candidate> Judge(string bucket, string id, SourceEntry entry, SourceRow? row)
    {
        var target = entry.Kind == EntryKind.Link ? new FileInfo(entry.Path).LinkTarget : null;
        if (row?.Sha256 is null && target is not null)
        {
            At.ContentName(entry.Path, target).Bind(ImportPlan.DigestOf).Iter(digest => linked.Add(digest));
        }

        return plan.Judge(new Found(bucket, id, entry, target, row));
    }

    /// <summary>Bytes of blobs that were replaced or deleted, and other things in content/.</summary>
    private IEnumerable<Either<Skipped, Candidate>> Unnamed() =>
        from name in List(At.Content)
        where !name.Exists(entry => IsNamed(Path.GetFileName(entry.Path)))
        select name.Bind<Candidate>(entry => new Skipped(At.Shown(entry.Path), "no blob names it", IsBlob: false));

    private bool IsNamed(string content) =>
        index.Exists(open => open.Names(content)) || ImportPlan.DigestOf(content).Exists(linked.Contains);

    private IEnumerable<Either<Skipped, Candidate>> Strangers() =>
        from name in List(At.Root)
        where !name.Exists(entry => At.Knows(entry.Path))
        select name.Bind<Candidate>(entry => new Skipped(At.Shown(entry.Path), "is nothing of the Rust original's", IsBlob: false));

    /// <summary>What is in a directory; nothing where there is none. One that cannot be listed may hide blobs.</summary>
    private IEnumerable<Either<Skipped, SourceEntry>> List(string directory) =>
        SourceListing.Of(directory).Select(name => name.MapLeft(problem => new Skipped(At.Shown(directory), problem, IsBlob: true)));
}
