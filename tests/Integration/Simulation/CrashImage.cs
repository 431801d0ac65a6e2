using System.Buffers.Binary;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// What a crash in the middle of a commit may leave of an index on the disk: its database and its log, copied while it runs.
/// <para>
/// Why such a copy is legal. The one writer stands still while the database and the log are read, so the log does not change, and
/// nothing starts it anew. The checkpointer may be writing pages into the database at that time, and what of that is copied is any
/// part of it; but it writes only what the log holds, synced, and the log is read after it. So the pair is what a crash could leave
/// at that moment. What the log has gained when the commit returned was not synced before the commit's own sync, so that a crash in
/// the commit may leave any part of it, torn or garbled.
/// </para>
/// </summary>
/// <param name="Database">The database before the commit.</param>
/// <param name="Log">The log before the commit.</param>
internal sealed record CrashImage(byte[] Database, byte[] Log)
{
    private const int LogHeader = 32;
    private const int FrameHeader = 24;
    private const int Page = 4096;
    private const int Frame = FrameHeader + Page;
    private const int Sector = 512;

    /// <summary>How many of the log's first bytes are frames of commits that ended: each was synced.</summary>
    public int Synced { get; init; } = LengthOfCommits(Log);

    /// <summary>The same, where the library had not waited for the last of them: what must not be.</summary>
    public CrashImage WithoutLastSync() => this with { Synced = Math.Max(LogHeader, Synced - Frame) };

    /// <summary>Whether the log after the commit goes on where this one ended, and does not begin anew.</summary>
    public bool GoesOnIn(byte[] after) => after.Length >= Synced && Log.Length >= LogHeader && Salts(Log, 16).SequenceEqual(Salts(after, 16));

    /// <summary>The log with any part of what the commit added to it.</summary>
    public byte[] LogCutIn(byte[] after, Random random)
    {
        var torn = after[..random.Next(Synced, after.Length + 1)];
        for (var changes = random.Next(4); changes > 0 && torn.Length > Synced; changes--)
        {
            var at = random.Next(Synced, torn.Length);
            var room = torn.AsSpan(at, Math.Min(random.Next(1, 2 * Page), torn.Length - at));
            switch (random.Next(3))
            {
                case 0:
                    random.NextBytes(room);
                    break;
                case 1:
                    room.Clear();
                    break;
                default:
                    // What was there before the commit wrote over it.
                    room.Clear();
                    Log.AsSpan(Math.Min(at, Log.Length), Math.Clamp(Log.Length - at, 0, room.Length)).CopyTo(room);
                    break;
            }
        }

        return torn;
    }

    /// <summary>
    /// The database with some of the pages torn that the checkpointer may be writing: those that the log holds, sector by sector
    /// old or new.
    /// </summary>
    public byte[] DatabaseTorn(Random random)
    {
        var torn = Database.ToArray();
        var newest = Frames(Log).TakeWhile(frame => frame < Synced).ToLookup(frame => BinaryPrimitives.ReadUInt32BigEndian(Log.AsSpan(frame)));
        foreach (var page in newest.Where(page => page.Key * Page <= torn.Length && random.Next(3) == 0))
        {
            for (var sector = 0; sector < Page; sector += Sector)
            {
                if (random.Next(2) == 0)
                {
                    Log.AsSpan(page.Last() + FrameHeader + sector, Sector).CopyTo(torn.AsSpan((int)(page.Key - 1) * Page + sector));
                }
            }
        }

        return torn;
    }

    /// <summary>The frames of the log's present round; what follows is of an earlier one.</summary>
    private static IEnumerable<int> Frames(byte[] log)
    {
        for (var at = LogHeader; at + Frame <= log.Length && Salts(log, at + 8).SequenceEqual(Salts(log, 16)); at += Frame)
        {
            yield return at;
        }
    }

    /// <summary>The last frame of a commit says how long the database is; the others say 0.</summary>
    private static int LengthOfCommits(byte[] log) =>
        Frames(log).Where(frame => BinaryPrimitives.ReadUInt32BigEndian(log.AsSpan(frame + 4)) != 0).Select(frame => frame + Frame).LastOrDefault();

    private static ReadOnlySpan<byte> Salts(byte[] log, int at) => log.AsSpan(at, 8);
}
