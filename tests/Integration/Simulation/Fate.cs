using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>The power is off, or the process was killed: nothing that this life still does has any effect.</summary>
internal sealed class LifeEndedException() : IOException("this life has ended");

/// <summary>
/// What befalls one life of a store, all of it from one random: which call of disk or index is the last one, and which ones fail.
/// Between any two calls others may have their turn.
/// </summary>
/// <param name="random">Decides everything.</param>
/// <param name="callsUntilEnd">The life ends at the call after so many.</param>
/// <param name="failuresPerMille">So many of a thousand calls fail.</param>
/// <param name="others">Lets something else run, or not.</param>
internal sealed class Fate(Random random, int callsUntilEnd, int failuresPerMille, Action others)
{
    public const int EIO = 5;

    private int calls;

    public Random Random => random;

    /// <summary>Whether the life is over.</summary>
    public bool Ended { get; private set; }

    /// <summary>Where the calls and what became of them are noted, when somebody wants to read them.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Whether anything ever fails in this life, but for its end.</summary>
    public bool MayFail => failuresPerMille > 0;

    /// <summary>Whether something fails now.</summary>
    public bool Fails() => random.Next(1000) < failuresPerMille;

    /// <summary>The life ends here, at the latest.</summary>
    public void End() => Ended = true;

    /// <summary>One call: done, or failed, or the last one.</summary>
    /// <param name="call">Its name and object.</param>
    /// <param name="act">What it does.</param>
    /// <param name="failed">What it may have done when it fails; null for nothing.</param>
    /// <param name="cut">What it may have done when the life ends in it; null for nothing.</param>
    public T Call<T>(FormattableString call, Func<T> act, Action? failed = null, Action? cut = null)
    {
        // Others may run while the kernel is at work, before it and after it.
        Turn();
        if (++calls > callsUntilEnd)
        {
            Note?.Invoke($"the life ends in {call}");
            Ended = true;
            Perhaps(cut);
            throw new LifeEndedException();
        }

        if (Fails())
        {
            Note?.Invoke($"failed: {call}");
            Perhaps(failed);
            throw new DiskException(call.Format, "simulated", random.Next(2) == 0 ? EIO : Posix.ENOSPC);
        }

        Note?.Invoke($"{call}");
        var result = act();
        Turn();
        return result;
    }

    public void Call(FormattableString call, Action act, Action? failed = null, Action? cut = null) => Call(
        call,
        () =>
        {
            act();
            return unit;
        },
        failed,
        cut);

    private void Turn()
    {
        ThrowIfEnded();
        others();
        ThrowIfEnded();
    }

    private void ThrowIfEnded()
    {
        if (Ended)
        {
            throw new LifeEndedException();
        }
    }

    private void Perhaps(Action? act)
    {
        if (act is not null && random.Next(2) == 0)
        {
            act();
        }
    }
}
