using Borderless.Tests.Integration.Support;
using Borderless.Web.Http;
using Borderless.Web.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Borderless.Tests.Integration.Network;

/// <summary>What connections that ended badly could leave behind in a server of this process.</summary>
internal sealed class Traces
{
    private readonly TestServer server;
    private readonly TestDisk disk;
    private readonly int descriptors;
    private readonly int watched;

    private Traces(TestServer server, TestDisk disk) =>
        (this.server, this.disk, descriptors, watched) = (server, disk, Descriptors(server), Watched(server));

    /// <summary>What there is now: to be taken when nothing is going on.</summary>
    public static Traces Of(TestServer server, TestDisk disk) => new(server, disk);

    /// <summary>
    /// The sockets of a process and what it has open of a data directory, but for the index, whose readers are kept for the next
    /// request, as many as ever read at once. Others are the runtime's: it opens its libraries when it first needs them.
    /// </summary>
    public static int Descriptors(string process, string directory) =>
        Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(Target).OfType<string>().Count(target =>
            target.StartsWith("socket:", StringComparison.Ordinal)
            || (target.StartsWith(directory, StringComparison.Ordinal) && !target.Contains("metadata.db", StringComparison.Ordinal)));

    /// <summary>How many connections and bodies the server watches.</summary>
    public static int Watched(TestServer server) => server.Server.Services.GetRequiredService<StallWatch>().Count;

    public static int Running(TestServer server) => server.Server.Services.GetRequiredService<InFlight>().Count;

    /// <summary>Waits until nothing is left that was not there before.</summary>
    public async Task ShouldVanish()
    {
        await Wait.Until(() => Left().Count == 0, () => $"nothing is left, but there are {string.Join(", ", Left())}");

        // No request runs, so what waits for the committer is this alone.
        Assert.True((await server.Store.Committer.Commit<Unit>(_ => unit).WaitAsync(TimeSpan.FromMinutes(1))).IsRight);
        Assert.Empty(server.Log.Problems);
    }

    private List<string> Left()
    {
        var services = server.Server.Services;
        var store = server.Store;
        return
        [
            .. Some("requests", Running(server)),
            .. Some("watched", Watched(server) - watched),
            .. Some("large buffers", services.GetRequiredService<LargeBuffers>().InUse),
            .. Some("places at the disk", services.GetRequiredService<DiskGate>().InUse),
            .. Some("held parts", store.Holds.Count),
            .. Some("uploads in progress", store.InProgress.Count),
            .. Some("files in flight", ((LocalParts)store.Parts).InFlight),
            .. Some("temporary files", server.FilesUnder("tmp").Length),
            .. Some("open files", disk.OpenFiles),
            .. Some("descriptors", Descriptors(server) - descriptors),
        ];
    }

    private static IEnumerable<string> Some(string what, int count) => count > 0 ? [$"{count} {what}"] : [];

    private static int Descriptors(TestServer server) => Descriptors("self", server.Directory);

    /// <summary>What a descriptor stands for; null where it was closed meanwhile.</summary>
    private static string? Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
