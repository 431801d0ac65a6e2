using Borderless.Tests.Integration.Support;
using Borderless.Tests.Integration.Trace;

namespace Borderless.Tests.Integration.Faults;

/// <summary>System calls that fail because strace makes them, for files of parts, for directories and for the index's log apart.</summary>
/// <param name="Injection">Which calls, with which error.</param>
/// <param name="Paths">On which paths in the data directory only; all where there are none.</param>
/// <param name="First">The answer to the first write, of a row only.</param>
/// <param name="Files">The answers to writes that need a file.</param>
/// <param name="Rows">The answers to merges and deletes.</param>
/// <param name="Ready">What /readyz says meanwhile.</param>
/// <param name="Log">Words of the log.</param>
internal sealed record InjectedFault(string Injection, string[] Paths, string First, string Files, string Rows, string Ready, string Log)
{
    private const int Small = 100;
    private const int Middle = 100_000;
    private const int Large = 3_000_000;

    /// <summary>Every write while the fault lasts, what can be read then and after, and how the store comes back.</summary>
    public async Task Try(Trial trial)
    {
        if (!Strace.IsThere)
        {
            throw new CannotBeTried("strace is missing");
        }

        using var directory = new TestDirectory();
        await using var patient = new Patient(directory.Root);
        await patient.Start();
        var paths = Enumerable.Range(0, 4).Select(_ => Patient.NewPath()).ToArray();
        foreach (var (path, size) in new[] { (paths[0], Middle), (paths[1], Middle), (paths[2], Small) })
        {
            trial.See("upload before", "200", await patient.Make(path, size));
        }

        var whole = await patient.Chunks(paths[3], Small, Middle);
        await using (await Strace.Spoil(patient.Server.Id, Injection, Paths.Select(directory.At)))
        {
            trial.See("upload of 100 bytes", First, await patient.Upload(Small));
            trial.See("upload of 100 KB", Files, await patient.Upload(Middle));
            trial.See("/readyz", Ready, await patient.Ready());
            trial.See("upload of 3 MB", Files, await patient.Upload(Large));
            trial.See("chunk", Files, await patient.Chunk(Patient.NewPath(), 1, 2, Middle));
            trial.See("overwrite", Files, await patient.Overwrite(paths[0], Middle));
            trial.See("merge", Rows, await patient.Merge(paths[3], 2, whole));
            trial.See("delete", Rows, await patient.Delete(paths[1]));
            trial.See("/healthz", "200", await patient.Alive());
            trial.See("readable during", "everything", await patient.Read());
            trial.See($"the log says: {Log}", patient.Logged(Log));
        }

        await Recovers(trial, patient);
        await patient.End(ServerProcess.SigKill);
        await patient.Start();
        trial.See("readable after a kill", "everything", await patient.Read());
        await patient.End(ServerProcess.SigTerm);
        await Aftermath.ShouldBeClean(directory.Root);
    }

    private static async Task Recovers(Trial trial, Patient patient)
    {
        await trial.Within10Seconds("/readyz after", "200", patient.Ready);
        trial.See("upload of 100 bytes after", "200", await patient.Upload(Small));
        trial.See("upload of 100 KB after", "200", await patient.Upload(Middle));
        trial.See("readable after", "everything", await patient.Read());
    }
}
