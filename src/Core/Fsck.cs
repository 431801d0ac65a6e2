namespace Borderless.Core;

/// <summary>What a check of a store can find.</summary>
public enum FindingKind
{
    /// <summary>SQLite finds its own file broken.</summary>
    IndexDamaged,

    /// <summary>A row of a part that cannot be one: a digest of another length, both or none of file and bytes.</summary>
    PartRowWrong,

    /// <summary>The digest's prefix, by which a part is found, is another digest's.</summary>
    PartPrefixWrong,

    /// <summary>A part's file does not exist.</summary>
    PartMissing,

    /// <summary>A part has fewer bytes than its row says.</summary>
    PartShort,

    /// <summary>A part has more bytes than its row says; the first of them are, as far as was looked, the right ones.</summary>
    PartLong,

    /// <summary>A part's bytes are not those of its digest.</summary>
    PartRotten,

    /// <summary>The disk failed while a part was read.</summary>
    PartUnreadable,

    /// <summary>A part that is marked damaged, and that something names.</summary>
    PartDamaged,

    /// <summary>A part that is marked damaged, and whose bytes are those of its digest.</summary>
    PartWhole,

    /// <summary>A part is named more or less often than it counts.</summary>
    PartRefsWrong,

    /// <summary>A bucket's counts are not those of its blobs.</summary>
    BucketCountsWrong,

    /// <summary>The counts over all buckets are not those of the rows.</summary>
    TotalsWrong,

    /// <summary>Blobs or uploads in a bucket that has no row.</summary>
    BucketUnknown,

    /// <summary>A blob without a readable list of parts.</summary>
    BlobRowWrong,

    /// <summary>A blob names a part that has no row.</summary>
    BlobPartUnknown,

    /// <summary>A blob's size is not the sum of its parts, or a part's size is not what the blob says.</summary>
    BlobSizeWrong,

    /// <summary>A blob's bytes are not those of its digest, although each part's are those of its own.</summary>
    BlobDigestWrong,

    /// <summary>A waiting chunk names a part that has no row.</summary>
    ChunkPartUnknown,

    /// <summary>A waiting chunk's size is not its part's.</summary>
    ChunkSizeWrong,

    /// <summary>Waiting chunks of an upload that has no row.</summary>
    ChunkUploadUnknown,

    /// <summary>An unfinished upload without a chunk.</summary>
    UploadEmpty,

    /// <summary>Equal bytes are stored twice. It costs room and nothing else.</summary>
    PartTwice,

    /// <summary>A file that no row names.</summary>
    StrayFile,

    /// <summary>A part's file in another directory than its row says.</summary>
    MisplacedFile,

    /// <summary>A file or directory whose name is none of the store's.</summary>
    UnknownName,
}

/// <summary>What can be done about a finding.</summary>
public enum Cure
{
    /// <summary>It is no damage.</summary>
    NotNeeded,

    /// <summary>The rows are made to agree with one another.</summary>
    Books,

    /// <summary>The part's bytes are set aside, or its mark is set or cleared.</summary>
    Part,

    /// <summary>It is for people to decide.</summary>
    None,
}

/// <summary>One thing that a check found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Detail">What exactly was seen, for people; it may hold a stranger's file name.</param>
public sealed record Finding(FindingKind Kind, string Detail)
{
    /// <summary>The bucket that it is about, if it is about one.</summary>
    public string? Bucket { get; init; }

    /// <summary>The blob that it is about, or the first of several.</summary>
    public string? BlobId { get; init; }

    /// <summary>The number of the part that it is about.</summary>
    public long? Part { get; init; }

    /// <summary>The file that it is about, relative to the data directory.</summary>
    public string? Path { get; init; }

    /// <summary>Whether a blob or a waiting chunk needs the part.</summary>
    public bool Needed { get; init; }

    /// <summary>Whether the part's bytes are none of its own, and are to be set aside.</summary>
    public bool ForQuarantine { get; init; }

    /// <summary>Whether nothing is left of it.</summary>
    public bool Repaired { get; init; }

    /// <summary>Whether the store is the worse for it.</summary>
    public bool IsDamage => Fsck.CureOf(Kind) != Cure.NotNeeded;
}

/// <summary>What was seen of a part.</summary>
/// <param name="Size">The bytes that its row promises.</param>
/// <param name="Found">The bytes that are there; None where the file is missing.</param>
/// <param name="Marked">Whether it is marked damaged.</param>
/// <param name="Needed">Whether a blob or a waiting chunk names it.</param>
/// <param name="Matches">Whether its first bytes, as many as promised, have its digest; None where they were not read.</param>
public readonly record struct PartSeen(long Size, Option<long> Found, bool Marked, bool Needed, Option<bool> Matches);

/// <summary>Judges what a check of a store saw. It reads and repairs nothing.</summary>
public static class Fsck
{
    /// <summary>The exit code of a store in which nothing was found.</summary>
    public const int Clean = 0;

    /// <summary>The exit code when all that was found was repaired.</summary>
    public const int Repaired = 1;

    /// <summary>The exit code when damage is left.</summary>
    public const int DamageLeft = 2;

    /// <summary>The exit code when the store could not be checked to the end.</summary>
    public const int CouldNotRun = 3;

    /// <summary>The exit code when the command line makes no sense (EX_USAGE).</summary>
    public const int BadUsage = 64;

    /// <summary>What a part is found to be; None when nothing is to be said of it.</summary>
    public static Option<FindingKind> Judge(PartSeen seen) => seen switch
    {
        { Marked: true } when seen.Found == seen.Size && seen.Matches == true => FindingKind.PartWhole,
        { Marked: true } => seen.Needed ? FindingKind.PartDamaged : None,
        _ when seen.Found.IsNone => FindingKind.PartMissing,
        _ when seen.Found < seen.Size => FindingKind.PartShort,
        _ when seen.Matches == false => FindingKind.PartRotten,
        _ when seen.Found > seen.Size => FindingKind.PartLong,
        _ => None,
    };

    /// <summary>Whether the file of such a part cannot be the part's, and is set aside. What was not read is not judged rotten.</summary>
    public static bool IsForQuarantine(PartSeen seen) =>
        seen.Found.Exists(found => found != seen.Size) || (seen.Found.IsSome && seen.Matches == false);

    /// <summary>What can be done.</summary>
    public static Cure CureOf(FindingKind kind) => kind switch
    {
        FindingKind.PartTwice or FindingKind.StrayFile or FindingKind.MisplacedFile or FindingKind.UnknownName => Cure.NotNeeded,
        FindingKind.PartPrefixWrong or FindingKind.PartRefsWrong or FindingKind.BucketCountsWrong or FindingKind.TotalsWrong
            or FindingKind.BucketUnknown or FindingKind.BlobPartUnknown or FindingKind.ChunkPartUnknown or FindingKind.ChunkUploadUnknown
            or FindingKind.UploadEmpty => Cure.Books,
        FindingKind.PartMissing or FindingKind.PartShort or FindingKind.PartLong or FindingKind.PartRotten or FindingKind.PartDamaged
            or FindingKind.PartWhole => Cure.Part,
        FindingKind.IndexDamaged or FindingKind.PartRowWrong or FindingKind.PartUnreadable or FindingKind.BlobRowWrong
            or FindingKind.BlobSizeWrong or FindingKind.BlobDigestWrong or FindingKind.ChunkSizeWrong => Cure.None,
    };

    /// <summary>
    /// Whether nothing is left of a finding after its cure. Bytes that are lost and needed stay lost: only the same bytes, sent
    /// again, bring them back.
    /// </summary>
    public static bool IsMended(FindingKind kind, bool needed) => kind switch
    {
        FindingKind.PartMissing or FindingKind.PartShort or FindingKind.PartRotten or FindingKind.PartDamaged => !needed,
        FindingKind.BlobPartUnknown => false,
        _ => CureOf(kind) is Cure.Books or Cure.Part,
    };

    /// <summary>How the check ends.</summary>
    /// <returns><see cref="Clean"/>, <see cref="Repaired"/> or <see cref="DamageLeft"/>.</returns>
    public static int ExitCode(Seq<Finding> findings)
    {
        var damage = findings.Filter(finding => finding.IsDamage);
        return damage.IsEmpty ? Clean : damage.ForAll(finding => finding.Repaired) ? Repaired : DamageLeft;
    }
}
