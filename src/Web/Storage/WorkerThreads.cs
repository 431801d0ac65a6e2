using System.Collections.Concurrent;

namespace Borderless.Web.Storage;

/// <summary>
/// A few threads of their own for work that blocks, so that it never takes the pool's threads from requests. With none of them the
/// caller does the work itself.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly BlockingCollection<Action> queue = [];
    private readonly Thread[] threads;

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
            queue.Add(() =>
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
            queue.Add(Settle);
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
        queue.CompleteAdding();
        threads.Iter(thread => thread.Join());
        queue.Dispose();
    }

    private void Work()
    {
        foreach (var action in queue.GetConsumingEnumerable())
        {
            action();
        }
    }
}
