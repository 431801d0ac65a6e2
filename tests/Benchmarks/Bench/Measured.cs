using System.Globalization;
using System.Text.Json;

namespace Borderless.Benchmarks.Bench;

/// <summary>All figures of a run: of each figure, whose they are and round by round.</summary>
internal sealed class Measured
{
    private readonly List<(Figure Figure, Dictionary<string, List<double>> Of)> rows = [];

    public void Add(Figure figure, string who, double value)
    {
        if (rows.Find(row => row.Figure == figure) is not { Of: { } of })
        {
            rows.Add((figure, of = []));
        }

        if (!of.TryGetValue(who, out var values))
        {
            of.Add(who, values = []);
        }

        values.Add(value);
    }

    /// <summary>Medians, and of each reach the median of the ratios of the rounds, and whether it was reached.</summary>
    public string Table(IReadOnlyList<string> who) =>
        string.Join('\n', [
            $"| case | | {string.Join(" | ", who)} | reached | to reach |",
            $"|---|---|{string.Concat(Enumerable.Repeat("---:|", who.Count))}---|---|",
            .. rows.Select(row =>
                $"| {row.Figure.Name} | {row.Figure.Unit} | {string.Join(" | ", who.Select(name => row.Of.TryGetValue(name, out var values) ? Text(Median(values)) : ""))} | {string.Join(", ", Reached(row.Figure, row.Of))} | {string.Join(", ", row.Figure.Reaches.Where(reach => Ratio(reach, row.Of) is not null).Select(reach => Wanted(row.Figure, reach)))} |"),
        ]);

    public string Json() => JsonSerializer.Serialize(
        rows.Select(row => new
        {
            name = row.Figure.Name,
            unit = row.Figure.Unit,
            less_is_better = row.Figure.LessIsBetter,
            values = row.Of,
            medians = row.Of.ToDictionary(of => of.Key, of => Median(of.Value)),
            reaches = row.Figure.Reaches.Where(reach => Ratio(reach, row.Of) is not null).Select(reach => new { rival = reach.Rival, bound = reach.Bound, ratio = Ratio(reach, row.Of) }),
        }),
        Indented);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static IEnumerable<string> Reached(Figure figure, Dictionary<string, List<double>> of) =>
        figure.Reaches.Where(reach => Ratio(reach, of) is not null).Select(reach =>
        {
            var ratio = Ratio(reach, of)!.Value;
            return $"{(figure.LessIsBetter ? ratio <= reach.Bound : ratio >= reach.Bound) switch { true => "", false => "**not** " }}{Text(ratio)}{(reach.Rival is null ? "" : $" × {reach.Rival}")}";
        });

    private static string Wanted(Figure figure, Reach reach) =>
        $"{(figure.LessIsBetter ? "≤" : "≥")} {Text(reach.Bound)}{(reach.Rival is null ? "" : $" × {reach.Rival}")}";

    private static double? Ratio(Reach reach, Dictionary<string, List<double>> of) =>
        !of.TryGetValue("strict", out var ours) ? null
        : reach.Rival is null ? Median(ours)
        : of.TryGetValue(reach.Rival, out var theirs) ? Median([.. ours.Zip(theirs, (mine, other) => mine / other)])
        : null;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(double value) =>
        value.ToString(value >= 1000 ? "#,0" : value >= 10 ? "0" : value >= 1 ? "0.0#" : "0.###", CultureInfo.InvariantCulture);
}
