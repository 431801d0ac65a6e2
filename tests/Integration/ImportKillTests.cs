using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What an import leaves that was ended without a chance to clean up.</summary>
public sealed class ImportKillTests : IDisposable
{
    private const int More = 150;

    private readonly OldStore old = new();

    [Fact]
    public async Task Killed_at_several_points_and_started_again_it_ends_complete_and_leaves_no_litter()
    {
        OldBlob[] blobs = [.. old.Blobs, .. Fill()];
        var before = Listing();
        var endless = PutEndless();
        var scratch = Directory.CreateDirectory(Path.Combine(old.Above, "scratch")).FullName;

        await KillWhen(scratch, "the lock is there", () => File.Exists(InStore("lock")));
        await KillWhen(scratch, "the index of the source is copied", () => File.Exists(InStore("tmp/import.tmp")));
        foreach (var parts in new[] { 1, More / 3, 2 * More / 3 })
        {
            await KillWhen(scratch, $"{parts} parts landed", () => Files("parts", "*-*").Length >= parts);
        }

        await KillWhen(scratch, "the last blob is read", () => Files("tmp", "*.tmp").Any(file => file != InStore("tmp/import.tmp")));
        File.Delete(endless);
        var ended = await ServerProcess.Run(Command, Scratch(scratch));

        Assert.Equal((0, $"{blobs.Length}"), (ended.Code, $"{Counted(ended, "imported: ") + Counted(ended, "already there: ")}"));
        Assert.All(blobs, blob => Assert.Equal(blob.sha256, old.Find(blob.bucket, blob.blob_id)?.Sha256.ToString()));
        Assert.Empty(Files("tmp", "*"));
        Assert.Empty(Directory.GetFileSystemEntries(scratch, "borderless*"));
        Assert.Equal(before, Listing());
        await using var server = await TestServer.Start(directory: old.DataDir);
        foreach (var blob in blobs.Where(blob => blob.bucket == "default"))
        {
            using var answer = await server.Download(Guid.Parse(blob.blob_id));
            Assert.Equal(blob.sha256, Answers.Sha256(await answer.Content.ReadAsByteArrayAsync()));
        }

        // Parts that landed without a row are the janitor's, once they are old.
        server.Time.Advance(TimeSpan.FromDays(1));
        _ = await server.Server.Janitor.RunOnce(CancellationToken.None);
        await Audit.Balance(server);
    }

    public void Dispose() => old.Dispose();

    private string[] Command => ["import", $"--from={old.Root}", $"--data-dir={old.DataDir}", "--link", "--inline-max-bytes=0"];

    private string InStore(string path) => Path.Combine(old.DataDir, path);

    private string[] Files(string directory, string pattern) =>
        Directory.Exists(InStore(directory)) ? Directory.GetFiles(InStore(directory), pattern, SearchOption.AllDirectories) : [];

    /// <summary>Blobs with rows, so that there is something to do between two points.</summary>
    private OldBlob[] Fill()
    {
        var blobs = Enumerable.Range(0, More).Select(seed => (Id: OldStore.NewId(), Bytes: Answers.Bytes(1000 + seed, seed))).ToArray();
        blobs.Iter(blob => File.WriteAllBytes(old.Content(Answers.Sha256(blob.Bytes)), blob.Bytes));
        old.Sql(
            "INSERT INTO objects (bucket, blob_id, file_size, sha256_hash, created_at, updated_at) VALUES "
            + string.Join(", ", blobs.Select(blob => $"('default', '{blob.Id}', {blob.Bytes.Length}, '{Answers.Sha256(blob.Bytes)}', 1, 1)")));
        return [.. blobs.Select(blob => new OldBlob("default", blob.Id, blob.Bytes.Length, Answers.Sha256(blob.Bytes), null, null))];
    }

    /// <summary>A terabyte of nothing, which comes last, so that no import ends before it is killed.</summary>
    private string PutEndless()
    {
        var path = Path.Combine(Directory.CreateDirectory(old.At("full")).FullName, OldStore.NewId());
        using var file = File.Create(path);
        file.SetLength(1L << 40);
        return path;
    }

    private async Task KillWhen(string scratch, string what, Func<bool> point)
    {
        await using var import = ServerProcess.Launch(Command, Scratch(scratch));
        await Wait.Until(() => import.HasExited || point(), what);
        import.Signal(ServerProcess.SigKill);
        Assert.Equal(128 + ServerProcess.SigKill, (await import.End()).Code);
    }

    private static Dictionary<string, string> Scratch(string directory) => new() { ["TMPDIR"] = directory };

    private static int Counted(Ended ended, string what) =>
        int.Parse(ended.Output.Single(line => line.StartsWith(what, StringComparison.Ordinal))[what.Length..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Without what the endless blob changes.</summary>
    private string[] Listing() =>
        [.. old.Listing().Where(line => !line.StartsWith(old.Root + " ", StringComparison.Ordinal) && !line.StartsWith(old.At("full "), StringComparison.Ordinal))];
}
