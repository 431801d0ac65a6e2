namespace Borderless.Web.Storage;

/// <summary>Parts that running downloads and merges need, so that the remover leaves them alone. In memory only.</summary>
internal sealed class Holds
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, int> held = [];

    /// <summary>Called after parts were let go.</summary>
    public event Action? Released;

    /// <summary>Holds the parts until the result is disposed.</summary>
    public IDisposable Hold(IReadOnlyList<long> parts)
    {
        lock (gate)
        {
            foreach (var part in parts)
            {
                held[part] = held.GetValueOrDefault(part) + 1;
            }
        }

        return new Hand(this, parts);
    }

    public bool IsHeld(long part)
    {
        lock (gate)
        {
            return held.ContainsKey(part);
        }
    }

    private void Release(IReadOnlyList<long> parts)
    {
        lock (gate)
        {
            foreach (var part in parts)
            {
                if (--held[part] == 0)
                {
                    _ = held.Remove(part);
                }
            }
        }

        Released?.Invoke();
    }

    private sealed class Hand(Holds holds, IReadOnlyList<long> parts) : IDisposable
    {
        private int released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
            {
                holds.Release(parts);
            }
        }
    }
}
