using Borderless.Tests.Integration.Faults;
using Borderless.Tests.Integration.Kills;
using Borderless.Tests.Integration.Simulation;
using Borderless.Tests.Integration.Trace;

// What is too long for a test run, or needs tools of the system: dotnet run --project tests/Integration -- <name> [arguments]
var programs = new Dictionary<string, Func<string[], Task<int>>>
{
    ["faults"] = FaultTrials.Run,
    ["kill-storm"] = KillStorm.Run,
    ["simulate"] = SimulateCommand.Simulate,
    ["trace"] = TraceProof.Run,
};

if (args is [var name, .. var rest] && programs.TryGetValue(name, out var program))
{
    return await program(rest);
}

await Console.Error.WriteLineAsync($"usage: <name> [arguments], with one of the names {string.Join(", ", programs.Keys.Order(StringComparer.Ordinal))}");
return 2;
