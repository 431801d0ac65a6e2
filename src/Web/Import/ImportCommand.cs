using Borderless.Web.Start;
using Borderless.Web.Storage;

namespace Borderless.Web.Import;

/// <summary>What to import, and where to.</summary>
internal sealed record ImportRequest(string From, bool Link, HashMap<string, BucketName> Renames, StorageSettings Storage);

/// <summary>The command <c>import</c>: brings the blobs of the Rust original's data directory into a store.</summary>
internal static class ImportCommand
{
    /// <summary>What is wrong with a data directory for this import. It is probed, by writing, only once it is known not to be in the source.</summary>
    public static Option<string> Probe(string dataDir, string from) =>
        ImportPaths.Nesting(dataDir, from).Match(Some: Some, None: () => DataDirectory.Probe(dataDir));

    /// <summary>Takes the owner's lock and imports.</summary>
    /// <returns>What was done, or why nothing was begun.</returns>
    public static async Task<Either<StartProblem, ImportReport>> Run(
        ImportRequest request, IDisk disk, TimeProvider time, Serilog.ILogger log, ShowProgress show, CancellationToken stop)
    {
        // Always strict: who sees the import end may remove the source.
        var storage = request.Storage with { Durability = Durability.Strict };
        var opened =
            from source in Checked(request).MapLeft(problem => new StartProblem(problem))
            from store in Store.Open(storage, disk, time, log)
            select (source, store);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await opened.Match(
            Right: both => Import(request, new ImportPlan(both.source, request.Renames, now), both.store, disk, show, stop),
            Left: problem => Task.FromResult<Either<StartProblem, ImportReport>>(problem));
    }

    /// <summary>Nothing may be written in the source, nor by SQLite, which sorts in TMPDIR what is too much for the memory.</summary>
    private static Either<string, SourceLayout> Checked(ImportRequest request) =>
        from source in ImportPaths.Source(request.From)
        from apart in ImportPaths.Nesting(request.Storage.DataDir, request.From).Match(
            Some: problem => Left<string, Unit>($"data_dir {problem}"), None: () => unit)
        let data = DataLayout.Of(request.Storage)
        from links in ImportPaths.LinksOutside(source, data)
        from index in Seq(data.IndexPath, data.Ballast, Path.GetDirectoryName(Path.GetFullPath(data.IndexPath))!)
            .Map(path => ImportPaths.Outside(source, "metadata_db_path", path)).Sequence()
        from temporary in ImportPaths.Outside(source, "the directory for temporary files (TMPDIR)", Path.GetTempPath())
        select source;

    private static async Task<Either<StartProblem, ImportReport>> Import(
        ImportRequest request, ImportPlan plan, Store store, IDisk disk, ShowProgress show, CancellationToken stop)
    {
        using (store)
        {
            var opened =
                from empty in EmptyTemporary(disk, store.Layout)
                from copy in SourceIndex.Open(plan.At, store.Layout.TemporaryFile("import"))
                select copy;
            if (opened.Case is string unreadable)
            {
                return new StartProblem(unreadable);
            }

            var index = opened.IfLeft(None);
            try
            {
                var source = new ImportSource(plan, index);
                if (plan.JudgeRenames(source.BucketNames()).Case is string mistake)
                {
                    return new StartProblem(Printable.Text(mistake));
                }

                return await new Importer(store, disk, request.Link, request.Storage.InlineLimit, show, stop).Run(source);
            }
            finally
            {
                index.Iter(copy => copy.Dispose());
            }
        }
    }

    /// <summary>Nobody else is at work while the lock is held, so what lies there is left of a process that was killed.</summary>
    private static Either<string, Unit> EmptyTemporary(IDisk disk, DataLayout layout)
    {
        try
        {
            disk.Files(layout.Temporary).Iter(file => disk.Unlink(Path.Combine(layout.Temporary, file.Name)));
            return unit;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{layout.Temporary} cannot be emptied: {error.Message}";
        }
    }
}
