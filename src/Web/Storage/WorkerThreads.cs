namespace Borderless.Web.Storage;

/// <summary>
/// A few threads of their own for work that blocks, so that it never takes the pool's threads from requests. With none of them the
/// caller does the work itself. They wait on a monitor, which sleeps at once: the framework's blocking queue spins first, and many
/// threads that spin for the next batch take a processor from those who make it.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly Queue<Action> queue = new();
    private readonly Thread[] threads;
    private bool ending;

    public WorkerThreads(int count, string name)
    {
        threads = [.. Enumerable.Range(1, count).Select(i => new Thread(Work) { IsBackground = true, Name = $"{name} {i}" })];
        threads.Iter(thread => thread.Start());
    }

    /// <summary>Runs the action for every item, several at once, and returns when all have ended. The action must not throw.</summary>
    public void ForEach<T>(IReadOnlyList<T> items, Action<T> action)
    {
        if (items.Count <= 1 || threads.Length == 0)
        {
            items.Iter(action);
            return;
        }

        using var left = new CountdownEvent(items.Count);
        foreach (var item in items)
        {
            Add(() =>
            {
                try
                {
                    action(item);
                }
                finally
                {
                    _ = left.Signal();
                }
            });
        }

        left.Wait();
    }

    /// <summary>Runs the function when a thread is free.</summary>
    public Task<T> Run<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (threads.Length == 0)
        {
            Settle();
        }
        else
        {
            Add(Settle);
        }

        return done.Task;

        void Settle()
        {
            try
            {
                done.SetResult(function());
            }
#pragma warning disable CA1031 // Whatever it was, the one who waits gets it.
            catch (Exception error)
            {
                done.SetException(error);
            }
#pragma warning restore CA1031
        }
    }

    public void Dispose()
    {
        lock (queue)
        {
            ending = true;
            Monitor.PulseAll(queue);
        }

        threads.Iter(thread => thread.Join());
    }

    private void Add(Action action)
    {
        lock (queue)
        {
            ObjectDisposedException.ThrowIf(ending, this);
            queue.Enqueue(action);
            Monitor.Pulse(queue);
        }
    }

    private void Work()
    {
        while (Next() is { } action)
        {
            action();
        }
    }

    /// <summary>What is to be done next; null when nothing is and nothing will be.</summary>
    private Action? Next()
    {
        lock (queue)
        {
            while (queue.Count == 0 && !ending)
            {
                _ = Monitor.Wait(queue);
            }

            return queue.TryDequeue(out var action) ? action : null;
        }
    }
}
