using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What the command line answers, and how it is read.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Fact]
    public async Task Help_lists_every_key_with_its_variable_and_its_default()
    {
        var ended = await ServerProcess.Run(["--help"]);

        Assert.Equal(0, ended.Code);
        Assert.All(SettingKey.All, key => Assert.Single(
            ended.Output,
            line => line.TrimStart().StartsWith(key.Flag + " ", StringComparison.Ordinal)
                && line.Contains($"({key.Variable}; default: {key.Default})", StringComparison.Ordinal)));
        var usage = ended.Output.Where(line => line.StartsWith("       borderless-web ", StringComparison.Ordinal)).ToArray();
        Assert.True(usage.Length >= 5);
        Assert.Single(usage.Select(line => line.LastIndexOf("  ", StringComparison.Ordinal)).Distinct());
        Assert.All(
            ["mint", "store", "delete", "revocation", "refusal"],
            kind => Assert.Contains(ended.Output, line => line.Contains("--audit-log", StringComparison.Ordinal) && line.Contains(kind, StringComparison.Ordinal)));
        Assert.All(["--config <file.toml>", "--help", "--version"], flag => Assert.Contains(ended.Output, line => line.Contains(flag, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Version_is_the_version_of_the_build()
    {
        var ended = await ServerProcess.Run(["--version"]);

        Assert.Equal(0, ended.Code);
        Assert.Matches(@"^borderless-web \d+\.\d+\.\d+\S*$", Assert.Single(ended.Output));
    }

    [Theory]
    [InlineData("--data-dri=hidden-value", "the flag --data-dri is not known; did you mean --data-dir?")]
    [InlineData("--presign-api-ky=hidden-value", "the flag --presign-api-ky is not known; did you mean --presign-api-key?")]
    [InlineData("--presign-api-key:hidden-value", "the flag --presign-api-key is not known; did you mean --presign-api-key?")]
    [InlineData("--bogus=hidden-value", "the flag --bogus is not known")]
    [InlineData("-presign-api-key=hidden-value", "argument 6, which does not begin with --, is not known; did you mean --presign-api-key?")]
    [InlineData("hidden-value", "argument 6, which does not begin with --, is not known")]
    [InlineData("--verbose=hidden-value", "the flag --verbose takes no value")]
    [InlineData("--presign-api-key", "the flag --presign-api-key needs a value")]
    [InlineData("--config", "the flag --config needs a value")]
    public async Task A_command_line_that_makes_no_sense_ends_with_2_and_shows_no_value(string argument, string problem)
    {
        var ended = await ServerProcess.Run([.. ServerProcess.FlagsFor(directory.Root), argument]);

        Assert.Equal(2, ended.Code);
        Assert.StartsWith($"borderless-web: {problem}", ended.Errors[0], StringComparison.Ordinal);
        Assert.Contains("--help", ended.Errors[1], StringComparison.Ordinal);
        Assert.DoesNotContain(ended.Errors, line => line.Contains("hidden-value", StringComparison.Ordinal));
        Assert.Empty(ended.Output);
        Assert.Empty(directory.Listing());
    }

    [Theory]
    [InlineData("bogus is not a command", "borderless-web --help", "bogus")]
    [InlineData("fskc is not a command", "borderless-web --help", "fskc", "--repair")]
    [InlineData("helth is not a command; did you mean health?", "borderless-web --help", "helth")]
    [InlineData("bogus is not known to health", "borderless-web health --help", "health", "bogus")]
    [InlineData("argument 2, which does not begin with --, is not known to health", "borderless-web health --help", "health", "--timeout=1", "bogus")]
    [InlineData("argument 4, which does not begin with --, is not known", "borderless-web --help", "--data-dir", "/", "--domain=x", "bogus")]
    [InlineData("argument 1, which does not begin with --, is not known", "borderless-web --help", "hidden.value")]
    public async Task A_word_that_is_not_known_is_named_where_it_can_be_no_value_and_else_its_place(string problem, string help, params string[] args)
    {
        var ended = await ServerProcess.Run(args);

        Assert.Equal(2, ended.Code);
        Assert.Equal([$"borderless-web: {problem}", $"{help} lists what there is"], ended.Errors);
    }

    [Fact]
    public async Task A_value_may_stand_behind_an_equals_sign_or_in_the_next_argument()
    {
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
        [
            "--ip-addr", "127.0.0.1:0", $"--data-dir={directory.Root}", "--domain", "http://store.test", "--presign-api-key=a=b=c=d=e=f=g=h=i",
            "--durability", "relaxed",
        ]));

        await server.WaitForLine("durability relaxed");
        Assert.Contains("\"url\":\"http://store.test/upload/", await server.Presigned("a=b=c=d=e=f=g=h=i"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_wins_over_the_flag_and_the_flag_over_the_environment()
    {
        var file = directory.Write("config.toml", "domain = 'http://file.test'\n");
        var environment = new Dictionary<string, string>
        {
            ["IP_ADDR"] = "127.0.0.1:0",
            ["DATA_DIR"] = directory.Root,
            ["DOMAIN"] = "http://environment.test",
            ["PRESIGN_API_KEY"] = "environment-key",
            ["MAX_PRESIGN_RQ_SIZE"] = "",
        };
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            ["--config", file, "--domain=http://flag.test", "--presign-api-key=key-of-the-flags"], environment));

        Assert.Contains("\"url\":\"http://file.test/upload/", await server.Presigned("key-of-the-flags"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_setting_of_a_file_is_read()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        var file = directory.Write(
            "config.toml",
            $""""
            # A comment.
            ip_addr = "127.0.0.1:0"
            data_dir = '{directory.Root}'
            domain = "https://blobs.example.com"
            presign_api_key = "key-of-the-file-alone"
            presign_hmac_secret = "secret-of-the-file-alone"
            signing_keys = """
            2027:named-secret-of-the-file,
            2026:older-secret-of-the-file:2026-12-31
            """
            api_keys = "shop:key-of-the-shop-alone:presign+bucket=photos, ops:key-of-the-operators:admin"
            receipt_key = """
            {pem}
            """
            cors_origins = ["https://one.example.com", "https://two.example.com"]
            trusted_proxies = ["10.0.0.0/8", "unix:"]
            console = false
            metrics_addr = "127.0.0.1:0"
            audit_log = '{directory.At("audit.log")}'
            ttl_orphan_secs = 43_200
            janitor_interval_secs = 60
            max_data_rq_size = 0x100000
            max_presign_rq_size = 1024
            rq_timeout_secs = 30
            max_expiry_secs = 900
            metadata_db_path = '{directory.At("index.db")}'
            durability = "relaxed"
            inline_max_bytes = 0
            min_free_bytes = 0
            scrub_bytes_per_sec = 1_048_576
            create_bucket_symlinks = true
            shutdown_grace_secs = 0
            log_format = "text"
            verbose = true
            """");
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(["--config", file]));

        // TLS has tests of its own.
        var named = SettingKey.All.Filter(key => !key.Name.EndsWith(SettingKey.FileSuffix, StringComparison.Ordinal) && !key.Name.StartsWith("tls_", StringComparison.Ordinal));
        Assert.All(named, key => Assert.Contains($"{key.Name} = ", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.Contains("\"url\":\"https://blobs.example.com/upload/", await server.Presigned("key-of-the-file-alone"), StringComparison.Ordinal);
        Assert.True(File.Exists(directory.At("index.db")));
        Assert.True(File.Exists(directory.At("audit.log")));
        Assert.DoesNotContain(server.Lines, line => line.Contains("WRN", StringComparison.Ordinal));
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, (await server.End()).Code);
    }

    public void Dispose() => directory.Dispose();
}
