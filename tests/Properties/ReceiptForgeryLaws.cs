using System.Security.Cryptography;
using System.Text;
using static Borderless.Tests.Properties.ReceiptsByHand;

namespace Borderless.Tests.Properties;

/// <summary>What is no receipt, though somebody signed it.</summary>
public sealed class ReceiptForgeryLaws
{
    /// <summary>The ways in which a public key is at hand for everybody, who could take it for a secret.</summary>
    public static TheoryData<byte[]> PublicForms()
    {
        var q = Ec.ExportParameters(false).Q;
        return
        [
            Ec.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(Ec.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes($"{Ec.ExportSubjectPublicKeyInfoPem()}\n"),
            [.. q.X!, .. q.Y!], [4, .. q.X!, .. q.Y!], q.X!, Encoding.ASCII.GetBytes(CurveKeys.Jwks), Encoding.ASCII.GetBytes(ByCurve.KeyId), [],
        ];
    }

    [Theory]
    [MemberData(nameof(PublicForms))]
    public void A_public_key_is_never_taken_for_a_secret(byte[] form)
    {
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, form, 32, [], "borderless receipt v1"u8.ToArray());
        foreach (var macKey in new[] { form, derived })
        {
            foreach (var alg in new[] { "HS256", "ES256", "none" })
            {
                var forged = ByHand($$"""{"alg":"{{alg}}","kid":"{{ByCurve.KeyId}}","typ":"borderless-receipt+jwt"}""", SampleClaims, macKey);
                Assert.Equal("invalid_receipt", Code(forged));
                Assert.Equal("invalid_receipt", Receipts.Verify(CurveKeys, Now, forged).Code());
                Assert.Equal("invalid_receipt", Code($"{forged[..forged.LastIndexOf('.')]}."));
            }
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"ES256","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS512","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"hs256","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":null,"typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":["HS256"],"typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","typ":"Borderless-Receipt+JWT"}""")]
    [InlineData("""{"alg":"HS256","typ":1}""")]
    [InlineData("""{"alg":"HS256","kid":"","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":null,"typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":7,"typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":"unknown","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","kid":"\ud800","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","alg":"HS256","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"none","alg":"HS256","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","\u0061lg":"HS256","typ":"borderless-receipt+jwt"}""")]
    [InlineData("""{"alg":"HS256","typ":"borderless-receipt+jwt","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"HS256","typ":"borderless-receipt+jwt","crit":[]}""")]
    [InlineData("""["HS256"]""")]
    [InlineData("\"HS256\"")]
    [InlineData("")]
    public void A_header_that_is_none_of_ours_is_refused_under_the_right_signature(string header) =>
        Assert.Equal("invalid_receipt", Code(ByHand(header, SampleClaims)));

    [Theory]
    [InlineData("""{"typ":"borderless-receipt+jwt","alg":"HS256"}""")]
    [InlineData(""" {"alg":"HS256","typ":"borderless-receipt+jwt","jku":"https://elsewhere.example","jwk":{"kty":"oct","k":""}} """)]
    public void Members_of_the_header_that_say_nothing_here_are_ignored(string header) => Assert.Equal("ok", Code(ByHand(header, SampleClaims)));

    [Theory]
    [InlineData("\"default\"", "\"Default\"")]
    [InlineData("\"default\"", "\"upload\"")]
    [InlineData("\"default\"", "\"\"")]
    [InlineData("\"default\"", "null")]
    [InlineData("\"default\"", "\"\\udc00\"")]
    [InlineData("\"01996168-e738", "\"01996168-E738")]
    [InlineData("\"01996168-e738", "\"{01996168-e738")]
    [InlineData("\"blob_id\"", "\"blob\"")]
    [InlineData("\"size\":13", "\"size\":-1")]
    [InlineData("\"size\":13", "\"size\":-0")]
    [InlineData("\"size\":13", "\"size\":13.0")]
    [InlineData("\"size\":13", "\"size\":1e1")]
    [InlineData("\"size\":13", "\"size\":\"13\"")]
    [InlineData("\"size\":13", "\"size\":9223372036854775808")]
    [InlineData("\"size\":13", "\"size\":13,\"size\":14")]
    [InlineData("\"size\":13", "\"size\":13,\"\\u0073ize\":13")]
    [InlineData("\"size\":13,", "")]
    [InlineData("fe23b0", "FE23B0")]
    [InlineData("fe23b0", "fe23b")]
    [InlineData("\"text/plain\"", "\"\"")]
    [InlineData("\"text/plain\"", "null")]
    [InlineData("\"text/plain\"", "\"a\\nb\"")]
    [InlineData("\"text/plain\"", "\"\u00e4\"")]
    [InlineData("\"iat\":1758276788", "\"iat\":-1")]
    [InlineData("\"iat\":1758276788", "\"iat\":1758276788.5")]
    [InlineData("\"iat\":1758276788", "\"iat\":99999999999999999999")]
    [InlineData("\"strict\"", "\"Strict\"")]
    [InlineData("\"strict\"", "true")]
    [InlineData("\"strict\"}", "\"strict\",\"exp\":9999999999}")]
    [InlineData("\"strict\"}", "\"strict\",\"nbf\":0}")]
    [InlineData("\"strict\"}", "\"strict\",\"aud\":\"others\"}")]
    [InlineData("\"strict\"}", "\"strict\"}}")]
    [InlineData("\"strict\"}", "\"strict\",}")]
    [InlineData("\"strict\"}", "\"strict\"")]
    public void Claims_that_are_none_of_ours_are_refused_under_the_right_signature(string written, string instead)
    {
        Assert.Contains(written, SampleClaims, StringComparison.Ordinal);
        Assert.Equal("ok", Code(ByHand(SecretHeader, SampleClaims)));
        Assert.Equal("invalid_receipt", Code(ByHand(SecretHeader, SampleClaims.Replace(written, instead, StringComparison.Ordinal))));
    }

    [Fact]
    public void Claims_that_a_later_store_may_add_are_ignored() =>
        Assert.True(Receipts.Verify(AllKeys, Now, ByHand(SecretHeader, SampleClaims.Replace("\"strict\"}", "\"strict\",\"etag\":[{}]}", StringComparison.Ordinal))).Is(Sample));
}
