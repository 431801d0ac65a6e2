using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Faults;

/// <summary>Small file systems on which nothing more fits: no byte or no file, because of the store's own uploads or of another program.</summary>
internal static class FullDisk
{
    private const int Size = 600_000;
    private const string Full = "507 insufficient_storage";

    /// <summary>
    /// The store's uploads fill the disk, from many clients at once, while others delete and merge. What is kept free of uploads is more than
    /// the index takes meanwhile, as it is on disks of a usual size: on one of 8 MiB the default is less.
    /// </summary>
    public static async Task OfBytes(Trial trial)
    {
        using var disk = Mounted.Tmpfs("10m", files: 10_000);
        await using var patient = new Patient(disk.Root, $"--min-free-bytes={2 << 20}");
        var (blobs, merge, whole) = await Prepare(trial, patient, blobs: 6);
        await Fill(trial, patient, 100_000, [blobs.Dequeue(), blobs.Dequeue()]);
        await FillForGood(trial, patient);
        await NoUploadFits(trial, patient, small: Full);
        trial.See("merge when full", "200", await patient.Merge(merge, 2, whole));
        await DeletesBringItBack(trial, patient, blobs);
        await Ends(trial, patient);
    }

    /// <summary>Another program takes every byte, and takes again what deletes free, also before the server starts.</summary>
    public static async Task OfBytesByAnother(Trial trial)
    {
        using var disk = Mounted.Tmpfs("8m", files: 10_000);
        await using var patient = new Patient(disk.Root);
        var (blobs, merge, whole) = await Prepare(trial, patient, blobs: 6);
        var many = Enumerable.Range(0, 400).Select(_ => Patient.NewPath()).ToArray();
        await Storm.Together(many.Length, async i => trial.See("upload before", "200", await patient.Make(many[i], 100)));
        var other = disk.FillBytes();
        await NoUploadFits(trial, patient, small: Full);
        trial.See("merge when full is done or refused", await patient.Merge(merge, 2, whole) is "200" or Full);
        for (var i = 0; i < 2; i++)
        {
            _ = disk.FillBytes();
            trial.See("delete without a free byte", "200", await patient.Delete(blobs.Dequeue()));
        }

        // More than the ballast has room for, before the store can have looked for other room.
        foreach (var blob in many)
        {
            trial.See("one of many deletes without a free byte", "200", await patient.Delete(blob));
        }

        _ = disk.FillBytes();
        await patient.End(ServerProcess.SigKill);
        _ = disk.FillBytes();
        await patient.Start();
        trial.See("readable after a kill without a free byte", "everything", await patient.Read());
        await DeletesBringItBack(trial, patient, blobs);
        trial.See("merge after", "200", await patient.Merge(merge, 2, whole));
        File.Delete(other);
        await Ends(trial, patient);
    }

    /// <summary>The store's uploads use up the files that the disk can hold.</summary>
    public static async Task OfFiles(Trial trial)
    {
        using var disk = Mounted.Tmpfs("64m", files: 60);
        await using var patient = new Patient(disk.Root);
        var (blobs, merge, whole) = await Prepare(trial, patient, blobs: 6);
        await Fill(trial, patient, 100_000, [blobs.Dequeue(), blobs.Dequeue()]);
        await NoUploadFits(trial, patient, small: "200");
        trial.See("the log tells of the refusal", patient.Logged("an upload was refused because the disk failed"));
        trial.See("merge when full", "200", await patient.Merge(merge, 2, whole));
        await DeletesBringItBack(trial, patient, blobs);
        await Ends(trial, patient);
    }

    /// <summary>Another program makes files until there can be no more, also before the server starts.</summary>
    public static async Task OfFilesByAnother(Trial trial)
    {
        using var disk = Mounted.Tmpfs("64m", files: 60);
        await using var patient = new Patient(disk.Root);
        var (blobs, merge, whole) = await Prepare(trial, patient, blobs: 6);
        var other = disk.FillFiles();
        await NoUploadFits(trial, patient, small: "200");
        trial.See("the log tells of the refusal", patient.Logged("an upload was refused because the disk failed"));
        trial.See("merge when full", "200", await patient.Merge(merge, 2, whole));
        for (var i = 0; i < 2; i++)
        {
            trial.See("delete without a free file", "200", await patient.Delete(blobs.Dequeue()));
            _ = disk.FillFiles();
        }

        await patient.End(ServerProcess.SigKill);
        _ = disk.FillFiles();
        await patient.Start();
        trial.See("readable after a kill without a free file", "everything", await patient.Read());
        await DeletesBringItBack(trial, patient, blobs);
        Directory.Delete(other, recursive: true);
        await Ends(trial, patient);
    }

    private static async Task<(Queue<string> Blobs, string Merge, byte[] Whole)> Prepare(Trial trial, Patient patient, int blobs)
    {
        await patient.Start();
        var made = new Queue<string>();
        for (var i = 0; i < blobs; i++)
        {
            made.Enqueue(Patient.NewPath());
            trial.See("upload before", "200", await patient.Make(made.Last(), Size));
        }

        var merge = Patient.NewPath();
        return (made, merge, await patient.Chunks(merge, 100, 50_000));
    }

    /// <summary>Clients that upload until they are refused, half of them in chunks that are merged, beside one that deletes.</summary>
    private static async Task Fill(Trial trial, Patient patient, int size, IEnumerable<string> deleted)
    {
        var filling = Storm.Together(8, async client =>
        {
            while (await (client % 2 == 0 ? patient.Upload(size) : patient.InChunks(size, size)) is var answer && answer != Full)
            {
                trial.See("upload while it fills", "200", answer);
            }
        });
        foreach (var blob in deleted)
        {
            trial.See("delete while it fills", "200", await patient.Delete(blob));
        }

        await filling;
    }

    /// <summary>Also what the store gives back of its index's log, which it looks for every second.</summary>
    private static async Task FillForGood(Trial trial, Patient patient)
    {
        do
        {
            foreach (var size in new[] { 100_000, 10_000, 100 })
            {
                await Fill(trial, patient, size, []);
            }

            await Task.Delay(TimeSpan.FromSeconds(2.5));
        }
        while (await patient.Ready() != "503 disk_full");
    }

    private static async Task NoUploadFits(Trial trial, Patient patient, string small)
    {
        trial.See("upload when full", Full, await patient.Upload(100_000));
        trial.See("chunk when full", Full, await patient.Chunk(Patient.NewPath(), 1, 2, 100_000));
        trial.See("overwrite when full", Full, await patient.Overwrite(Patient.NewPath(), 3_000_000));
        trial.See("upload of 100 bytes when full", small, await patient.Upload(100));
        trial.See("/readyz when full", "503 disk_full", await patient.Ready());
        trial.See("/healthz when full", "200", await patient.Alive());
        trial.See("readable when full", "everything", await patient.Read());
    }

    /// <summary>The promise: deletes succeed, and then uploads do within ten seconds and without a restart.</summary>
    private static async Task DeletesBringItBack(Trial trial, Patient patient, Queue<string> blobs)
    {
        while (blobs.TryDequeue(out var blob))
        {
            trial.See("delete when full", "200", await patient.Delete(blob));
        }

        await trial.Within10Seconds("upload after deletes", "200", () => patient.Upload(1_000));
        await trial.Within10Seconds("upload of a file after deletes", "200", () => patient.Upload(100_000));
        await trial.Within10Seconds("/readyz after deletes", "200", patient.Ready);
    }

    private static async Task Ends(Trial trial, Patient patient)
    {
        trial.See("readable after", "everything", await patient.Read());
        await patient.End(ServerProcess.SigKill);
        await patient.Start();
        trial.See("readable after a kill", "everything", await patient.Read());
        await patient.End(ServerProcess.SigTerm);
        await Aftermath.ShouldBeClean(patient.Directory);
    }
}
