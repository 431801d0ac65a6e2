using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Faults;

/// <summary>A disk that turns read-only, and parts or an index that are not there any more, or not what they were.</summary>
internal static class LostFiles
{
    private const string Unavailable = "503 storage_unavailable";
    private const int Small = 100;
    private const int Middle = 100_000;

    /// <summary>The file system meets an error and turns read-only, until it is mended and mounted again.</summary>
    public static async Task ReadOnly(Trial trial)
    {
        using var disk = Mounted.Ext4();
        await using var patient = new Patient(disk.Root);
        var blob = await Prepare(trial, patient);
        disk.TurnReadOnly();
        trial.See("upload of 100 bytes", Unavailable, await patient.Upload(Small));
        trial.See("upload of 100 KB", Unavailable, await patient.Upload(Middle));
        trial.See("delete", Unavailable, await patient.Delete(blob));
        trial.See("/readyz", "503 disk_failed index_unavailable", await patient.Ready());
        trial.See("the log tells of the file", patient.Logged("an upload was refused because the disk failed"));
        trial.See("the log tells of the index", patient.Logged("the index failed to commit"));
        trial.See("readable", "everything", await patient.Read());
        await patient.End(ServerProcess.SigKill);
        Refused(trial, "is not writable for this user", await patient.TryStart());
        disk.Mend();
        await patient.Start();
        await Works(trial, patient);
        await Ends(trial, patient);
    }

    /// <summary>The directory of parts is unmounted, or another store's is mounted in its place.</summary>
    public static async Task NoParts(Trial trial, bool another)
    {
        using var directory = new TestDirectory();
        using var other = new TestDirectory();
        await using var stranger = new Patient(other.Root);
        _ = await Prepare(trial, stranger);
        await stranger.End(ServerProcess.SigTerm);
        await using var patient = new Patient(directory.Root);
        var blob = await Prepare(trial, patient);

        Exchange(directory, other, another);
        var strangers = Files(directory);
        trial.See("upload of 100 KB", Unavailable, await patient.Upload(Middle));
        trial.See("/readyz", "503 disk_failed", await patient.Ready());
        trial.See("upload of 100 bytes", another ? "200" : Unavailable, await patient.Upload(Small));
        trial.See("readable", $"3 of 5; the others {Unavailable}", await patient.Read());
        trial.See("delete", "200", await patient.Delete(blob));
        trial.See("the log names the remedy", patient.Logged("mount or restore the parts directory"));
        trial.See("nothing came or went in parts/", Files(directory).SequenceEqual(strangers));
        Restore(directory, other, another);
        await Works(trial, patient);

        await patient.End(ServerProcess.SigKill);
        Exchange(directory, other, another);
        Refused(trial, another ? "belongs to" : "is missing or is no part of a store", await patient.TryStart());
        Restore(directory, other, another);
        await patient.Start();
        await Works(trial, patient);
        await Ends(trial, patient);
    }

    /// <summary>The index's file is spoiled while the server is down, and put back from a copy.</summary>
    public static async Task BrokenIndex(Trial trial, Action<string> spoil)
    {
        using var directory = new TestDirectory();
        await using var patient = new Patient(directory.Root);
        _ = await Prepare(trial, patient);
        await patient.End(ServerProcess.SigTerm);
        var index = directory.At("metadata.db");
        File.Copy(index, directory.At("copy"));
        spoil(index);
        var spoiled = directory.Listing();
        Refused(trial, "is missing or is no part of a store", await patient.TryStart());
        trial.See("nothing was changed", directory.Listing().SequenceEqual(spoiled));
        File.Move(directory.At("copy"), index, overwrite: true);
        await patient.Start();
        await Works(trial, patient);
        await Ends(trial, patient);
    }

    /// <summary>The index's file is spoiled under a running server, and put back from a copy.</summary>
    public static async Task BrokenIndexWhileRunning(Trial trial, Action<string> spoil)
    {
        using var directory = new TestDirectory();
        await using var patient = new Patient(directory.Root);
        var blob = await Prepare(trial, patient);
        await patient.End(ServerProcess.SigTerm);
        var index = directory.At("metadata.db");
        File.Copy(index, directory.At("copy"));
        await patient.Start();
        spoil(index);
        trial.See("upload of 100 bytes", Unavailable, await patient.Upload(Small));
        trial.See("upload of 100 KB", Unavailable, await patient.Upload(Middle));
        trial.See("a read", Unavailable, await patient.Get(blob));
        trial.See("/readyz", "503 index_unavailable", await patient.Ready());
        trial.See("/healthz", "200", await patient.Alive());
        trial.See("the log says that the index cannot be read", patient.Logged("the index cannot be read"));
        await patient.End(ServerProcess.SigKill);
        Refused(trial, "is missing or is no part of a store", await patient.TryStart());
        new[] { index, index + "-wal", index + "-shm" }.Iter(File.Delete);
        File.Copy(directory.At("copy"), index);
        await patient.Start();
        await Works(trial, patient);
        await Ends(trial, patient);
    }

    /// <summary>The file keeps its name and half of its length.</summary>
    public static void Halve(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(file.Length / 2);
    }

    public static void Empty(string path)
    {
        using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>All but the first page, which says what the file is, becomes random bytes.</summary>
    public static void Garble(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = 4096;
        file.Write(Answers.Bytes((int)file.Length - 4096));
    }

    private static void Exchange(TestDirectory ours, TestDirectory other, bool another)
    {
        Directory.Move(ours.At("parts"), ours.At("away"));
        if (another)
        {
            Directory.Move(other.At("parts"), ours.At("parts"));
        }
    }

    private static void Restore(TestDirectory ours, TestDirectory other, bool another)
    {
        if (another)
        {
            Directory.Move(ours.At("parts"), other.At("parts"));
        }

        Directory.Move(ours.At("away"), ours.At("parts"));
    }

    private static string[] Files(TestDirectory directory) => Directory.Exists(directory.At("parts"))
        ? [.. Directory.EnumerateFileSystemEntries(directory.At("parts"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    private static void Refused(Trial trial, string reason, string start) =>
        trial.See($"a start is refused, for it {reason}; it was {start}", start.StartsWith("1: ", StringComparison.Ordinal) && start.Contains(reason, StringComparison.Ordinal));

    private static async Task<string> Prepare(Trial trial, Patient patient)
    {
        await patient.Start();
        var blob = Patient.NewPath();
        trial.See("upload before", "200", await patient.Make(blob, Middle));
        trial.See("upload before", "200", await patient.Upload(Small));
        trial.See("upload before", "200", await patient.Upload(Middle));
        return blob;
    }

    private static async Task Works(Trial trial, Patient patient)
    {
        await trial.Within10Seconds("/readyz after", "200", patient.Ready);
        trial.See("upload of 100 bytes after", "200", await patient.Upload(Small));
        trial.See("upload of 100 KB after", "200", await patient.Upload(Middle));
        trial.See("readable after", "everything", await patient.Read());
    }

    private static async Task Ends(Trial trial, Patient patient)
    {
        await patient.End(ServerProcess.SigKill);
        await patient.Start();
        trial.See("readable after a kill", "everything", await patient.Read());
        await patient.End(ServerProcess.SigTerm);
        await Aftermath.ShouldBeClean(patient.Directory);
    }
}
