using System.Runtime.InteropServices;

namespace Borderless.Web.Start;

/// <summary>
/// SIGHUP: asks to read the keys and to open the audit log again, and never ends the process. One that comes before there is anything
/// to do is kept until there is.
/// </summary>
internal sealed class HangUps : IDisposable
{
    private readonly Lock gate = new();
    private PosixSignalRegistration? registration;
    private Action? actions;
    private bool came;

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

    /// <summary>From now on this too is done at each signal, one at a time; at once if one came before.</summary>
    public void Do(Action action)
    {
        lock (gate)
        {
            actions += action;
            if (came)
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
            came = true;
            actions?.Invoke();
        }
    }

    public void Dispose() => registration?.Dispose();
}
