using System.Text;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>SIGHUP: the keys are read again, and nobody notices whose key stays.</summary>
public sealed class KeyReloadTests : IDisposable
{
    private const string FirstKey = "first-key-of-the-shop";
    private const string SecondKey = "second-key-of-the-shop";
    private const string FirstSecret = "first-secret-of-the-store";
    private const string SecondSecret = "second-secret-of-the-store";
    private const string Told = "read the keys again";

    private readonly TestDirectory directory = new();
    private readonly TestDirectory files = new();

    [Fact]
    public async Task Keys_rotate_while_requests_run_and_none_is_dropped()
    {
        await using var server = await Serve($"first:{FirstSecret}", $"shop:{FirstKey}:presign");
        var old = await server.Minted(FirstKey);
        using var slow = await server.Begin("POST", $"/upload/{Guid.CreateVersion7()}", "content-length: 4\r\n", new byte[] { 1, 2 });
        using var stop = new CancellationTokenSource();
        var (key, rounds) = (FirstKey, new int[4]);
        var clients = Enumerable.Range(0, rounds.Length).Select(client => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var upload = await server.Minted(Volatile.Read(ref key));
                using var answer = await server.Http.PostAsync(upload, new ByteArrayContent([1, 2, 3]));
                Assert.Equal(200, (int)answer.StatusCode);
                _ = Interlocked.Increment(ref rounds[client]);
            }
        })).ToArray();
        await AllGoRound();

        // Both keys at once, the new one first, until everybody has the new ones.
        Write($"second:{SecondSecret}\nfirst:{FirstSecret}:2999-12-31", $"shop-2:{SecondKey}:presign\nshop:{FirstKey}:presign");
        await Reload(server, 1);
        Assert.Contains("&kid=second&sig=", await server.Minted(FirstKey), StringComparison.Ordinal);
        Volatile.Write(ref key, SecondKey);
        using (var still = await server.Http.PostAsync(old, new ByteArrayContent([1])))
        {
            Assert.Equal(200, (int)still.StatusCode);
        }

        await AllGoRound();
        await AllGoRound();
        Write($"second:{SecondSecret}", $"shop-2:{SecondKey}:presign");
        await Reload(server, 2);
        await AllGoRound();
        await stop.CancelAsync();
        await Task.WhenAll(clients);

        await server.Http.PutAsync(old, new ByteArrayContent([1])).ShouldBeError(401, "invalid_signature");
        Assert.Contains("\"invalid_api_key\"", await server.Presigned(FirstKey), StringComparison.Ordinal);
        await slow.GetStream().WriteAsync(new byte[] { 3, 4 });
        var answer = new byte[12];
        await slow.GetStream().ReadExactlyAsync(answer);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(answer));
        await ShouldStop(server);

        Task AllGoRound()
        {
            var before = rounds.ToArray();
            return Wait.Until(() => clients.Any(client => client.IsFaulted) || before.Zip(rounds).All(pair => pair.Item2 > pair.Item1), "every client has gone round");
        }
    }

    [Fact]
    public async Task Where_anything_is_wrong_the_keys_stay_and_the_log_says_what_without_a_secret()
    {
        await using var server = await Serve($"first:{FirstSecret}", $"shop:{FirstKey}:presign");

        Write("second:hidden", $"shop:{FirstKey}:everything\nops:{SecondKey}:admin");
        server.Signal(ServerProcess.SigHup);
        await server.WaitForLine("signing_keys (file named by flag --signing-keys-file): second: its secret must have at least 16 bytes");
        await server.WaitForLine("api_keys (file named by flag --api-keys-file): shop: its scopes must be of");
        Assert.Contains("&kid=first&", await server.Presigned(FirstKey), StringComparison.Ordinal);
        Assert.Contains("\"invalid_api_key\"", await server.Presigned(SecondKey), StringComparison.Ordinal);

        File.Delete(files.At("signing"));
        server.Signal(ServerProcess.SigHup);
        await server.WaitForLine("signing_keys_file (flag --signing-keys-file): must name a file that exists");
        Assert.Contains("&kid=first&", await server.Presigned(FirstKey), StringComparison.Ordinal);
        Assert.All(server.Lines.Where(line => line.Contains("_keys", StringComparison.Ordinal)), line => Assert.Contains(" ERR ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Lines, line => line.Contains(Told, StringComparison.Ordinal));

        Write($"second:{SecondSecret}", $"shop:{FirstKey}:presign");
        await Reload(server, 1);
        Assert.Contains("&kid=second&", await server.Presigned(FirstKey), StringComparison.Ordinal);
        Assert.Contains(server.Lines, line => line.Contains("INF", StringComparison.Ordinal) && line.EndsWith($"{Told}: 2 to sign (second, the default key), 1 for back ends (shop)", StringComparison.Ordinal));
        Assert.All([FirstKey, SecondKey, FirstSecret, SecondSecret, "hidden"], secret =>
            Assert.DoesNotContain(server.Lines, line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Other_settings_wait_for_a_restart_and_a_random_secret_stays_the_same()
    {
        var config = files.Write("config.toml", Config(FirstKey, 43_200));
        await using var server = await ServerProcess.Serve(ServerProcess.Launch(["--config", config]));
        var old = await server.Minted(FirstKey);

        _ = files.Write("config.toml", Config(SecondKey, 7));
        await Reload(server, 1);
        await Reload(server, 2);

        await server.WaitForLine("1 to sign (the default key), 1 for back ends (default); not taken over before a restart: ttl_orphan_secs");
        Assert.Contains("\"invalid_api_key\"", await server.Presigned(FirstKey), StringComparison.Ordinal);
        Assert.Contains("\"success\":true", await server.Presigned(SecondKey), StringComparison.Ordinal);
        using var answer = await server.Http.PostAsync(old, new ByteArrayContent([1]));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Single(server.Lines, line => line.Contains("presign_hmac_secret is not set", StringComparison.Ordinal));
        await ShouldStop(server);
    }

    /// <summary>The file is a pipe, so that the test knows when it is being read.</summary>
    [Fact]
    public async Task A_signal_while_the_server_starts_ends_nothing_and_is_not_forgotten()
    {
        Shell.Do("mkfifo", files.At("config.toml"));
        await using var server = ServerProcess.Launch(["--config", files.At("config.toml")]);
        await using (var pipe = await Task.Run(() => new FileStream(files.At("config.toml"), FileMode.Open, FileAccess.Write)).WaitAsync(TimeSpan.FromMinutes(1)))
        {
            server.Signal(ServerProcess.SigHup);
            File.Move(files.Write("new", Config(SecondKey, 43_200)), files.At("config.toml"), overwrite: true);
            await pipe.WriteAsync(Encoding.UTF8.GetBytes(Config(FirstKey, 43_200)));
        }

        _ = await ServerProcess.Serve(server);
        await server.WaitForLine(Told);
        Assert.Contains("\"success\":true", await server.Presigned(SecondKey), StringComparison.Ordinal);
        await ShouldStop(server);
    }

    public void Dispose()
    {
        directory.Dispose();
        files.Dispose();
    }

    private string Config(string key, int ttl) =>
        $"ip_addr = '127.0.0.1:0'\ndata_dir = '{directory.Root}'\ndomain = 'http://store.test'\npresign_api_key = '{key}'\nttl_orphan_secs = {ttl}\n";

    /// <summary>Whole or not at all, as whoever rotates keys should.</summary>
    private void Write(string signing, string api)
    {
        File.Move(files.Write("new", signing), files.At("signing"), overwrite: true);
        File.Move(files.Write("new", api), files.At("api"), overwrite: true);
    }

    private Task<ServerProcess> Serve(string signing, string api)
    {
        Write(signing, api);
        return ServerProcess.Serve(ServerProcess.Launch(
        [
            "--ip-addr=127.0.0.1:0", $"--data-dir={directory.Root}", "--domain=http://store.test", $"--presign-hmac-secret={TestServer.Secret}",
            $"--signing-keys-file={files.At("signing")}", $"--api-keys-file={files.At("api")}",
        ]));
    }

    private static Task Reload(ServerProcess server, int times)
    {
        server.Signal(ServerProcess.SigHup);
        return Wait.Until(() => server.Lines.Count(line => line.Contains(Told, StringComparison.Ordinal)) == times, "the keys were read again");
    }

    private static async Task ShouldStop(ServerProcess server)
    {
        server.Signal(ServerProcess.SigTerm);
        Assert.Equal(0, (await server.End()).Code);
    }
}
