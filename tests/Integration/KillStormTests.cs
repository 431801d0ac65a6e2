using Borderless.Tests.Integration.Kills;
using Xunit.Abstractions;

namespace Borderless.Tests.Integration;

/// <summary>The short form of scripts/kill-storm.sh.</summary>
public sealed class KillStormTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ten_kills_under_load_lose_nothing_that_was_acknowledged_and_leave_nothing_behind()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}: scripts/kill-storm.sh 10 {seed}");
        output.WriteLine(await KillStorm.Rage(10, seed, output.WriteLine));
    }

    [Fact]
    public void The_journal_takes_nothing_for_what_was_acknowledged_but_that_and_chunks_that_grew_old()
    {
        var ttl = TimeSpan.FromSeconds(60);
        var now = Environment.TickCount64;
        var known = new BlobState("aa", Map((1, new SentChunk("c1", now)), (2, new SentChunk("c2", now - 61_000))));

        Assert.True(known.MayBe(known, ttl));
        Assert.True(known.MayBe(known with { Chunks = known.Chunks.Remove(2) }, ttl));
        Assert.False(known.MayBe(known with { Chunks = known.Chunks.Remove(1) }, ttl));
        Assert.False(known.MayBe(known with { Chunks = known.Chunks.SetItem(2, new SentChunk("other", now)) }, ttl));
        Assert.False(known.MayBe(known with { Chunks = known.Chunks.Add(3, new SentChunk("c3", now)) }, ttl));
        Assert.False(known.MayBe(known with { Blob = null }, ttl));
        Assert.False(known.MayBe(known with { Blob = "bb" }, ttl));
    }
}
