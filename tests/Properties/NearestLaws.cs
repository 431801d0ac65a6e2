namespace Borderless.Tests.Properties;

public sealed class NearestLaws
{
    private static readonly Seq<string> Known = SettingKey.All.Map(key => key.Name);

    private static Gen<string> Shorts =>
        Gen.Choose(0, 6).SelectMany(n => Gen.Elements('a', 'b', 'c').ArrayOf(n)).Select(chars => new string(chars));

    /// <summary>The definition, as one would say it; too slow for anything but short texts.</summary>
    private static int Model(string left, string right) => (left, right) switch
    {
        ("", _) => right.Length,
        (_, "") => left.Length,
        _ when left[0] == right[0] => Model(left[1..], right[1..]),
        _ => 1 + Math.Min(Model(left[1..], right[1..]), Math.Min(Model(left[1..], right), Model(left, right[1..]))),
    };

    [Property(MaxTest = 200)]
    public Property The_distance_is_that_of_its_definition() => Prop.ForAll(Shorts.Two().ToArbitrary(), pair =>
        (Nearest.Distance(pair.Item1, pair.Item2) == Model(pair.Item1, pair.Item2)).Classify(pair.Item1 == pair.Item2, "equal"));

    [Property]
    public bool The_distance_is_a_metric(Hostile a, Hostile b, Hostile c)
    {
        var (ab, bc, ac) = (Nearest.Distance(a.Text, b.Text), Nearest.Distance(b.Text, c.Text), Nearest.Distance(a.Text, c.Text));
        return ab == Nearest.Distance(b.Text, a.Text) && ab == 0 == (a.Text == b.Text) && ac <= ab + bc && Nearest.Distance(a.Text, a.Text) == 0
            && ab <= Math.Max(a.Text.Length, b.Text.Length) && ab >= Math.Abs(a.Text.Length - b.Text.Length);
    }

    [Property(MaxTest = 200)]
    public Property What_it_suggests_is_the_nearest_known_name_and_more_alike_than_not(Hostile typed, int which, bool isNear, int at, char other)
    {
        var text = isNear ? Known[(int)((uint)which % (uint)Known.Count)].WithOneChanged(at, other) : typed.Text;
        var seen = text[..Math.Min(64, text.Length)];
        var nearest = Known.Find(name => Known.ForAll(rival => Nearest.Distance(seen, name) <= Nearest.Distance(seen, rival)));
        var suggested = Nearest.To(text, Known);
        return (suggested == nearest.Filter(name => Nearest.Distance(seen, name) * 2.0 / Math.Max(name.Length, seen.Length) < 1))
            .Classify(suggested.IsSome, "suggested");
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--port")]
    [InlineData("")]
    [InlineData("x")]
    public void What_is_like_nothing_suggests_nothing(string name) => Assert.True(Nearest.To(name, SettingKey.All.Map(key => key.Flag)).IsNone);

    [Fact]
    public void A_known_name_is_its_own_nearest_and_so_with_one_letter_missing() => Assert.All(Known, name =>
    {
        Assert.Equal(Some(name), Nearest.To(name, Known));
        Assert.All(Enumerable.Range(0, name.Length), at => Assert.Equal(Some(name), Nearest.To(name.Remove(at, 1), Known)));
    });

    [Property]
    public bool Only_the_beginning_of_a_long_name_counts(Hostile tail)
    {
        var start = new string('x', 60);
        return Nearest.To($"{start}durability", Seq($"{start}dura", $"{start}durability{tail.Text}")) == Some($"{start}dura");
    }
}
