using System.Globalization;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What a server's process needs to be there at all.</summary>
public sealed class MemoryTests
{
    private const string Ruled =
        """{"action":"upload","max_size":100,"min_size":1,"content_type":"image/*","once":true,"client_ip":"127.0.0.0/8","not_before":1}""";

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
        using var presign = new HttpRequestMessage(HttpMethod.Post, "/presign") { Content = new StringContent(Ruled) };
        presign.Headers.Authorization = new("Bearer", TestServer.ApiKey);
        presign.Content.Headers.ContentType = new("application/json");
        var minted = await server.Http.SendAsync(presign).ShouldBeOk();
        var url = Narrowing.Narrow(new Uri(minted.GetProperty("url").GetString()!).PathAndQuery, new Rule.MaxSize(50))
            .IfLeft(error => throw new InvalidOperationException(error.Message));
        using var image = new ByteArrayContent([1]) { Headers = { ContentType = new("image/png") } };
        Assert.True((await server.Http.PostAsync(new Uri(url, UriKind.Relative), image)).IsSuccessStatusCode);
        await server.WaitForLine("janitor");
        Assert.InRange(PeakMebibytes(server.Id), 1, 125);
    }

    private static long PeakMebibytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
