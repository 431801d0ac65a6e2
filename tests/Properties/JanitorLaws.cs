namespace Borderless.Tests.Properties;

public sealed class JanitorLaws
{
    private static Seq<Leftover> Expired(Findings findings) => toSeq(Janitor.Expired(findings.Now, findings.Ttl, findings.Found).ToArray());

    [Property(MaxTest = 300)]
    public Property It_selects_what_a_naive_filter_would(Findings findings)
    {
        var naive = new List<Leftover>();
        foreach (var one in findings.Found)
        {
            var age = (Int128)findings.Now.Value - one.LastProgress.Value;
            if (!one.InUse && age > findings.Ttl) naive.Add(one);
        }

        return Expired(findings).SequenceEqual(naive)
            .Classify(naive.Count > 0, "something expired")
            .Classify(findings.Found.Exists(one => findings.Now.Value - one.LastProgress.Value == findings.Ttl), "exactly at the limit")
            .Classify(findings.Found.Exists(one => one.LastProgress > findings.Now), "from the future");
    }

    [Property]
    public Property Raising_the_ttl_never_selects_more(Findings findings, NonNegativeInt more)
    {
        var (before, after) = (Expired(findings), Expired(findings with { Ttl = findings.Ttl + more.Get }));
        return after.ForAll(one => before.Contains(one)).Classify(after.Count < before.Count, "fewer");
    }

    [Property]
    public Property Time_never_brings_back_what_expired(Findings findings, NonNegativeInt later)
    {
        var (before, after) = (Expired(findings), Expired(findings with { Now = new(findings.Now.Value + later.Get) }));
        return before.ForAll(one => after.Contains(one)).Classify(after.Count > before.Count, "more");
    }

    [Property]
    public Property What_is_selected_was_found_and_keeps_its_order(Findings findings)
    {
        var expired = Expired(findings);
        return findings.Found.Filter(one => expired.Contains(one)).SequenceEqual(expired).Classify(expired.Count > 1, "several");
    }

    [Property]
    public bool Nothing_in_use_or_from_the_future_is_ever_selected(Findings findings) =>
        Expired(findings).ForAll(one => !one.InUse && one.LastProgress < findings.Now)
        && Expired(findings with { Found = findings.Found.Map(one => one with { InUse = true }) }).IsEmpty;

    [Property]
    public bool An_age_of_exactly_the_ttl_is_not_yet_expired_and_a_second_more_is(NonNegativeInt moved, NonNegativeInt ttl)
    {
        var (then, limit) = (new UnixSeconds(moved.Get), (long)moved.Get + ttl.Get);
        return !Janitor.IsExpired(new(limit), ttl.Get, then) && Janitor.IsExpired(new(limit + 1), ttl.Get, then);
    }

    [Property]
    public bool An_endless_ttl_keeps_everything(Findings findings) => Expired(findings with { Ttl = long.MaxValue }).IsEmpty;

    /// <summary>A file's date can lie before 1970, by a broken clock or an archive; that is merely very old.</summary>
    [Property]
    public bool A_leftover_from_before_1970_is_merely_old(PositiveInt before) =>
        Janitor.IsExpired(new(1_700_000_000), 43_200, new(-(long)before.Get));
}
