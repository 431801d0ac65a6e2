using System.Security.Cryptography;
using Borderless.Web.Storage;

namespace Borderless.Web.Scrub;

/// <summary>
/// Reads all stored bytes, slowly and over and over, and reports parts whose bytes are not those of their digest. None is held
/// meanwhile: an open file can be read to its end, and one that was removed or replaced since counts for nothing.
/// </summary>
internal sealed class Scrubber(
    IIndexReader index, IParts parts, DamageReports damage, ScrubPlace place, long bytesPerSecond, TimeProvider time,
    Serilog.ILogger log)
{
    /// <summary>Between the end of a round and the next.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>How often the place is kept, so that a crash costs so much reading again.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromMinutes(1);

    private readonly byte[] buffer = new byte[ScrubPace.MaxStep];
    private readonly long start = time.GetTimestamp();
    private ScrubPace pace = new(Math.Max(1, bytesPerSecond), 0);
    private long after;
    private long kept;

    public ScrubProgress Progress { get; } = new();

    private long Now => time.GetElapsedTime(start).Ticks;

    /// <summary>Runs until the token is cancelled; not at all at a rate of 0.</summary>
    public async Task Run(CancellationToken stopping)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        after = place.Read();
        Progress.Reach(after);
        try
        {
            while (true)
            {
                await Round(stopping);
                await Task.Delay(Pause, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            place.Write(after);
        }
    }

    private async Task Round(CancellationToken stopping)
    {
        try
        {
            var count = 0L;
            for (var part = index.NextPart(after); part is not null; part = index.NextPart(after))
            {
                await Check(part, stopping);
                (after, count) = (part.Id, count + 1);
                Progress.Check(after);
                KeepPlace();
            }

            if (count > 0)
            {
                log.Information("scrub: reached the end of all parts; {Count} were read in this round", count);
            }

            after = 0;
            Progress.End();
        }
#pragma warning disable CA1031 // Whatever stopped this round must not stop the next, which goes on from there.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.Warning(error, "the scrub stopped half way and goes on after a pause");
        }
#pragma warning restore CA1031
        place.Write(after);
    }

    private void KeepPlace()
    {
        if (Now - kept > Keep.Ticks)
        {
            kept = Now;
            place.Write(after);
        }
    }

    private async Task Check(PartRow part, CancellationToken stopping)
    {
        if (part.Damaged)
        {
            return;
        }

        try
        {
            if (await Fault(part, stopping) is { } fault && IsStill(part))
            {
                Progress.Find();
                await damage.Report(part, fault);
            }
        }
        catch (IOException error)
        {
            // The disk may do better the next time, and only bytes that were read can be rotten.
            log.Warning("part {Part} cannot be read now, and will be in the next round: {Reason}", part.Id, error.Message);
            pace = pace.After(Now, pace.Step);
        }
    }

    /// <returns>What is wrong with the bytes, or null.</returns>
    private async Task<string?> Fault(PartRow part, CancellationToken stopping)
    {
        if (part.Place is PartPlace.Inline inline)
        {
            await Wait(stopping);
            pace = pace.After(Now, inline.Bytes.Length);
            Progress.Read(inline.Bytes.Length);
            return Differs(part, SHA256.HashData(inline.Bytes));
        }

        try
        {
            using var file = parts.Open(part.Sha256, (PartPlace.File)part.Place);
            return await Fault(part, file, stopping);
        }
        catch (FileNotFoundException)
        {
            return "its file is missing";
        }
    }

    private async Task<string?> Fault(PartRow part, IDiskFile file, CancellationToken stopping)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < part.Size;)
        {
            await Wait(stopping);
            if (!IsStill(part))
            {
                // While the file is open here its room is not given back.
                return null;
            }

            var read = file.Read(buffer.AsSpan(0, (int)Math.Min(pace.Step, part.Size - offset)), offset);
            if (read == 0)
            {
                return $"it ends at {offset} of {part.Size} bytes";
            }

            pace = pace.After(Now, read);
            Progress.Read(read);
            hash.AppendData(buffer, 0, read);
            offset += read;
        }

        return Differs(part, hash.GetHashAndReset());
    }

    private static string? Differs(PartRow part, byte[] digest) =>
        part.Sha256.Equals(Digest.From(digest)) ? null : "its bytes do not have its digest";

    /// <summary>Whether the index still says of the part what it said when the reading began.</summary>
    private bool IsStill(PartRow part) =>
        index.FindParts([part.Id])[0] is { Damaged: false } now && (now.Place, part.Place) switch
        {
            (PartPlace.Inline found, PartPlace.Inline read) => found.Bytes.AsSpan().SequenceEqual(read.Bytes),
            var (found, read) => found == read,
        };

    private Task Wait(CancellationToken stopping)
    {
        stopping.ThrowIfCancellationRequested();
        return pace.Wait(Now) is > 0 and var ticks ? Task.Delay(TimeSpan.FromTicks(ticks), time, stopping) : Task.CompletedTask;
    }
}
