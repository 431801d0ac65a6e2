using System.Net;
using System.Net.Sockets;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Wrong settings: every problem on a line of its own, with its key and source, never with a secret.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Fact]
    public async Task Without_settings_all_that_are_required_are_named()
    {
        var ended = await ServerProcess.Run([]);

        Assert.Equal(1, ended.Code);
        Assert.Equal(
            SettingKey.All.Filter(key => key.Default == "required").OrderBy(key => key.Name, StringComparer.Ordinal)
                .Select(key => $"borderless-web: {key.Name} (not set): is required; set {key.Name} in the file, {key.Flag} or {key.Variable}{(key.Name == "presign_api_key" ? ", or api_keys" : "")}"),
            ended.Errors.Order(StringComparer.Ordinal));
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task Problems_of_file_flags_and_environment_are_reported_at_once()
    {
        var file = directory.Write(
            "config.toml", "domain = 'not an origin'\nttl_orphan_sec = 5\npresign_api_key = ''\nshutdown_grace_secs = -1\n");
        var environment = new Dictionary<string, string>
        {
            ["IP_ADDR"] = "3000",
            ["DOMAIN"] = "shadowed by the file, so no problem",
            ["RQ_TIMEOUT_SECS"] = "0",
            ["VERBOSE"] = "perhaps",
        };

        var ended = await ServerProcess.Run(
            [
                "--config", file, "--data-dir", directory.At("none"), "--max-data-rq-size=1.5", "--inline-max-bytes=65537",
                "--durability=safe", "--log-format=xml", "--cors-origins=ftp://a", "--presign-hmac-secret=",
            ],
            environment);

        Assert.Equal(1, ended.Code);
        string[] expected =
        [
            "cors_origins (flag --cors-origins): must be origins",
            "data_dir (flag --data-dir): is not a directory that exists; create it first",
            $"domain ({file}): must be an http or https origin",
            "durability (flag --durability): must be strict or relaxed",
            "inline_max_bytes (flag --inline-max-bytes): must be a whole number from 0 to 65536",
            "ip_addr (environment IP_ADDR): must be address:port",
            "log_format (flag --log-format): must be text or json",
            "max_data_rq_size (flag --max-data-rq-size): must be a whole number",
            $"presign_api_key ({file}): must be text that is not empty; openssl rand -hex 32 makes one",
            "presign_hmac_secret (flag --presign-hmac-secret): must not be empty",
            "rq_timeout_secs (environment RQ_TIMEOUT_SECS): must be a whole number from 1",
            $"shutdown_grace_secs ({file}): must be a whole number from 0",
            $"ttl_orphan_sec ({file}): is not a known key; did you mean ttl_orphan_secs?",
            "verbose (environment VERBOSE): must be true or false",
        ];
        Assert.Equal(expected.Length, ended.Errors.Count);
        Assert.All(expected.Zip(ended.Errors.Order(StringComparer.Ordinal)), pair =>
            Assert.StartsWith($"borderless-web: {pair.Item1}", pair.Item2, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ip_addr = 3000", "ip_addr")]
    [InlineData("data_dir = ['/']", "data_dir")]
    [InlineData("domain = ['http://store.test']", "domain")]
    [InlineData("[presign_api_key]\na = 1", "presign_api_key")]
    [InlineData("presign_api_key = ['a', 'b']", "presign_api_key")]
    [InlineData("presign_hmac_secret = 2026-01-01", "presign_hmac_secret")]
    [InlineData("presign_hmac_secret_file = true", "presign_hmac_secret_file")]
    [InlineData("signing_keys = [1]", "signing_keys")]
    [InlineData("api_keys = ['name:key:admin']", "api_keys")]
    [InlineData("cors_origins = [1]", "cors_origins")]
    [InlineData("cors_origins = []", "cors_origins")]
    [InlineData("ttl_orphan_secs = 1.5", "ttl_orphan_secs")]
    [InlineData("max_expiry_secs = true", "max_expiry_secs")]
    [InlineData("metadata_db_path = 1.5", "metadata_db_path")]
    [InlineData("durability = false", "durability")]
    [InlineData("verbose = 'yes'", "verbose")]
    public async Task A_value_of_a_wrong_type_is_a_problem_of_its_key(string toml, string key)
    {
        var file = directory.Write("config.toml", toml + "\n");

        var ended = await ServerProcess.Run(["--config", file, .. ServerProcess.FlagsFor(directory.Root)]);

        Assert.Equal(1, ended.Code);
        Assert.StartsWith($"borderless-web: {key} ({file}): must", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("domain = 'http://a'\npresign_api_key = hidden-value", 2, 19)]
    [InlineData("presign_api_key = \"hidden-value", 1, 32)]
    [InlineData("presign_api_key  \"hidden-value\"", 1, 18)]
    [InlineData("presign_api_key = 'a' hidden-value", 1, 23)]
    [InlineData("presign_api_key = \"a`b\" `hidden-value", 1, 25)]
    [InlineData("presign_api_key = 'a'\npresign_api_key = 'hidden-value'", 2, 1)]
    public async Task A_syntax_error_is_shown_with_line_and_column_and_without_a_value(string toml, int line, int column)
    {
        var file = directory.Write("config.toml", toml + "\n");

        var ended = await ServerProcess.Run(["--config", file, .. ServerProcess.FlagsFor(directory.Root)]);

        Assert.Equal(1, ended.Code);
        Assert.Contains(ended.Errors, error => error.StartsWith($"borderless-web: --config ({file}): line {line}, column {column}: ", StringComparison.Ordinal));
        Assert.All(ended.Errors, error => Assert.StartsWith($"borderless-web: --config ({file}): line ", error, StringComparison.Ordinal));
        Assert.DoesNotContain(ended.Errors, error => error.Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_problem()
    {
        var ended = await ServerProcess.Run(["--config", directory.At("none.toml"), .. ServerProcess.FlagsFor(directory.Root)]);

        Assert.Equal(1, ended.Code);
        Assert.Contains("none.toml): cannot be read", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_ends_with_1_and_names_it()
    {
        await using var first = await ServerProcess.Serve(directory.Root);
        using var other = new TestDirectory();

        var ended = await ServerProcess.Run([$"--ip-addr={first.Address.Authority}", .. ServerProcess.FlagsFor(other.Root)]);

        Assert.Equal(1, ended.Code);
        Assert.Contains(ended.Errors, line => line.Contains("cannot listen", StringComparison.Ordinal)
            && line.Contains(first.Address.Authority, StringComparison.Ordinal) && line.Contains("ip_addr", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_settings_name_is_looked_at_beside_them_so_that_one_start_tells_all()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var files = new TestDirectory();
        _ = files.Write("cert.pem", "");

        var ended = await ServerProcess.Run(
            [
                $"--ip-addr={taken.LocalEndpoint}", .. ServerProcess.FlagsFor(directory.Root), $"--metrics-addr=unix:{files.At("none/http.sock")}",
                $"--tls-cert={files.At("cert.pem")}", $"--tls-key={files.At("none.pem")}", $"--audit-log={files.At("none/audit.log")}", "--durability=safe",
            ]);

        string[] expected =
        [
            $"audit_log (flag --audit-log): {files.At("none")} is not a directory that exists; create it first",
            "durability (flag --durability): must be strict or relaxed",
            $"ip_addr (flag --ip-addr): cannot listen on {taken.LocalEndpoint}: another process listens there; stop it, or set another ip_addr (and domain)",
            $"metrics_addr (flag --metrics-addr): cannot listen on unix:{files.At("none/http.sock")}: its directory does not exist",
            $"tls_cert (flag --tls-cert): the file {files.At("cert.pem")} holds no certificate",
            $"tls_key (flag --tls-key): the file {files.At("none.pem")} does not exist",
        ];
        Assert.Equal(1, ended.Code);
        Assert.Equal(expected.Length, ended.Errors.Count);
        Assert.All(expected.Zip(ended.Errors.Order(StringComparer.Ordinal)), pair =>
            Assert.StartsWith($"borderless-web: {pair.Item1}", pair.Item2, StringComparison.Ordinal));
        Assert.Empty(directory.Listing());
        Assert.Single(files.Listing());
    }

    /// <summary>With another problem, behind which nobody listens: so it is the look that tells.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Localhost_that_is_taken_is_told_beside_the_others(bool atBoth)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var second = new TcpListener(IPAddress.IPv6Loopback, port);
        if (atBoth && Socket.OSSupportsIPv6)
        {
            second.Start();
        }

        var ended = await ServerProcess.Run(
            [$"--ip-addr=localhost:{port}", .. ServerProcess.FlagsFor(directory.Root).Skip(1), "--durability=safe"]);

        Assert.Equal(1, ended.Code);
        Assert.Equal(2, ended.Errors.Count);
        Assert.Contains($"borderless-web: ip_addr (flag --ip-addr): cannot listen on localhost:{port}: another process listens there; stop it, or set another ip_addr (and domain)", ended.Errors);
    }

    /// <summary>In <c>/proc</c> nobody makes files, not even root.</summary>
    [Theory]
    [InlineData("ip_addr", "--ip-addr")]
    [InlineData("metrics_addr", "--metrics-addr")]
    public async Task A_directory_that_no_socket_can_be_made_in_is_told_beside_the_others(string key, string flag)
    {
        var ended = await ServerProcess.Run(
            [.. ServerProcess.FlagsFor(directory.Root).Where(word => !word.StartsWith(flag, StringComparison.Ordinal)), $"{flag}=unix:/proc/http.sock", "--durability=safe"]);

        Assert.Equal(1, ended.Code);
        Assert.Equal(2, ended.Errors.Count);
        Assert.Contains(ended.Errors, line => line.StartsWith(
            $"borderless-web: {key} (flag {flag}): cannot listen on unix:/proc/http.sock: its directory is not writable for this user: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_of_the_audit_log_that_no_file_can_have_is_a_problem()
    {
        var file = directory.Write("config.toml", "audit_log = \"a\\u0000b\"\n");

        var ended = await ServerProcess.Run(["--config", file, .. ServerProcess.FlagsFor(directory.Root)]);

        Assert.Equal(1, ended.Code);
        Assert.StartsWith($"borderless-web: audit_log ({file}): must be the name of a file", Assert.Single(ended.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ip_addr", "taken")]
    [InlineData("metrics_addr", "taken")]
    [InlineData("metrics_addr", "unix:/nowhere/http.sock")]
    [InlineData("tls_cert", "/nowhere/cert.pem")]
    public async Task A_start_that_fails_behind_the_settings_holds_nothing(string key, string value)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var audit = directory.At("audit.log");
        var wrong = new Dictionary<string, string> { ["audit_log"] = audit, [key] = value == "taken" ? $"{taken.LocalEndpoint}" : value };
        if (key == "tls_cert")
        {
            wrong["tls_key"] = value;
        }

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => TestServer.Start(wrong, directory.Root));

        Assert.StartsWith($"{key}: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), file => $"{new FileInfo(file).LinkTarget}".StartsWith(directory.Root, StringComparison.Ordinal));
        await using var server = await TestServer.Start(new Dictionary<string, string> { ["audit_log"] = audit }, directory.Root);
        await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
    }

    public void Dispose() => directory.Dispose();
}
