using Borderless.Tests.Integration.Support;

namespace Borderless.Tests.Integration;

public sealed class BucketTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestServer server = shared.Server;
    private readonly Guid id = Guid.CreateVersion7();

    [Fact]
    public async Task Every_route_works_in_a_named_bucket()
    {
        var path = $"/photos/{id}";
        var stored = await server.Do("POST", path, [1, 2, 3]).ShouldBeOk();
        Assert.Equal($"{id}", stored.GetProperty("blob_id").GetString());
        await server.Do("GET", path).ShouldHaveBytes([1, 2, 3]);
        Assert.Equal("3", (await server.Ask("HEAD", path)).Header("content-length"));

        await server.Do("PUT", path, [4, 5]).ShouldBeOk();
        await server.Do("GET", path).ShouldHaveBytes([4, 5]);

        var deleted = await server.Do("DELETE", path).ShouldBeOk();
        Assert.Equal($$"""{"success":true,"message":"deleted blob {{id}}","blob_id":"{{id}}"}""", deleted.ToString());
        await server.Do("GET", path).ShouldBeError(404, "no_such_blob");

        await server.DoChunk("POST", path, 1, 2, [6]).ShouldBeOk();
        await server.DoChunk("POST", path, 2, 2, [7]).ShouldBeOk();
        Assert.Equal(2, (await server.Do("GET", path + "/chunks").ShouldBeOk()).GetProperty("chunks").GetArrayLength());
        await server.DoMerge("POST", path, 2).ShouldBeOk();
        await server.Do("GET", path).ShouldHaveBytes([6, 7]);
    }

    [Fact]
    public async Task Upper_case_in_a_path_is_signed_as_sent_and_then_lowered()
    {
        var upper = $"/Holiday-PHOTOS_2/{$"{id}".ToUpperInvariant()}";
        await server.Do("POST", upper, [1]).ShouldBeOk();

        await server.Do("GET", $"/holiday-photos_2/{id}").ShouldHaveBytes([1]);
        await server.Do("GET", upper).ShouldHaveBytes([1]);
        Assert.Contains("holiday-photos_2", await server.BucketNames());
        await server.Send(HttpMethod.Get, server.Signed("GET", $"/holiday-photos_2/{id}").Replace("/holiday", "/Holiday", StringComparison.Ordinal))
            .ShouldBeError(401, "invalid_signature");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("-")]
    [InlineData("__")]
    [InlineData("uploads")]
    [InlineData("adm1n")]
    [InlineData("buckets-have-names-of-up-to-sixty-three-characters-such-as-this")]
    public async Task Names_of_1_to_63_letters_digits_dashes_and_underscores_are_good(string name)
    {
        await server.Do("POST", $"/{name}/{id}", [1]).ShouldBeOk();
        await server.Do("GET", $"/{name}/{id}").ShouldHaveBytes([1]);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a~b")]
    [InlineData("a+b")]
    [InlineData("a:b")]
    [InlineData("a*")]
    [InlineData("buckets-have-names-of-up-to-sixty-three-characters-like-this-one")]
    public async Task Other_names_are_refused_in_paths_and_by_presign(string name)
    {
        foreach (var method in new[] { "POST", "PUT", "GET", "HEAD", "DELETE" })
        {
            Assert.Equal(400, (await server.Ask(method, $"/{name}/{id}")).Status);
        }

        await server.Do("GET", $"/{name}/{id}").ShouldBeError(400, "invalid_bucket");
        await server.Do("GET", $"/{name}/{id}/chunks").ShouldBeError(400, "invalid_bucket");
        await server.PostPresign($$"""{"action":"upload","bucket":"{{name}}"}""").ShouldBeError(400, "invalid_bucket");
        await server.AskAdmin("GET", $"/admin/buckets/{name}").ShouldBeError(400, "invalid_bucket");
        await server.AskAdmin("GET", $"/admin/objects/{name}").ShouldBeError(400, "invalid_bucket");
    }

    [Theory]
    [InlineData("upload")]
    [InlineData("files")]
    [InlineData("admin")]
    [InlineData("presign")]
    [InlineData("healthz")]
    [InlineData("readyz")]
    [InlineData("metrics")]
    [InlineData("openapi")]
    [InlineData("console")]
    public async Task A_reserved_word_is_no_bucket_in_any_case(string word)
    {
        var upper = word.ToUpperInvariant();
        await server.PostPresign($$"""{"action":"upload","bucket":"{{word}}"}""").ShouldBeError(400, "invalid_bucket");
        await server.PostPresign($$"""{"action":"upload","bucket":"{{upper}}"}""").ShouldBeError(400, "invalid_bucket");
        await server.Do("POST", $"/{upper}/{id}", [1]).ShouldBeError(400, "invalid_bucket");
        await server.Do("GET", $"/{upper}/{id}").ShouldBeError(400, "invalid_bucket");
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH" })
        {
            Assert.Equal(404, (await server.Ask(method, $"/{word}/{id}/chunks")).Status);
            if (word is not ("upload" or "files"))
            {
                Assert.Equal(404, (await server.Ask(method, $"/{word}/{id}")).Status);
            }
        }
    }

    [Fact]
    public async Task Route_and_method_are_judged_before_the_signature()
    {
        await server.Send(HttpMethod.Patch, $"/photos/{id}").ShouldBeError(405, "method_not_allowed");
        await server.Send(HttpMethod.Delete, $"/photos/{id}/chunks").ShouldBeError(405, "method_not_allowed");
        await server.Send(HttpMethod.Get, $"/a.b/{id}").ShouldBeError(400, "invalid_bucket");
        await server.Send(HttpMethod.Get, $"/photos/{id}").ShouldBeError(401, "missing_signature");
    }

    [Fact]
    public async Task The_same_id_in_two_buckets_is_two_blobs_and_two_uploads()
    {
        await server.Do("POST", $"/one/{id}", [1]).ShouldBeOk();
        await server.Do("POST", $"/two/{id}", [2]).ShouldBeOk();
        var other = Guid.CreateVersion7();
        foreach (var (bucket, index) in new[] { ("one", 1), ("two", 2), ("two", 1), ("one", 2) })
        {
            await server.DoChunk("POST", $"/{bucket}/{other}", index, 2, [(byte)bucket[0], (byte)index]).ShouldBeOk();
        }

        await server.DoMerge("POST", $"/one/{other}", 2).ShouldBeOk();
        await server.Do("DELETE", $"/one/{id}").ShouldBeOk();

        await server.Do("GET", $"/one/{id}").ShouldBeError(404, "no_such_blob");
        await server.Do("GET", $"/two/{id}").ShouldHaveBytes([2]);
        await server.Do("GET", $"/one/{other}").ShouldHaveBytes([(byte)'o', 1, (byte)'o', 2]);
        await server.Do("GET", $"/two/{other}").ShouldBeError(404, "no_such_blob");
        await server.DoMerge("POST", $"/two/{other}", 2).ShouldBeOk();
        await server.Do("GET", $"/two/{other}").ShouldHaveBytes([(byte)'t', 1, (byte)'t', 2]);
    }

    [Fact]
    public async Task The_bucket_default_is_what_upload_and_files_mean()
    {
        var other = Guid.CreateVersion7();
        await server.Do("POST", $"/upload/{id}", [1]).ShouldBeOk();
        await server.Do("POST", $"/default/{other}", [2]).ShouldBeOk();

        await server.Do("GET", $"/default/{id}").ShouldHaveBytes([1]);
        await server.Do("GET", $"/files/{other}").ShouldHaveBytes([2]);
        await server.Do("POST", $"/default/{id}", [3]).ShouldBeError(409, "duplicate_blob");
        await server.Do("DELETE", $"/files/{other}").ShouldBeOk();
        await server.Do("GET", $"/default/{other}").ShouldBeError(404, "no_such_blob");
    }
}
