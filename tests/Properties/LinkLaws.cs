using System.Security.Cryptography;
using System.Text;

namespace Borderless.Tests.Properties;

public sealed class LinkLaws
{
    private const string Id = "01996168-e738-7552-9662-2041482b96c3";

    /// <summary>A target with a right signature over whatever text it holds, so that nothing but its form can be wrong.</summary>
    private static string Signed(SignedUrl url, string path, string expires, string extra = "")
    {
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(url.Secret), Encoding.UTF8.GetBytes($"{url.Method}|{path}|{expires}"));
        var sig = Convert.ToBase64String(mac).Replace('+', '-').Replace('/', '_');
        return $"{path}?expires={Uri.EscapeDataString(expires)}&sig={sig}{extra}";
    }

    private static string Plain(SignedUrl url) => Signed(url, url.Claim.Path, $"{url.Expires.Value}");

    [Property(MaxTest = 1000)]
    public Property Reading_never_throws(Approach approach) =>
        (Link.Read(approach.Method, approach.Target).Code() is "ok" or "no_such_route" or "invalid_bucket" or "method_not_allowed"
            or "invalid_blob_id" or "missing_signature" or "invalid_signature")
        .Classify(Link.Read(approach.Method, approach.Target).IsRight, "read");

    [Property]
    public Property A_signed_url_reads_back_as_signed(SignedUrl url)
    {
        var link = Link.Read(url.Method, url.Target).RightOrThrow();
        return (link.Action == url.Action && link.Blob == BlobId.From(url.Id) && link.Signature == url.Signature
                && link.Bucket.Value == (url.First is "upload" or "files" ? "default" : url.First.ToLowerInvariant())
                && Signing.StringToSign(link.Claim) == Signing.StringToSign(url.Claim))
            .Classify(url.First.Any(char.IsAsciiLetterUpper), "bucket in upper case")
            .Classify(url.Second.Any(char.IsAsciiLetterUpper), "id in upper case")
            .Classify(!url.Query.All.IsEmpty, "with parameters");
    }

    [Property]
    public Property A_path_is_signed_as_received_and_lowered_only_then(SignedUrl url)
    {
        var lowered = url.Target.Replace(url.Claim.Path, url.Claim.Path.ToLowerInvariant(), StringComparison.Ordinal);
        return (url.Open(url.Method, lowered).WasSigned() == (lowered == url.Target)).Classify(lowered != url.Target, "had upper case");
    }

    [Property]
    public bool A_path_that_is_not_canonical_is_no_route(SignedUrl url)
    {
        var (first, second) = (url.First, url.Second);
        return Seq(
                $"/{first}/{second}/", $"//{first}/{second}", $"/{first}//{second}", $"/x/../{first}/{second}",
                $"/./{first}/{second}", $"/{first}/./{second}",
                $"/../{second}", $"/{first}/..", $"/./{second}", $"/{first}/.", $"/{first}/", $"//{second}", $"/{first}", "/", "", "*",
                $"{first}/{second}", $"/%{(int)first[0]:x2}{first[1..]}/{second}",
                $"/{first}/%{(int)second[0]:x2}{second[1..]}", $"/{first}/{second}%",
                $"/{first}%2f{second}", $"http://localhost/{first}/{second}")
            .ForAll(path => Link.Read(url.Method, Signed(url, path, "0")).Code() == "no_such_route");
    }

    [Theory]
    [InlineData("POST", "/Upload/")]
    [InlineData("GET", "/FILES/")]
    [InlineData("GET", "/fileS/")]
    [InlineData("GET", "/Console/")]
    [InlineData("GET", "/a.b/")]
    [InlineData("GET", "/.../")]
    [InlineData("GET", "/a;b/")]
    [InlineData("GET", "/\u212a/")]
    [InlineData("GET", "/a\\b/")]
    public void A_first_segment_that_names_no_bucket_is_refused(string method, string prefix) =>
        Assert.Equal("invalid_bucket", Link.Read(method, $"{prefix}{Id}").Code());

    [Theory]
    [InlineData("/admin/")]
    [InlineData("/metrics/")]
    [InlineData("/healthz/")]
    public void Another_reserved_word_is_no_bucket_route_at_all(string prefix) =>
        Assert.Equal("no_such_route", Link.Read("GET", $"{prefix}{Id}").Code());

    [Theory]
    [InlineData("POST", "/files/")]
    [InlineData("PUT", "/files/")]
    [InlineData("DELETE", "/upload/")]
    [InlineData("get", "/files/")]
    [InlineData("PATCH", "/bucket/")]
    [InlineData("", "/bucket/")]
    public void A_method_that_a_path_does_not_take_is_named_before_the_signature(string method, string prefix) =>
        Assert.Equal("method_not_allowed", Link.Read(method, $"{prefix}{Id}").Code());

    [Property]
    public bool Without_expiry_or_signature_a_link_has_none(SignedUrl url) =>
        Seq("", "?", $"?sig={url.Signature}", $"?expires={url.Expires.Value}", "?a=1").ForAll(query =>
            Link.Read(url.Method, url.Claim.Path + query).Code() == "missing_signature");

    /// <summary>Neither a signature over the other spelling helps, nor the one over the number that it stands for.</summary>
    [Property]
    public Property An_expiry_has_one_spelling(SignedUrl url)
    {
        var (path, digits) = (url.Claim.Path, $"{url.Expires.Value}");
        var (plain, others) = (Signed(url, path, digits), Seq(
            $"0{digits}", $"00{digits}", $"+{digits}", $"-{digits}", $" {digits}", $"{digits} ", $"{digits}.0", $"{digits}e0", $"0x{digits}",
            $"{digits}\0", digits.PadLeft(13, '1'), digits.PadLeft(20, '1'), digits.PadLeft(400, '1'), "00", "", "a", "٣"));
        return (url.Open(url.Method, plain).Code() == "ok" && others.ForAll(other =>
                Seq(Signed(url, path, other), plain.Replace($"expires={digits}", $"expires={Uri.EscapeDataString(other)}", StringComparison.Ordinal))
                    .ForAll(target => url.Open(url.Method, target).Code() == "invalid_signature")))
            .Classify(digits.Length is 1 or 12, "of extreme length");
    }

    [Property]
    public bool A_signature_may_be_percent_encoded_once(SignedUrl url)
    {
        var (target, sig) = (url.Target, url.Signature);
        var all = string.Concat(sig.Select(c => $"%{(int)c:x2}"));
        return Seq(target.Replace(sig, sig.Replace("=", "%3D", StringComparison.Ordinal), StringComparison.Ordinal),
                target.Replace(sig, sig.Replace("=", "%3d", StringComparison.Ordinal), StringComparison.Ordinal),
                target.Replace(sig, all, StringComparison.Ordinal)).ForAll(other => url.Open(url.Method, other).WasSigned())
            && !url.Open(url.Method, target.Replace(sig, sig.Replace("=", "%253D", StringComparison.Ordinal), StringComparison.Ordinal)).WasSigned();
    }

    [Property]
    public bool A_repeated_parameter_is_refused_even_with_the_same_value(SignedUrl url) =>
        Seq($"&sig={url.Signature}", $"&expires={url.Expires.Value}", "&x=1&x=1", "&x&x=", "&x=1&y=2&x=3").ForAll(extra =>
            url.Open(url.Method, Plain(url) + extra).Code() == "invalid_signature");

    [Theory]
    [InlineData("&a=%ff")]
    [InlineData("&a=%c0%80")]
    [InlineData("&a=%ed%a0%80")]
    [InlineData("&a=%")]
    [InlineData("&a=ä")]
    [InlineData("&A=1")]
    [InlineData("&a-b=1")]
    [InlineData("&%61=1")]
    [InlineData("&ä=1")]
    [InlineData("&=1")]
    [InlineData("&")]
    [InlineData("&&a=1")]
    [InlineData("&a =1")]
    [InlineData("&xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=1")] // 33 characters
    public void A_malformed_query_is_refused(string extra) =>
        Assert.Equal("invalid_signature", Link.Read("GET", $"/files/{Id}?expires=0&sig=x{extra}").Code());

    [Theory]
    [InlineData(30, "ok")]
    [InlineData(31, "invalid_signature")]
    [InlineData(4000, "invalid_signature")]
    public void A_query_has_32_parameters_at_the_most(int others, string code) => Assert.Equal(
        code, Link.Read("GET", $"/files/{Id}?expires=0&sig=x{string.Concat(Enumerable.Range(0, others).Select(i => $"&a{i}=%41"))}").Code());
}
