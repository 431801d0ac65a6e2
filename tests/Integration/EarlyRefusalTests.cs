using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What will be refused is told at once, while the committer is still busy with what came before.</summary>
public sealed class EarlyRefusalTests
{
    [Fact]
    public async Task Writes_and_deletes_that_will_be_refused_do_not_wait_for_the_committer()
    {
        await using var server = await TestServer.Start();
        var (blob, path) = (Guid.CreateVersion7(), $"/photos/{Guid.CreateVersion7()}");
        await server.Upload(blob, [1]).ShouldBeOk();
        await server.Do("POST", path, [1]).ShouldBeOk();
        using var gate = new ManualResetEventSlim();
        var busy = server.Store.Committer.Commit<LanguageExt.Unit>(_ =>
        {
            gate.Wait();
            return unit;
        });
        try
        {
            await server.Do("POST", path, [2]).ShouldBeError(409, "duplicate_blob");
            await server.Do("PUT", path, [2], ("if-none-match", "*")).ShouldBeError(412, "precondition_failed");
            await server.Do("DELETE", path, null, ("if-match", "\"other\"")).ShouldBeError(412, "precondition_failed");
            await server.Do("DELETE", path, null, ("if-match", "other")).ShouldBeError(400, "invalid_header");
            await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeError(409, "bucket_not_empty");
            await server.AskAdmin("DELETE", "/admin/buckets/none").ShouldBeError(404, "no_such_bucket");
            Assert.False(busy.IsCompleted);
        }
        finally
        {
            gate.Set();
        }

        Assert.True((await busy).IsRight);
        await server.Do("DELETE", path).ShouldBeOk();
        await server.AskAdmin("DELETE", "/admin/buckets/photos").ShouldBeOk();
    }
}
