using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Borderless.Tests.Integration.Support;
using Borderless.Web.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration;

/// <summary>TLS in the process: what is served with it, and the files that it is served from.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestAuthority authority = new();
    private readonly TestDirectory files = new();

    [Theory]
    [InlineData("1.1", "ec pkcs8")]
    [InlineData("2.0", "ec sec1")]
    [InlineData("1.1", "rsa pkcs1")]
    [InlineData("2.0", "rsa pkcs8")]
    public async Task Both_versions_are_served_with_the_whole_chain_from_keys_of_every_form(string version, string form)
    {
        TestAuthority.Write(files, authority.New(form));
        await using var server = await Start(new TestClient(new Version(version), authority.Root));
        var (blob, bytes) = (Guid.CreateVersion7(), Answers.Bytes(3 << 20));

        await server.Upload(blob, bytes).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes(bytes);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Signed("GET", $"/files/{blob}"))
        {
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Range = new RangeHeaderValue(1_000_000, 2_000_000);
        using var part = await server.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(new Version(version), part.Version);
        Assert.Equal(bytes[1_000_000..2_000_001], await part.Content.ReadAsByteArrayAsync());
        Assert.StartsWith("https://127.0.0.1:", server.Server.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cert.pem", null, "does not exist")]
    [InlineData("key.pem", null, "does not exist")]
    [InlineData("cert.pem", "directory", "is a directory")]
    [InlineData("key.pem", "directory", "is a directory")]
    [InlineData("cert.pem", "long", "is longer than 1048576 bytes")]
    [InlineData("cert.pem", "", "holds no certificate")]
    [InlineData("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a certificate that cannot be read")]
    [InlineData("cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n", "holds a certificate that cannot be read")]
    [InlineData("key.pem", "nothing", "holds no private key")]
    [InlineData("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a private key that cannot be read")]
    [InlineData("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "holds a private key that cannot be read")]
    [InlineData("key.pem", "encrypted", "holds a key that is encrypted")]
    [InlineData("key.pem", "ec pkcs8", "holds a key that is not that of the first certificate of tls_cert (")]
    [InlineData("key.pem", "rsa pkcs1", "holds a key that is not that of the first certificate of tls_cert (")]
    public async Task Without_files_that_can_be_used_nothing_starts_and_setting_and_file_are_named(string file, string? content, string problem)
    {
        TestAuthority.Write(files, authority.New());
        File.Delete(files.At(file));
        switch (content)
        {
            case null:
                break;
            case "directory":
                _ = Directory.CreateDirectory(files.At(file));
                break;
            default:
                _ = files.Write(file, content switch
                {
                    "ec pkcs8" or "rsa pkcs1" or "encrypted" => authority.New(content).Key,
                    "long" => new string('-', (1 << 20) + 1),
                    _ => content,
                });
                break;
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Start(new TestClient()));

        Assert.StartsWith($"tls_{Path.GetFileNameWithoutExtension(file)}: the file {files.At(file)} {problem}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("; tls_", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_stands_among_others_and_beside_its_certificate_is_found()
    {
        var (own, other) = (authority.New(), authority.New());
        TestAuthority.Write(files, (own.Certificate, $"{own.Certificate}\n{own.Key}\n{other.Key}\n"));

        await using var server = await Start(new TestClient(HttpVersion.Version11, authority.Root));

        Assert.Equal(Thumbprint(own.Certificate), await Served(server));
    }

    /// <summary>Root may read everything, so there the server runs as nobody.</summary>
    [Fact]
    public async Task Files_that_this_user_may_not_read_are_named_as_that()
    {
        TestAuthority.Write(files, authority.New());
        File.SetUnixFileMode(files.At("key.pem"), UnixFileMode.None);
        using var directory = new TestDirectory();
        await using var server = ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, $"--tls-cert={files.At("cert.pem")}", $"--tls-key={files.At("key.pem")}"),
            under: Environment.UserName == "root" ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : null);

        var ended = await server.End();

        Assert.Equal(1, ended.Code);
        Assert.Contains(ended.Errors, line => line.StartsWith(
            $"borderless-web: tls_key (flag --tls-key): the file {files.At("key.pem")} may not be read by this user", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_speaks_no_TLS_is_told_of_where_the_log_is_verbose()
    {
        TestAuthority.Write(files, authority.New());
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, $"--tls-cert={files.At("cert.pem")}", $"--tls-key={files.At("key.pem")}", "--verbose")));

        using (var client = await server.Begin("GET", "/healthz?sig=secret"))
        {
            await server.WaitForLine("DBG Failed to authenticate HTTPS connection.");
        }

        Assert.DoesNotContain(server.Lines, line => line.Contains("sig=", StringComparison.Ordinal));
    }

    /// <summary>What a shell puts in the place of a command's output is there once.</summary>
    [Theory]
    [InlineData("tls_key", "key.pem")]
    [InlineData("tls_cert", "cert.pem")]
    public async Task Files_may_come_through_a_pipe(string setting, string piped)
    {
        TestAuthority.Write(files, authority.New());
        using var directory = new TestDirectory();
        var (flag, other) = setting == "tls_key" ? ("--tls-key", $"--tls-cert={files.At("cert.pem")}") : ("--tls-cert", $"--tls-key={files.At("key.pem")}");

        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            ServerProcess.FlagsFor(directory.Root, other), under: ["bash", "-c", $"exec \"$@\" {flag}=<(cat \"$0\")", files.At(piped)]));

        Assert.Equal(Thumbprint(File.ReadAllText(files.At("cert.pem"))), await Served(server.Address.Port));
    }

    [Theory]
    [InlineData("key.pem", "tls_cert")]
    [InlineData("cert.pem", "tls_key")]
    public async Task To_look_at_the_files_waits_for_no_pipe_and_looks_at_the_other_all_the_same(string pipe, string other)
    {
        TestAuthority.Write(files, ("", ""));
        File.Delete(files.At(pipe));
        Shell.Do("mkfifo", files.At(pipe));

        var found = await Task.Run(() => PemPair.Probe(new TlsFiles(files.At("cert.pem"), files.At("key.pem")))).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(other, Assert.Single(found).Key);
    }

    /// <summary>In their names' places stands what they hold: as base64 of one line, or without its armour.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_files_hold_is_not_shown_where_their_names_should_stand(bool armoured)
    {
        var (certificate, key) = authority.New("rsa pkcs8");
        var texts = Seq(certificate, key).Map(pem => armoured
            ? Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem))
            : string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))).Trim());
        using var directory = new TestDirectory();

        var ended = await ServerProcess.Run(
            ServerProcess.FlagsFor(directory.Root, "--durability=safe"),
            new Dictionary<string, string> { ["TLS_CERT"] = texts[0], ["TLS_KEY"] = texts[1], ["AUDIT_LOG"] = texts[1] });

        Assert.Equal(1, ended.Code);
        Assert.Equal(
            ["audit_log (environment AUDIT_LOG)", "durability (flag --durability)", "tls_cert (environment TLS_CERT)", "tls_key (environment TLS_KEY)"],
            ended.Errors.Select(line => line["borderless-web: ".Length..].Split(':')[0]).Order(StringComparer.Ordinal));
        Assert.Equal(3, ended.Errors.Count(line => line.Contains("it does not look like a path", StringComparison.Ordinal)));
        Assert.All(ended.Errors, line => Assert.DoesNotMatch("[A-Za-z0-9+/]{40}", line));
    }

    [Fact]
    public void What_a_file_holds_is_not_printed_with_what_was_read_of_it()
    {
        TestAuthority.Write(files, authority.New());

        var pair = PemPair.Read(new TlsFiles(files.At("cert.pem"), files.At("key.pem")));

        Assert.DoesNotContain("-----", $"{pair} {pair.Certificate} {pair.Key}", StringComparison.Ordinal);
        Assert.NotEqual(pair.Print, (pair with { Key = PemFile.Read("tls_key", files.At("cert.pem")) }).Print);
    }

    [Theory]
    [InlineData("rename")]
    [InlineData("link")]
    [InlineData("write")]
    public async Task A_new_pair_is_served_once_it_stands_there_and_nobody_is_cut(string way)
    {
        foreach (var name in new[] { "cert.pem", "key.pem" })
        {
            _ = File.CreateSymbolicLink(files.At(name), Path.Combine("now", name));
        }

        var (old, next) = (Pair("old"), Pair("next"));
        _ = Directory.CreateSymbolicLink(files.At("now"), "old");
        var client = new TestClient(HttpVersion.Version20, authority.Root);
        await using var server = await Start(client);
        Assert.Equal(old, await Served(server));
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();

        switch (way)
        {
            case "link":
                _ = Directory.CreateSymbolicLink(files.At("new"), "next");
                Shell.Do("mv", "-T", files.At("new"), files.At("now"));
                break;
            case "rename":
                File.Move(files.At("next/cert.pem"), files.At("old/cert.pem"), overwrite: true);
                server.Time.Advance(LiveCertificate.Interval);
                File.Move(files.At("next/key.pem"), files.At("old/key.pem"), overwrite: true);
                break;
            default:
                File.WriteAllText(files.At("old/cert.pem"), File.ReadAllText(files.At("next/cert.pem")));
                File.WriteAllText(files.At("old/key.pem"), File.ReadAllText(files.At("next/key.pem")));
                break;
        }

        server.Time.Advance(LiveCertificate.Interval);
        server.Time.Advance(LiveCertificate.Interval);

        Assert.Equal(next, await Served(server));
        await server.Send(HttpMethod.Get, "/healthz").ShouldBeOk();
        Assert.Equal(1, client.Connections);
        Assert.DoesNotContain(server.Log.Problems, line => line.Contains("certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pair_that_does_not_fit_keeps_the_old_one_and_is_told_once()
    {
        var old = authority.New();
        TestAuthority.Write(files, old);
        await using var server = await Start(new TestClient());
        var before = await Served(server);

        _ = files.Write("key.pem", authority.New().Key);
        LookFiveTimes(server);

        Assert.Equal(before, await Served(server));
        Assert.StartsWith($"Error the certificate stays as it is: tls_key: the file {files.At("key.pem")} holds a key that is not ", Assert.Single(server.Log.Problems, Told), StringComparison.Ordinal);

        TestAuthority.Write(files, authority.New());
        server.Time.Advance(LiveCertificate.Interval);
        server.Time.Advance(LiveCertificate.Interval);
        Assert.NotEqual(before, await Served(server));
        Assert.Single(server.Log.Problems, Told);
        Assert.Equal(2, server.Log.Lines.Count(line => line.Contains("TLS with the certificate, SHA-256 fingerprint ", StringComparison.Ordinal)));

        static bool Told(string line) => line.Contains("the certificate stays", StringComparison.Ordinal);
    }

    /// <summary>Nobody writes into the pipe, and who opens it waits.</summary>
    [Theory]
    [InlineData("cert.pem")]
    [InlineData("key.pem")]
    public async Task Neither_a_look_nor_a_signal_waits_for_a_pipe(string pipe)
    {
        TestAuthority.Write(files, authority.New());
        var (captured, time) = (new CapturedLog(), new FakeTimeProvider(DateTimeOffset.UtcNow));
        using var live = LiveCertificate.Start(new TlsFiles(files.At("cert.pem"), files.At("key.pem")), time, captured.Logger)
            .IfLeft(problem => throw new InvalidOperationException(problem.Message)).IfNone(() => throw new InvalidOperationException());
        var before = live.Current;
        File.Delete(files.At(pipe));
        Shell.Do("mkfifo", files.At(pipe));

        await Task.Run(() =>
        {
            time.Advance(5 * LiveCertificate.Interval);
            live.Reload();
        }).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Same(before, live.Current);
        Assert.Empty(captured.Problems);
        Assert.Contains("came through a pipe", captured.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_stay_the_same_are_no_line_and_those_that_are_in_order_again_one()
    {
        var pair = authority.New();
        TestAuthority.Write(files, pair);
        await using var server = await Start(new TestClient());
        LookFiveTimes(server);
        Assert.Single(server.Log.Lines, line => line.Contains("TLS", StringComparison.Ordinal));

        _ = files.Write("cert.pem", "");
        LookFiveTimes(server);
        TestAuthority.Write(files, pair);
        LookFiveTimes(server);

        Assert.Equal(2, server.Log.Lines.Count(line => line.Contains("TLS", StringComparison.Ordinal)));
        Assert.Single(server.Log.Lines, line => line.Contains("TLS goes on with the same certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_hang_up_reads_the_files_at_once()
    {
        TestAuthority.Write(files, authority.New());
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.Serve(
            directory.Root, $"--tls-cert={files.At("cert.pem")}", $"--tls-key={files.At("key.pem")}", "--domain=http://store.test");
        var next = authority.New();
        TestAuthority.Write(files, next);

        server.Signal(ServerProcess.SigHup);
        using var certificate = X509Certificate2.CreateFromPem(next.Certificate);
        var fingerprint = $"certificate, SHA-256 fingerprint {Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}, valid";
        await server.WaitForLine($"TLS with the {fingerprint}");
        server.Signal(ServerProcess.SigHup);
        await server.WaitForLine($"TLS goes on with the same {fingerprint}");

        Assert.Equal(certificate.Thumbprint, await Served(server.Address.Port));
        Assert.Contains(server.Lines, line => line.Contains("domain is an http origin while tls_cert is set", StringComparison.Ordinal));
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, (await server.End()).Code);
    }

    public void Dispose()
    {
        authority.Dispose();
        files.Dispose();
    }

    private static void LookFiveTimes(TestServer server) => Range(0, 5).Iter(_ => server.Time.Advance(LiveCertificate.Interval));

    private Task<TestServer> Start(TestClient client) => TestServer.Start(TestAuthority.Settings(files), client: client);

    /// <summary>A pair in a directory of its own; the thumbprint of its certificate.</summary>
    private string Pair(string name)
    {
        var (certificate, key) = authority.New();
        _ = Directory.CreateDirectory(files.At(name));
        _ = files.Write($"{name}/cert.pem", certificate);
        _ = files.Write($"{name}/key.pem", key);
        return Thumbprint(certificate);
    }

    private static string Thumbprint(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.Thumbprint;
    }

    private Task<string> Served(TestServer server) => Served(server.Address.Port);

    /// <summary>The certificate that a new connection is served with.</summary>
    private async Task<string> Served(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        _ = policy.CustomTrustStore.Add(authority.Root);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "127.0.0.1", CertificateChainPolicy = policy });
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }
}
