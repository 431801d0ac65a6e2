using System.Security.Cryptography;
using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class DigestFieldTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Guid id = Guid.CreateVersion7();

    private string Upload => $"/upload/{id}";

    [Theory]
    [InlineData("content-digest", 10)]
    [InlineData("repr-digest", 10)]
    [InlineData("content-digest", 100_000)]
    [InlineData("repr-digest", 100_000)]
    public async Task An_upload_with_its_own_digest_is_stored_and_one_with_another_is_not(string field, int size)
    {
        var bytes = Answers.Bytes(size);
        foreach (var method in new[] { "POST", "PUT" })
        {
            await server.Do(method, Upload, bytes, (field, Of([]))).ShouldBeError(422, "digest_mismatch");
            await server.Do("GET", $"/files/{id}").ShouldBeError(404, "no_such_blob");
        }

        await server.Do("POST", Upload, bytes, (field, Of(bytes))).ShouldBeOk();
        await server.Do("GET", $"/files/{id}").ShouldHaveBytes(bytes);
    }

    [Fact]
    public async Task A_mismatch_leaves_nothing_on_the_disk_and_the_old_blob_as_it_was()
    {
        await using var own = await TestServer.Start();
        await own.Do("PUT", Upload, [1]).ShouldBeOk();

        await own.Do("PUT", Upload, Answers.Bytes(100_000), ("content-digest", Of([]))).ShouldBeError(422, "digest_mismatch");

        await own.Do("GET", $"/files/{id}").ShouldHaveBytes([1]);
        Assert.Empty(own.FilesUnder("parts"));
        Assert.Empty(own.FilesUnder("tmp"));
        Assert.Equal(1, (await own.Admin("/admin/stats")).GetProperty("stats").GetProperty("actual_storage_size").GetInt64());
    }

    [Fact]
    public async Task Both_fields_must_fit()
    {
        await server.Do("POST", Upload, [1], ("content-digest", Of([1])), ("repr-digest", Of([2]))).ShouldBeError(422, "digest_mismatch");
        await server.Do("POST", Upload, [1], ("content-digest", Of([2])), ("repr-digest", Of([1]))).ShouldBeError(422, "digest_mismatch");
        await server.Do("POST", Upload, [1], ("content-digest", Of([1])), ("repr-digest", Of([1]))).ShouldBeOk();
    }

    [Theory]
    [InlineData("sha-256=:AAAA:")]
    [InlineData("sha-256=:not base64:")]
    [InlineData("sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("sha-256=\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"")]
    [InlineData("sha-256")]
    [InlineData("sha-256=1")]
    [InlineData("SHA-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")]
    [InlineData("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:,")]
    public async Task What_is_no_digest_is_refused_before_the_body(string value)
    {
        foreach (var field in new[] { "content-digest", "repr-digest" })
        {
            await server.Do("POST", Upload, [], (field, value)).ShouldBeError(400, "invalid_header");
            await server.DoChunk("POST", Upload, 1, 1, [], (field, value)).ShouldBeError(400, "invalid_header");
            await server.DoMerge("POST", Upload, 1, (field, value)).ShouldBeError(400, "invalid_header");
        }

        await server.Do("GET", $"/files/{id}").ShouldBeError(404, "no_such_blob");
    }

    [Theory]
    [InlineData("")]
    [InlineData("md5=:AAAA:")]
    [InlineData("sha-512=:AAAA:, crc32c=1;q=0.5, unixsum=(1 2)")]
    public async Task Other_algorithms_are_passed_over(string value) =>
        await server.Do("POST", Upload, [1], ("content-digest", value), ("repr-digest", value)).ShouldBeOk();

    [Fact]
    public async Task Of_several_members_and_lines_the_last_sha_256_counts()
    {
        await server.Do("POST", Upload, [1], ("repr-digest", $"{Of([1])}, {Of([2])}")).ShouldBeError(422, "digest_mismatch");
        var raw = await RawClient.Ask(
            server,
            RawClient.Head("POST", server.Signed("POST", Upload), "content-length: 1", $"repr-digest: {Of([2])}", $"repr-digest: md5=:AAAA:, {Of([49])};x=1") + "1");
        _ = raw.ShouldBeOk();
    }

    [Fact]
    public async Task A_chunk_is_checked_against_its_own_bytes()
    {
        await server.DoChunk("POST", Upload, 1, 2, [1], ("content-digest", Of([2]))).ShouldBeError(422, "digest_mismatch");
        await server.Do("GET", Upload).ShouldBeError(404, "no_such_upload");

        await server.DoChunk("POST", Upload, 1, 2, [1], ("content-digest", Of([1]))).ShouldBeOk();
        await server.DoChunk("POST", Upload, 1, 2, [9], ("repr-digest", Of([1]))).ShouldBeError(422, "digest_mismatch");
        await server.DoChunk("POST", Upload, 2, 2, [2], ("repr-digest", Of([2]))).ShouldBeOk();
        await server.DoMerge("POST", Upload, 2).ShouldBeOk();
        await server.Do("GET", $"/files/{id}").ShouldHaveBytes([1, 2]);
    }

    [Fact]
    public async Task A_merge_is_checked_against_the_whole_and_after_a_mismatch_its_chunks_wait_on()
    {
        await server.DoChunk("POST", Upload, 1, 2, [1]).ShouldBeOk();
        await server.DoChunk("POST", Upload, 2, 2, [2]).ShouldBeOk();

        await server.DoMerge("POST", Upload, 2, ("repr-digest", Of([1]))).ShouldBeError(422, "digest_mismatch");
        await server.DoMerge("POST", Upload, 2, ("content-digest", Of([1, 2]))).ShouldBeError(422, "digest_mismatch");
        await server.Do("GET", $"/files/{id}").ShouldBeError(404, "no_such_blob");
        Assert.Equal(2, (await server.Do("GET", Upload).ShouldBeOk()).GetProperty("chunks").GetArrayLength());

        await server.DoMerge("POST", Upload, 2, ("repr-digest", Of([1, 2])), ("content-digest", Of([]))).ShouldBeOk();
        await server.DoMerge("POST", Upload, 2, ("repr-digest", Of([1, 2]))).ShouldBeOk();
        await server.DoMerge("POST", Upload, 2, ("repr-digest", Of([1]))).ShouldBeError(422, "digest_mismatch");
        await server.Do("GET", $"/files/{id}").ShouldHaveBytes([1, 2]);
    }

    private static string Of(byte[] bytes) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:";
}
