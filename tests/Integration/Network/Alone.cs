namespace Borderless.Tests.Integration.Network;

/// <summary>Tests that count what the whole process has open or in memory, and so run when no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
