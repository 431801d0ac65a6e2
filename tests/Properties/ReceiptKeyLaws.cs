using System.Security.Cryptography;
using System.Text.Json;

namespace Borderless.Tests.Properties;

public sealed class ReceiptKeyLaws
{
    private static readonly ECDsa First = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa Second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly Receipt Sample = new(BucketName.Default, BlobId.From(Guid.Empty), 1, Digest.OfNothing, null, new(1), Durability.Strict);

    private static string Code(ReceiptKeys keys, ReceiptSigner signer) => Receipts.Verify(keys, new(1), Receipts.Sign(signer, Sample)).Code();

    public static TheoryData<string> PrivateForms() =>
    [
        First.ExportECPrivateKeyPem(), First.ExportPkcs8PrivateKeyPem(),
        $"what openssl says before\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{First.ExportECPrivateKeyPem()}\n",
        First.ExportPkcs8PrivateKeyPem().Replace("\n", "\r\n", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(PrivateForms))]
    public void Every_form_of_a_private_key_is_the_same_key(string pem)
    {
        var published = ReceiptKeys.FromPem(First.ExportSubjectPublicKeyInfoPem()).Must();
        Assert.Equal(published.Jwks, ReceiptKeys.FromPem(pem).Must().Jwks);
        Assert.Equal("ok", Code(published, ReceiptSigner.FromPem(pem).Must()));
    }

    [Fact]
    public void Of_several_keys_the_first_private_one_signs_and_all_verify_and_are_published_once()
    {
        var pem = string.Join('\n', Second.ExportSubjectPublicKeyInfoPem(), First.ExportECPrivateKeyPem(), Second.ExportPkcs8PrivateKeyPem(), First.ExportSubjectPublicKeyInfoPem());
        var keys = ReceiptKeys.FromPem(pem).Must();
        var signer = ReceiptSigner.FromPem(pem).Must();
        var second = ReceiptSigner.FromPem(Second.ExportECPrivateKeyPem()).Must();

        Assert.Equal(ReceiptSigner.FromPem(First.ExportECPrivateKeyPem()).Must().KeyId, signer.KeyId);
        Assert.Equal(new[] { second.KeyId, signer.KeyId }, keys.Published.Select(key => key.Id));
        Assert.Equal("ok", Code(keys, signer));
        Assert.Equal("ok", Code(keys, second));
    }

    public static TheoryData<string> NoKeys()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var pem = First.ExportECPrivateKeyPem();
        return
        [
            "", "garbage", "-----BEGIN PRIVATE KEY-----", pem[..^10], pem[..60], $"{pem}\n{pem[..80]}", pem.Replace("EC PRIVATE KEY", "PRIVATE KEY", StringComparison.Ordinal),
            p384.ExportECPrivateKeyPem(), p384.ExportPkcs8PrivateKeyPem(), p384.ExportSubjectPublicKeyInfoPem(), rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPrivateKeyPem(),
            rsa.ExportSubjectPublicKeyInfoPem(), $"{pem}\n{p384.ExportECPrivateKeyPem()}", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            First.ExportEncryptedPkcs8PrivateKeyPem("pass", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 10)),
            Weird("secp256k1", "1.3.132.0.10"), Weird("brainpoolP256r1", "1.3.36.3.3.2.8.1.1.7"),
        ];
    }

    /// <summary>Another curve of 256 bits, if the provider has it.</summary>
    private static string Weird(string name, string oid)
    {
        try
        {
            using var key = ECDsa.Create(ECCurve.CreateFromOid(new Oid(oid, name)));
            return key.ExportPkcs8PrivateKeyPem();
        }
        catch (Exception error) when (error is CryptographicException or PlatformNotSupportedException)
        {
            return "";
        }
    }

    [Theory]
    [MemberData(nameof(NoKeys))]
    public void What_is_no_key_of_the_curve_is_a_problem_and_no_exception(string pem)
    {
        Assert.All(
            [ReceiptKeys.FromPem(pem).Map(_ => unit), ReceiptSigner.FromPem(pem).Map(_ => unit)],
            outcome => Assert.True(outcome.Match(Right: _ => false, Left: problem => problem.Detail.Length > 0 && !problem.Detail.Any(char.IsControl))));
    }

    [Fact]
    public void A_public_key_alone_signs_nothing() => Assert.True(ReceiptSigner.FromPem(First.ExportSubjectPublicKeyInfoPem()).IsLeft);

    [Property]
    public bool No_text_makes_the_readers_throw(Hostile text) =>
        ReceiptKeys.FromPem(text.Text).IsLeft && ReceiptSigner.FromPem(text.Text).IsLeft && ReceiptKeys.FromJwks(text.Text).IsLeft;

    [Property]
    public bool No_json_makes_the_reader_throw(JsonBytes json, Hostile text) =>
        ReceiptKeys.FromJwks(System.Text.Encoding.Latin1.GetString(json.Bytes)).IsLeft
        && ReceiptKeys.FromJwks($$"""{"keys":[{"kty":"EC","crv":"P-256","x":{{JsonSerializer.Serialize(text.Text)}},"y":""}]}""").IsLeft;

    [Fact]
    public void What_is_published_verifies_elsewhere_and_holds_no_private_key()
    {
        var keys = ReceiptKeys.FromPem($"{First.ExportECPrivateKeyPem()}\n{Second.ExportPkcs8PrivateKeyPem()}").Must();
        var fetched = ReceiptKeys.FromJwks(keys.Jwks).Must();

        Assert.Equal(keys.Jwks, fetched.Jwks);
        Assert.Equal("ok", Code(fetched, ReceiptSigner.FromPem(Second.ExportECPrivateKeyPem()).Must()));
        Assert.All(
            JsonDocument.Parse(keys.Jwks).RootElement.GetProperty("keys").EnumerateArray(),
            key => Assert.Equal(["kty", "crv", "x", "y", "kid", "alg", "use"], key.EnumerateObject().Select(member => member.Name)));
        Assert.Equal("""{"keys":[]}""", ReceiptKeys.None.Jwks);
        Assert.Equal("""{"keys":[]}""", ReceiptKeys.FromJwks("""{"keys":[]}""").Must().Jwks);
    }

    /// <summary>The key of RFC 7515 appendix A.3.1, and the EC key of RFC 7517 appendix A.1, which is for encryption.</summary>
    private const string RfcSignature =
        """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";

    private const string RfcEncryption =
        """{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}""";

    [Fact]
    public void Of_the_keys_of_the_standards_those_that_sign_are_taken_and_others_ignored()
    {
        const string others = """{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMko","kid":"2"},{"kty":"RSA","n":"0vx7","e":"AQAB"},{"kty":"EC","crv":"P-384","x":"","y":""},{"kty":7}""";
        var keys = ReceiptKeys.FromJwks($$"""{"other":1,"keys":[{{RfcEncryption}},{{RfcSignature}},{{others}}]}""").Must();

        Assert.Equal(1, keys.Published.Count);
        Assert.Contains("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", keys.Jwks, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEQ")]
    [InlineData("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=")]
    [InlineData("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV")]
    [InlineData("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "")]
    [InlineData("\"y\"", "\"z\"")]
    [InlineData("\"y\"", "\"x\"")]
    [InlineData("{\"kty\"", "{\"kid\":7,\"kty\"")]
    [InlineData("{\"kty\"", "{\"kid\":\"\",\"kty\"")]
    public void A_damaged_key_of_a_set_is_a_problem(string written, string instead)
    {
        Assert.Contains(written, RfcSignature, StringComparison.Ordinal);
        Assert.True(ReceiptKeys.FromJwks($$"""{"keys":[{{RfcSignature.Replace(written, instead, StringComparison.Ordinal)}}]}""").IsLeft);
    }
}
