namespace Borderless.Core;

/// <summary>Something that a crash or a failed upload may have left behind.</summary>
/// <param name="Path">Where it is; the decision does not look at it.</param>
/// <param name="LastProgress">When it last changed.</param>
/// <param name="Bytes">How much room it takes, in bytes.</param>
/// <param name="InUse">Whether this process is working on it, or a row of the index names it.</param>
public readonly record struct Leftover(string Path, UnixSeconds LastProgress, long Bytes, bool InUse);

/// <summary>Decides what is garbage. It deletes nothing.</summary>
public static class Janitor
{
    /// <summary>Selects what nobody uses and what did not change for more than <paramref name="ttl"/> seconds.</summary>
    /// <param name="now">The current time; a leftover from the future never expires.</param>
    /// <param name="ttl">Seconds, at least 0; an age of exactly this is not yet expired.</param>
    /// <param name="leftovers">What was found, in any order.</param>
    /// <returns>The expired ones, in their order.</returns>
    public static IEnumerable<Leftover> Expired(UnixSeconds now, long ttl, IEnumerable<Leftover> leftovers) =>
        leftovers.Where(leftover => !leftover.InUse && IsExpired(now, ttl, leftover.LastProgress));

    /// <summary>Whether something that last changed then is older than <paramref name="ttl"/> seconds.</summary>
    public static bool IsExpired(UnixSeconds now, long ttl, UnixSeconds lastProgress) => lastProgress.Plus(ttl) < now;
}
