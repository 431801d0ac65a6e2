using System.Globalization;

namespace Borderless.Web.Backup;

/// <summary>What became of one part.</summary>
internal abstract record PartOutcome
{
    private PartOutcome()
    {
    }

    /// <summary>Its bytes came with its row.</summary>
    public sealed record InIndex : PartOutcome;

    /// <summary>An earlier backup brought it.</summary>
    public sealed record Kept : PartOutcome;

    /// <param name="Mended">What was wrong with the bytes of an earlier backup, in whose place these came.</param>
    public sealed record Linked(string? Mended) : PartOutcome;

    /// <param name="Mended">What was wrong with the bytes of an earlier backup, in whose place these came.</param>
    public sealed record Copied(string? Mended) : PartOutcome;

    /// <summary>The store says, or shows, that it is damaged, but the backup has it whole.</summary>
    public sealed record Rescued(string Reason) : PartOutcome;

    /// <summary>It is in no usable form anywhere, and not in the backup.</summary>
    public sealed record Damaged(string Reason) : PartOutcome;

    /// <summary>What a reader of the report must know of it, if anything.</summary>
    public Option<string> Told(string name) => this switch
    {
        Linked { Mended: { } mended } => $"mended in the backup: {name} {mended}",
        Copied { Mended: { } mended } => $"mended in the backup: {name} {mended}",
        Rescued rescued => $"damaged in the store, whole in the backup: {name} {rescued.Reason}",
        Damaged damaged => $"damaged, not in the backup: {name} {damaged.Reason}",
        _ => None,
    };
}

/// <summary>What a backup did; whether somebody asked it to stop before its end, or which problem, with its remedy, kept it from going on.</summary>
internal sealed record BackupReport(
    long InIndex, long Linked, long Copied, long Kept, long Rescued, long Damaged, long Removed, bool Stopped, Option<string> Problem)
{
    public const int Complete = 0;
    public const int Failure = 1;
    public const int Incomplete = 3;

    public static readonly BackupReport Empty = new(0, 0, 0, 0, 0, 0, 0, false, None);

    public long Parts => InIndex + Linked + Copied + Kept + Rescued + Damaged;

    public int ExitCode => Problem.IsSome || Stopped ? Failure : Rescued + Damaged == 0 ? Complete : Incomplete;

    /// <summary>What is wrong, if anything, in one sentence.</summary>
    public Option<string> Wrong =>
        Problem.IsSome ? Problem
        : Stopped ? Some("stopped before the end; the same command goes on")
        : ExitCode == Incomplete
            ? Some(Invariant($"done but damaged parts: {Rescued + Damaged} in the store, {Damaged} of them not in the backup; they are listed above, and all others are there"))
        : None;

    public BackupReport With(PartOutcome outcome) => outcome switch
    {
        PartOutcome.InIndex => this with { InIndex = InIndex + 1 },
        PartOutcome.Linked => this with { Linked = Linked + 1 },
        PartOutcome.Copied => this with { Copied = Copied + 1 },
        PartOutcome.Kept => this with { Kept = Kept + 1 },
        PartOutcome.Rescued => this with { Rescued = Rescued + 1 },
        _ => this with { Damaged = Damaged + 1 },
    };

    /// <summary>The report for people, a line each.</summary>
    public Seq<string> Lines() => Seq(
        Invariant($"parts linked: {Linked}"),
        Invariant($"parts copied: {Copied}"),
        Invariant($"parts there already: {Kept}"),
        Invariant($"parts within the index: {InIndex}"),
        Invariant($"parts damaged in the store: {Rescued + Damaged}"),
        Invariant($"files of older backups removed: {Removed}"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
