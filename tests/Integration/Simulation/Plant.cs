using Borderless.Web.Storage;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>A fault to plant between the store and its ports, to show that the simulation finds it.</summary>
/// <param name="Name">What is wrong, in words.</param>
/// <param name="Ports">Makes the disk and the index of a life that has the fault.</param>
internal sealed record Plant(string Name, Func<World, (IDisk Disk, IIndex Index)> Ports)
{
    public static readonly IReadOnlyList<Plant> All =
    [
        new("the bytes of parts are not synced", world => (Lying(world, syncData: _ => { }), world.Index)),
        new("a directory is not synced after a rename", world =>
            (Lying(world, syncDirectory: (path, sync) => When(path == world.Layout.Parts, sync)), world.Index)),
        new("parts/ is not synced after a new directory", world =>
            (Lying(world, syncDirectory: (path, sync) => When(path != world.Layout.Parts, sync)), world.Index)),
        new("a sync of bytes that failed is tried again", world => (Lying(world, syncData: Twice), world.Index)),
        new("a sync of a directory that failed is tried again", world => (Lying(world, syncDirectory: (_, sync) => Twice(sync)), world.Index)),
        new("the commit comes before the syncs", CommitFirst),
        new("the answer comes before the commit", world => (world.Disk, new HastyIndex(world.Index))),
        new("garbage is unlinked before the commit of its row's deletion", world =>
            (world.Disk, new LyingIndex(world.Index, tx => new HastyRemoval(tx, part => Unlink(world, part.Sha256, part.Place))))),
        new("a merge is two transactions", world =>
            (world.Disk, new SplittingIndex(world.Index, (tx, later) => new MergeInTwo(tx, later)))),
        new("an overwrite is two transactions", world =>
            (world.Disk, new SplittingIndex(world.Index, (tx, later) => new OverwriteInTwo(tx, later)))),
        new("files of a failed commit are removed before the index was read again", world =>
            (world.Disk, new RashIndex(world.Index, part => Unlink(world, part.Sha256, part.Place)))),
    ];

    public override string ToString() => Name;

    private static LyingDisk Lying(World world, Action<Action>? syncData = null, Action<string, Action>? syncDirectory = null) =>
        new(world.Disk, syncData ?? (sync => sync()), syncDirectory ?? ((_, sync) => sync()));

    private static (IDisk Disk, IIndex Index) CommitFirst(World world)
    {
        var late = new List<Action>();
        return (Lying(world, late.Add, (_, sync) => late.Add(sync)), new LyingIndex(world.Index, tx => tx, after: () =>
        {
            var now = late.ToArray();
            late.Clear();
            now.Iter(sync => sync());
        }));
    }

    private static void Twice(Action sync)
    {
        try
        {
            sync();
        }
        catch (DiskException)
        {
            sync();
        }
    }

    private static void When(bool condition, Action act)
    {
        if (condition)
        {
            act();
        }
    }

    private static void Unlink(World world, Digest sha256, PartPlace place)
    {
        if (place is PartPlace.File file)
        {
            world.Disk.Unlink(world.Layout.PartFile(sha256, file));
        }
    }
}
