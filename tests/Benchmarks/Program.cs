using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Borderless.Benchmarks;
using Borderless.Benchmarks.Bench;

switch (args)
{
    case ["page-size", var directory]:
        await PageSize.Run(directory);
        return 0;
    case ["small-blobs", var directory, var number] when Objects(number) is <= 16_384 and { } length:
        await SmallBlobs.Run(directory, (int)length);
        return 0;
    case ["admin", var number] when Objects(number) is { } objects:
        await AdminCost.Run(objects);
        return 0;
    case ["fill", var directory, var number] when Objects(number) is { } objects:
        await FilledStore.Fill(directory, objects, bytes: 64);
        return 0;
    case ["bench", .. var words]:
        return await Bench(words);
    case ["observed", var directory, var program, var sets, .. var ways] when Objects(sets) is { } count && ways.All(Observed.Others.Contains):
        await new Observed(directory, program, (int)count, ways).Run();
        return 0;
    case ["micro"]:
        _ = BenchmarkRunner.Run<Micro>(DefaultConfig.Instance.WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "micro")));
        return 0;
    default:
        await Console.Error.WriteLineAsync(
            "usage: micro | page-size <directory on the disk to measure> | small-blobs <directory on the disk to measure> <bytes, up to 16384> | admin <objects>\n  | fill <empty data directory> <objects>\n  | bench --directory=<dir> --program=<server> --json=<file> [--peer=<server>] [--only=<words of a case>] [--quick]\n  | observed <empty directory> <server> <sets> [again] [off] [traces] [every] [audit]");
        return 2;
}

static long? Objects(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

static async Task<int> Bench(string[] words)
{
    string? Value(string name) => words.Where(word => word.StartsWith($"--{name}=", StringComparison.Ordinal)).Select(word => word[(name.Length + 3)..]).LastOrDefault();
    if (Value("directory") is not { } directory || Value("program") is not { } program || Value("json") is not { } json)
    {
        return 2;
    }

    if (await new BenchRun(new BenchOptions(words.Contains("--quick"), Value("only") ?? "", program, Value("peer"), json), directory).Run())
    {
        return 0;
    }

    await Console.Error.WriteLineAsync("no case is named so: --only takes words of a case as the table has it, or growth");
    return 2;
}
