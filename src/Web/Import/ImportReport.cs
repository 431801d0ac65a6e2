using System.Globalization;
using Borderless.Web.Start;

namespace Borderless.Web.Import;

/// <summary>What became of one finding.</summary>
internal abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    public sealed record Imported(long Bytes) : ImportOutcome;

    public sealed record AlreadyThere : ImportOutcome;

    public sealed record Left(Skipped Skipped) : ImportOutcome;

    /// <summary>The store failed, and nothing more can be brought into it.</summary>
    public sealed record Failed(string Problem) : ImportOutcome;
}

/// <summary>Shows how far an import is. Called often; it decides itself when to show.</summary>
internal delegate void ShowProgress(ImportReport soFar, long bytesRead);

/// <summary>What an import did; whether somebody asked it to stop before its end, or which problem kept it from going on.</summary>
internal sealed record ImportReport(
    long Imported, long Bytes, long AlreadyThere, Seq<Skipped> Skipped, int UnfinishedUploads, bool Stopped, Option<string> Problem)
{
    public const int Complete = 0;
    public const int Failure = 1;
    public const int Incomplete = 3;

    public static readonly ImportReport Empty = new(0, 0, 0, [], 0, false, None);

    /// <summary>Blobs of the source that the store does not have.</summary>
    public Seq<Skipped> Missing => Skipped.Filter(skipped => skipped.IsBlob);

    /// <summary>Things of the source that are no blobs.</summary>
    public Seq<Skipped> Others => Skipped.Filter(skipped => !skipped.IsBlob);

    public int ExitCode => Problem.IsSome || Stopped ? Failure : Missing.IsEmpty ? Complete : Incomplete;

    public ImportReport With(ImportOutcome outcome) => outcome switch
    {
        ImportOutcome.Imported imported => this with { Imported = Imported + 1, Bytes = Bytes + imported.Bytes },
        ImportOutcome.AlreadyThere => this with { AlreadyThere = AlreadyThere + 1 },
        ImportOutcome.Left left => this with { Skipped = Skipped.Add(left.Skipped) },
        ImportOutcome.Failed failed => this with { Problem = Problem || Some(failed.Problem) },
        _ => this,
    };

    /// <summary>How far it is, in a line.</summary>
    public string Progress(long bytesRead) =>
        Invariant($"importing: {Imported} imported, {AlreadyThere} already there, {Skipped.Count} left, {bytesRead} bytes read");

    /// <summary>The report for people, a line each.</summary>
    public Seq<string> Lines() =>
        Missing.Map(skipped => $"not imported: {Shown(skipped)}")
        + Others.Map(skipped => $"left out: {Shown(skipped)}")
        + Seq(
            Invariant($"imported: {Imported} blobs, {Bytes} bytes"),
            Invariant($"already there: {AlreadyThere} blobs"),
            Invariant($"not imported: {Missing.Count} blobs"),
            Invariant($"left out, no blobs: {Others.Count}"),
            Invariant($"unfinished uploads, not imported: {UnfinishedUploads}"))
        + (Stopped ? Seq1("stopped before the end; the same command goes on") : []);

    private static string Shown(Skipped skipped) => Printable.Text($"{skipped.Path}: {skipped.Reason}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
