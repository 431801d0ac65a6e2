using Borderless.Tests.Integration.Support;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>While a backup runs, no file of a part that had a row goes; when it has ended, they go.</summary>
public sealed class RemovalLockTests
{
    private static RemovalLock Backup(TestServer server)
    {
        var backup = new RemovalLock(server.Store.Layout.RemovalLock);
        backup.Share();
        return backup;
    }

    [Fact]
    public async Task The_remover_passes_its_run_by_and_runs_after_the_last_backup()
    {
        await using var server = await TestServer.Start();
        var (blob, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        _ = await server.Upload(blob, Answers.Bytes(100_000)).ShouldBeOk();
        await Wait.Until(() => server.Store.BeginRemoval() is { } free && Disposed(free), "the remover's first run is over");
        var (first, second) = (Backup(server), Backup(server));
        using (await server.Send(HttpMethod.Delete, server.Signed("DELETE", $"/files/{blob}"), null))
        {
            await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("garbage stays", StringComparison.Ordinal)), "the remover came by");
        }

        _ = await server.Upload(other, Answers.Bytes(90_000, 2)).ShouldBeOk();
        first.Dispose();
        var passes = Passes(server);
        await Wait.Turning(server, TimeSpan.FromSeconds(5), () => Passes(server) > passes, "it came by again");
        Assert.Equal(2, server.FilesUnder("parts").Length);
        _ = Assert.Single(server.Store.Index.Garbage(0, 10));
        second.Dispose();

        await Wait.Turning(server, TimeSpan.FromSeconds(5), () => server.FilesUnder("parts").Length == 1, "the file is gone");
        await server.Download(other).ShouldHaveBytes(Answers.Bytes(90_000, 2));
    }

    [Fact]
    public async Task The_janitor_leaves_parts_alone_meanwhile()
    {
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["ttl_orphan_secs"] = "1000", ["janitor_interval_secs"] = "100000" });
        await Wait.Until(() => server.Log.Lines.Any(line => line.Contains("janitor: removed", StringComparison.Ordinal)), "its first run is over");
        var orphan = Path.Combine(server.Directory, "parts/0001", $"{Answers.Sha256([1])}-0000000000000001");
        _ = Directory.CreateDirectory(Path.GetDirectoryName(orphan)!);
        File.WriteAllBytes(orphan, new byte[10]);
        File.SetLastWriteTimeUtc(orphan, DateTime.UtcNow.AddDays(-1));
        using (Backup(server))
        {
            Assert.Equal(0, (await server.Server.Janitor.RunOnce(CancellationToken.None)).Parts);
            Assert.True(File.Exists(orphan));
        }

        Assert.Equal(1, (await server.Server.Janitor.RunOnce(CancellationToken.None)).Parts);
        Assert.False(File.Exists(orphan));
    }

    [Fact]
    public async Task A_backup_waits_for_a_removal_that_runs_and_can_be_stopped_meanwhile()
    {
        await using var server = await TestServer.Start();
        using var backups = new Backups(server.Directory);
        using var stop = new CancellationTokenSource();
        var removal = Assert.IsAssignableFrom<IDisposable>(server.Store.BeginRemoval());

        var waits = new TaskCompletionSource<string>();
        backups.Shown = text => waits.TrySetResult(text);
        var stopped = backups.Try(stop: stop.Token);
        Assert.Same(waits.Task, await Task.WhenAny(waits.Task, stopped));
        Assert.StartsWith("backing up: waiting for a removal", await waits.Task, StringComparison.Ordinal);
        Assert.False(stopped.IsCompleted);
        await stop.CancelAsync();
        Assert.True((await stopped).Exists(report => report.Stopped));
        Assert.False(Directory.Exists(backups.To));

        var waiting = backups.Run();
        Assert.False(waiting.IsCompleted);
        removal.Dispose();
        Assert.Equal(0, (await waiting).ExitCode);
    }

    [Fact]
    public async Task Removals_of_one_process_run_side_by_side()
    {
        await using var server = await TestServer.Start();
        var first = server.Store.BeginRemoval();
        var second = server.Store.BeginRemoval();
        using var other = new RemovalLock(server.Store.Layout.RemovalLock);

        Assert.NotNull(first);
        Assert.NotNull(second);
        first.Dispose();
        first.Dispose();
        Assert.Null(other.TryBegin());
        second.Dispose();
        await Wait.Until(() => other.TryBegin() is not null, "the lock is free");
    }

    private static int Passes(TestServer server) => server.Log.Lines.Count(line => line.Contains("garbage stays", StringComparison.Ordinal));

    private static bool Disposed(IDisposable removal)
    {
        removal.Dispose();
        return true;
    }
}
