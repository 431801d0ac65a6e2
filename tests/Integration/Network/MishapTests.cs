using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration.Network;

/// <summary>Every fault of a network, in the middle of everything, in both directions.</summary>
[Collection(Alone.Name)]
public sealed class MishapTests
{
    public static TheoryData<object, Fault, Way> All
    {
        get
        {
            var all = new TheoryData<object, Fault, Way>();
            foreach (var kind in Enum.GetValues<Deed.Kind>())
            {
                foreach (var fault in Enum.GetValues<Fault>())
                {
                    all.Add(kind, fault, Way.ToServer);
                    if (fault != Fault.Duplicates)
                    {
                        all.Add(kind, fault, Way.ToClient);
                    }
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Nothing_is_left_and_what_is_stored_is_as_before_or_whole(object kind, Fault fault, Way way)
    {
        var disk = new TestDisk();
        await using var server = await Start(fault, disk);
        for (var place = 0; place < 3; place++)
        {
            var deed = Deed.Of((Deed.Kind)kind, server);
            var request = await deed.Prepare();
            var mishap = new Mishap(fault, way, way == Way.ToClient ? deed.InAnswer[place] : InRequest(fault, request.Length)[place]);
            var traces = Traces.Of(server, disk);

            var (answer, heard) = await Ask(server, deed, request, mishap);

            await traces.ShouldVanish();
            await deed.ShouldBeBeforeOrWhole(answer, heard, arrived: way == Way.ToClient || !mishap.Loses);
            Assert.True(mishap.Loses || answer?.Status == 200, $"what was only slow or said twice was answered with {answer?.Status}");
        }

        await Audit.Balance(server);
    }

    [Theory]
    [InlineData(150_000)]
    [InlineData(299_000)]
    public async Task A_create_that_is_said_twice_is_done_once(int after)
    {
        await using var server = await TestServer.Start();
        var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(300_000));
        await using (var network = new BadNetwork(server.Address, _ => new Mishap(Fault.Duplicates, Way.ToServer, after)))
        {
            var request = Caller.Request("POST", server.Signed("POST", $"/upload/{blob}"), bytes);
            using var client = await BadNetwork.Connect(network.Address);
            Assert.Equal(request.Length, await client.SendAsync(request));

            await Wait.Until(() => Answered(server, blob).Length == 2, "both were answered");
        }

        Assert.Single(Answered(server, blob), line => line.Contains(" 200 ", StringComparison.Ordinal));
        Assert.Single(Answered(server, blob), line => line.Contains(" 409 ", StringComparison.Ordinal));
        await server.Download(blob).ShouldHaveBytes(bytes);
        await Audit.Balance(server);
    }

    /// <summary>A head that stalls is ended on the clock of the machine, so its time is short.</summary>
    private static Task<TestServer> Start(Fault fault, TestDisk disk) =>
        TestServer.Start(new Dictionary<string, string> { ["rq_timeout_secs"] = fault == Fault.Stalls ? "1" : "30" }, disk: disk);

    /// <summary>In the head; in the middle of the body, if there is one; before the last byte, or where all is said again, after it.</summary>
    private static long[] InRequest(Fault fault, long length) => [40, length / 2, fault == Fault.Duplicates ? length : length - 1];

    private static async Task<(RawAnswer? Answer, byte[] Heard)> Ask(TestServer server, Deed deed, byte[] request, Mishap mishap)
    {
        await using var network = new BadNetwork(server.Address, _ => mishap);
        using var leaves = new CancellationTokenSource();
        var asking = Caller.Ask(network.Address, request, leaves.Token);
        await Wait.Until(() => network.Happened == 1, $"it happens: {mishap}");
        if (mishap.Fault == Fault.Stalls)
        {
            await (mishap.Way == Way.ToServer ? Refused(server, asking) : GivenUp(server, deed));
            await leaves.CancelAsync();
        }

        return await asking;
    }

    /// <summary>The server tells the client that nothing comes.</summary>
    private static async Task Refused(TestServer server, Task<(RawAnswer? Answer, byte[] Heard)> asking)
    {
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => asking.IsCompleted, "a request that stalls is answered");
        Assert.Equal(408, (await asking).Answer?.Status);
    }

    /// <summary>A short answer is sent, whoever reads it; one that waits for its reader is given up.</summary>
    private static async Task GivenUp(TestServer server, Deed deed)
    {
        bool IsIt(string line) => line.Contains($"[{deed.Id}]", StringComparison.Ordinal);
        await Wait.Turning(server, TimeSpan.FromSeconds(1), () => server.Log.Lines.Any(IsIt), "the request is over");
        Assert.Equal(
            deed.InAnswer[^1] > 1 << 20,
            server.Log.Lines.Single(IsIt).EndsWith(", stalled ", StringComparison.Ordinal));
    }

    private static string[] Answered(TestServer server, Guid blob) =>
        [.. server.Log.Lines.Where(line => line.Contains($"POST /upload/{blob}", StringComparison.Ordinal))];
}
