namespace Borderless.Web.Import;

/// <summary>The names of everything in a data directory of the Rust original, of both its layouts, in one place.</summary>
/// <param name="Root">The directory without links.</param>
/// <param name="Given">The directory as it was named, for links that name it so.</param>
internal sealed record SourceLayout(string Root, string Given)
{
    public string Full => Path.Combine(Root, "full");

    public string Content => Path.Combine(Root, "content");

    public string Buckets => Path.Combine(Root, "buckets");

    public string Chunks => Path.Combine(Root, "chunks");

    public string Index => Path.Combine(Root, "metadata.db");

    public Seq<string> Places => Seq(Full, Content, Buckets, Index);

    /// <summary>The index with the logs that belong to it. The shared memory beside a log is made anew by who opens it.</summary>
    public Seq<string> IndexFiles => Seq(Index, Index + "-wal", Index + "-journal");

    /// <summary>Whether the Rust original gives this name to something in its directory.</summary>
    public bool Knows(string path) => (Places + IndexFiles + Seq(Chunks, Index + "-shm")).Contains(path);

    /// <summary>
    /// The name in content/ that a link's text leads to. It is found without the system's help, and only content/ and this name
    /// are opened then, so that no directory on the way can lead out.
    /// </summary>
    public Option<string> ContentName(string link, string target)
    {
        var path = Path.GetFullPath(target, Path.GetDirectoryName(link)!);
        return Seq(Content, Path.Combine(Given, "content"))
            .Find(content => Path.GetDirectoryName(path) == content)
            .Map(_ => Path.GetFileName(path));
    }

    /// <summary>A path as reports name it.</summary>
    public string Shown(string path) => Path.GetRelativePath(Root, path);
}
