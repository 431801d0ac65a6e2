using Borderless.Web.Storage;

namespace Borderless.Web.View;

/// <summary>What was changed in the view; what failed, with the first reason.</summary>
internal readonly record struct Refreshed(int Made, int Removed, int Failed, string? Reason)
{
    public static Refreshed operator +(Refreshed one, Refreshed other) =>
        new(one.Made + other.Made, one.Removed + other.Removed, one.Failed + other.Failed, one.Reason ?? other.Reason);
}

/// <summary>
/// Makes names of the view what the index says now. One call at a time, and each reads the index itself: so a call that read it
/// before a commit is always followed by the one that this commit asks for, and the last one wins.
/// </summary>
internal sealed class Refresh(IIndexReader index, DataLayout layout)
{
    private readonly Lock gate = new();

    /// <summary>Names directly under <c>buckets/</c>, be they of buckets or not.</summary>
    public Refreshed Buckets(IEnumerable<string> names)
    {
        lock (gate)
        {
            MakeRoot();
            var all = names.ToArray();
            var plan = ReadingView.Plan(
                Map(all, name => IsBucket(name) ? new ViewEntry.Bucket() : null),
                Map(all, name => ViewDisk.LookAtBucket(Path.Combine(layout.View, name))));
            return Carry(plan, layout.View, (name, _) => ViewDisk.MakeDirectory(Path.Combine(layout.View, name)));
        }
    }

    /// <summary>Names in a bucket's directory, be they of blobs or not. The directory is made when there is something for it.</summary>
    public Refreshed Blobs(BucketName bucket, IEnumerable<string> names)
    {
        lock (gate)
        {
            MakeRoot();
            var directory = Path.Combine(layout.View, bucket.Value);
            var there = ViewDisk.IsDirectory(directory);
            var blobs = names.Select(name => (Name: name, Blob: Find(bucket, name)))
                .Where(one => one.Blob is not { Entry: null })
                .ToDictionary(one => one.Name, one => one.Blob);
            var plan = ReadingView.Plan(
                Map(blobs.Keys, name => blobs[name]?.Entry),
                Map(blobs.Keys, name => there ? ViewDisk.Look(Path.Combine(directory, name)) : null));
            if (!plan.Make.IsEmpty)
            {
                ViewDisk.MakeDirectory(directory);
            }

            return Carry(plan, directory, (name, entry) =>
                ViewMaker.Make(directory, name, entry, position => BytesOf(blobs[name]!, position)));
        }
    }

    /// <summary>Only a directory of our own is worked in: a link in its place might lead anywhere.</summary>
    private void MakeRoot()
    {
        if (ViewDisk.Exists(layout.View) && !ViewDisk.IsDirectory(layout.View))
        {
            throw new IOException($"{layout.View} is not a directory; move it away");
        }

        ViewDisk.MakeDirectory(layout.View);
    }

    private bool IsBucket(string name) =>
        BucketName.Parse(name).Exists(bucket => bucket.Value == name && index.FindBucket(bucket) is not null);

    /// <returns>
    /// Null where the name is no blob's; without an entry where the blob is being changed, so that its name is left to the
    /// refresh that follows.
    /// </returns>
    private ShownBlob? Find(BucketName bucket, string name) =>
        BlobId.Parse(name).ToOption().Filter(blob => blob.ToString() == name)
            .Bind(blob => Optional(index.FindBlob(bucket, blob)))
            .MatchUnsafe(Some: found => new ShownBlob(found.Blob, EntryOf(found)), None: () => null);

    private ViewEntry? EntryOf(FoundBlob found)
    {
        var parts = found.Only is { } only ? [Shown(only)] : found.Blob.Manifest.Chunk(64).SelectMany(Shown).ToArray();
        return parts.Length == found.Blob.Manifest.Count && parts.All(part => part is not null)
            ? ReadingView.EntryOf(found.Blob.MergedTotal is not null, toSeq(parts)!)
            : null;
    }

    private IEnumerable<ViewPart?> Shown(ManifestEntry[] entries) =>
        index.FindParts([.. entries.Select(entry => entry.Part)]).Select(part => part is null ? null : Shown(part));

    private ViewPart Shown(PartRow part) => part.Place is PartPlace.File file
        ? new ViewPart.File(Path.GetRelativePath(layout.Root, layout.PartFile(part.Sha256, file)))
        : new ViewPart.Inline(part.Sha256);

    private byte[] BytesOf(ShownBlob blob, int position) =>
        index.FindParts([blob.Row.Manifest[position].Part]) is [{ Place: PartPlace.Inline inline }]
            ? inline.Bytes
            : throw new IOException("its bytes were changed meanwhile");

    private static HashMap<string, ViewEntry> Map(IEnumerable<string> names, Func<string, ViewEntry?> entry) =>
        toHashMap(names.Select(name => (name, entry(name))).Where(one => one.Item2 is not null).Select(one => (one.name, one.Item2!)));

    private static Refreshed Carry(ViewPlan plan, string directory, Action<string, ViewEntry> make) =>
        plan.Make.Map(one => Try(new(1, 0, 0, null), () => make(one.Name, one.Entry)))
            .Concat(plan.Remove.Map(name => Try(new(0, 1, 0, null), () => ViewDisk.Remove(Path.Combine(directory, name)))))
            .Fold(new Refreshed(), (all, one) => all + one);

    private static Refreshed Try(Refreshed done, Action change)
    {
        try
        {
            change();
            return done;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new(0, 0, 1, error.Message);
        }
    }

    /// <summary>A blob with the entry that shows it.</summary>
    private sealed record ShownBlob(BlobRow Row, ViewEntry? Entry);
}
