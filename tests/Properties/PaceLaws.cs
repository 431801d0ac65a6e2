namespace Borderless.Tests.Properties;

public sealed class PaceLaws
{
    private const long Period = 1000;

    private static Gen<(Pace Pace, long Now, long Period)> Transfers =>
        from period in Gen.OneOf(Gen.Constant(1), Gen.Choose(1, 100), Gen.Choose(1, 86_400_000)).Select(value => (long)value)
        from start in Gen.Choose(0, int.MaxValue).Select(value => (long)value)
        from age in Gen.OneOf(Gen.Choose(-1, 1).Select(near => period * 10 + near), Gen.Choose(0, 30).Select(tenths => period * tenths))
        from quiet in Gen.OneOf(Gen.Choose(-1, 1).Select(near => period + near), Gen.Constant(0L))
        from bytes in Gen.OneOf(Gen.Choose(-1, 1).Select(near => Math.Max(0, age / 10 + near)), Gen.Constant(0L), Gen.Constant(1L << 40))
        select (new Pace(Math.Max(start, start + age - quiet), start, bytes), start + age, period);

    [Property(MaxTest = 500)]
    public Property A_transfer_is_stalled_when_a_naive_judge_says_so() => Prop.ForAll(Transfers.ToArbitrary(), t =>
    {
        var (pace, now, period) = t;
        var (quiet, age) = (now - pace.LastMoved > period, now - pace.WindowStart);
        var slow = age >= period * 10 && pace.WindowBytes < age / 10m; // 100 bytes a second are one in 10 ms.
        return (pace.IsStalled(now, period) == (quiet || slow)).Classify(quiet, "quiet").Classify(slow, "slow").Classify(!quiet && !slow, "fine");
    });

    [Property]
    public Property A_stalled_transfer_stays_stalled_until_bytes_move() => Prop.ForAll(
        Transfers.ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (t, later) =>
            (!t.Pace.IsStalled(t.Now, t.Period) || t.Pace.IsStalled(t.Now + later, t.Period))
                .Classify(t.Pace.IsStalled(t.Now, t.Period), "stalled"));

    [Property]
    public Property Moving_more_or_later_or_being_given_more_time_never_stalls() => Prop.ForAll(
        Transfers.ToArbitrary(), Gen.Choose(0, 1_000_000).ToArbitrary(), (t, more) =>
        {
            var (pace, now, period) = t;
            return (pace.IsStalled(now, period)
                || !((pace with { WindowBytes = pace.WindowBytes + more }).IsStalled(now, period)
                    || (pace with { LastMoved = pace.LastMoved + more }).IsStalled(now, period)
                    || pace.IsStalled(now, period + more))).Classify(!pace.IsStalled(now, period), "fine before");
        });

    [Fact]
    public void A_quiet_period_may_last_exactly_one_period()
    {
        Assert.False(new Pace(0, 0, 0).IsStalled(Period, Period));
        Assert.True(new Pace(0, 0, 0).IsStalled(Period + 1, Period));
    }

    [Fact]
    public void Too_slow_is_judged_only_over_a_whole_window()
    {
        Assert.False(new Pace(9_999, 0, 0).IsStalled(9_999, Period));
        Assert.True(new Pace(10_000, 0, 999).IsStalled(10_000, Period));
        Assert.False(new Pace(10_000, 0, 1_000).IsStalled(10_000, Period)); // Exactly 100 bytes a second.
        Assert.False(new Pace(0, 0, 0).WindowIsOver(9_999, Period));
        Assert.True(new Pace(0, 0, 0).WindowIsOver(10_000, Period));
    }

    [Property]
    public Property A_reader_at_the_slowest_permitted_rate_is_given_the_time_of_its_step(PositiveInt step, PositiveInt period)
    {
        var (bytes, milliseconds) = (step.Get * 1000L, (long)period.Get);
        var silence = Pace.SilenceAfter(bytes, milliseconds);
        return (silence >= milliseconds && silence <= Pace.WindowPeriods * milliseconds
                && (bytes > Pace.MaxReadingStep ? silence == milliseconds : silence == Math.Clamp(bytes * 10, milliseconds, 10 * milliseconds)))
            .Classify(bytes > Pace.MaxReadingStep, "buffers were filled");
    }
}
