using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using static Borderless.Tests.Properties.ReceiptsByHand;

namespace Borderless.Tests.Properties;

public sealed class ReceiptLaws
{
    [Fact]
    public void A_receipt_has_exactly_this_header_these_claims_and_this_key()
    {
        Assert.Equal(ByHand(SecretHeader, SampleClaims), Receipts.Sign(BySecret, Sample));
        Assert.Equal(
            ByHand("""{"alg":"HS256","kid":"k1","typ":"borderless-receipt+jwt"}""", SampleClaims.Replace("\"content_type\":\"text/plain\",", "", StringComparison.Ordinal)),
            Receipts.Sign(ReceiptSigner.Of(new NamedKey("k1", SigningKey.FromSecret(SecretText), NamedKey.NoEnd)), Sample with { ContentType = null }));
    }

    [Property(MaxTest = 300)]
    public Property What_is_signed_verifies_and_says_the_same(Receipt receipt) =>
        (Receipts.Verify(SecretKeys, Now, Receipts.Sign(BySecret, receipt)).Is(receipt)
            && Receipts.Verify(CurveKeys, Now, Receipts.Sign(ByCurve, receipt)).Is(receipt))
        .Classify(receipt.ContentType is null, "no content type")
        .Classify(receipt.ContentType?.Contains('"') == true, "a content type with quotes");

    [Property]
    public bool A_secret_signs_the_same_receipt_alike(Receipt receipt) => Receipts.Sign(BySecret, receipt) == Receipts.Sign(BySecret, receipt);

    [Property(MaxTest = 300)]
    public bool Any_changed_character_refuses(Receipt receipt, int at, bool curve, char replacement) =>
        Code(Receipts.Sign(curve ? ByCurve : BySecret, receipt).WithOneChanged(at, replacement)) == "invalid_receipt";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_single_character_counts_in_every_other_of_the_alphabet(bool curve)
    {
        // The last character holds bits that say nothing: it is where a lenient decoder takes several spellings.
        var jws = Receipts.Sign(curve ? ByCurve : BySecret, Sample);
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ";
        foreach (var end in new[] { jws.IndexOf('.', StringComparison.Ordinal) - 1, jws.LastIndexOf('.') - 1, jws.Length - 1 })
        {
            Assert.All(alphabet.Where(c => c != jws[end]), c => Assert.Equal("invalid_receipt", Code(jws.Remove(end, 1).Insert(end, c.ToString()))));
        }
    }

    [Property]
    public bool Another_key_refuses(Receipt receipt, Secret other) =>
        Receipts.Verify(ReceiptKeys.Of(KeyRing.OfSecret(other.Text)), Now, Receipts.Sign(BySecret, receipt)).Code() == "invalid_receipt"
        && Receipts.Verify(OtherCurve, Now, Receipts.Sign(ByCurve, receipt)).Code() == "invalid_receipt"
        && Receipts.Verify(Impostor, Now, Receipts.Sign(ByCurve, receipt)).Code() == "invalid_receipt"
        && Receipts.Verify(ReceiptKeys.None, Now, Receipts.Sign(BySecret, receipt)).Code() == "invalid_receipt";

    private static readonly ReceiptKeys OtherCurve = ReceiptKeys.FromPem(ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfoPem()).Must();

    /// <summary>Another key under the name of ours.</summary>
    private static readonly ReceiptKeys Impostor = ReceiptKeys.FromJwks(OtherCurve.Jwks.Replace(OtherCurve.Published.Head.Id, ByCurve.KeyId, StringComparison.Ordinal)).Must();

    [Property]
    public bool The_key_of_urls_signs_no_receipt(Receipt receipt)
    {
        var segments = Receipts.Sign(BySecret, receipt).Split('.');
        var urlKeyed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SecretText), Encoding.ASCII.GetBytes($"{segments[0]}.{segments[1]}"));
        return Code($"{segments[0]}.{segments[1]}.{Base64Url.EncodeToString(urlKeyed)}") == "invalid_receipt";
    }

    [Property]
    public Property A_key_verifies_until_its_end_beside_the_next(Receipt receipt, UrlTime end, Wide now)
    {
        var (old, next) = (new NamedKey("old", SigningKey.FromSecret("the old one"), end.Seconds), new NamedKey("next", SigningKey.FromSecret("the next one"), NamedKey.NoEnd));
        var keys = ReceiptKeys.Of(KeyRing.Of(old, next));
        var ended = now.Value > end.Value;
        return (Receipts.Verify(keys, new(now.Value), Receipts.Sign(ReceiptSigner.Of(old), receipt)).Code() == (ended ? "invalid_receipt" : "ok")
                && Receipts.Verify(keys, new(now.Value), Receipts.Sign(ReceiptSigner.Of(next), receipt)).Is(receipt)
                && Receipts.Verify(ReceiptKeys.Of(KeyRing.Of(next)), new(now.Value), Receipts.Sign(ReceiptSigner.Of(old), receipt)).Code() == "invalid_receipt")
            .Classify(ended, "ended");
    }

    [Property(MaxTest = 500)]
    public Property No_text_makes_the_verifier_throw_and_only_receipts_verify(NearJws near) =>
        Receipts.Verify(AllKeys, Now, near.Text).Match(
            Right: receipt => near.Text == Receipts.Sign(BySecret, receipt) || Unsigned(near.Text) == Unsigned(Receipts.Sign(ByCurve, receipt)),
            Left: error => error.Code == "invalid_receipt" && !error.Message.Any(char.IsControl))
        .Classify(Code(near.Text) == "ok", "verifies");

    private static string Unsigned(string jws) => jws[..jws.LastIndexOf('.')];

    [Property(MaxTest = 500)]
    public bool No_signed_bytes_make_the_verifier_throw(JsonBytes header, JsonBytes claims, Hostile text) =>
        Code(ByHand(header.Bytes, claims.Bytes)) == "invalid_receipt"
        && Code(ByHand(Encoding.UTF8.GetBytes(SecretHeader), claims.Bytes)) == "invalid_receipt"
        && Code(text.Text) == "invalid_receipt";

    [Property]
    public bool No_statement_makes_the_signer_throw(Hostile type, Wide size, Wide at)
    {
        var receipt = Sample with { ContentType = type.Text, Size = size.Value, StoredAt = new(at.Value) };
        return Receipts.Verify(AllKeys, Now, Receipts.Sign(BySecret, receipt)) is var outcome && (outcome.Is(receipt) || outcome.Code() == "invalid_receipt");
    }

    [Fact]
    public void A_long_text_is_not_even_looked_at() => Assert.Equal("invalid_receipt", Code(new string('A', 10_000_000)));

    [Property]
    public bool Neither_signer_nor_keys_show_a_secret(Secret secret)
    {
        var named = new NamedKey("k", SigningKey.FromSecret(secret.Text), NamedKey.NoEnd);
        return !$"{ReceiptSigner.Of(named)}{ReceiptKeys.Of(KeyRing.Of(named))}{ReceiptKeys.Of(KeyRing.Of(named)).Jwks}".Contains(secret.Text, StringComparison.Ordinal);
    }
}
