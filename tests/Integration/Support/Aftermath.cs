using Microsoft.Extensions.Time.Testing;

namespace Borderless.Tests.Integration.Support;

/// <summary>What must hold of a store that was stopped, whatever had happened to it.</summary>
internal static class Aftermath
{
    /// <summary>A day later what crashes left is old: after a run of the janitor the books balance, and no stray file is left.</summary>
    public static async Task ShouldBeClean(string directory)
    {
        var tomorrow = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(1));
        var settings = new Dictionary<string, string> { ["ttl_orphan_secs"] = "1", ["janitor_interval_secs"] = "100000", ["min_free_bytes"] = "0" };
        await using var server = await TestServer.Start(settings, directory, time: tomorrow);
        _ = await server.Server.Janitor.RunOnce(CancellationToken.None);
        await Audit.Balance(server);
    }
}
