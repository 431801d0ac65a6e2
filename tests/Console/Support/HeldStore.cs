using Borderless.Core;
using Borderless.Web.Start;
using Borderless.Web.Storage;
using Microsoft.Extensions.Time.Testing;
using static LanguageExt.Prelude;

namespace Borderless.Tests.Console.Support;

/// <summary>The server in this process, over a directory of its own, with a clock that the test holds and a janitor that comes when it is sent.</summary>
internal sealed class HeldStore : IAsyncDisposable
{
    private readonly Server server;
    private readonly FakeTimeProvider time;
    private readonly string directory;

    private HeldStore(Server server, FakeTimeProvider time, string directory)
    {
        (this.server, this.time, this.directory) = (server, time, directory);
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address => new(server.Address);

    public HttpClient Http { get; }

    /// <summary>Starts it with settings as they stand in a file.</summary>
    public static async Task<HeldStore> Start(params (string Key, string Value)[] settings)
    {
        var directory = Directory.CreateTempSubdirectory("borderless-held-").FullName;
        (string Key, string Value)[] all =
        [
            ("ip_addr", "127.0.0.1:0"), ("data_dir", directory), ("domain", StoreProcess.Domain), ("presign_api_key", StoreProcess.Key),
            ("presign_hmac_secret", "super-secret-hmac-secret"), ("janitor_interval_secs", $"{30 * 24 * 3600}"), .. settings,
        ];
        var raw = toSeq(all.Select(one => new RawSetting(one.Key, one.Value, "test")).ToArray());
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var started = await Server.Start(
            SettingsReader.Read(Seq1(raw), new UnixSeconds(0), "unused", new SettingProbes(DataDirectory.Probe))
                .IfFail(problems => throw new InvalidOperationException(string.Join("; ", problems))),
            new PosixDisk(), time, Serilog.Core.Logger.None);
        return new HeldStore(started.IfLeft(problem => throw new InvalidOperationException(problem.Message)), time, directory);
    }

    /// <summary>Time passes for the server, and for nobody else.</summary>
    public void Pass(TimeSpan span) => time.Advance(span);

    /// <summary>The janitor comes.</summary>
    /// <returns>How many chunks it dropped.</returns>
    public async Task<int> Clean() => (await server.Janitor.RunOnce(CancellationToken.None)).Chunks;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
