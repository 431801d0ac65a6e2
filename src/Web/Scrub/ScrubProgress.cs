namespace Borderless.Web.Scrub;

/// <summary>What a scrub did since the process began, for whoever watches it.</summary>
internal sealed class ScrubProgress
{
    private long parts;
    private long bytes;
    private long damaged;
    private long rounds;
    private long after;

    public long Parts => Interlocked.Read(ref parts);

    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Parts that were found missing or rotten.</summary>
    public long Damaged => Interlocked.Read(ref damaged);

    /// <summary>Times that the end of all parts was reached.</summary>
    public long Rounds => Interlocked.Read(ref rounds);

    /// <summary>The number of the part that was checked last; 0 between two rounds.</summary>
    public long After => Interlocked.Read(ref after);

    public void Read(long more) => Interlocked.Add(ref bytes, more);

    public void Find() => Interlocked.Increment(ref damaged);

    public void Check(long part)
    {
        _ = Interlocked.Increment(ref parts);
        Reach(part);
    }

    public void Reach(long part) => Interlocked.Exchange(ref after, part);

    public void End()
    {
        _ = Interlocked.Increment(ref rounds);
        Reach(0);
    }
}
