using System.Buffers;
using Borderless.Tests.Integration.Simulation;
using Borderless.Web.Storage;

namespace Borderless.Tests.Integration;

/// <summary>What the simulated disk may lose, and what never.</summary>
public sealed class SimulatedDiskTests
{
    private const int Page = 4096;

    private static readonly byte[] Old = [.. Enumerable.Repeat((byte)1, Page)];
    private static readonly byte[] New = [.. Enumerable.Repeat((byte)2, Page)];

    /// <summary>What a scene leaves, over many crashes: each state that was seen.</summary>
    private static System.Collections.Generic.HashSet<string> Crashes(Action<SimulatedDisk> scene, Func<SimulatedDisk, string> look)
    {
        var states = new System.Collections.Generic.HashSet<string>();
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk(TimeProvider.System);
            disk.MakeDirectory("/from");
            disk.MakeDirectory("/to");
            disk.SyncDirectory("/");
            scene(disk);
            disk.Crash(new Random(seed));
            states.Add(look(disk));
        }

        return states;
    }

    private static IDiskFile Write(SimulatedDisk disk, string path, params byte[][] pages)
    {
        var file = disk.Create(path);
        pages.Iter((i, page) => file.Write(new ReadOnlySequence<byte>(page), i * Page));
        return file;
    }

    private static string Files(SimulatedDisk disk) => string.Join(' ', disk.AllFiles());

    private static string Pages(SimulatedDisk disk) => disk.Bytes("/from/file") is { } bytes
        ? string.Join(' ', bytes.Chunk(Page).Select(page => string.Join('+', page.Distinct())))
        : "none";

    private static void Sets(string[] expected, System.Collections.Generic.HashSet<string> seen) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));

    [Fact]
    public void What_was_synced_stays() => Sets(["1 2"], Crashes(
        disk =>
        {
            Write(disk, "/from/file", Old, New).SyncData();
            disk.SyncDirectory("/from");
        },
        Pages));

    [Fact]
    public void A_sync_of_the_bytes_does_not_keep_the_name() =>
        Sets(["1", "none"], Crashes(disk => Write(disk, "/from/file", Old).SyncData(), Pages));

    [Fact]
    public void Of_bytes_that_were_not_synced_each_page_is_there_or_zeros_or_beyond_the_end() => Sets(
        ["", "0", "1", "0 0", "0 2", "1 0", "1 2"],
        Crashes(
            disk =>
            {
                _ = Write(disk, "/from/file", Old, New);
                disk.SyncDirectory("/from");
            },
            Pages));

    [Fact]
    public void A_page_written_over_is_old_or_new() => Sets(["1", "2"], Crashes(
        disk =>
        {
            var file = Write(disk, "/from/file", Old);
            file.SyncData();
            disk.SyncDirectory("/from");
            file.Write(new ReadOnlySequence<byte>(New), 0);
        },
        Pages));

    [Fact]
    public void A_page_written_in_two_pieces_is_there_in_any_state_it_went_through() => Sets(["", "0", "1+0", "1+2"], Crashes(
        disk =>
        {
            var file = Write(disk, "/from/file", Old[..1000]);
            file.Write(new ReadOnlySequence<byte>(New, 0, Page - 1000), 1000);
            disk.SyncDirectory("/from");
        },
        disk => Pages(disk) is var pages && disk.Bytes("/from/file") is { Length: 0 } ? "" : pages));

    [Theory]
    [InlineData(false, false, "", "/from/file", "/from/file /to/file", "/to/file")]
    [InlineData(true, false, "", "/to/file")]
    [InlineData(false, true, "/from/file /to/file", "/to/file")]
    [InlineData(true, true, "/to/file")]
    public void A_rename_ends_in_the_states_that_the_syncs_of_its_directories_leave(bool syncedFrom, bool syncedTo, params string[] states) =>
        Sets(states, Crashes(
            disk =>
            {
                Write(disk, "/from/file", Old).SyncData();
                disk.SyncDirectory("/from");
                disk.Rename("/from/file", "/to/file");
                new[] { (syncedFrom, "/from"), (syncedTo, "/to") }.Where(pair => pair.Item1).Iter(pair => disk.SyncDirectory(pair.Item2));
            },
            Files));

    [Fact]
    public void A_rename_keeps_no_bytes_that_were_not_synced() => Sets(["", "0", "1"], Crashes(
        disk =>
        {
            _ = Write(disk, "/from/file", Old);
            disk.SyncDirectory("/from");
            disk.Rename("/from/file", "/to/file");
            disk.SyncDirectory("/to");
        },
        disk => string.Join('+', disk.Bytes("/to/file")!.Distinct())));

    [Fact]
    public void An_unlink_and_a_new_directory_are_lost_unless_their_directory_was_synced()
    {
        Sets(["", "/from/file"], Crashes(
            disk =>
            {
                _ = Write(disk, "/from/file", Old);
                disk.SyncDirectory("/from");
                disk.Unlink("/from/file");
            },
            Files));
        Sets(["", "/to/new/file"], Crashes(
            disk =>
            {
                disk.MakeDirectory("/to/new");
                _ = Write(disk, "/to/new/file", Old);
                disk.SyncDirectory("/to/new");
            },
            Files));
    }

    [Fact]
    public void After_a_sync_that_failed_a_later_one_proves_nothing()
    {
        Sets(["1", "2"], Crashes(
            disk =>
            {
                var file = Write(disk, "/from/file", Old);
                file.SyncData();
                disk.SyncDirectory("/from");
                file.Write(new ReadOnlySequence<byte>(New), 0);
                Fail(disk, file.SyncData);
                file.SyncData();
            },
            Pages));
        Sets(["", "/from/file"], Crashes(
            disk =>
            {
                _ = Write(disk, "/from/file", Old);
                Fail(disk, () => disk.SyncDirectory("/from"));
                disk.SyncDirectory("/from");
            },
            Files));
    }

    /// <summary>A call that fails, so often that it breaks what it may break.</summary>
    private static void Fail(SimulatedDisk disk, Action call)
    {
        var calm = disk.Fate;
        disk.Fate = new Fate(new Random(1), int.MaxValue, 1000, () => { });
        Enumerable.Range(0, 10).Iter(_ => Assert.Throws<DiskException>(call));

        disk.Fate = calm;
    }
}
