namespace Borderless.Benchmarks.Bench;

/// <summary>What is to be reached: a bound on a figure, or on its ratio to a rival's of the same round.</summary>
/// <param name="Bound">At least this, or at most this where less is better.</param>
/// <param name="Rival">Whose figure it is a ratio to; null for a bound on the figure itself.</param>
internal sealed record Reach(double Bound, string? Rival = null);

/// <summary>Something that is measured of each contestant, in turn.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="Unit">Of its figures.</param>
/// <param name="LessIsBetter">Whether it is a cost.</param>
/// <param name="Reaches">What the strict store should reach.</param>
internal sealed record Figure(string Name, string Unit, bool LessIsBetter, Seq<Reach> Reaches);

/// <summary>Figures that are measured together.</summary>
/// <param name="Figures">What it gives, in this order.</param>
/// <param name="Who">Whom it is measured of.</param>
/// <param name="Prepare">What is to be done once after a contestant has started.</param>
/// <param name="Measure">Measures once.</param>
internal sealed record Case(
    Seq<Figure> Figures, Seq<string> Who, Func<Contestant, Task> Prepare, Func<Contestant, Task<double[]>> Measure)
{
    /// <summary>Whether one round is enough, because what is measured does not change with the machine's speed.</summary>
    public bool Once { get; init; }
}
