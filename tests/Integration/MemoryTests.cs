using System.Globalization;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a server's process needs to be there at all.</summary>
public sealed class MemoryTests
{
    /// <summary>
    /// The first comparison of two Options, or in one of LanguageExt's sets, loads every type of every assembly to look for instances of
    /// its classes, which takes 40 MiB more. Nothing on the way of a request may do so, nor the janitor's first run.
    /// </summary>
    [Fact]
    public async Task A_server_that_served_a_few_requests_has_not_loaded_all_types_there_are()
    {
        using var directory = new TestDirectory();
        await using (var first = await ServerProcess.Serve(directory.Root))
        {
            Assert.True((await first.Upload(Guid.CreateVersion7(), [1])).IsSuccessStatusCode);
        }

        await using var server = await ServerProcess.Serve(directory.Root);
        var blob = Guid.CreateVersion7();
        Assert.True((await server.Upload(blob, Answers.Bytes(100_000, 1))).IsSuccessStatusCode);
        Assert.True((await server.Download(blob)).IsSuccessStatusCode);
        using var presign = new HttpRequestMessage(HttpMethod.Post, "/presign") { Content = new StringContent("""{"action":"upload"}""") };
        presign.Headers.Authorization = new("Bearer", TestServer.ApiKey);
        presign.Content.Headers.ContentType = new("application/json");
        Assert.True((await server.Http.SendAsync(presign)).IsSuccessStatusCode);
        await server.WaitForLine("janitor");
        Assert.InRange(PeakMebibytes(server.Id), 1, 125);
    }

    private static long PeakMebibytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
