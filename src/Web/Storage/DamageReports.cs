namespace Borderless.Web.Storage;

/// <summary>Where everybody tells what was found missing or rotten: once in the log, and in the index, so that equal bytes heal it.</summary>
internal sealed class DamageReports(Committer committer, IParts parts, Serilog.ILogger log)
{
    private long count;

    /// <summary>How often something was found so.</summary>
    public long Count => Interlocked.Read(ref count);

    /// <summary>
    /// Says so at once; the mark follows with the next commit. While the parts directory is not this store's, because it is not
    /// mounted, everything seems to be missing and nothing is marked.
    /// </summary>
    public Task Report(PartRow part, string reason)
    {
        if (parts.Foreign() is { } problem)
        {
            log.Error("part {Part} is not marked damaged ({Reason:l}): {Problem:l}", part.Id, reason, problem);
            return Task.CompletedTask;
        }

        _ = Interlocked.Increment(ref count);
        log.Error("part {Part} with digest {Sha256:l} is damaged: {Reason:l}; uploading the same bytes heals it", part.Id, part.Sha256, reason);
        return committer.MarkDamaged(part);
    }
}
