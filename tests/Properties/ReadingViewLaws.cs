namespace Borderless.Tests.Properties;

public sealed class ReadingViewLaws
{
    private static HashMap<string, ViewEntry> Carry(ViewPlan plan, HashMap<string, ViewEntry> found) =>
        plan.Make.Fold(plan.Remove.Fold(found, (left, name) => left.Remove(name)), (made, one) => made.AddOrUpdate(one.Name, one.Entry));

    /// <summary>Compared one by one, not by the map's own equality.</summary>
    private static bool Same(HashMap<string, ViewEntry> one, HashMap<string, ViewEntry> other) =>
        one.Count == other.Count && one.ForAll((name, entry) => other.Find(name).Exists(same => Same(entry, same)));

    private static bool Same(ViewEntry one, ViewEntry other) => (one, other) switch
    {
        (ViewEntry.Folder a, ViewEntry.Folder b) => Same(a.Entries, b.Entries),
        (ViewEntry.Link a, ViewEntry.Link b) => a.Target == b.Target,
        (ViewEntry.ReadOnlyFile a, ViewEntry.ReadOnlyFile b) => a.Sha256.Bytes.SequenceEqual(b.Sha256.Bytes),
        _ => one.GetType() == other.GetType(),
    };

    /// <summary>Where a path leads, as the kernel walks it; nothing when it climbs out.</summary>
    private static string? Resolved(string path)
    {
        var walked = new Stack<string>();
        foreach (var step in path.Split('/'))
        {
            if (step == "..")
            {
                if (!walked.TryPop(out _)) return null;
            }
            else
            {
                walked.Push(step);
            }
        }

        return string.Join('/', walked.Reverse());
    }

    private static Seq<(string At, ViewEntry Entry)> Leaves(string at, ViewEntry entry) => entry is ViewEntry.Folder folder
        ? toSeq(folder.Entries.AsEnumerable()).OrderBy(one => one.Key, StringComparer.Ordinal).ToSeq().Map(one => ($"{at}/{one.Key}", one.Value))
        : Seq1((at, entry));

    [Property(MaxTest = 300)]
    public Property Carrying_out_a_plan_leaves_exactly_what_should_be(ViewState state)
    {
        var plan = ReadingView.Plan(state.Should, state.Found);
        return Same(state.Should, Carry(plan, state.Found))
            .Classify(plan.Make.Exists(one => state.Found.ContainsKey(one.Name)), "something wrong")
            .Classify(plan.Make.Exists(one => !state.Found.ContainsKey(one.Name)), "something missing")
            .Classify(!plan.Remove.IsEmpty, "something too much")
            .Classify(plan.Make.IsEmpty && plan.Remove.IsEmpty, "all right");
    }

    [Property(MaxTest = 300)]
    public bool A_plan_touches_nothing_that_is_right_and_no_name_twice(ViewState state)
    {
        var plan = ReadingView.Plan(state.Should, state.Found);
        var touched = plan.Make.Map(one => one.Name) + plan.Remove;
        return touched.Distinct().Count == touched.Count
            && plan.Make.ForAll(one => !state.Found.Find(one.Name).Exists(found => Same(found, one.Entry)))
            && plan.Remove.ForAll(name => state.Found.ContainsKey(name) && !state.Should.ContainsKey(name));
    }

    [Property]
    public bool Once_mended_there_is_nothing_to_do(ViewState state) =>
        ReadingView.Plan(state.Should, Carry(ReadingView.Plan(state.Should, state.Found), state.Found)) is { Make.IsEmpty: true, Remove.IsEmpty: true };

    [Property]
    public bool Names_can_be_planned_in_any_portions(ViewState state, int seed)
    {
        var names = toSeq(state.Should.Keys).Concat(toSeq(state.Found.Keys)).Distinct();
        var mended = names.GroupBy(name => (name.Length + seed) & 1).Aggregate(state.Found, (found, portion) => Carry(
            ReadingView.Plan(state.Should.Filter((name, _) => portion.Contains(name)), found.Filter((name, _) => portion.Contains(name))), found));
        return Same(state.Should, mended);
    }

    [Property]
    public bool Nothing_foreign_is_ever_kept(ViewState state) =>
        state.Found.Filter(entry => entry is ViewEntry.Foreign).Keys.ForAll(name =>
            ReadingView.Plan(state.Should, state.Found) is var plan && (plan.Remove.Contains(name) || plan.Make.Exists(one => one.Name == name)));

    [Property]
    public Property Links_lead_to_their_parts_in_the_data_directory_in_the_order_of_the_blob(ViewParts parts, bool merged)
    {
        var shown = merged ? parts.All : parts.All.Take(1);
        var leaves = Leaves($"buckets/default/{Guid.Empty}", ReadingView.EntryOf(merged, shown));
        return (leaves.Count == shown.Count && leaves.Zip(shown).ForAll(pair => (pair.Item1.Entry, pair.Item2) switch
        {
            (ViewEntry.Link link, ViewPart.File file) => Resolved($"{Path.GetDirectoryName(pair.Item1.At)}/{link.Target}") == file.Path,
            (ViewEntry.ReadOnlyFile copy, ViewPart.Inline inline) => copy.Sha256.Equals(inline.Sha256),
            _ => false,
        })).Classify(merged && shown.Count == 1, "merged of one").Classify(shown.Count > 1, "merged of several");
    }

    [Fact]
    public void Numbered_names_are_in_the_order_of_their_numbers()
    {
        var names = Enumerable.Range(0, UploadIntent.MaxChunks).Select(ReadingView.NumberedName).ToArray();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(("00001", "10000"), (names[0], names[^1]));
    }
}
