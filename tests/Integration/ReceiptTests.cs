using System.Security.Cryptography;
using System.Text.Json;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

/// <summary>What the client of an upload takes home to its back end.</summary>
public sealed class ReceiptTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly ReceiptKeys Keys = ReceiptKeys.Of(KeyRing.OfSecret(TestServer.Secret));

    private readonly TestServer server = shared.Server;
    private readonly Guid blob = Guid.CreateVersion7();

    [Fact]
    public async Task An_upload_is_stated_as_it_was_stored()
    {
        var bytes = Answers.Bytes(1000);
        var answer = await server.Upload(blob, bytes, ("content-type", "text/plain; charset=utf-8")).ShouldBeOk();

        Assert.Equal(
            new Receipt(
                BucketName.Default, BlobId.From(blob), 1000, Digest.Parse(Answers.Sha256(bytes)).IfNone(Digest.OfNothing),
                "text/plain; charset=utf-8", server.Now, Durability.Strict),
            Read(answer));
    }

    [Fact]
    public async Task A_blob_without_a_type_is_stated_without_one_in_its_bucket()
    {
        var receipt = Read(await server.Do("PUT", $"/photos/{blob}", [1]).ShouldBeOk());
        Assert.Equal(("photos", null), (receipt.Bucket.Value, receipt.ContentType));
    }

    [Fact]
    public async Task A_merge_is_stated_once_and_the_same_again_and_a_chunk_never()
    {
        var chunk = await server.Chunk(blob, 1, 1, [1, 2]).ShouldBeOk();
        Assert.False(chunk.TryGetProperty("receipt", out _));
        var merged = await server.Merge(blob, 1, ("content-type", "image/png")).ShouldBeOk();
        var receipt = Read(merged);

        Assert.Equal((2L, "image/png"), (receipt.Size, receipt.ContentType));
        Assert.Equal(merged.GetRawText(), (await server.Merge(blob, 1).ShouldBeOk()).GetRawText());
    }

    [Fact]
    public async Task A_relaxed_store_claims_no_durability()
    {
        await using var relaxed = await TestServer.Start(new Dictionary<string, string> { ["durability"] = "relaxed" });
        Assert.Equal(Durability.Relaxed, Read(await relaxed.Upload(blob, [1]).ShouldBeOk()).Durability);
    }

    [Fact]
    public async Task What_a_relaxed_store_acknowledged_stays_relaxed_when_a_strict_one_repeats_it()
    {
        using var home = new TestDirectory();
        await using (var relaxed = await TestServer.Start(new Dictionary<string, string> { ["durability"] = "relaxed" }, home.Root, time: server.Time))
        {
            await relaxed.Chunk(blob, 1, 1, Answers.Bytes(20_000)).ShouldBeOk();
            await relaxed.Merge(blob, 1).ShouldBeOk();
        }

        await using var strict = await TestServer.Start(directory: home.Root, time: server.Time);
        Assert.Equal(Durability.Relaxed, Read(await strict.Merge(blob, 1).ShouldBeOk()).Durability);
    }

    [Fact]
    public async Task With_a_key_of_its_own_a_receipt_is_verified_by_what_the_store_publishes()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var signing = await TestServer.Start(new Dictionary<string, string> { ["receipt_key"] = key.ExportPkcs8PrivateKeyPem() });
        var answer = await signing.Upload(blob, [1, 2, 3]).ShouldBeOk();
        using var published = await signing.Send(HttpMethod.Get, "/.well-known/jwks.json");
        var keys = ReceiptKeys.FromJwks(await published.Content.ReadAsStringAsync()).IfLeft(problem => throw new InvalidOperationException(problem.Detail));

        Assert.Equal(3, Receipts.Verify(keys, signing.Now, Text(answer)).IfLeft(error => throw new InvalidOperationException(error.Message)).Size);
        Assert.True(Receipts.Verify(Keys, signing.Now, Text(answer)).IsLeft);
    }

    [Fact]
    public async Task Another_secret_verifies_nothing()
    {
        var answer = await server.Upload(blob, [1]).ShouldBeOk();
        Assert.True(Receipts.Verify(ReceiptKeys.Of(KeyRing.OfSecret("another secret")), server.Now, Text(answer)).IsLeft);
    }

    private Receipt Read(JsonElement answer) =>
        Receipts.Verify(Keys, server.Now, Text(answer)).IfLeft(error => throw new InvalidOperationException(error.Message));

    private static string Text(JsonElement answer) => answer.GetProperty("receipt").GetString()!;
}
