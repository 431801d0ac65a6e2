namespace Borderless.Tests.Properties;

public sealed class BlobPathLaws
{
    [Theory]
    [InlineData("/", "no_such_route")]
    [InlineData("*", "no_such_route")]
    [InlineData("", "no_such_route")]
    [InlineData("healthz", "no_such_route")]
    [InlineData("http://localhost/healthz", "no_such_route")]
    [InlineData("/healthz", "ok")]
    [InlineData("/healthz?a=%2f..", "ok")]
    [InlineData("/HEALTHZ", "no_such_route")]
    [InlineData("/healthz/", "no_such_route")]
    [InlineData("//healthz", "no_such_route")]
    [InlineData("/./healthz", "no_such_route")]
    [InlineData("/x/../healthz", "no_such_route")]
    [InlineData("/%68ealthz", "no_such_route")]
    [InlineData("/admin/presign", "ok")]
    [InlineData("/Admin/presign/x", "no_such_route")]
    [InlineData("/Upload/x", "invalid_bucket")]
    [InlineData("/FILES/x", "invalid_bucket")]
    [InlineData("/files/x", "ok")]
    [InlineData("/Bucket/x", "ok")]
    public void Only_canonical_paths_reach_the_router(string target, string expected) =>
        Assert.Equal(expected, BlobPath.Judge(target).Code());

    /// <summary>What is signed and served was never refused before it was routed.</summary>
    [Property]
    public bool A_path_that_can_be_signed_is_canonical(SignedUrl url) => BlobPath.Judge(url.Claim.Path + "?expires=1").Code() == "ok";
}
