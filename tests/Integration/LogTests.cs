using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What the process writes while it serves.</summary>
public sealed class LogTests : IDisposable
{
    private readonly TestDirectory directory = new();

    [Fact]
    public async Task A_random_secret_is_warned_about_and_one_that_is_set_is_not()
    {
        var flags = ServerProcess.FlagsFor(directory.Root).Where(flag => !flag.StartsWith("--presign-hmac-secret", StringComparison.Ordinal));
        await using (var random = await ServerProcess.Serve(ServerProcess.Launch(flags)))
        {
            Assert.DoesNotContain(random.Lines, line => line.Contains(" DBG ", StringComparison.Ordinal));
            Assert.Contains(random.Lines, line => line.Contains("WRN", StringComparison.Ordinal) && line.Contains("presign_hmac_secret", StringComparison.Ordinal));
        }

        await using var set = await ServerProcess.Serve(directory.Root);
        Assert.DoesNotContain(set.Lines, line => line.Contains("presign_hmac_secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_line_says_which_directory_it_serves_wherever_it_was_started()
    {
        await using var server = await ServerProcess.Serve(Path.GetRelativePath(Environment.CurrentDirectory, directory.Root));

        Assert.Contains(server.Lines, line => line.Contains($" serves {directory.Root} on ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Where_the_console_is_stands_in_the_log_where_there_is_one(string console, bool told)
    {
        await using var server = await ServerProcess.Serve(directory.Root, $"--console={console}");
        server.Signal(ServerProcess.SigTerm);
        var ended = await server.End();

        Assert.Equal(told, ended.Output.Any(line => line.EndsWith(" http://store.test/console", StringComparison.Ordinal)));
        Assert.Equal(told, ended.Output.Any(line => line.Contains("console", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task With_json_every_line_is_one_object()
    {
        await using var server = await ServerProcess.Serve(directory.Root, "--log-format=json", "--verbose");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/files/none?sig=hidden-value");
        request.Headers.Add("x-request-id", "the-id-of-this-request");
        using var answer = await server.Http.SendAsync(request);
        server.Signal(ServerProcess.SigTerm);
        var ended = await server.End();

        Assert.Equal(0, ended.Code);
        Assert.Empty(ended.Errors);
        var lines = ended.Output.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.All(lines, line => Assert.True(line.GetProperty("@t").GetDateTimeOffset() > DateTimeOffset.UnixEpoch && line.GetProperty("@m").GetString() != ""));
        var ofRequest = lines.Where(line => line.TryGetProperty("RequestId", out var id) && id.GetString() == "the-id-of-this-request").ToArray();
        Assert.StartsWith("invalid_blob_id; ", Assert.Single(ofRequest, line => line.TryGetProperty("Reasons", out _)).GetProperty("Reasons").GetString(), StringComparison.Ordinal);
        var logged = Assert.Single(ofRequest, line => line.TryGetProperty("Path", out _));
        Assert.Equal("/files/none", logged.GetProperty("Path").GetString());
        Assert.Equal((int)answer.StatusCode, logged.GetProperty("Status").GetInt32());
        Assert.DoesNotContain(ended.Output, line => line.Contains("hidden-value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_stand_in_no_line_however_verbose()
    {
        await using var server = await ServerProcess.Serve(directory.Root, "--verbose");
        var blob = Guid.CreateVersion7();
        _ = await server.Upload(blob, [1, 2, 3]).ShouldBeOk();
        await server.Download(blob).ShouldHaveBytes([1, 2, 3]);
        server.Signal(ServerProcess.SigTerm);
        var ended = await server.End();

        Assert.Contains(ended.Output, line => line.Contains(" DBG ", StringComparison.Ordinal));
        Assert.Contains(ended.Output, line => line.Contains($"GET /files/{blob} 200", StringComparison.Ordinal));
        Assert.All([TestServer.ApiKey, TestServer.Secret, "sig=", "expires="], secret =>
            Assert.DoesNotContain(ended.Output.Concat(ended.Errors), line => line.Contains(secret, StringComparison.Ordinal)));
    }

    public void Dispose() => directory.Dispose();
}
