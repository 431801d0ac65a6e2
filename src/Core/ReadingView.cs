using System.Globalization;

namespace Borderless.Core;

/// <summary>What stands, or should stand, at a name of the reading view.</summary>
public abstract record ViewEntry
{
    private ViewEntry()
    {
    }

    /// <summary>A symbolic link.</summary>
    /// <param name="Target">Where it leads, relative to the directory that it stands in.</param>
    public sealed record Link(string Target) : ViewEntry;

    /// <summary>A read-only file.</summary>
    /// <param name="Sha256">The digest of its bytes.</param>
    public sealed record ReadOnlyFile(Digest Sha256) : ViewEntry;

    /// <summary>A directory with exactly these entries.</summary>
    /// <param name="Entries">What stands in it, by name.</param>
    public sealed record Folder(HashMap<string, ViewEntry> Entries) : ViewEntry;

    /// <summary>A bucket's directory, whatever is in it.</summary>
    public sealed record Bucket : ViewEntry;

    /// <summary>Anything that the view never makes.</summary>
    public sealed record Foreign : ViewEntry;
}

/// <summary>A part of a blob, as the view shows it.</summary>
public abstract record ViewPart
{
    private ViewPart()
    {
    }

    /// <summary>A part that is a file.</summary>
    /// <param name="Path">The file, relative to the data directory.</param>
    public sealed record File(string Path) : ViewPart;

    /// <summary>A part whose bytes live in the index.</summary>
    /// <param name="Sha256">The digest of its bytes.</param>
    public sealed record Inline(Digest Sha256) : ViewPart;
}

/// <summary>What to change in one directory of the view.</summary>
/// <param name="Make">What to make, in place of what stands at the name, if anything does.</param>
/// <param name="Remove">The names to remove.</param>
public sealed record ViewPlan(Seq<(string Name, ViewEntry Entry)> Make, Seq<string> Remove);

/// <summary>Decides how blobs are shown as files and links under <c>buckets/</c>, and what to change where they are not.</summary>
public static class ReadingView
{
    /// <summary>The view's directory in the data directory.</summary>
    public const string Directory = "buckets";

    /// <summary>A blob stands in <c>buckets/&lt;bucket&gt;/</c>, so many directories below the data directory.</summary>
    private const int BlobDepth = 2;

    /// <summary>How a blob is shown: as its one part or, when it was merged, as a directory of its parts, numbered from 1.</summary>
    public static ViewEntry EntryOf(bool merged, Seq<ViewPart> parts) =>
        merged || parts.Count != 1
            ? new ViewEntry.Folder(toHashMap(parts.Map((i, part) => (NumberedName(i), Entry(part, BlobDepth + 1)))))
            : Entry(parts[0], BlobDepth);

    /// <summary>
    /// The name of a part in its merged blob's directory. All have the same length, so that their alphabetical order is their
    /// order in the blob, for any number of chunks that an upload may have.
    /// </summary>
    /// <param name="position">The part's position, from 0.</param>
    public static string NumberedName(int position) => (position + 1).ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>Compares what should be with what is, over the same names of one directory.</summary>
    /// <returns>What makes the one of the other, and touches nothing that is right.</returns>
    public static ViewPlan Plan(HashMap<string, ViewEntry> should, HashMap<string, ViewEntry> found) =>
        new(
            Make: toSeq(should.Filter((name, entry) => found.Find(name) != Some(entry)).AsEnumerable())
                .Map(pair => (pair.Key, pair.Value)).Strict(),
            Remove: toSeq(found.Keys).Filter(name => !should.ContainsKey(name)).Strict());

    private static ViewEntry Entry(ViewPart part, int depth) => part switch
    {
        ViewPart.File file => new ViewEntry.Link(string.Concat(Enumerable.Repeat("../", depth)) + file.Path),
        ViewPart.Inline inline => new ViewEntry.ReadOnlyFile(inline.Sha256),
        _ => throw new InvalidOperationException("a part is a file or inline"),
    };
}
