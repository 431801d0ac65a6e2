using Borderless.Tests.Integration.Faults;

namespace Borderless.Tests.Integration;

/// <summary>The README's table of faults is the one that scripts/faults.sh tries.</summary>
public sealed class FaultTableTests
{
    [Fact]
    public void The_readme_tells_of_each_fault_what_was_seen()
    {
        var readme = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "README.md"));
        var head = FaultTable.Head.Split('\n');
        var from = System.Array.IndexOf(readme, head[0]);

        Assert.Equal(
            [.. head, .. FaultTable.All.Select(fault => fault.Row)],
            readme.Skip(from).TakeWhile(line => line.StartsWith('|')));
    }
}
