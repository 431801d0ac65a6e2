using Borderless.Web.Storage;

namespace Borderless.Web.Import;

/// <summary>Which directories may have to do with which; everything is compared without links.</summary>
internal static class ImportPaths
{
    /// <summary>The old directory, or why it cannot be one.</summary>
    public static Either<string, SourceLayout> Source(string old) =>
        from root in Posix.RealPath(old).ToEither($"--from: {old} does not exist")
        let at = new SourceLayout(root, Path.GetFullPath(old))
        from linked in at.Places.Find(place => SourcePosix.Look(place).Kind == EntryKind.Link).Match(
            Some: place => Left<string, Unit>($"--from: {place} is a link, and links are not trusted; mount what it names in its place"),
            None: () => unit)
        from known in Checks.Require(
            at.Places.Exists(place => SourcePosix.Look(place).Kind == EntryKind.Directory),
            () => $"--from: {root} is no data directory of the Rust original: it has neither full/ nor content/ nor buckets/")
        from foreign in Checks.Require(
            !File.Exists(Path.Combine(root, "store.json")),
            () => $"--from: {root} is a store of this program already; serve it, or copy the whole directory")
        select at;

    /// <summary>What is wrong with a data directory in view of the source. It may not even be probed before this was asked.</summary>
    public static Option<string> Nesting(string dataDir, string old) =>
        from data in Posix.RealPath(dataDir)
        from source in Posix.RealPath(old)
        from problem in Contains(source, data) || Contains(data, source)
            ? Some($"and the source {source} must not contain one another; use directories beside each other")
            : None
        select problem;

    /// <summary>Files that are written must not be in the source, wherever settings and variables put them.</summary>
    public static Either<string, Unit> Outside(SourceLayout source, string what, string path) =>
        Checks.Require(
            !Posix.RealPath(path).Exists(real => Contains(source.Root, real)),
            () => $"{what} is in the source {source.Root}, in which nothing may be changed; put it elsewhere");

    /// <summary>
    /// What is written in the data directory follows the links in it and in its parts/, so none may lead into the source, nor to
    /// nothing, where a file could come to be.
    /// </summary>
    public static Either<string, Unit> LinksOutside(SourceLayout source, DataLayout data) =>
        (toSeq(SourceListing.Of(data.Root)) + toSeq(SourceListing.Of(data.Parts)))
            .Rights()
            .Filter(entry => entry.Kind == EntryKind.Link)
            .Map(link =>
                from leads in Checks.Require(
                    Posix.RealPath(link.Path).IsSome, () => $"data_dir: {link.Path} is a link to nothing; remove it")
                from outside in Outside(source, $"data_dir: what the link {link.Path} leads to", link.Path)
                select outside)
            .Sequence()
            .Map(_ => unit);

    /// <summary>Whether a path without links is the other or leads into it.</summary>
    public static bool Contains(string outer, string inner) =>
        inner == outer || inner.StartsWith(outer.TrimEnd('/') + "/", StringComparison.Ordinal);
}
