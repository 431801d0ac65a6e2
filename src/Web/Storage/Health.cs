using System.Collections.Concurrent;

namespace Borderless.Web.Storage;

/// <summary>Why a store cannot take writes now.</summary>
internal enum Ailment
{
    /// <summary>No room, or so little that only deletes are done.</summary>
    DiskFull,

    /// <summary>A write, a sync or a rename of a file failed, and no later one has been seen to work.</summary>
    DiskFailed,

    /// <summary>A commit failed, and the index was not read again yet.</summary>
    IndexUnavailable,

    /// <summary>The store goes down.</summary>
    ShuttingDown,
}

/// <summary>Ailments as they are called where they are told.</summary>
internal static class Ailments
{
    public static readonly Ailment[] All = Enum.GetValues<Ailment>();

    public static string NameOf(Ailment ailment) => ailment switch
    {
        Ailment.DiskFull => "disk_full",
        Ailment.DiskFailed => "disk_failed",
        Ailment.IndexUnavailable => "index_unavailable",
        Ailment.ShuttingDown => "shutting_down",
    };
}

/// <summary>What keeps a store from taking writes, as it was noticed where it happened.</summary>
internal sealed class Health
{
    private readonly ConcurrentDictionary<Ailment, bool> ailments = new();

    public bool Has(Ailment ailment) => ailments.ContainsKey(ailment);

    public void Set(Ailment ailment, bool ails)
    {
        if (ails)
        {
            ailments[ailment] = true;
        }
        else
        {
            _ = ailments.TryRemove(ailment, out _);
        }
    }

    /// <summary>A file could not be written. A full disk shows by itself, and is no broken one.</summary>
    public void Failed(IOException error)
    {
        if (!DiskErrors.IsFull(error))
        {
            Set(Ailment.DiskFailed, true);
        }
    }

    public IReadOnlyCollection<Ailment> Ailments => [.. ailments.Keys.Order()];
}
