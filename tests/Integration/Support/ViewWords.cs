namespace Borderless.Tests.Integration.Support;

/// <summary>What tests of the reading view look at and do.</summary>
internal static class ViewWords
{
    public static readonly byte[] Small = Answers.Bytes(100);
    public static readonly byte[] Large = Answers.Bytes(100_000, 2);

    public static readonly Dictionary<string, string> On = new()
    {
        ["create_bucket_symlinks"] = "true",
        ["janitor_interval_secs"] = "100000",
    };

    public static string InView(TestServer server, params string[] names) => Path.Combine([server.Directory, "buckets", .. names]);

    public static string Shown(TestServer server, Guid blob) => InView(server, "default", $"{blob}");

    /// <summary>Waits until a program that knows nothing of the store reads these bytes at the blob's name.</summary>
    public static Task ShouldShow(TestServer server, Guid blob, byte[] bytes) =>
        Wait.Until(() => Read(Shown(server, blob)) is { } read && read.SequenceEqual(bytes), "the view shows the bytes");

    /// <summary>As <c>cat</c> reads: a file, or all files of a directory in the order of their names.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            return Directory.Exists(path)
                ? [.. Directory.GetFiles(path).Order(StringComparer.Ordinal).SelectMany(File.ReadAllBytes)]
                : File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Every link of the view is relative and leads to a file under <c>parts/</c>.</summary>
    public static void ShouldStayInside(TestServer server)
    {
        foreach (var link in Directory.EnumerateFileSystemEntries(InView(server), "*", SearchOption.AllDirectories).Select(path => new FileInfo(path)))
        {
            if (link.LinkTarget is { } target)
            {
                Assert.StartsWith("../../", target, StringComparison.Ordinal);
                var resolved = Path.GetFullPath(Path.Combine(link.DirectoryName!, target));
                Assert.StartsWith(Path.Combine(server.Directory, "parts") + "/", resolved, StringComparison.Ordinal);
                Assert.True(File.Exists(resolved));
            }
        }
    }

    public static Task<HttpResponseMessage> Put(TestServer server, Guid blob, byte[] bytes) =>
        server.Send(HttpMethod.Put, server.Signed("PUT", $"/upload/{blob}"), new ByteArrayContent(bytes));

    public static Task<HttpResponseMessage> Delete(TestServer server, string path) => server.Send(HttpMethod.Delete, server.Signed("DELETE", path));

    public static async Task Merged(TestServer server, Guid blob, params byte[][] chunks)
    {
        for (var i = 0; i < chunks.Length; i++)
        {
            await server.Chunk(blob, i + 1, chunks.Length, chunks[i]).ShouldBeOk();
        }

        await server.Merge(blob, chunks.Length).ShouldBeOk();
    }

    public static async Task Mend(TestServer server) => _ = await server.Server.Janitor.RunOnce(CancellationToken.None);
}
