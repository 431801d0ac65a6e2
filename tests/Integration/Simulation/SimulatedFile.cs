using System.Buffers;

namespace Borderless.Tests.Integration.Simulation;

/// <summary>
/// A file as the kernel has it: what programs see, and per page of 4 KiB what the disk may hold. A page that was written since the
/// last sync may be there in any state it went through, and the length likewise.
/// </summary>
internal sealed class SimulatedFile
{
    private const int Page = 4096;

    /// <summary>The states of each page that was written and not synced, the oldest first.</summary>
    private readonly SortedDictionary<int, List<byte[]>> dirty = [];

    /// <summary>Pages whose sync failed: the kernel takes them for clean, so no later sync writes them.</summary>
    private readonly SortedDictionary<int, List<byte[]>> lost = [];

    private byte[] seen = [];
    private byte[] durable = [];

    public DateTimeOffset ModifiedAt { get; private set; }

    public ReadOnlySpan<byte> Bytes => seen;

    /// <summary>Whether no crash can change the file.</summary>
    public bool IsDurable => dirty.Count == 0 && lost.Count == 0 && seen.Length == durable.Length;

    public void Write(ReadOnlySequence<byte> bytes, long offset, DateTimeOffset now)
    {
        ModifiedAt = now;
        if (bytes.IsEmpty)
        {
            return;
        }

        var end = (int)(offset + bytes.Length);
        System.Array.Resize(ref seen, Math.Max(seen.Length, end));
        bytes.CopyTo(seen.AsSpan((int)offset));
        for (var page = (int)offset / Page; page <= (end - 1) / Page; page++)
        {
            States(dirty, page).Add(PageOf(seen, page));
        }
    }

    public int Read(Span<byte> into, long offset)
    {
        var read = Math.Clamp(seen.Length - (int)offset, 0, into.Length);
        seen.AsSpan((int)offset, read).CopyTo(into);
        return read;
    }

    /// <summary>A sync that worked. Pages that an earlier one failed to write stay unknown, unless they were written again.</summary>
    public void Sync()
    {
        var before = durable;
        durable = [.. seen];
        foreach (var page in lost.Keys)
        {
            // What is durable of such a page is still what was before.
            if (!dirty.ContainsKey(page))
            {
                Put(durable, page, PageOf(before, page));
            }
        }

        dirty.Keys.ToArray().Iter(page => lost.Remove(page));
        dirty.Clear();
    }

    /// <summary>A sync that failed.</summary>
    public void FailSync()
    {
        foreach (var (page, states) in dirty)
        {
            States(lost, page).AddRange(states);
        }

        dirty.Clear();
    }

    /// <summary>A byte turns into another, wherever it is.</summary>
    public void Rot(int at) => Seq(seen, durable).Where(bytes => at < bytes.Length).Iter(bytes => bytes[at] ^= 1);

    /// <summary>What is left after the power went: one of the legal states, all of it durable.</summary>
    public void Crash(Random random)
    {
        var length = random.Next(3) switch
        {
            0 => durable.Length,
            1 => seen.Length,

            // The length moves with what is written back.
            _ => durable.Length + random.Next((seen.Length - durable.Length) / Page + 1) * Page,
        };
        var left = new byte[length];
        durable.AsSpan(0, Math.Min(length, durable.Length)).CopyTo(left);
        foreach (var page in dirty.Keys.Concat(lost.Keys).Distinct())
        {
            var states = lost.GetValueOrDefault(page, []).Concat(dirty.GetValueOrDefault(page, [])).ToArray();
            if (random.Next(states.Length + 1) is > 0 and var kept)
            {
                Put(left, page, states[kept - 1]);
            }
        }

        (seen, durable) = (left, [.. left]);
        dirty.Clear();
        lost.Clear();
    }

    private static List<byte[]> States(SortedDictionary<int, List<byte[]>> pages, int page)
    {
        if (!pages.TryGetValue(page, out var states))
        {
            pages[page] = states = [];
        }

        return states;
    }

    private static byte[] PageOf(byte[] bytes, int page) =>
        page * Page >= bytes.Length ? [] : bytes.AsSpan(page * Page, Math.Min(Page, bytes.Length - page * Page)).ToArray();

    /// <summary>The page as it was; what it did not reach is zeros.</summary>
    private static void Put(byte[] bytes, int page, byte[] content)
    {
        if (page * Page < bytes.Length)
        {
            var room = bytes.AsSpan(page * Page, Math.Min(Page, bytes.Length - page * Page));
            room.Clear();
            content.AsSpan(0, Math.Min(room.Length, content.Length)).CopyTo(room);
        }
    }
}
