using Borderless.Tests.Integration.Simulation;
using Xunit.Abstractions;

namespace Borderless.Tests.Integration;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>Of ten crashes each.</summary>
    private const int Seeds = 2_000;

    public static TheoryData<string> Faults => [.. Plant.All.Select(plant => plant.Name)];

    [Fact]
    public void Nothing_that_was_acknowledged_is_lost_in_any_simulated_crash()
    {
        var results = SimulateCommand.Run(0, Seeds, _ => { });

        Assert.Equal("", string.Join('\n', results.Where(result => result.Violation is not null).Take(3).Select(SimulateCommand.Replay)));
        Assert.True(results.Sum(result => result.Crashes) >= 20_000);
        Assert.True(results.Sum(result => result.Answers) >= 50_000);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_planted_fault_is_found_by_the_same_seeds(string fault)
    {
        var plant = Plant.All.Single(plant => plant.Name == fault);

        var found = Enumerable.Range(0, Seeds).Select(seed => Simulated.Run(seed, plant)).FirstOrDefault(result => result.IsLoss);

        Assert.True(found is not null, $"none of {Seeds} seeds shows that {fault}");
        output.WriteLine($"seed {found.Seed} shows that {fault}: {found.Violation}");
    }

    [Fact]
    public void A_seed_replays_call_by_call()
    {
        var (first, again) = (new List<string>(), new List<string>());
        for (var seed = 0; seed < 20; seed++)
        {
            _ = Simulated.Run(seed, trace: first);
            _ = Simulated.Run(seed, trace: again);
        }

        Assert.True(first.Count > 10_000);
        Assert.Equal(first, again);
    }
}
