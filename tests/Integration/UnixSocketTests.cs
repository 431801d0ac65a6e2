using System.Net.Sockets;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Listening on a Unix domain socket, and what may have stood in its place.</summary>
public sealed class UnixSocketTests : IDisposable
{
    private readonly TestDirectory directory = new();

    private string Place => directory.At("http.sock");

    [Fact]
    public async Task It_is_there_for_everybody_while_the_server_serves_and_gone_after_it()
    {
        await using (var server = await Start())
        {
            var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(3 << 20));
            await server.Upload(blob, bytes).ShouldBeOk();
            await server.Download(blob).ShouldHaveBytes(bytes);
            Assert.Equal($"unix:{Place}", server.Server.Address);
            Assert.Equal("rw-rw-rw-", Mode());
        }

        Assert.False(File.Exists(Place));
    }

    [Fact]
    public async Task That_of_a_dead_server_is_replaced()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(directory.At("other")));
            dead.Listen();
            File.Move(directory.At("other"), Place);
        }

        Assert.True(File.Exists(Place));
        await using var server = await Start();
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
    }

    [Fact]
    public async Task One_that_a_living_server_answers_on_is_refused_and_the_server_goes_on()
    {
        await using var server = await Start();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(Start);

        Assert.Equal($"ip_addr: cannot listen on unix:{Place}: another process listens there; stop it, or set another path", refused.Message);
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    [InlineData("link")]
    public async Task What_is_no_socket_is_refused_and_stays(string kind)
    {
        _ = directory.Write("kept", "bytes");
        switch (kind)
        {
            case "file":
                File.Copy(directory.At("kept"), Place);
                break;
            case "directory":
                _ = Directory.CreateDirectory(Place);
                break;
            default:
                _ = File.CreateSymbolicLink(Place, directory.At("kept"));
                break;
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(Start);

        Assert.Contains("something else is there than a socket; move it away", refused.Message, StringComparison.Ordinal);
        Assert.True(kind == "directory" ? Directory.Exists(Place) : File.ReadAllText(Place) == "bytes");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_named_as_the_problem()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestServer.Start(new Dictionary<string, string> { ["ip_addr"] = $"unix:{directory.At("none/http.sock")}" }));
        Assert.Contains("its directory does not exist; create one", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_nobody_reads_is_closed_there_too()
    {
        var blob = Guid.CreateVersion7();
        await using var server = await Start();
        await server.Upload(blob, Answers.Bytes(32 << 20)).ShouldBeOk();
        using var answer = await server.Download(blob);

        await Wait.Turning(
            server,
            TimeSpan.FromSeconds(10),
            () => server.Log.Lines.Any(line => line.Contains($"GET /files/{blob} 499", StringComparison.Ordinal) && line.EndsWith("stalled ", StringComparison.Ordinal)),
            "the download is logged as stalled");

        _ = await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_process_says_where_it_listens()
    {
        using var data = new TestDirectory();
        await using var server = ServerProcess.Launch([$"--ip-addr=unix:{Place}", .. ServerProcess.FlagsFor(data.Root).Skip(1)]);

        await server.WaitForLine($" on unix:{Place}, durability strict");

        Assert.Equal("rw-rw-rw-", Mode());
        Assert.Contains(server.Lines, line => line.Contains("trusted_proxies does not hold unix:", StringComparison.Ordinal));
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, (await server.End()).Code);
        Assert.False(File.Exists(Place));
    }

    public void Dispose() => directory.Dispose();

    private Task<TestServer> Start() => TestServer.Start(new Dictionary<string, string> { ["ip_addr"] = $"unix:{Place}" });

    private string Mode() => Shell.Run("stat", "--format=%A", Place).Output.Trim()[1..];
}
