using System.Runtime.InteropServices;

namespace Borderless.Web.Start;

/// <summary>
/// SIGHUP: asks to read the keys again, and never ends the process. One that comes before there is anything to read again is kept
/// until there is.
/// </summary>
internal sealed class HangUps : IDisposable
{
    private readonly Lock gate = new();
    private PosixSignalRegistration? registration;
    private Action? reload;
    private bool waits;

    /// <summary>Listens to the signals of this process until it is disposed.</summary>
    public static HangUps Listen()
    {
        var hangUps = new HangUps();
        hangUps.registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            hangUps.Came();
        });
        return hangUps;
    }

    /// <summary>From now on this is done at each signal, one at a time; at once if one came before.</summary>
    public void Do(Action action)
    {
        lock (gate)
        {
            reload = action;
            if (waits)
            {
                action();
            }
        }
    }

    /// <summary>A signal came.</summary>
    internal void Came()
    {
        lock (gate)
        {
            waits = reload is null;
            reload?.Invoke();
        }
    }

    public void Dispose() => registration?.Dispose();
}
