namespace Borderless.Tests.Integration.Faults;

/// <summary>One way in which the disk fails: its row in the README's table, and the trials that the row was seen in.</summary>
internal sealed record Fault(
    string Name, string Client, string Log, string Readable, string Recovery, IReadOnlyList<(string Name, Func<Trial, Task> Try)> Trials)
{
    public string Row => $"| {Name} | {Client} | {Log} | {Readable} | {Recovery} |";
}

/// <summary>What cannot be tried here, and why.</summary>
internal sealed class CannotBeTried(string why) : Exception(why);

/// <summary>What was expected and what came.</summary>
internal sealed class Trial
{
    private readonly List<string> wrong = [];

    public IReadOnlyList<string> Wrong => wrong;

    public void See(string what, string expected, string actual)
    {
        See($"{what}: expected {expected}, got {actual}", actual == expected);
    }

    public void See(string what, bool holds)
    {
        lock (wrong)
        {
            if (!holds)
            {
                wrong.Add(what);
            }
        }
    }

    /// <summary>The promise of recovery: within ten seconds.</summary>
    public async Task Within10Seconds(string what, string expected, Func<Task<string>> look)
    {
        var deadline = Environment.TickCount64 + 10_000;
        string seen;
        while ((seen = await look()) != expected && Environment.TickCount64 < deadline)
        {
            await Task.Delay(50);
        }

        See($"{what} within 10 s", expected, seen);
    }
}
