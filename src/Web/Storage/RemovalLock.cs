using Microsoft.Win32.SafeHandles;

namespace Borderless.Web.Storage;

/// <summary>Asks to take files out of <c>parts/</c> until the result is disposed.</summary>
/// <returns>Null while a backup runs, which needs every file that its copy of the index names.</returns>
internal delegate IDisposable? BeginRemoval();

/// <summary>
/// Keeps backups and removals apart, across processes: <c>gc.lock</c> is shared by the backups that run, and taken alone by a
/// process that removes. Whoever takes a file that had a row out of <c>parts/</c> asks first; a file that no committed row ever
/// named (a refused upload's, bytes that were there already) is in no backup's index, and goes without asking. The kernel lets go
/// of the lock of a process that was killed.
/// </summary>
internal sealed class RemovalLock : IDisposable
{
    private readonly Lock gate = new();
    private readonly string path;

    /// <summary>Open from the start on, because on a full disk it could not be made when it is needed.</summary>
    private readonly SafeFileHandle file;

    private int removals;

    public RemovalLock(string path) => (this.path, file) = (path, Posix.OpenLock(path));

    /// <summary>For a backup: waits for a removal that runs, and then there is none until this is disposed.</summary>
    public void Share() => Posix.LockShared(file, path);

    /// <summary>See <see cref="BeginRemoval"/>. Removals of one process may run at once.</summary>
    public IDisposable? TryBegin()
    {
        lock (gate)
        {
            if (removals == 0 && !Posix.TryLock(file, path))
            {
                return null;
            }

            removals++;
            return new Removal(this);
        }
    }

    public void Dispose() => file.Dispose();

    private void End()
    {
        lock (gate)
        {
            if (--removals == 0)
            {
                Posix.Unlock(file, path);
            }
        }
    }

    private sealed class Removal(RemovalLock owner) : IDisposable
    {
        private int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0)
            {
                owner.End();
            }
        }
    }
}
