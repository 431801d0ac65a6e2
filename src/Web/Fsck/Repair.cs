using System.Buffers;
using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Web.Fsck;

/// <summary>Repairs what was found, one finding after the other, and the books last. No byte is ever deleted.</summary>
internal sealed class Repair(Committer committer, IIndexReader index, IParts parts, IDisk disk, DataLayout layout, CancellationToken stop)
{
    private readonly Quarantine quarantine = new(disk, layout);

    /// <summary>Tries to cure all; one that could not be cured says why.</summary>
    public async Task<Seq<Finding>> Run(Seq<Finding> findings)
    {
        var cured = new List<Finding>();
        foreach (var finding in findings)
        {
            cured.Add(Core.Fsck.CureOf(finding.Kind) == Cure.Part && !stop.IsCancellationRequested ? await CurePart(finding) : finding);
        }

        return toSeq(cured).Exists(finding => Core.Fsck.CureOf(finding.Kind) == Cure.Books) && !stop.IsCancellationRequested
            ? await CureBooks(toSeq(cured))
            : toSeq(cured);
    }

    private async Task<Finding> CurePart(Finding finding)
    {
        try
        {
            if (index.FindParts([finding.Part!.Value])[0] is not { } part)
            {
                return Failed(finding, "its row is gone");
            }

            return finding.Kind switch
            {
                FindingKind.PartWhole => Ended(finding, await Commit(tx => tx.ClearDamage(part)), "the mark was cleared"),
                FindingKind.PartLong => await Renew(finding, part),
                _ => await MarkDamaged(finding, part),
            };
        }
        catch (IOException error)
        {
            return Failed(finding, error.Message);
        }
    }

    /// <summary>The bytes first: a row whose file was moved is found again by the next check, a rotten file of a marked row is not.</summary>
    private async Task<Finding> MarkDamaged(Finding finding, PartRow part)
    {
        var moved = finding.ForQuarantine ? $"set aside as {quarantine.Take(part)}, and " : "";
        return Ended(
            finding,
            await Commit(tx => tx.MarkDamaged(part)),
            $"{moved}marked damaged{(finding.Needed ? "; uploading the same bytes heals it" : "")}");
    }

    /// <summary>The right bytes at the beginning become a part's own, and the file that is too long is set aside.</summary>
    private async Task<Finding> Renew(Finding finding, PartRow part)
    {
        var copy = Copy(part);
        if (!copy.Sha256.Equals(part.Sha256))
        {
            copy.Dispose();
            return await MarkDamaged(finding with { Kind = FindingKind.PartRotten }, part);
        }

        var renewed = await committer.Commit<Unit>(copy, (tx, landed) =>
        {
            tx.Renew(part, landed);
            return unit;
        });
        return renewed.Match(
            Right: _ => Cured(finding, $"its first {part.Size} bytes were stored again, and the old ones set aside as {quarantine.Take(part)}"),
            Left: error => Failed(finding, error.Message));
    }

    private ReceivedPart Copy(PartRow part)
    {
        if (part.Place is PartPlace.Inline inline)
        {
            var bytes = inline.Bytes[..(int)part.Size];
            return new ReceivedPart.Inline(Digest.From(SHA256.HashData(bytes)), bytes);
        }

        using var file = parts.Open(part.Sha256, (PartPlace.File)part.Place);
        var temporary = parts.Begin();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[256 << 10];
            while (temporary.Length < part.Size)
            {
                var read = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, part.Size - temporary.Length)), temporary.Length);
                if (read == 0)
                {
                    throw new IOException($"the file became shorter than {part.Size} bytes");
                }

                hash.AppendData(buffer, 0, read);
                temporary.Append(new ReadOnlySequence<byte>(buffer, 0, read));
            }

            return new ReceivedPart.File(Digest.From(hash.GetHashAndReset()), temporary);
        }
        catch
        {
            temporary.Dispose();
            throw;
        }
    }

    /// <summary>Where the rows of blobs are broken, what they name is not known, and no part may come to count as garbage.</summary>
    private async Task<Seq<Finding>> CureBooks(Seq<Finding> findings)
    {
        var unsure = findings.Exists(finding => finding.Kind is FindingKind.BlobRowWrong or FindingKind.BlobSizeWrong);
        var done = await Commit(tx => tx.MendBooks(onlyRaise: unsure));
        return findings.Map(finding =>
            Core.Fsck.CureOf(finding.Kind) != Cure.Books ? finding
            : unsure && finding.Kind == FindingKind.PartRefsWrong ? Failed(finding, "counts are only raised while rows of blobs are broken")
            : Ended(finding, done, finding.Kind == FindingKind.BlobPartUnknown ? "marked damaged; upload the blob again" : "mended"));
    }

    private Task<Either<StoreError, Unit>> Commit(Action<ITransaction> work) => committer.Commit<Unit>(tx =>
    {
        work(tx);
        return unit;
    });

    private static Finding Ended(Finding finding, Either<StoreError, Unit> done, string words) =>
        done.Match(Right: _ => Cured(finding, words), Left: error => Failed(finding, error.Message));

    private static Finding Cured(Finding finding, string done) =>
        finding with { Repaired = Core.Fsck.IsMended(finding.Kind, finding.Needed), Detail = $"{finding.Detail}; {done}" };

    private static Finding Failed(Finding finding, string reason) => finding with { Detail = $"{finding.Detail}; not repaired: {reason}" };
}
