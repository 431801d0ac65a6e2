namespace Borderless.Core;

/// <summary>
/// How fast stored bytes may be read in the background. It keeps the moment up to which what was read is paid for; times are ticks
/// of 100 ns of any one monotonic clock.
/// </summary>
/// <param name="BytesPerSecond">The rate, at least 1.</param>
/// <param name="PaidUntil">When reading at this rate would have read all that was read.</param>
public readonly record struct ScrubPace(long BytesPerSecond, long PaidUntil)
{
    /// <summary>The most bytes that are read in one step.</summary>
    public const int MaxStep = 256 << 10;

    private const int MinStep = 4 << 10;
    private const long TicksPerSecond = 10_000_000;

    /// <summary>How many bytes to read at a time: a quarter of a second's, so that slow reading is smooth too.</summary>
    public int Step => (int)Math.Clamp(BytesPerSecond / 4, MinStep, MaxStep);

    /// <summary>
    /// How long to wait before the next step, in ticks. Reading runs ahead of its time by up to one step before it waits, so that
    /// many small parts do not cost a timer each.
    /// </summary>
    public long Wait(long now) => PaidUntil - now > TimeOf(Step) ? PaidUntil - now : 0;

    /// <summary>The pace after so many bytes, at most <see cref="MaxStep"/>, were read. Time that was not used is not saved up.</summary>
    public ScrubPace After(long now, int bytes) => this with { PaidUntil = Math.Max(now, PaidUntil) + TimeOf(bytes) };

    /// <summary>Rounded up, so that no number of small steps is faster than the rate.</summary>
    private long TimeOf(int bytes) => bytes == 0 ? 0 : (bytes * TicksPerSecond - 1) / BytesPerSecond + 1;
}
