using System.Text.Json;

namespace Borderless.Tests.Properties;

public sealed class FsckLaws
{
    private static Gen<FindingKind> Kinds => Gen.Elements(Enum.GetValues<FindingKind>());

    private static Gen<Finding> Findings =>
        from kind in Kinds
        from needed in Gen.Elements(true, false)
        from repaired in Gen.Elements(true, false)
        select new Finding(kind, "") { Needed = needed, Repaired = repaired && Fsck.IsMended(kind, needed) };

    private static Gen<Option<T>> OrNone<T>(Gen<T> some) => Gen.OneOf(Gen.Constant(Option<T>.None), some.Select(Some));

    private static Gen<PartSeen> Parts =>
        from size in Gen.Elements(0L, 1L, 5L, long.MaxValue)
        from found in OrNone(Gen.OneOf(Gen.Constant(size), Gen.Elements(0L, 1L, 4L, 6L, long.MaxValue)))
        from marked in Gen.Elements(true, false)
        from needed in Gen.Elements(true, false)
        from matches in OrNone(Gen.Elements(true, false))
        select new PartSeen(size, found, marked, needed, matches);

    [Fact]
    public void Every_kind_has_a_cure_and_a_name_of_its_own()
    {
        var kinds = Enum.GetValues<FindingKind>();
        Assert.All(kinds, kind => Assert.True(Enum.IsDefined(Fsck.CureOf(kind))));
        Assert.Equal(kinds.Length, kinds.Select(kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString())).Distinct().Count());
    }

    [Property]
    public Property What_has_no_cure_is_never_mended_and_what_is_not_needed_is_mended_whenever_it_has_one() => Prop.ForAll(Kinds.ToArbitrary(), kind =>
    {
        var cure = Fsck.CureOf(kind);
        return (cure is Cure.Books or Cure.Part || !(Fsck.IsMended(kind, true) || Fsck.IsMended(kind, false)))
            && (!Fsck.IsMended(kind, true) || Fsck.IsMended(kind, false))
            && (cure != Cure.Part || Fsck.IsMended(kind, false));
    });

    [Property]
    public Property It_is_clean_exactly_when_nothing_but_notes_was_found_and_damage_is_left_exactly_when_some_was_not_repaired() => Prop.ForAll(
        Findings.ListOf().Select(list => toSeq(list)).ToArbitrary(), findings =>
        {
            var code = Fsck.ExitCode(findings);
            var (damage, left) = (findings.Exists(f => f.IsDamage), findings.Exists(f => f.IsDamage && !f.Repaired));
            return (code == Fsck.Clean == !damage && code == Fsck.DamageLeft == left && (code == Fsck.Repaired) == (damage && !left))
                .Classify(!damage, "clean").Classify(left, "left").Classify(damage && !left, "repaired");
        });

    [Property]
    public Property Finding_more_never_makes_it_better_and_order_and_notes_change_nothing() => Prop.ForAll(
        Findings.ListOf().Select(list => toSeq(list)).ToArbitrary(), Findings.ToArbitrary(), (findings, more) =>
            Fsck.ExitCode(findings.Add(more)) >= Fsck.ExitCode(findings)
            && Fsck.ExitCode(findings.Rev()) == Fsck.ExitCode(findings)
            && (more.IsDamage || Fsck.ExitCode(findings.Add(more)) == Fsck.ExitCode(findings)));

    [Property(MaxTest = 500)]
    public Property A_part_is_fine_exactly_when_it_is_unmarked_of_its_length_and_not_seen_to_differ_or_marked_and_unneeded() => Prop.ForAll(
        Parts.ToArbitrary(), seen =>
        {
            var whole = seen.Found == Some(seen.Size);
            var sound = !seen.Marked && whole && seen.Matches != Some(false);
            var nobodys = seen.Marked && !seen.Needed && !(whole && seen.Matches == Some(true));
            return (Fsck.Judge(seen).IsNone == (sound || nobodys)).Classify(sound, "sound").Classify(seen.Marked, "marked");
        });

    [Property(MaxTest = 500)]
    public Property No_bytes_that_could_be_the_parts_own_are_set_aside() => Prop.ForAll(Parts.ToArbitrary(), seen =>
        (!Fsck.IsForQuarantine(seen) || seen.Found != Some(seen.Size) || seen.Matches == Some(false))
        && (seen.Found.IsSome || !Fsck.IsForQuarantine(seen)));

    [Property]
    public Property Seeing_that_bytes_match_clears_and_seeing_that_they_differ_never_does() => Prop.ForAll(Parts.ToArbitrary(), seen =>
        !seen.Needed || seen.Found != Some(seen.Size)
        || (Fsck.Judge(seen with { Matches = true }) == (seen.Marked ? Some(FindingKind.PartWhole) : None)
            && Fsck.Judge(seen with { Matches = false }) == Some(seen.Marked ? FindingKind.PartDamaged : FindingKind.PartRotten)));
}
