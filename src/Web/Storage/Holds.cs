namespace Borderless.Web.Storage;

/// <summary>What running requests need, so that remover and janitor leave it alone. In memory only.</summary>
internal sealed class Holds<T>
    where T : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<T, int> held = [];

    /// <summary>Called after things were let go.</summary>
    public event Action? Released;

    /// <summary>Holds the things until the result is disposed.</summary>
    public IDisposable Hold(IReadOnlyList<T> things)
    {
        lock (gate)
        {
            foreach (var thing in things)
            {
                held[thing] = held.GetValueOrDefault(thing) + 1;
            }
        }

        return new Hand(this, things);
    }

    /// <summary>How many things are held.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return held.Count;
            }
        }
    }

    public bool IsHeld(T thing)
    {
        lock (gate)
        {
            return held.ContainsKey(thing);
        }
    }

    private void Release(IReadOnlyList<T> things)
    {
        lock (gate)
        {
            foreach (var thing in things)
            {
                if (--held[thing] == 0)
                {
                    _ = held.Remove(thing);
                }
            }
        }

        Released?.Invoke();
    }

    private sealed class Hand(Holds<T> holds, IReadOnlyList<T> things) : IDisposable
    {
        private int released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
            {
                holds.Release(things);
            }
        }
    }
}
