using System.Globalization;
using Borderless.Tests.Integration.Support;
using Xunit.Abstractions;

namespace Borderless.Tests.Integration.Network;

/// <summary>What a server has open and in memory does not grow with the number of connections that broke.</summary>
[Collection(Alone.Name)]
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const int Few = 100;
    private const int Many = 5 * Few;

    /// <summary>Half of what a leak would add.</summary>
    private const long Bound = Many * BrokenConnections.Leak / 2;

    [Fact]
    public async Task A_server_process_has_as_much_open_and_in_memory_as_before()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, "--rq-timeout-secs=1"),

            // So that garbage, which is collected when there is enough of it, is not taken for memory in use.
            new Dictionary<string, string> { ["DOTNET_gcServer"] = "0", ["DOTNET_gcConcurrent"] = "0", ["DOTNET_GCgen0size"] = "400000" }));
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, Answers.Bytes(150_000)).ShouldBeOk();
        var (descriptors, start) = (Descriptors(), Resident());

        await BrokenConnections.Break(server.Address, ServerProcess.Signed, blob, 2 * Few, 1);
        await AllGone();
        var few = Resident();
        await BrokenConnections.Break(server.Address, ServerProcess.Signed, blob, 2 * Many, 2);
        await AllGone();

        output.WriteLine(
            $"descriptors {descriptors} before, {Descriptors()} after; resident {start >> 20} MiB at start, "
            + $"{few >> 20} MiB after {2 * Few} broken connections, {Resident() >> 20} MiB after {2 * Many} more");
        Assert.InRange(Resident() - few, long.MinValue, 2 * Bound);
        _ = await server.Upload(Guid.CreateVersion7(), Answers.Bytes(100)).ShouldBeOk();

        int Descriptors() => Traces.Descriptors($"{server.Id}", directory.Root);

        Task AllGone() => Wait.Until(
            () => Descriptors() <= descriptors && directory.Temporary().Length == 0,
            () => $"{Descriptors()} descriptors are {descriptors}, and {directory.Temporary().Length} temporary files none");

        long Resident() => 1024 * long.Parse(
            File.ReadLines($"/proc/{server.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
    }
}
