using System.Runtime.InteropServices;
using Borderless.Web.Storage;

namespace Borderless.Web.Start;

/// <summary>
/// SIGTERM and SIGINT: the first asks to stop, a later one ends the process at once. Those that come close behind the first are the
/// same wish: a supervisor may signal a process and its group, and <c>timeout</c> does.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan SameWish = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time;
    private readonly Action stop;
    private readonly Action<int> end;
    private readonly Lock gate = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private long? first;

    /// <param name="time">Tells how far apart signals are.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <param name="end">Ends the process with a code.</param>
    internal StopSignals(TimeProvider time, Action stop, Action<int> end) => (this.time, this.stop, this.end) = (time, stop, end);

    /// <summary>Listens to the signals of this process until it is disposed.</summary>
    public static StopSignals Listen(Action stop)
    {
        var signals = new StopSignals(TimeProvider.System, stop, Posix.ExitNow);
        foreach (var (signal, number) in new[] { (PosixSignal.SIGTERM, 15), (PosixSignal.SIGINT, 2) })
        {
            signals.registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                signals.Came(number);
            }));
        }

        return signals;
    }

    /// <summary>A signal came. A process that a signal ended has 128 and its number as exit code.</summary>
    internal void Came(int number)
    {
        bool isFirst, isNewWish;
        lock (gate)
        {
            isFirst = first is null;
            first ??= time.GetTimestamp();
            isNewWish = time.GetElapsedTime(first.Value) >= SameWish;
        }

        if (isFirst)
        {
            stop();
        }
        else if (isNewWish)
        {
            end(128 + number);
        }
    }

    public void Dispose() => registrations.ForEach(registration => registration.Dispose());
}
