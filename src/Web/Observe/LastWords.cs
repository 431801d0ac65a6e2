namespace Borderless.Web.Observe;

/// <summary>
/// What is still to be sent to a collector when the server ends. One that does not answer must not keep it: all are sent at the same time,
/// and what is not taken in time is lost. Left to itself each would wait for 5 s, one after the other.
/// </summary>
internal sealed class LastWords
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private Seq<Func<int, bool>> endings = Empty;

    /// <summary>How long it may take: what is left of the time that requests had to end, but a second at least and five at most.</summary>
    public static TimeSpan Within(TimeSpan grace, TimeSpan passed) => TimeSpan.FromTicks(Math.Clamp((grace - passed).Ticks, Least.Ticks, Most.Ticks));

    /// <summary>Adds something that sends, by what makes it send the rest within so many milliseconds and then no more.</summary>
    public T Of<T>(T sender, Func<T, int, bool> end)
    {
        endings = endings.Add(within => end(sender, within));
        return sender;
    }

    /// <summary>Sends the rest of all. Afterwards nothing is left to wait for.</summary>
    public Task Say(TimeSpan within) => Task.WhenAll(endings.Map(end => Task.Run(() => end((int)within.TotalMilliseconds))).ToArray());
}
