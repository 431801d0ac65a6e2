using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>Secrets from files of their own, and what is wrong with such files.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const string ApiKey = "key-that-stands-in-a-file";
    private readonly TestDirectory directory = new();
    private readonly TestDirectory secrets = new();

    private string[] Flags(params string[] more) => ["--ip-addr=127.0.0.1:0", $"--data-dir={directory.Root}", "--domain=http://store.test", .. more];

    [Fact]
    public async Task Secrets_come_from_files_that_the_file_a_flag_or_the_environment_names()
    {
        var config = secrets.Write("config.toml", $"presign_hmac_secret_file = '{secrets.Write("hmac", $"{TestServer.Secret}\r\n\n")}'\n");
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            Flags("--config", config, $"--api-keys-file={secrets.Write("api", "shop:key-of-the-shop-alone:presign\n\nops:key-of-the-operators:admin\n")}"),
            new Dictionary<string, string>
            {
                ["PRESIGN_API_KEY_FILE"] = secrets.Write("key", ApiKey + "\n"),
                ["SIGNING_KEYS_FILE"] = secrets.Write("signing", "2027:named-secret-of-a-file\n2026:older-secret-of-a-file\n"),
            }));

        foreach (var key in new[] { ApiKey, "key-of-the-shop-alone" })
        {
            Assert.Contains("&kid=2027&sig=", await server.Presigned(key), StringComparison.Ordinal);
        }

        Assert.Contains("key_not_allowed", await server.Presigned("key-of-the-operators"), StringComparison.Ordinal);
        _ = await server.Upload(Guid.CreateVersion7(), [1]).ShouldBeOk();
        Assert.DoesNotContain(server.Lines, line => line.Contains("WRN", StringComparison.Ordinal) && line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_of_a_stronger_source_wins_over_a_file_of_a_weaker_one_which_is_not_even_opened()
    {
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(
            Flags($"--presign-api-key={ApiKey}"),
            new Dictionary<string, string> { ["PRESIGN_API_KEY_FILE"] = secrets.At("none"), ["PRESIGN_API_KEY"] = "shadowed", ["PRESIGN_HMAC_SECRET"] = TestServer.Secret }));

        Assert.Contains("\"success\":true", await server.Presigned(ApiKey), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_wrong_file_is_a_problem_beside_all_others_and_nothing_of_it_shows()
    {
        _ = secrets.Write("empty", "\n\r\n");
        File.WriteAllBytes(secrets.At("latin"), [.. "hidden-value-"u8, 0xe9]);
        var ended = await ServerProcess.Run(
            [
                "--ip-addr=3000", $"--data-dir={directory.Root}", "--domain=http://store.test", $"--signing-keys-file={secrets.Root}",
                "--api-keys=shop:hidden-value-of-the-shop:admin", "--presign-api-key=hidden-value-that-is-long", $"--presign-api-key-file={secrets.At("empty")}",
            ],
            new Dictionary<string, string> { ["PRESIGN_HMAC_SECRET_FILE"] = "hidden-value", ["API_KEYS_FILE"] = "shadowed by the flag, so no problem" });
        var more = await ServerProcess.Run(
            Flags(), new Dictionary<string, string> { ["PRESIGN_HMAC_SECRET_FILE"] = secrets.At("empty"), ["PRESIGN_API_KEY_FILE"] = secrets.At("latin") });

        Assert.Equal((1, 1), (ended.Code, more.Code));
        string[] expected =
        [
            "ip_addr (flag --ip-addr): must be address:port",
            "presign_api_key_file (flag --presign-api-key-file): presign_api_key is set there too; keep one of the two",
            "presign_hmac_secret_file (environment PRESIGN_HMAC_SECRET_FILE): must name a file that exists; write presign_hmac_secret into one",
            "signing_keys_file (flag --signing-keys-file): must name a file",
            "presign_api_key_file (environment PRESIGN_API_KEY_FILE): must name a file of UTF-8 text",
            "presign_hmac_secret_file (environment PRESIGN_HMAC_SECRET_FILE): must name a file that is not empty",
        ];
        string[] shown = [.. ended.Errors.Order(StringComparer.Ordinal), .. more.Errors.Order(StringComparer.Ordinal)];
        Assert.Equal(expected.Length, shown.Length);
        Assert.All(expected.Zip(shown), pair => Assert.StartsWith($"borderless-web: {pair.Item1}", pair.Item2, StringComparison.Ordinal));
        Assert.All(shown, line => Assert.DoesNotContain("hidden", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_with_what_a_file_holds_names_the_file_s_source_and_not_what_it_holds()
    {
        var ended = await ServerProcess.Run(
            Flags($"--presign-api-key={ApiKey}"), new Dictionary<string, string> { ["SIGNING_KEYS_FILE"] = secrets.Write("signing", "2027:hidden\n") });

        Assert.Equal(1, ended.Code);
        Assert.StartsWith(
            "borderless-web: signing_keys (file named by environment SIGNING_KEYS_FILE): 2027: its secret must have at least 16 bytes",
            Assert.Single(ended.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", ended.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_does_not_serve_reads_no_secret()
    {
        await (await ServerProcess.Serve(directory.Root)).DisposeAsync();

        var ended = await ServerProcess.Run(
            ["fsck", $"--data-dir={directory.Root}"], new Dictionary<string, string> { ["PRESIGN_API_KEY_FILE"] = secrets.At("none") });

        Assert.DoesNotContain(ended.Errors, line => line.Contains("presign", StringComparison.Ordinal));
        Assert.Equal(0, ended.Code);
    }

    public void Dispose()
    {
        directory.Dispose();
        secrets.Dispose();
    }
}
