using System.Collections.Concurrent;
using System.Diagnostics;
using Borderless.Web.Backup;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Support;

/// <summary>Backups of a store, and servers that are started from them.</summary>
internal sealed class Backups(string dataDir) : IDisposable
{
    private readonly TestDirectory above = new();
    private readonly ConcurrentQueue<string> told = new();

    /// <summary>Where the backup goes, unless a test says otherwise.</summary>
    public string To => above.At("backup");

    public DataLayout Layout => new(To, Path.Combine(To, "metadata.db"));

    /// <summary>What the last backup told of single parts.</summary>
    public IReadOnlyList<string> Told => [.. told];

    /// <summary>Is shown how far a backup is, on the thread that does it.</summary>
    public Action<string> Shown { get; set; } = _ => { };

    /// <summary>Backs up as the command does.</summary>
    public async Task<Either<StartProblem, BackupReport>> Try(
        bool copy = false, bool verify = false, string? to = null, IDisk? disk = null, CancellationToken stop = default)
    {
        told.Clear();
        var request = new BackupRequest(to ?? To, new BackupOptions(copy, verify), TestServer.SettingsFor(dataDir).Storage);
        return await BackupCommand.Run(request, disk ?? new PosixDisk(), new BackupVoice(text => Shown(text()), told.Enqueue), stop);
    }

    /// <summary>Backs up, and has begun at least.</summary>
    public async Task<BackupReport> Run(bool copy = false, bool verify = false, string? to = null, IDisk? disk = null) =>
        (await Try(copy, verify, to, disk)).IfLeft(problem => throw new InvalidOperationException(problem.Message));

    /// <summary>Why nothing was begun.</summary>
    public async Task<string> Refused(string? to = null) =>
        (await Try(to: to)).Match(Right: report => throw new InvalidOperationException($"it was done: {report}"), Left: problem => problem.Message);

    /// <summary>The files of parts in the backup, by their path from <c>parts/</c>.</summary>
    public string[] Parts() =>
        [.. Directory.EnumerateFiles(Layout.Parts, "*-*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Layout.Parts, file)).Order(StringComparer.Ordinal)];

    public string PartOf(byte[] bytes) =>
        Directory.EnumerateFiles(Layout.Parts, Answers.Sha256(bytes) + "-*", SearchOption.AllDirectories).Single();

    /// <summary>A copy of the backup as it is now, or a tree of links to its files.</summary>
    public async Task<string> Copy(bool links = false)
    {
        var copy = above.At($"copy-{Guid.NewGuid():N}");
        using var process = Process.Start("cp", [links ? "-al" : "-a", To, copy]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return copy;
    }

    /// <summary>A server on a copy of the backup.</summary>
    public async Task<TestServer> Restore() => await TestServer.Start(directory: await Copy());

    /// <summary>Whether a server would start on the directory as it is, judged on a copy, for a start changes it.</summary>
    public async Task<bool> WouldStart()
    {
        var copy = await Copy();
        var layout = new DataLayout(copy, Path.Combine(copy, "metadata.db"));
        return StoreIdentity.Establish(new PosixDisk(), layout, () => "new").IsRight;
    }

    public void Dispose() => above.Dispose();
}
