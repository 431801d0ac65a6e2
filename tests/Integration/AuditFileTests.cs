using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Audit;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using FsCheck.Xunit;

namespace Borderless.Tests.Integration;

/// <summary>The audit log as a file: its lines, its end, its rotation, and a disk that is full.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly TestDirectory directory = new();
    private readonly TestDirectory logs = new();

    [Property(MaxTest = 1_000)]
    public bool A_line_is_one_line_of_JSON_and_gives_back_its_texts_whatever_they_hold(string?[] texts, long? bytes, int status, string id)
    {
        string? Text(int i) => texts is { Length: > 0 } ? texts[i % texts.Length] : null;
        var entry = new AuditEntry(
            DateTimeOffset.UnixEpoch, Text(0) ?? "", Text(1), Text(2) ?? "", Text(3), Text(4), Text(5), Text(6), bytes, IPAddress.IPv6Loopback, id ?? "", "POST", "/", status);
        var line = new ArrayBufferWriter<byte>();
        AuditLine.Write(entry, line);

        var json = JsonDocument.Parse(line.WrittenMemory).RootElement;
        return line.WrittenSpan[^1] == '\n'
            && !line.WrittenSpan[..^1].ContainsAnyExceptInRange((byte)' ', (byte)'~')
            && json.EnumerateObject().Count() == 14
            && Same("what", entry.What) && Same("code", entry.Code) && Same("key", entry.Key) && Same("request_id", entry.RequestId)
            && json.GetProperty("bytes").ToString() == $"{bytes}";

        // A lone half of a pair is no text, and comes back as U+FFFD.
        bool Same(string name, string? text) =>
            json.GetProperty(name).GetString() == (text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("POST", "/upload/{blob}", false, null, "left")]
    [InlineData("POST", "/upload/{blob}", true, null, "done")]
    [InlineData("POST", "/upload/{blob}", true, "internal_error", "done")]
    [InlineData("PUT", "/{bucket:unreserved}/{blob}", false, "storage_unavailable", "failed")]
    [InlineData("DELETE", "/files/{blob}", false, "insufficient_storage", "failed")]
    [InlineData("DELETE", "/admin/buckets/{bucket}", false, "no_such_bucket", "refused")]
    [InlineData("GET", "/files/{blob}", false, "no_such_blob", null)]
    [InlineData("HEAD", "/files/{blob}", false, "link_revoked", "refused")]
    [InlineData("GET", "/admin/stats", false, "storage_unavailable", null)]
    public void What_was_done_is_done_and_of_reads_only_those_that_were_not_permitted_are_told(
        string method, string pattern, bool done, string? code, string? outcome)
    {
        StoreError? error = new StoreError[]
        {
            new StoreError.InternalError(), new StoreError.StorageUnavailable(), new StoreError.InsufficientStorage(), new StoreError.NoSuchBucket(),
            new StoreError.NoSuchBlob(), new StoreError.LinkRevoked(),
        }.FirstOrDefault(one => one.Code == code);

        Assert.Equal(outcome, AuditRules.OutcomeOf(AuditRules.ActionOf(method, pattern), done, error, cut: false));
    }

    [Fact]
    public async Task After_a_rename_and_SIGHUP_lines_go_on_in_a_new_file_and_none_is_lost()
    {
        var log = logs.At("audit.log");
        await using var server = await ServerProcess.Serve(directory.Root, $"--audit-log={log}");
        using var stop = new CancellationTokenSource();
        var done = new int[3];
        var clients = Enumerable.Range(0, done.Length).Select(client => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await server.Upload(Guid.CreateVersion7(), [1, 2, 3]);
                Assert.Equal(200, (int)answer.StatusCode);
                done[client]++;
            }
        })).ToArray();

        for (var i = 1; i <= 3; i++)
        {
            var before = done.Sum();
            await Wait.Until(() => done.Sum() > before + 20, "clients go on");
            File.Move(log, logs.At($"audit.log.{i}"));
            server.Signal(ServerProcess.SigHup);
            await Wait.Until(() => File.Exists(log), "there is a new file");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, (await server.End()).Code);
        var lines = Directory.GetFiles(logs.Root).SelectMany(AuditTrail.Read).ToArray();
        Assert.Equal(4, Directory.GetFiles(logs.Root).Length);
        Assert.Equal(done.Sum(), lines.Select(line => line.GetProperty("request_id").GetString()).Distinct().Count());
        Assert.Equal(done.Sum(), lines.Length);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_keeps_the_server_from_starting_and_is_named()
    {
        _ = Directory.CreateDirectory(logs.At("audit.log"));

        var ended = await ServerProcess.Run(ServerProcess.FlagsFor(directory.Root, $"--audit-log={logs.At("audit.log")}"));

        Assert.Equal(1, ended.Code);
        Assert.StartsWith(
            $"borderless-web: audit_log (flag --audit-log): cannot add to the file {logs.At("audit.log")}: Is a directory; name one",
            Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void To_look_whether_a_file_can_be_made_makes_none_not_even_where_a_link_leads()
    {
        _ = File.CreateSymbolicLink(logs.At("audit.log"), logs.At("target.log"));
        _ = File.CreateSymbolicLink(logs.At("astray.log"), logs.At("none/target.log"));

        Assert.Equal("", AuditLog.Probe(logs.At("audit.log")).IfNone(""));
        Assert.Equal("", AuditLog.Probe(logs.At("target.log")).IfNone(""));
        Assert.Equal($"{logs.At("none")} is not a directory that exists; create it first", AuditLog.Probe(logs.At("astray.log")).IfNone(""));

        Assert.Equal([logs.At("astray.log"), logs.At("audit.log")], Directory.GetFileSystemEntries(logs.Root).Order());
    }

    /// <summary>A socket cannot be opened at all, so who finds nothing wrong has not tried.</summary>
    [Fact]
    public void What_is_no_file_on_a_disk_is_not_opened_to_look_at_it()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(logs.At("audit.log")));

        Assert.Equal("", AuditLog.Probe(logs.At("audit.log")).IfNone(""));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("")]
    public void No_name_makes_looking_throw(string name) =>
        Assert.StartsWith("cannot add to the file ", AuditLog.Probe(name).IfNone(""), StringComparison.Ordinal);

    [Theory]
    [InlineData("", true)]
    [InlineData("{\"ti", true)]
    [InlineData("{\"ti\n{\"time\":\"2026-11-28T00:00:00.000Z\"}\n", true)]
    [InlineData("\n", true)]
    [InlineData("\0\0\n{\"time\":\"2026-11-28T00:00:00.000Z\"}\n", true)]
    [InlineData("{\n  \"time\": 1\n}\n", true)]
    [InlineData("{\"time\":\"2026-11-28T00:00:00.000Z\"}\n", true)]
    [InlineData("{\"id\":\"of a store\"}\n", false)]
    [InlineData("SQLite format 3\0", false)]
    [InlineData("root:x:0:0", false)]
    public void A_file_that_holds_something_else_is_not_taken(string content, bool isTaken) =>
        Assert.Equal(
            isTaken ? "" : $"the file {logs.At("other.log")} holds something else than an audit log, and would be spoilt; name another, or move it away",
            AuditLog.Probe(logs.Write("other.log", content)).IfNone(""));

    [Fact]
    public async Task What_the_store_holds_is_not_taken_for_the_audit_log()
    {
        await using (await TestServer.Start(directory: directory.Root))
        {
        }

        var files = Directory.GetFiles(directory.Root).Where(file => new FileInfo(file).Length > 0).ToArray();

        Assert.Contains(files, file => file.EndsWith("store.json", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("metadata.db", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Contains("something else", AuditLog.Probe(file).IfNone(""), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_there_is_added_to()
    {
        var log = logs.Write("audit.log", "{\"time\":\"long ago\"}\n");
        await using (var server = await TestServer.Start(new Dictionary<string, string> { ["audit_log"] = log }))
        {
            await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        }

        Assert.Equal(2, AuditTrail.Read(log).Length);
    }

    [MountFact]
    public void When_the_disk_has_room_again_what_was_torn_stands_alone_and_the_log_counts_what_is_missing()
    {
        using var disk = new MountedDisk("size=16k,nr_inodes=10");
        var (captured, path, other) = (new CapturedLog(), Path.Combine(disk.Root, "audit.log"), Path.Combine(disk.Root, "other"));
        File.WriteAllBytes(other, new byte[4096]);
        using var file = new AuditFile(Posix.OpenToAppend(path), path, captured.Logger);
        var line = Encoding.ASCII.GetBytes($"{{\"text\":\"{new string('x', 290)}\"}}\n");
        for (var i = 0; i < 100; i++)
        {
            file.Append(line);
        }

        File.Delete(other);
        file.Append(line);

        var lines = File.ReadAllLines(path);
        var whole = lines.Count(text => text.Length == line.Length - 1);
        Assert.True(file.Lost is > 0 and < 100);
        Assert.Equal(101, whole + file.Lost);
        Assert.InRange(lines.Length - whole, 0, 1);
        Assert.Equal(line.Length - 1, lines[^1].Length);
        Assert.Equal(2, captured.Problems.Count);
        Assert.Contains($"{file.Lost} lines are missing", captured.Problems[1], StringComparison.Ordinal);
    }

    [MountFact]
    public void A_file_that_was_emptied_for_want_of_room_begins_with_a_line()
    {
        using var disk = new MountedDisk("size=16k,nr_inodes=10");
        var path = Path.Combine(disk.Root, "audit.log");
        using var file = new AuditFile(Posix.OpenToAppend(path), path, new CapturedLog().Logger);
        while (file.Lost == 0)
        {
            file.Append("{\"time\":\"2026-11-28T00:00:00.000Z\",\"action\":\"store\"}\n"u8);
        }

        Assert.NotEqual('\n', File.ReadAllText(path)[^1]);
        File.WriteAllBytes(path, []);
        file.Append("{\"time\":\"2026\"}\n"u8);

        Assert.Equal("{\"time\":\"2026\"}\n", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("{\"torn\":", 2)]
    [InlineData("{\"whole\":true}\n", 2)]
    [InlineData("", 1)]
    public void What_was_torn_before_the_start_or_a_signal_stands_alone(string there, int lines)
    {
        var log = logs.Write("audit.log", there);
        using (var file = new AuditFile(Posix.OpenToAppend(log), log, new CapturedLog().Logger))
        {
            file.Append("{\"next\":1}\n"u8);
            Assert.Equal(lines, File.ReadAllLines(log).Length);
            File.AppendAllText(log, there);
            file.Reopen();
            file.Append("{\"next\":2}\n"u8);
        }

        Assert.Equal(["{\"next\":1}", "{\"next\":2}"], File.ReadAllLines(log).Where(line => line.Contains("next", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_signal_that_came_before_the_file_was_open_is_not_forgotten()
    {
        using var hangUps = HangUps.Listen();
        var (first, second) = (0, 0);

        hangUps.Do(() => first++);
        hangUps.Came();
        hangUps.Do(() => second++);
        hangUps.Came();

        Assert.Equal((2, 2), (first, second));
    }

    public void Dispose()
    {
        directory.Dispose();
        logs.Dispose();
    }
}
