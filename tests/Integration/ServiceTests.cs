using System.Diagnostics;
using System.Net.Sockets;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a service manager hears of the server (sd_notify(3)), and that to speak to one changes nothing else.</summary>
public sealed class ServiceTests : IDisposable
{
    private const int Length = 300_000;

    private readonly TestDirectory directory = new();
    private readonly TestDirectory data = new();
    private readonly NotifySocket manager;

    public ServiceTests() => manager = new NotifySocket(directory.At("notify"));

    [Fact]
    public async Task It_says_that_it_is_ready_once_it_answers()
    {
        var listen = $"unix:{directory.At("http")}";
        await using var server = Launch(["--ip-addr", listen, .. ServerProcess.FlagsFor(data.Root)[1..]]);

        Assert.Contains("READY=1", await manager.Next());

        var health = await ServerProcess.Run(["health", "--timeout=60", "--ip-addr", listen]);
        Assert.Equal(0, health.Code);
    }

    [Fact]
    public async Task It_says_that_it_stops_while_an_upload_still_has_its_grace()
    {
        await using var server = await ServerProcess.Serve(Launch(ServerProcess.FlagsFor(data.Root)));
        Assert.Contains("READY=1", await manager.Next());
        using var upload = await BeginUpload(server);

        server.Signal(ServerProcess.SigTerm);

        Assert.Contains("STOPPING=1", await manager.Next());
        Assert.False(server.HasExited);
        await upload.GetStream().WriteAsync(Answers.Bytes(Length).AsMemory(Length / 2));
        using var answer = new StreamReader(upload.GetStream());
        Assert.StartsWith("HTTP/1.1 200 ", await answer.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await server.End()).Code);
        Assert.False(manager.Waits);
    }

    [Fact]
    public async Task A_server_that_cannot_listen_never_says_that_it_is_ready()
    {
        await using var other = await ServerProcess.Serve(directory.Root);
        await using var server = Launch(
            [$"--ip-addr=127.0.0.1:{other.Address.Port}", .. ServerProcess.FlagsFor(data.Root)[1..]]);

        Assert.Equal(1, (await server.End()).Code);
        while (manager.Waits)
        {
            Assert.DoesNotContain("READY=1", await manager.Next());
        }
    }

    [Fact]
    public async Task Its_signals_and_its_lines_are_those_that_it_has_without_a_manager()
    {
        await using var server = await ServerProcess.Serve(Launch(ServerProcess.FlagsFor(data.Root, "--shutdown-grace-secs=600")));
        server.Signal(ServerProcess.SigHup);
        await server.WaitForLine("read the keys again");
        using var upload = await BeginUpload(server);
        server.Signal(ServerProcess.SigTerm);
        await server.WaitForLine("stopping");

        // Within a second of the first it would count with it.
        var since = Stopwatch.GetTimestamp();
        await Wait.Until(() => Stopwatch.GetElapsedTime(since).TotalSeconds > 1, "a second is over");
        server.Signal(ServerProcess.SigTerm);

        var ended = await server.End();
        Assert.Equal(128 + ServerProcess.SigTerm, ended.Code);
        Assert.All(ended.Output, line => Assert.Matches(@"^\d{4}-\d{2}-\d{2}T\S+ [A-Z]{3} ", line));
    }

    private ServerProcess Launch(string[] flags) =>
        ServerProcess.Launch(flags, new Dictionary<string, string> { ["NOTIFY_SOCKET"] = manager.Path });

    private async Task<TcpClient> BeginUpload(ServerProcess server)
    {
        var first = Answers.Bytes(Length).AsMemory(0, Length / 2);
        var upload = await server.Begin("POST", $"/upload/{Guid.CreateVersion7()}", $"content-length: {Length}\r\n", first);
        await Wait.Until(() => data.Temporary().Length == 1, "the upload has a temporary file");
        return upload;
    }

    public void Dispose()
    {
        manager.Dispose();
        directory.Dispose();
        data.Dispose();
    }
}
