using System.Globalization;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Trace;

/// <summary>
/// Runs the real server under strace, writes, merges and deletes one at a time and then many at once, and has the trace judged. A
/// relaxed server, which promises less, is judged too: there the judge must find something.
/// </summary>
internal static class TraceProof
{
    private const int AtOnce = 16;

    /// <summary>Prints a table and a closing line of counts.</summary>
    public static async Task<int> Run(string[] args)
    {
        _ = args;
        if (!Strace.IsThere)
        {
            Console.WriteLine("skipped: strace is not there\n0 passed, 0 failed, 2 skipped");
            return 0;
        }

        var strict = await Judged("strict");
        var relaxed = await Judged("relaxed");
        Console.WriteLine($"\n{"acknowledged",-14}{"strict: answers",18}{"violations",12}{"relaxed: answers",20}{"violations",12}");
        foreach (var kind in strict.Sent.Keys.Order(StringComparer.Ordinal))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{kind,-14}{Answers(strict, kind),18}{Violations(strict, kind),12}{Answers(relaxed, kind),20}{Violations(relaxed, kind),12}"));
        }

        strict.Judgement.Violations.Take(20).Iter(violation => Console.WriteLine($"violation: {violation}"));
        var (proved, caught) = (IsComplete(strict) && strict.Judgement.Violations.Count == 0, IsComplete(relaxed) && relaxed.Sent.Keys.All(kind => Violations(relaxed, kind) > 0));
        Console.WriteLine($"{(proved ? "ok    " : "FAILED")}  strict: every answer was durable before it left");
        Console.WriteLine($"{(caught ? "ok    " : "FAILED")}  relaxed: the judge finds what is not durable, in each kind of answer");
        var passed = (proved ? 1 : 0) + (caught ? 1 : 0);
        Console.WriteLine($"{passed} passed, {2 - passed} failed");
        return passed == 2 ? 0 : 1;
    }

    private static int Answers(Traced traced, string kind) => traced.Judgement.Answers.Count(answer => answer.Kind == kind);

    private static int Violations(Traced traced, string kind) =>
        traced.Judgement.Violations.Count(violation => violation.StartsWith(kind + " ", StringComparison.Ordinal));

    /// <summary>Every answer that a client got was seen in the trace, so that no violation can hide in what was not.</summary>
    private static bool IsComplete(Traced traced)
    {
        var seen = traced.Judgement.Answers.CountBy(answer => answer.Kind).ToDictionary();
        var complete = seen.Count == traced.Sent.Count && traced.Sent.All(kind => seen.GetValueOrDefault(kind.Key) == kind.Value);
        if (!complete)
        {
            Console.WriteLine($"of the answers {string.Join(", ", traced.Sent)} the trace shows {string.Join(", ", seen)}");
        }

        return complete;
    }

    private static async Task<Traced> Judged(string durability)
    {
        using var directory = new TestDirectory();
        var file = directory.At("trace");
        Console.WriteLine($"{durability}: tracing uploads, chunks, merges, overwrites and deletes, one at a time and {AtOnce} at once");
        var writer = new TracedWriter();
        int process;
        await using (var server = await ServerProcess.Serve(
            ServerProcess.Launch(ServerProcess.FlagsFor(directory.Root, $"--durability={durability}"), under: Strace.Into(file))))
        {
            process = server.Id;
            await writer.Write(server, large: 3_000_000);
            await Storm.Together(AtOnce, _ => writer.Write(server, large: 1_200_000));
            server.Signal(ServerProcess.SigTerm);
            Assert.Equal(0, (await server.End()).Code);
        }

        await Strace.Finished(file, process);
        Console.WriteLine($"{durability}: judging {new FileInfo(file).Length >> 20} MiB of trace");
        return new Traced(writer.Acknowledged, TraceJudge.Judge(File.ReadLines(file, System.Text.Encoding.Latin1)));
    }

    private sealed record Traced(IReadOnlyDictionary<string, int> Sent, Judgement Judgement);
}
