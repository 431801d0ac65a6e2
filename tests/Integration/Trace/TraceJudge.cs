using System.Text;

namespace Borderless.Tests.Integration.Trace;

/// <summary>What a trace proved.</summary>
internal sealed record Judgement(IReadOnlyList<TracedAnswer> Answers, IReadOnlyList<string> Violations);

/// <summary>
/// Judges a trace of the server: before the first bytes of each 2xx answer left, all that it promises had been made durable, in
/// the order file, name, row.
/// </summary>
internal sealed class TraceJudge
{
    /// <summary>A file larger than this cannot be a row of the index.</summary>
    private const int LargestInline = 65_536;

    private static readonly string[] Writes = ["write", "writev", "pwrite64", "pwritev", "pwritev2", "copy_file_range", "sendfile"];

    private readonly IReadOnlyList<SystemCall> calls;
    private readonly IReadOnlyList<SystemCall> renames;
    private readonly IReadOnlyList<LogCommit> commits;
    private readonly List<string> violations = [];

    private TraceJudge(IReadOnlyList<SystemCall> calls)
    {
        this.calls = [.. calls.Where(call => call.Succeeded)];
        renames = [.. this.calls.Where(call => call.Name.StartsWith("rename", StringComparison.Ordinal))];
        commits = LogCommit.In(this.calls);
    }

    public static Judgement Judge(IEnumerable<string> trace)
    {
        var judge = new TraceJudge(TraceReader.Read(trace));
        var answers = TracedAnswer.In(judge.calls);
        if (judge.calls.Any(call => call.Name.StartsWith("io_uring", StringComparison.Ordinal)))
        {
            judge.violations.Add("the server uses io_uring, of which a trace shows nothing");
        }

        answers.Iter(judge.Judge);
        return new Judgement(answers, judge.violations);
    }

    private void Judge(TracedAnswer answer)
    {
        if (answer.Digest is null)
        {
            // A delete leaves nothing to be known by, so any commit counts that came between request and answer.
            MustBeSynced(answer, commits.Where(commit => commit.Begun > answer.Asked));
            return;
        }

        var named = commits.Where(commit => commit.Begun > answer.Asked && commit.Pages.Contains(Raw(answer.Digest), StringComparison.Ordinal)).ToArray();
        MustBeSynced(answer, named);
        if (answer.Kind != TracedAnswer.Merge && named is [var row, ..])
        {
            FileMustBeDurable(answer, row);
        }
    }

    private void MustBeSynced(TracedAnswer answer, IEnumerable<LogCommit> candidates)
    {
        var written = candidates.Where(commit => commit.Written < answer.Begun).ToArray();
        Must(answer, written.Length > 0, "no row of it had been written to the index's log");
        Must(answer, written.Length == 0 || written.Any(commit => commit.Synced < answer.Begun), "the index's log had not been synced since its row was written");
    }

    private void FileMustBeDurable(TracedAnswer answer, LogCommit row)
    {
        var rename = renames.FirstOrDefault(call => Path.GetFileName(call.Texts[^1]).StartsWith(answer.Digest + "-", StringComparison.Ordinal));
        if (rename is null)
        {
            Must(answer, answer.Size <= LargestInline, "its file never came under parts/");
            return;
        }

        var (temporary, directory) = (rename.Texts[0], Path.GetDirectoryName(rename.Texts[^1])!);
        var lastWrite = calls.Where(call => Writes.Contains(call.Name) && call.Target == temporary).Max(call => (int?)call.Done);
        Must(answer, lastWrite is not null, "no bytes of its file had been written");
        Must(
            answer,
            calls.Any(call => call.Name is "fdatasync" or "fsync" && call.Target == temporary && call.Begun > lastWrite && call.Done < rename.Begun),
            "its file had not been synced between its last write and its rename");
        Must(answer, IsSynced(directory, rename.Done, row.Begun), "the directory had not been synced between the rename of its file and its row");
        if (calls.FirstOrDefault(call => call.Name is "mkdir" or "mkdirat" && call.Texts[^1] == directory) is { } made)
        {
            Must(answer, IsSynced(Path.GetDirectoryName(directory)!, made.Done, row.Begun), "the new directory's own name had not been synced before its row");
        }
    }

    private bool IsSynced(string directory, int after, int before) =>
        calls.Any(call => call.Name == "fsync" && call.Target == directory && call.Begun > after && call.Done < before);

    private void Must(TracedAnswer answer, bool held, string broken)
    {
        if (!held)
        {
            violations.Add($"{answer}: {broken}");
        }
    }

    /// <summary>The digest's bytes, one character each.</summary>
    private static string Raw(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex));
}
