namespace Borderless.Tests.Properties;

public sealed class ScrubPaceLaws
{
    private const long Second = 10_000_000;

    private static Gen<long> Rates => Gen.OneOf(
        Gen.Elements(1L, 2L, 16_383L, 16_384L, 1L << 20, 8L << 20, long.MaxValue), Gen.Choose(1, int.MaxValue).Select(rate => (long)rate));

    /// <summary>Parts of many sizes, and how late each step comes after it was permitted.</summary>
    private static Gen<(int Bytes, int Late)> Steps =>
        from bytes in Gen.OneOf(Gen.Choose(0, ScrubPace.MaxStep), Gen.Elements(0, 1, 2_000, ScrubPace.MaxStep))
        from late in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, (int)Second))
        select (bytes, late);

    [Property(MaxTest = 300)]
    public Property No_stretch_of_time_sees_more_than_the_rate_and_two_steps() => Prop.ForAll(
        Rates.ToArbitrary(), Steps.NonEmptyListOf().ToArbitrary(), (rate, steps) =>
        {
            var reads = Run(new ScrubPace(rate, 0), steps.Select(step => step with { Bytes = Math.Min(step.Bytes, new ScrubPace(rate, 0).Step) }));
            return Enumerable.Range(0, reads.Count).All(from =>
            {
                var sum = 0m;
                return reads.Skip(from).All(read => (sum += read.Bytes) <= (decimal)rate * (read.At - reads[from].At) / Second + 2m * new ScrubPace(rate, 0).Step);
            });
        });

    [Property]
    public Property It_never_waits_longer_than_what_was_read_ahead_takes() => Prop.ForAll(
        Rates.ToArbitrary(), Steps.NonEmptyListOf().ToArbitrary(), (rate, steps) =>
        {
            var pace = new ScrubPace(rate, 0);
            var now = 0L;
            return steps.All(step =>
            {
                var bytes = Math.Min(step.Bytes, pace.Step);
                var wait = pace.Wait(now);
                now += wait + step.Late;
                pace = pace.After(now, bytes);
                return (decimal)wait <= (2m * pace.Step * Second / rate) + 4;
            });
        });

    [Property]
    public Property Idle_time_is_not_saved_up(PositiveInt idle) => Prop.ForAll(Rates.ToArbitrary(), rate =>
    {
        var fresh = new ScrubPace(rate, 0).After(0, 4096);
        var late = new ScrubPace(rate, 0).After(idle.Get, 4096);
        return late.PaidUntil - idle.Get == fresh.PaidUntil;
    });

    [Property]
    public Property A_step_is_bounded_and_grows_with_the_rate() => Prop.ForAll(Rates.ToArbitrary(), Rates.ToArbitrary(), (one, other) =>
    {
        var (slow, fast) = (new ScrubPace(Math.Min(one, other), 0).Step, new ScrubPace(Math.Max(one, other), 0).Step);
        return slow > 0 && slow <= fast && fast <= ScrubPace.MaxStep;
    });

    private static List<(long At, int Bytes)> Run(ScrubPace pace, IEnumerable<(int Bytes, int Late)> steps)
    {
        var (reads, now) = (new List<(long, int)>(), 0L);
        foreach (var (bytes, late) in steps)
        {
            now += pace.Wait(now) + late;
            reads.Add((now, bytes));
            pace = pace.After(now, bytes);
        }

        return reads;
    }
}
