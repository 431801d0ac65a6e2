using System.Collections.Immutable;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// All that a client can know of one blob id: the contents that the blob is made of (null for no blob), the total that it was
/// merged with (0 for none), and the content of each chunk that waits.
/// </summary>
internal sealed record KeyState(string? Blob, int Merged, ImmutableSortedDictionary<(int Total, int Position), int> Chunks)
{
    public static readonly KeyState Nothing = new(null, 0, ImmutableSortedDictionary<(int Total, int Position), int>.Empty);

    public bool Equals(KeyState? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() =>
        $"blob {Blob ?? "none"} merged {Merged}, chunks {string.Join(' ', Chunks.Select(chunk => $"{chunk.Key.Position}/{chunk.Key.Total}={chunk.Value}"))}";

    public KeyState Without(int total) => this with { Chunks = Chunks.RemoveRange(Chunks.Keys.Where(chunk => chunk.Total == total)) };
}

/// <summary>Something that a client asked for: what it makes of a state, and what it answers there.</summary>
internal sealed class Operation(string name, int begin, Func<KeyState, (KeyState After, string Answer)> apply)
{
    public const int Never = int.MaxValue;

    public int Begin => begin;

    /// <summary>When its effect was there at the latest; never while it is not known whether it has one.</summary>
    public int End { get; set; } = Never;

    /// <summary>What was answered; null where nothing was, or an error after which anything may be true.</summary>
    public string? Answer { get; set; }

    public bool IsOpen { get; set; } = true;

    public (KeyState After, string Answer) Apply(KeyState before) => apply(before);

    public override string ToString() => $"{name} [{begin}, {(End == Never ? "…" : End)}] {(IsOpen ? "open" : Answer ?? "unknown")}";
}

/// <summary>
/// What is known of one blob id. The states that are possible are those at which some order of the operations arrives that keeps
/// to what was answered when: one that was answered happened in between its beginning and its answer, any other did or did not.
/// </summary>
internal sealed class History
{
    private readonly List<Operation> operations = [];

    /// <summary>The states that were possible before these operations.</summary>
    private System.Collections.Generic.HashSet<KeyState> settled = [KeyState.Nothing];

    /// <summary>Whether there are so many operations that all their orders are too many to look at.</summary>
    public bool IsLong => operations.Count >= 9;

    public Operation Begin(string name, int now, Func<KeyState, (KeyState After, string Answer)> apply)
    {
        var operation = new Operation(name, now, apply);
        operations.Add(operation);
        return operation;
    }

    /// <summary>It was answered; where the answer leaves open what happened, it may yet until <see cref="Resolve"/>.</summary>
    public void End(Operation operation, int now, string? answer, bool inDoubt)
    {
        (operation.Answer, operation.IsOpen, operation.End) = (answer, false, answer is null && inDoubt ? Operation.Never : now);
        Settle();
    }

    /// <summary>What was answered so far has happened by now, or will never.</summary>
    public void Resolve(int now)
    {
        operations.Where(operation => !operation.IsOpen && operation.End == Operation.Never).Iter(operation => operation.End = now);
        Settle();
    }

    /// <summary>It is known what the state is.</summary>
    public void Observe(KeyState state)
    {
        operations.Clear();
        settled = [state];
    }

    public IReadOnlyCollection<KeyState> Possible()
    {
        var possible = new System.Collections.Generic.HashSet<KeyState>();
        var seen = new System.Collections.Generic.HashSet<(int, KeyState)>();
        settled.Iter(state => Explore(0, state, seen, possible));
        return possible;
    }

    public override string ToString() => $"from {string.Join(" or ", settled)}: {string.Join("; ", operations)}";

    private void Settle()
    {
        if (operations.Any(operation => operation.End == Operation.Never))
        {
            return;
        }

        var possible = Possible();
        if (possible.Count == 0)
        {
            throw new ViolationException($"no order explains the answers: {this}");
        }

        (settled, _) = ([.. possible], operations.RemoveAll(_ => true));
    }

    /// <summary>Takes each operation that may be next, until all were taken that must be.</summary>
    private void Explore(
        int taken, KeyState state, System.Collections.Generic.HashSet<(int, KeyState)> seen, System.Collections.Generic.HashSet<KeyState> possible)
    {
        if (!seen.Add((taken, state)))
        {
            return;
        }

        bool IsTaken(int i) => (taken & (1 << i)) != 0;
        var left = Enumerable.Range(0, operations.Count).Where(i => !IsTaken(i)).ToArray();
        if (left.All(i => operations[i].Answer is null))
        {
            possible.Add(state);
        }

        foreach (var i in left)
        {
            // No other that must come had ended when this one began, and this one had not ended when one of those taken began.
            if (left.Any(other => operations[other].Answer is not null && operations[other].End < operations[i].Begin)
                || Enumerable.Range(0, operations.Count).Any(other => IsTaken(other) && operations[i].End < operations[other].Begin))
            {
                continue;
            }

            var (after, answer) = operations[i].Apply(state);
            if (operations[i].Answer is null || operations[i].Answer == answer)
            {
                Explore(taken | (1 << i), after, seen, possible);
            }
        }
    }
}

/// <summary>The store broke a promise, or left something behind.</summary>
internal sealed class ViolationException(string what, bool isLitter = false) : Exception(what)
{
    /// <summary>Whether it is only that the janitor did not find something.</summary>
    public bool IsLitter => isLitter;
}
