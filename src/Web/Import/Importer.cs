using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Import;

/// <summary>Brings blobs into an open store. Many commits wait at a time, so that they share their syncs.</summary>
internal sealed class Importer
{
    private const int CommitsAtATime = 64;

    private readonly Store store;
    private readonly PartMaker make;
    private readonly ShowProgress show;
    private readonly CancellationToken stop;
    private readonly Queue<Task<ImportOutcome>> pending = new();
    private ImportReport report = ImportReport.Empty;
    private long bytesRead;

    public Importer(Store store, IDisk disk, bool link, int inlineMaxBytes, ShowProgress show, CancellationToken stop)
    {
        (this.store, this.show, this.stop) = (store, show, stop);
        make = new PartMaker(store.Parts, disk, new SourceReading(Moved, stop), link, inlineMaxBytes);
    }

    /// <summary>Takes one finding after the other until the end, a request to stop, or a failure of the store.</summary>
    public async Task<ImportReport> Run(ImportSource source)
    {
        var problem = Option<string>.None;
        try
        {
            report = report with { UnfinishedUploads = source.UnfinishedUploads() };
            foreach (var finding in source.Findings())
            {
                stop.ThrowIfCancellationRequested();
                pending.Enqueue(finding.Match(Right: Bring, Left: skipped => Task.FromResult<ImportOutcome>(new ImportOutcome.Left(skipped))));
                await Settle(CommitsAtATime);
                show(report, bytesRead);
                if (report.Problem.IsSome)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            report = report with { Stopped = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            problem = error.Message;
        }

        // Whatever ended it: what was handed to the committer is waited for and counted.
        await Settle(0);
        return report with { Problem = report.Problem || problem };
    }

    private async Task Settle(int left)
    {
        while (pending.Count > left)
        {
            report = report.With(await pending.Dequeue());
        }
    }

    private void Moved(int bytes)
    {
        bytesRead += bytes;
        show(report, bytesRead);
    }

    /// <summary>
    /// Reads a blob and hands it to the committer; one that is there is only compared, by what it is promised to be if it can. Where
    /// the store lost bytes of it, they are brought in again.
    /// </summary>
    private Task<ImportOutcome> Bring(Candidate blob)
    {
        var there = store.Index.FindBlob(blob.Bucket, blob.Id);
        var lost = there is not null && !IsWhole(there);
        return there is null || lost ? make.Make(blob).Match(Right: part => Commit(blob, part, lost), Left: skipped => Done(Stays(skipped)))
            : blob.Named == there.Blob.Sha256 ? Done(new ImportOutcome.AlreadyThere())
            : Done(make.Digest(blob).Match(Right: read => Compare(blob, there.Blob.Sha256, read), Left: Stays));
    }

    /// <summary>Whether all bytes are where the index says. Those that are not are noted, so that equal ones take their place.</summary>
    private bool IsWhole(FoundBlob blob)
    {
        var parts = blob.Only is { } only ? [only] : store.Index.FindParts([.. blob.Blob.Manifest.Select(entry => entry.Part)]);
        var lost = parts.Where(part => part is null || part.Damaged || !HasBytes(part)).ToArray();
        lost.OfType<PartRow>().Iter(part => _ = store.Committer.MarkDamaged(part));
        return lost.Length == 0;
    }

    private bool HasBytes(PartRow part)
    {
        if (part.Place is not PartPlace.File place)
        {
            return true;
        }

        try
        {
            using var file = store.Parts.Open(part.Sha256, place);
            return file.Length >= part.Size;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private async Task<ImportOutcome> Commit(Candidate blob, ReceivedPart part, bool lost)
    {
        var committed = await store.Committer.Commit(
            part,
            (tx, landed) => Decisions.ImportBlob(tx, blob.Bucket, blob.Id, blob.Headers, blob.CreatedAt, blob.UpdatedAt, landed, lost));
        return committed.Match(
            Right: result => result == ImportResult.Imported ? new ImportOutcome.Imported(part.Size) : new ImportOutcome.AlreadyThere(),
            Left: error => error is StoreError.DuplicateBlob
                ? Stays(Differs(blob))
                : new ImportOutcome.Failed($"the store could not take {blob.Path}: {error.Message}"));
    }

    private static ImportOutcome Compare(Candidate blob, Digest there, Digest read) =>
        there.Equals(read) ? new ImportOutcome.AlreadyThere() : Stays(Differs(blob));

    private static Skipped Differs(Candidate blob) =>
        new(blob.Path, $"the store has a blob {blob.Bucket}/{blob.Id} with other bytes, which stays as it is", IsBlob: true);

    private static ImportOutcome Stays(Skipped skipped) => new ImportOutcome.Left(skipped);

    private static Task<ImportOutcome> Done(ImportOutcome outcome) => Task.FromResult(outcome);
}
