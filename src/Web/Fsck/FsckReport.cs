using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Borderless.Web.Start;

namespace Borderless.Web.Fsck;

/// <summary>What a check found, what became of it, and what kept it from its end, if anything did.</summary>
internal sealed record FsckReport(Seq<Finding> Findings, Checked Checked, Option<string> Problem)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public int ExitCode => Problem.IsSome ? Core.Fsck.CouldNotRun : Core.Fsck.ExitCode(Findings);

    private Seq<Finding> Damage => Findings.Filter(finding => finding.IsDamage && !finding.Repaired);

    private Seq<Finding> Repaired => Findings.Filter(finding => finding.IsDamage && finding.Repaired);

    private Seq<Finding> Notes => Findings.Filter(finding => !finding.IsDamage);

    private string Result => ExitCode switch
    {
        Core.Fsck.Clean => "clean",
        Core.Fsck.Repaired => "repaired",
        Core.Fsck.DamageLeft => "damage left",
        _ => "not checked to the end",
    };

    /// <summary>The report for people, a line each.</summary>
    public Seq<string> Lines() =>
        Damage.Map(finding => Line("damage", finding))
        + Repaired.Map(finding => Line("repaired", finding))
        + Notes.Map(finding => Line("note", finding))
        + Seq(
            Invariant($"checked: {Checked.Blobs} blobs, {Checked.Chunks} chunks, {Checked.Parts} parts, {Checked.Files} files, {Checked.BytesRead} bytes read"),
            Invariant($"result: {Result}; {Damage.Count} damaged, {Repaired.Count} repaired, {Notes.Count} notes"));

    /// <summary>The report for programs: one object on one line.</summary>
    public string Json() => JsonSerializer.Serialize(
        new FsckBody(ExitCode == Core.Fsck.Clean, Problem.IsNone, ExitCode, Bodies(Damage), Bodies(Repaired), Bodies(Notes), Checked, Problem.MatchUnsafe(text => text, () => null!)),
        Options);

    private static FindingBody[] Bodies(Seq<Finding> findings) =>
        [.. findings.Map(finding => new FindingBody(
            JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString()), finding.Bucket, finding.BlobId, finding.Part, finding.Path,
            finding.Detail, finding.Repaired))];

    private static string Line(string word, Finding finding)
    {
        var where = Seq(
            finding.Path ?? "",
            finding.Part is { } part ? Invariant($"part {part}") : "",
            finding.BlobId is null ? finding.Bucket is null ? "" : $"bucket {finding.Bucket}" : $"blob {finding.Bucket ?? "?"}/{finding.BlobId}")
            .Filter(name => name.Length > 0);
        var kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Kind.ToString());
        return Printable.Text($"{word}: {kind}: {string.Join(", ", where)}{(where.IsEmpty ? "" : ": ")}{finding.Detail}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record FsckBody(
        bool Clean, bool Complete, int ExitCode, FindingBody[] Damage, FindingBody[] Repaired, FindingBody[] Notes, Checked Checked, string? Problem);

    private sealed record FindingBody(string Kind, string? Bucket, string? BlobId, long? Part, string? Path, string Detail, bool Repaired);
}
