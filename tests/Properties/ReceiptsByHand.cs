using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Borderless.Tests.Properties;

/// <summary>Keys, a statement, and receipts put together from a bare HMAC, well or ill.</summary>
internal static class ReceiptsByHand
{
    public const string SecretText = "super-secret-hmac-secret";
    public static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static readonly ReceiptSigner BySecret = ReceiptSigner.Of(NamedKey.Default(SigningKey.FromSecret(SecretText)));
    public static readonly ReceiptSigner ByCurve = ReceiptSigner.FromPem(Ec.ExportPkcs8PrivateKeyPem()).Must();
    public static readonly ReceiptKeys SecretKeys = ReceiptKeys.Of(KeyRing.OfSecret(SecretText));
    public static readonly ReceiptKeys CurveKeys = ReceiptKeys.FromPem(Ec.ExportSubjectPublicKeyInfoPem()).Must();
    public static readonly ReceiptKeys AllKeys = SecretKeys.And(CurveKeys);
    public static readonly UnixSeconds Now = new(1_758_276_788);

    public static readonly Receipt Sample = new(
        BucketName.Default, BlobId.Parse("01996168-e738-7552-9662-2041482b96c3").RightOrThrow(), 13,
        Digest.Parse("fe23b00879ebb97d45833abb639ee8a13a478353bd2f2e50df6a4672ec93f2f2").IfNone(Digest.OfNothing), "text/plain", Now, Durability.Strict);

    public const string SampleClaims =
        """{"bucket":"default","blob_id":"01996168-e738-7552-9662-2041482b96c3","size":13,"sha256":"fe23b00879ebb97d45833abb639ee8a13a478353bd2f2e50df6a4672ec93f2f2","content_type":"text/plain","iat":1758276788,"durability":"strict"}""";

    public const string SecretHeader = """{"alg":"HS256","typ":"borderless-receipt+jwt"}""";

    /// <summary>The contract again: HKDF (RFC 5869) and the compact form from a bare HMAC.</summary>
    public static string ByHand(string header, string claims, byte[]? macKey = null) => ByHand(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims), macKey);

    public static string ByHand(byte[] header, byte[] claims, byte[]? macKey = null)
    {
        var extracted = HMACSHA256.HashData(new byte[32], Encoding.UTF8.GetBytes(SecretText));
        var key = macKey ?? HMACSHA256.HashData(extracted, (byte[])[.. "borderless receipt v1"u8, 1]);
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Code(string jws) => Receipts.Verify(AllKeys, Now, jws).Code();
}
