namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// A directory as the kernel has it: the names that programs see, and for each name that changed since the last sync what the
/// disk may hold. Names are kept or lost one by one, so that a rename that nobody synced may leave the old name, the new one,
/// both, or neither.
/// </summary>
internal sealed class SimulatedDirectory
{
    private readonly SortedDictionary<string, object> seen = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, object> durable = new(StringComparer.Ordinal);

    /// <summary>The states of each name that changed and was not synced, the oldest first; null is no name.</summary>
    private readonly SortedDictionary<string, List<object?>> dirty = new(StringComparer.Ordinal);

    /// <summary>Names whose sync failed: a later one that works proves nothing about them.</summary>
    private readonly SortedDictionary<string, List<object?>> lost = new(StringComparer.Ordinal);

    /// <summary>What stands under each name: a <see cref="SimulatedFile"/> or a <see cref="SimulatedDirectory"/>.</summary>
    public IReadOnlyDictionary<string, object> Names => seen;

    /// <summary>Whether no crash can change what stands under the name.</summary>
    public bool IsDurable(string name) => !dirty.ContainsKey(name) && !lost.ContainsKey(name);

    public void Set(string name, object? node)
    {
        States(dirty, name).Add(node);
        Set(seen, name, node);
    }

    public void Sync()
    {
        foreach (var name in dirty.Keys)
        {
            Set(durable, name, seen.GetValueOrDefault(name));
            _ = lost.Remove(name);
        }

        dirty.Clear();
    }

    public void FailSync()
    {
        foreach (var (name, states) in dirty)
        {
            States(lost, name).AddRange(states);
        }

        dirty.Clear();
    }

    /// <summary>What is left after the power went: one of the legal states, all of it durable, here and below.</summary>
    public void Crash(Random random)
    {
        foreach (var name in dirty.Keys.Union(lost.Keys).ToArray())
        {
            object?[] states = [durable.GetValueOrDefault(name), .. lost.GetValueOrDefault(name, []), .. dirty.GetValueOrDefault(name, [])];
            Set(durable, name, states[random.Next(states.Length)]);
        }

        dirty.Clear();
        lost.Clear();
        seen.Clear();
        foreach (var (name, node) in durable)
        {
            seen[name] = node;
            (node as SimulatedFile)?.Crash(random);
            (node as SimulatedDirectory)?.Crash(random);
        }
    }

    private static void Set(SortedDictionary<string, object> names, string name, object? node)
    {
        if (node is null)
        {
            _ = names.Remove(name);
        }
        else
        {
            names[name] = node;
        }
    }

    private static List<object?> States(SortedDictionary<string, List<object?>> names, string name)
    {
        if (!names.TryGetValue(name, out var states))
        {
            names[name] = states = [];
        }

        return states;
    }
}
