namespace Borderless.Web.Http;

/// <summary>
/// How long the reading of a body waits. It begins when a read has to wait for the first time: a small body is mostly there with its
/// head, and then costs no timer.
/// </summary>
/// <param name="begin">Begins it: what comes back cancels the source when it is over, unless it is disposed before.</param>
internal sealed class Patience(Func<CancellationTokenSource, IDisposable> begin) : IDisposable
{
    /// <summary>Not disposed: a timer that is disposed may be at it still, and has nothing here that must be given back.</summary>
    private readonly CancellationTokenSource over = new();
    private IDisposable? begun;

    /// <summary>Cancelled when it is over.</summary>
    public CancellationToken Begin()
    {
        begun ??= begin(over);
        return over.Token;
    }

    public void Dispose() => begun?.Dispose();
}
