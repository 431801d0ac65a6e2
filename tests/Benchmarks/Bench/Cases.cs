namespace Borderless.Benchmarks.Bench;

/// <summary>All that is measured of each contestant.</summary>
internal static class Cases
{
    public static readonly Seq<string> Stores = Seq("strict", "relaxed", "peer");
    public static readonly Seq<string> Everyone = Stores.Add("nginx");

    public static Seq<Case> All(string directory, bool quick)
    {
        var (large, small) = (new LargeCases(directory, quick), new SmallCases(directory, quick));
        return Seq(
            large.Upload(), large.Download(),
            small.Uploads(4, Seq(new Reach(0.7, "nginx"), new Reach(0.6, "relaxed")), Seq1(new Reach(100))), small.Downloads(4, Seq1(new Reach(0.7, "nginx"))),
            small.Uploads(64, Seq1(new Reach(0.5, "nginx")), Empty), small.Presigning(), large.Chunked(), large.Memory(), Start())
            + (quick ? Empty : Seq1(small.Downloads(64, Empty)));
    }

    public static Task Nothing(Contestant side) => Task.CompletedTask;

    /// <summary>A start in a directory of its own, which is new the first time only.</summary>
    private static Case Start() => new(
        Seq1(new Figure("start to first answer", "ms", true, Empty)), Everyone, Nothing,
        async side =>
        {
            await side.DisposeAsync();
            return [await side.Start()];
        });
}
