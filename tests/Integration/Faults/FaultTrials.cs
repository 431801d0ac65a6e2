using System.Globalization;

namespace Borderless.Tests.Integration.Faults;

/// <summary>Tries every fault of the table, and prints the table when all was as it says.</summary>
internal static class FaultTrials
{
    /// <summary>The trials whose names contain the words given, or all.</summary>
    public static async Task<int> Run(string[] args)
    {
        var (passed, failed, skipped) = (0, 0, 0);
        foreach (var (name, run) in FaultTable.All.SelectMany(fault => fault.Trials).Where(trial => args.All(word => trial.Name.Contains(word, StringComparison.Ordinal))))
        {
            var trial = new Trial();
            var start = Environment.TickCount64;
            var why = await Outcome(run, trial);
            var verdict = why is not null ? $"skipped ({why})" : trial.Wrong.Count == 0 ? "ok     " : "FAILED ";
            (passed, failed, skipped) = why is not null ? (passed, failed, skipped + 1)
                : trial.Wrong.Count == 0 ? (passed + 1, failed, skipped) : (passed, failed + 1, skipped);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {verdict} {name}, {(Environment.TickCount64 - start) / 1000.0:F1} s"));
            trial.Wrong.Iter(wrong => Console.WriteLine($"            {wrong}"));
        }

        Console.WriteLine($"\n{FaultTable.Head}\n{string.Join('\n', FaultTable.All.Select(fault => fault.Row))}\n");
        Console.WriteLine($"{passed} passed, {failed} failed{(skipped == 0 ? "" : $", {skipped} skipped")}");
        return failed == 0 ? 0 : 1;
    }

    /// <returns>Why it could not be tried, or null.</returns>
    private static async Task<string?> Outcome(Func<Trial, Task> run, Trial trial)
    {
        try
        {
            await run(trial);
        }
        catch (CannotBeTried reason)
        {
            return reason.Message;
        }
#pragma warning disable CA1031 // Whatever it was, it is what the trial found, and the next one must be tried.
        catch (Exception error)
        {
            trial.See($"the trial ended: {error}", holds: false);
        }
#pragma warning restore CA1031

        return null;
    }
}
