using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Borderless.Web.Fsck;

/// <summary>What to check, how deep, and whether to repair.</summary>
internal sealed record FsckRequest(DataLayout Layout, bool Repair, bool Deep);

/// <summary>The command <c>fsck</c>: checks a store that no server has, and repairs it when asked to.</summary>
internal sealed class FsckCommand(FsckRequest request, IDisk disk, TimeProvider time, Serilog.ILogger log, ShowDone show, CancellationToken stop)
{
    private readonly DataLayout layout = request.Layout;
    private readonly List<Finding> findings = [];
    private Checked seen = new(0, 0, 0, 0, 0);

    /// <summary>Takes the owner's lock, which is all that it writes unless it repairs, and checks.</summary>
    /// <returns>What was found, also when something kept it from its end.</returns>
    public async Task<FsckReport> Run()
    {
        try
        {
            var problem = await Held().Match(
                Right: async owner =>
                {
                    using (owner)
                    {
                        return await RunOwned();
                    }
                },
                Left: problem => Task.FromResult(Some(problem.Message)));
            return new FsckReport(toSeq(findings), seen, problem);
        }
        catch (Exception error) when (CodeOf(error) is SQLITE_CORRUPT or SQLITE_NOTADB)
        {
            findings.Add(new Finding(FindingKind.IndexDamaged, $"{error.Message}; restore the index from a backup"));
            return new FsckReport(toSeq(findings), seen, None);
        }
        catch (Exception error) when (error is OperationCanceledException || CodeOf(error) == SQLITE_INTERRUPT)
        {
            return new FsckReport(toSeq(findings), seen, "stopped before the end");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException)
        {
            return new FsckReport(toSeq(findings), seen, CodeOf(error) == SQLITE_FULL ? Full(error) : error.Message);
        }
    }

    /// <summary>SQLite does not say which disk is full.</summary>
    private string Full(Exception error) =>
        $"there is no room left in {Path.GetTempPath()}, where rows are counted{(request.Repair ? ", or beside the index" : "")} ({error.Message}); "
        + $"set TMPDIR to a directory with more room{(request.Repair ? ", or make room in the store" : "")}";

    /// <summary>The owner's lock. The store must be there: taking the lock would else make a file in somebody's directory.</summary>
    private Either<StartProblem, OwnerLock> Held() =>
        from store in File.Exists(layout.Identity)
            ? Right<StartProblem, Unit>(unit)
            : new StartProblem($"{layout.Identity} is missing, so there is no store here; set data_dir to one, or restore that file")
        from owner in OwnerLock.Take(layout.Lock)
        select owner;

    /// <returns>What kept it from its end, if anything did.</returns>
    private async Task<Option<string>> RunOwned()
    {
        var identity = StoreIdentity.Establish(disk, layout, () => throw new InvalidOperationException("a store that is there has an id"));
        if (identity.Case is StartProblem mismatch)
        {
            return mismatch.Message;
        }

        // A backup needs every file where its copy of the index says.
        using var removals = request.Repair ? new RemovalLock(layout.RemovalLock) : null;
        using var removal = removals?.TryBegin();
        if (removals is not null && removal is null)
        {
            return "a backup of this store runs, and a repair may move files; wait until it has ended";
        }

        // Opening it for repair writes the log back, so that the file alone is the truth.
        using var writing = request.Repair ? new SqliteIndex(layout.IndexPath, strict: true, time, log) : null;
        var problem = Check();
        if (problem.IsNone && writing is not null && !findings.Exists(finding => finding.Kind == FindingKind.IndexDamaged))
        {
            await Repair(writing);
            stop.ThrowIfCancellationRequested();
        }

        return problem;
    }

    private Option<string> Check()
    {
        var opened = CheckedIndex.Open(layout, disk, show, stop);
        if (opened.Case is not CheckedIndex index)
        {
            return (string)opened.Case;
        }

        using (index)
        {
            if (SqliteSchema.Number(index.Connection, "PRAGMA user_version") is var version && version != SqliteSchema.Steps.Count)
            {
                return $"the index has version {version}, and this program reads {SqliteSchema.Steps.Count}; start the server once, or use a newer one";
            }

            var check = new StoreCheck(index.Connection, request, disk, show, stop);
            try
            {
                check.Findings().Iter(findings.Add);
            }
            finally
            {
                seen = check.Checked;
            }

            return None;
        }
    }

    private async Task Repair(SqliteIndex index)
    {
        var health = new Health();
        using var parts = new LocalParts(disk, layout, strict: true, Store.NewNonce, health, log);
        using var committer = new Committer(index, parts, new Ballast(disk, layout.Ballast, health, log), health, log);
        var cured = await new Repair(committer, index, parts, disk, layout, stop).Run(toSeq(findings.ToArray()));
        findings.Clear();
        findings.AddRange(cured);
    }

    private static int CodeOf(Exception error) => error switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode,
        IndexException index => index.Code,
        _ => 0,
    };
}
