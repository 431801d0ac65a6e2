using Borderless.Tests.Integration.Support;
using Borderless.Tests.Integration.Trace;

namespace Borderless.Tests.Integration;

/// <summary>The judge of traces finds each step that is missing or comes too late, and nothing where all is well.</summary>
public sealed class TraceTests
{
    private static readonly string Digest = Answers.Sha256([1]);

    /// <summary>An upload of 100,000 bytes into a new directory, then a delete, in the order that keeps every promise.</summary>
    private static readonly IReadOnlyList<(string Step, string Call)> Sound =
    [
        ("request", """recvmsg(9<socket:[77]>, {msg_iov=[{iov_base="POST /upload/x HTTP/1.1\r\nhost: a\r\n\r\n", iov_len=4096}]}, 0) = 34"""),
        ("write", """pwritev(5</d/tmp/aa.tmp>, [{iov_base="abc"..., iov_len=100000}], 1, 0) = 100000"""),
        ("sync of the file", "fdatasync(5</d/tmp/aa.tmp>) = 0"),
        ("mkdir", """mkdir("/d/parts/0001", 0700) = 0"""),
        ("sync of parts", "fsync(6</d/parts>) = 0"),
        ("rename", $"""rename("/d/tmp/aa.tmp", "/d/parts/0001/{Digest}-aa") = 0"""),
        ("sync of the directory", "fsync(6</d/parts/0001>) = 0"),
        ("frame", Frame(last: false)),
        ("page", Page(Escaped(Digest))),
        ("last frame", Frame(last: true)),
        ("last page", Page("abc")),
        ("sync of the log", "fsync(7</d/metadata.db-wal>) = 0"),
        ("answer", Answer($$"""{"message":"uploaded blob","bytes_written":100000,"sha256_hash":"{{Digest}}"}""")),
        ("request to delete", """recvmsg(9<socket:[77]>, {msg_iov=[{iov_base="DELETE /files/x HTTP/1.1\r\n\r\n", iov_len=4096}]}, 0) = 30"""),
        ("frame of the delete", Frame(last: true)),
        ("page of the delete", Page("xyz")),
        ("sync of the delete", "fsync(7</d/metadata.db-wal>) = 0"),
        ("answer to the delete", Answer("""{"message":"deleted blob x"}""")),
    ];

    [Fact]
    public void A_trace_that_keeps_every_promise_has_no_violation()
    {
        var judgement = TraceJudge.Judge(Lines(Sound));

        Assert.Empty(judgement.Violations);
        Assert.Equal([TracedAnswer.Upload, TracedAnswer.Delete], judgement.Answers.Select(answer => answer.Kind));
    }

    [Theory]
    [InlineData("write", "no bytes of its file")]
    [InlineData("sync of the file", "its file had not been synced")]
    [InlineData("sync of parts", "the new directory's own name")]
    [InlineData("rename", "its file never came under parts/")]
    [InlineData("sync of the directory", "the directory had not been synced")]
    [InlineData("page", "no row of it")]
    [InlineData("last frame", "no row of it")]
    [InlineData("sync of the log", "log had not been synced")]
    [InlineData("frame of the delete", "no row of it")]
    [InlineData("sync of the delete", "log had not been synced")]
    public void A_step_that_is_missing_is_found(string step, string violation) =>
        Assert.Contains(TraceJudge.Judge(Lines(Sound.Where(line => line.Step != step))).Violations, found => found.Contains(violation, StringComparison.Ordinal));

    [Theory]
    [InlineData("write", "sync of the file", "its file had not been synced")]
    [InlineData("sync of the file", "rename", "its file had not been synced")]
    [InlineData("mkdir", "sync of parts", "the new directory's own name")]
    [InlineData("sync of parts", "page", "the new directory's own name")]
    [InlineData("rename", "sync of the directory", "the directory had not been synced")]
    [InlineData("sync of the directory", "frame", "the directory had not been synced")]
    [InlineData("page", "sync of the log", "no row of it")]
    [InlineData("last page", "sync of the log", "log had not been synced")]
    [InlineData("sync of the log", "answer", "log had not been synced")]
    [InlineData("last page", "answer", "no row of it")]
    [InlineData("page of the delete", "sync of the delete", "log had not been synced")]
    [InlineData("sync of the delete", "answer to the delete", "log had not been synced")]
    [InlineData("request to delete", "page of the delete", "no row of it")]
    public void A_step_that_comes_too_late_is_found(string early, string late, string violation) =>
        Assert.Contains(TraceJudge.Judge(Lines(Later(early, late))).Violations, found => found.Contains(violation, StringComparison.Ordinal));

    [Theory]
    [InlineData("sync of the file", "rename")]
    [InlineData("sync of the directory", "frame")]
    [InlineData("sync of the log", "answer")]
    public void A_sync_that_had_begun_but_not_returned_does_not_count(string sync, string next)
    {
        var began = Sound.SelectMany(line => line.Step == sync ? [(sync, Half(line.Call))] : line.Step == next ? [line, (sync, "<... fsync resumed>) = 0")] : new[] { line });

        Assert.NotEmpty(TraceJudge.Judge(Lines(began)).Violations);
    }

    [Fact]
    public void A_sync_that_failed_does_not_count() =>
        Assert.NotEmpty(TraceJudge.Judge(Lines(Sound.Select(line => line.Step == "sync of the log" ? (line.Step, line.Call.Replace("= 0", "= -1 EIO (Input/output error) (INJECTED)", StringComparison.Ordinal)) : line))).Violations);

    [Fact]
    public void A_server_that_uses_what_no_trace_shows_is_not_proved() =>
        Assert.NotEmpty(TraceJudge.Judge(Lines(Sound.Append(("ring", "io_uring_enter(3, 1, 0, 0, NULL, 8) = 1")))).Violations);

    private static IEnumerable<(string Step, string Call)> Later(string early, string late)
    {
        var moved = Sound.Single(line => line.Step == early);
        return Sound.SelectMany(line => line == moved ? [] : line.Step == late ? [line, moved] : new[] { line });
    }

    /// <summary>Each line is of another thread, so that only their order counts; a half and its rest are of one.</summary>
    private static IEnumerable<string> Lines(IEnumerable<(string Step, string Call)> steps) =>
        steps.Select((line, i) => $"{(line.Call.Contains("unfinished", StringComparison.Ordinal) || line.Call.StartsWith("<...", StringComparison.Ordinal) ? 1 : 100 + i)} 17956102{i:D2}.684099 {line.Call}");

    private static string Half(string call) => call[..call.IndexOf(')', StringComparison.Ordinal)] + " <unfinished ...>";

    private static string Frame(bool last) => $"""pwrite64(7</d/metadata.db-wal>, "\0\0\0\4\0\0\0{(last ? "\\20" : "\\0")}\0\0\0\1\222\355\366g\v\312Wi\233\311B\271", 24, 0) = 24""";

    private static string Page(string content) => $"""pwrite64(7</d/metadata.db-wal>, "\r\0\0\0{content}", 4096, 24) = 4096""";

    private static string Answer(string json) =>
        $"""sendto(9<socket:[77]>, "HTTP/1.1 200 OK\r\n\r\n{json.Replace("\"", "\\\"", StringComparison.Ordinal)}\n", 99, MSG_NOSIGNAL, NULL, 0) = 99""";

    private static string Escaped(string hex) => string.Concat(Convert.FromHexString(hex).Select(one => "\\" + Convert.ToString(one, 8).PadLeft(3, '0')));
}
