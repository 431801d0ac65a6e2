namespace Borderless.Web.Http;

/// <summary>
/// File I/O on Linux blocks the pool's thread that does it. So many may at once: fewer than the pool keeps ready, so that other
/// requests always find a thread, however slow the disk is.
/// </summary>
internal sealed class DiskGate : IDisposable
{
    public const int Width = 16;

    private readonly SemaphoreSlim places = new(Width);

    /// <summary>How many are at the disk.</summary>
    public int InUse => Width - places.CurrentCount;

    /// <summary>Waits for a place; disposing the result leaves it.</summary>
    public async ValueTask<Place> Enter()
    {
        await places.WaitAsync();
        return new Place(places);
    }

    public void Dispose() => places.Dispose();

    internal readonly struct Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
