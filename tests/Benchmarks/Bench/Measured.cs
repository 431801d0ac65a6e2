using System.Globalization;
using System.Text.Json;

namespace Borderless.Benchmarks.Bench;

/// <summary>How near the strict store came to what is to be reached.</summary>
/// <param name="Figure">What was measured.</param>
/// <param name="Reach">The bound.</param>
/// <param name="Value">The figure, or the median of the rounds' ratios to the rival's.</param>
internal sealed record Judged(Figure Figure, Reach Reach, double Value)
{
    public bool Reached => Figure.LessIsBetter ? Value <= Reach.Bound : Value >= Reach.Bound;

    public override string ToString() =>
        $"{(Figure.LessIsBetter ? "≤" : "≥")} {Measured.Text(Reach.Bound)}{(Reach.Rival is null ? "" : $" × {Reach.Rival}")}: {Measured.Text(Value)} {(Reached ? "ok" : "**short**")}";
}

/// <summary>All figures of a run: of each figure, whose they are and round by round.</summary>
internal sealed class Measured
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

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

    /// <summary>The figures of these, as a table in Markdown: medians, and what is to be reached.</summary>
    public string Table(Seq<string> who) =>
        string.Join('\n', [
            $"| case | | {string.Join(" | ", who)} | to reach |",
            $"|---|---|{string.Concat(who.Map(_ => "---:|"))}---|",
            .. rows.Where(row => who.Exists(row.Of.ContainsKey)).Select(row =>
                $"| {row.Figure.Name} | {row.Figure.Unit} | {string.Join(" | ", who.Map(name => Median(row.Figure, name)))} | {string.Join("; ", Judge(row.Figure, row.Of))} |"),
        ]);

    /// <summary>Whose figures there are.</summary>
    public Seq<string> Who => toSeq(rows.SelectMany(row => row.Of.Keys).Distinct());

    /// <summary>Everything that was to be reached and was measured.</summary>
    public Seq<Judged> Judged => toSeq(rows.SelectMany(row => Judge(row.Figure, row.Of)));

    /// <summary>As a table has it; empty where nothing was measured.</summary>
    public string Median(Figure figure, string who) =>
        rows.Find(row => row.Figure == figure).Of is { } of && of.TryGetValue(who, out var values) ? Text(Median(values)) : "";

    public string Json() => JsonSerializer.Serialize(
        rows.Select(row => new
        {
            name = row.Figure.Name,
            unit = row.Figure.Unit,
            less_is_better = row.Figure.LessIsBetter,
            values = row.Of,
            medians = row.Of.ToDictionary(of => of.Key, of => Median(of.Value)),
            reaches = Judge(row.Figure, row.Of).Select(judged => new { rival = judged.Reach.Rival, bound = judged.Reach.Bound, value = judged.Value, reached = judged.Reached }),
        }),
        Indented);

    public static string Text(double value) =>
        value.ToString(value >= 1000 ? "#,0" : value >= 10 ? "0" : value >= 1 ? "0.0#" : "0.###", CultureInfo.InvariantCulture);

    private static IEnumerable<Judged> Judge(Figure figure, Dictionary<string, List<double>> of) =>
        !of.TryGetValue("strict", out var ours)
            ? []
            : figure.Reaches
                .Filter(reach => reach.Rival is null || of.ContainsKey(reach.Rival))
                .Map(reach => new Judged(figure, reach, Median(reach.Rival is null ? ours : [.. ours.Zip(of[reach.Rival], (mine, other) => mine / other)])));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
