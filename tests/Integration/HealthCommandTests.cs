using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Start;

namespace Borderless.Tests.Integration;

/// <summary>The command that asks a running server whether it is ready: its exit codes, its one line, and what it needs to know.</summary>
public sealed class HealthCommandTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Fact]
    public async Task A_server_that_takes_writes_is_ready_and_nothing_but_its_address_must_be_known()
    {
        await using var server = await ServerProcess.Serve(directory.Root);
        var place = $"127.0.0.1:{server.Address.Port}";

        var ended = await ServerProcess.Run(["health", "--timeout=60"], new Dictionary<string, string> { ["IP_ADDR"] = place, ["http_proxy"] = "http://127.0.0.1:1" });

        Assert.Equal(0, ended.Code);
        Assert.Equal($"ready at {place}", Assert.Single(ended.Output));
        Assert.Empty(ended.Errors);
    }

    [Fact]
    public async Task A_server_on_a_unix_socket_is_asked_there_with_the_settings_of_its_file()
    {
        var socket = directory.At("http.sock");
        await using var server = ServerProcess.Launch(["--ip-addr", $"unix:{socket}", .. ServerProcess.FlagsFor(directory.Root)[1..]]);
        await server.WaitForLine(" serves ");
        var file = directory.Write("config.toml", $"ip_addr = 'unix:{socket}'\ndata_dir = '/nowhere'\npresign_api_key_file = '/nowhere'\n");

        var ended = await ServerProcess.Run(["health", "--timeout=60", "--config", file]);

        Assert.Equal($"ready at unix:{socket}", Assert.Single(ended.Output));
        Assert.Equal(0, ended.Code);
    }

    [Fact]
    public async Task A_server_that_takes_no_writes_is_not_ready_and_the_line_says_why()
    {
        await using var server = await ServerProcess.Serve(directory.Root, $"--min-free-bytes={long.MaxValue}");

        var ended = await ServerProcess.Run(["health", "--timeout=60", $"--ip-addr=127.0.0.1:{server.Address.Port}"]);

        Assert.Equal(1, ended.Code);
        Assert.Matches("not ready at .*: status 503, .*disk_full", Assert.Single(ended.Errors));
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task Where_nobody_listens_it_ends_with_1()
    {
        var place = directory.At("nobody");

        var ended = await ServerProcess.Run(["health", "--timeout=60", "--ip-addr", $"unix:{place}"]);

        Assert.Equal(1, ended.Code);
        Assert.Equal(
            $"borderless-web: not ready at unix:{place}: there is no socket at {place}; is the server running with the same settings?",
            Assert.Single(ended.Errors));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_dead_server_left_is_told_from_one_that_answers(bool unix)
    {
        using var dead = unix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        dead.Bind(unix ? new UnixDomainSocketEndPoint(directory.At("dead")) : new IPEndPoint(IPAddress.Loopback, 0));
        ListenAddress place = unix ? new ListenAddress.UnixSocket(directory.At("dead")) : new ListenAddress.Tcp(IPAddress.Loopback, ((IPEndPoint)dead.LocalEndPoint!).Port);

        var asked = await HealthCommand.Ask(place, tls: false, TimeSpan.FromMinutes(1));

        Assert.False(asked.Ready);
        Assert.Equal($"not ready at {place}: nothing listens there; is the server running with the same settings?", asked.Line);
    }

    [Theory]
    [InlineData(false, "it speaks TLS; give health the server's tls_cert, or its file by --config")]
    [InlineData(true, "it does not speak TLS; leave tls_cert out")]
    public async Task A_server_that_is_asked_the_other_way_than_it_speaks_is_known(bool asksByTls, string says)
    {
        using var authority = new TestAuthority();
        using var files = new TestDirectory();
        TestAuthority.Write(files, authority.New());
        await using var server = await TestServer.Start(asksByTls ? null : TestAuthority.Settings(files));
        var place = new ListenAddress.Tcp(IPAddress.Loopback, server.Address.Port);

        var (wrong, right) = (
            await HealthCommand.Ask(place, asksByTls, TimeSpan.FromMinutes(1)),
            await HealthCommand.Ask(place, !asksByTls, TimeSpan.FromMinutes(1)));

        Assert.StartsWith($"not ready at {place}: {says}", wrong.Line, StringComparison.Ordinal);
        Assert.False(wrong.Ready);
        Assert.True(right.Ready, right.Line);
    }

    [Fact]
    public async Task Of_the_files_of_TLS_only_that_there_is_a_certificate_must_be_known()
    {
        using var authority = new TestAuthority();
        using var files = new TestDirectory();
        TestAuthority.Write(files, authority.New());
        await using var server = await TestServer.Start(TestAuthority.Settings(files));

        var ended = await ServerProcess.Run(["health", "--timeout=60", $"--ip-addr=127.0.0.1:{server.Address.Port}", "--tls-cert=/nowhere.pem"]);
        var help = await ServerProcess.Run(["health", "--help"]);

        Assert.Equal((0, 0), (ended.Code, help.Code));
        Assert.Equal($"ready at 127.0.0.1:{server.Address.Port}", Assert.Single(ended.Output));
        Assert.DoesNotContain(help.Output, line => line.Contains("tls-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var ended = await ServerProcess.Run(["health", "--timeout=1", $"--ip-addr={silent.LocalEndpoint}"]);

        Assert.Equal(1, ended.Code);
        Assert.EndsWith("no answer within 1 s", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_stranger_answers_moves_no_terminal()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var answers = Answer(stranger, stream => Task.FromResult(stream), "503 No", "{\"message\":\"\\u001b[2J\"}");

        var asked = await HealthCommand.Ask(Listening(stranger), tls: false, TimeSpan.FromMinutes(1));
        await answers;

        Assert.False(asked.Ready);
        Assert.EndsWith(@"status 503, \u001b[2J", asked.Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK", "hello")]
    [InlineData("200 OK", "[]")]
    [InlineData("200 OK", "{\"status\":\"UP\"}")]
    [InlineData("404 Not Found", "no such page")]
    [InlineData("200 OK\r\ncontent-type: application/json; charset=none", "{\"success\":true,\"message\":\"ready\"}")]
    [InlineData("200 OK", null)]
    public async Task A_stranger_that_answers_is_not_taken_for_the_server(string status, string? says)
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var answers = Answer(stranger, stream => Task.FromResult(stream), status, says ?? new string(' ', 200_000));

        var asked = await HealthCommand.Ask(Listening(stranger), tls: false, TimeSpan.FromMinutes(1));
        await answers;

        Assert.Equal($"not ready at {Listening(stranger)}: what answers there is no borderless-web; is the server running with the same settings?", asked.Line);
        Assert.False(asked.Ready);
    }

    [Fact]
    public async Task A_server_that_says_no_is_not_ready()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answers = Answer(listener, stream => Task.FromResult(stream), "200 OK", "{\"success\":false,\"message\":\"no\"}");

        var asked = await HealthCommand.Ask(Listening(listener), tls: false, TimeSpan.FromMinutes(1));
        await answers;

        Assert.Equal((false, $"not ready at {Listening(listener)}: status 200, no"), (asked.Ready, asked.Line));
    }

    [Fact]
    public async Task With_a_certificate_it_asks_by_tls_and_accepts_one_for_another_name()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=elsewhere.test", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answers = Answer(
            listener,
            async stream =>
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(made);
                return secured;
            },
            "200 OK", "{\"success\":true,\"message\":\"ready\"}");

        var asked = await HealthCommand.Ask(Listening(listener), tls: true, TimeSpan.FromMinutes(1));
        await answers;

        Assert.True(asked.Ready, asked.Line);
    }

    [Theory]
    [InlineData("0.0.0.0:8080", "127.0.0.1:8080")]
    [InlineData("[::]:8080", "[::1]:8080")]
    [InlineData("localhost:8080", "127.0.0.1:8080")]
    [InlineData("192.0.2.7:80", "192.0.2.7:80")]
    [InlineData("[2001:db8::7]:80", "[2001:db8::7]:80")]
    public void Who_listens_on_all_addresses_is_asked_on_loopback(string listen, string asked)
    {
        var read = SettingsReader.ReadListen(Seq1(Seq1(new RawSetting("ip_addr", listen, "test")))).Map(server => server.Listen);

        Assert.Equal(asked, read.Match(
            Succ: address => HealthCommand.Target((ListenAddress.Tcp)address).ToString(), Fail: problems => string.Join(", ", problems)));
    }

    [Theory]
    [InlineData(1, "ip_addr (not set)")]
    [InlineData(1, "ip_addr 127.0.0.1:0 means any free port", "--ip-addr=127.0.0.1:0")]
    [InlineData(1, "tls_cert (flag --tls-cert): must be the name of a PEM file", "--ip-addr=127.0.0.1:80", "--tls-cert=-----BEGIN CERTIFICATE-----")]
    [InlineData(2, "the flag --timeout needs a whole number of seconds from 1 to 3600", "--timeout=0")]
    [InlineData(2, "the flag --timeout needs a whole number of seconds from 1 to 3600", "--timeout=1.5")]
    [InlineData(2, "the flag --data-dir is not known to health", "--data-dir=x")]
    [InlineData(2, "the flag --tls-key is not known to health", "--tls-key=x")]
    public async Task What_makes_no_sense_is_told(int code, string problem, params string[] args)
    {
        var ended = await ServerProcess.Run(["health", .. args]);

        Assert.Equal(code, ended.Code);
        Assert.StartsWith($"borderless-web: {problem}", ended.Errors[0], StringComparison.Ordinal);
        Assert.Empty(ended.Output);
    }

    private static ListenAddress.Tcp Listening(TcpListener listener) => new(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);

    /// <summary>Answers the first request with this, whatever it asks.</summary>
    private static async Task Answer(TcpListener listener, Func<Stream, Task<Stream>> secure, string status, string json)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = await secure(client.GetStream());
        using var request = new StreamReader(stream, leaveOpen: true);
        while (await request.ReadLineAsync() is { Length: > 0 })
        {
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\n{(status.Contains("content-type", StringComparison.Ordinal) ? "" : "content-type: application/json\r\n")}content-length: {json.Length}\r\n\r\n{json}"));
    }

    public void Dispose() => directory.Dispose();
}
