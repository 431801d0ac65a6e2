namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// What waits to go on, run by one thread in an order that a random chooses: with it a seed replays exactly, which threads could
/// not. Whoever awaits under it goes on under it.
/// </summary>
internal sealed class Turns(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> waiting = [];

    public override void Post(SendOrPostCallback d, object? state) => waiting.Add((d, state));

    /// <returns>False when nothing waited.</returns>
    public bool RunOne()
    {
        if (waiting.Count == 0)
        {
            return false;
        }

        var chosen = random.Next(waiting.Count);
        var (callback, state) = waiting[chosen];
        waiting.RemoveAt(chosen);
        callback(state);
        return true;
    }
}
