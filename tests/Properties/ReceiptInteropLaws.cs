using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Borderless.Tests.Properties;

/// <summary>Receipts beside a library that shares no code with Core.</summary>
public sealed class ReceiptInteropLaws
{
    private const string SecretText = "another-secret-for-receipts";
    private static readonly NamedKey Named = new("2026-a", SigningKey.FromSecret(SecretText), NamedKey.NoEnd);
    private static readonly ECDsa Ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string Pem = Ec.ExportECPrivateKeyPem();
    private static readonly ReceiptSigner Secret = ReceiptSigner.Of(Named);
    private static readonly ReceiptSigner Curve = ReceiptSigner.FromPem(Pem).Must();
    private static readonly ReceiptKeys Keys = ReceiptKeys.Of(KeyRing.Of(Named)).And(ReceiptKeys.FromPem(Pem).Must());

    private static readonly SymmetricSecurityKey TheirSecret = new(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(SecretText), 32, [], Encoding.ASCII.GetBytes("borderless receipt v1")))
    { KeyId = Named.Id };

    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    private static async Task<IDictionary<string, object>> Theirs(string jws, params SecurityKey[] keys)
    {
        var result = await Handler.ValidateTokenAsync(jws, new TokenValidationParameters
        {
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
            ValidTypes = [Receipts.Type],
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false,
        });
        return result.IsValid ? result.Claims : throw result.Exception;
    }

    private static async Task<bool> SaysTheSame(Receipt receipt, string jws, params SecurityKey[] keys)
    {
        var claims = await Theirs(jws, keys);
        return claims["bucket"].Equals(receipt.Bucket.Value) && claims["blob_id"].Equals(receipt.Blob.ToString())
            && Convert.ToInt64(claims["size"], System.Globalization.CultureInfo.InvariantCulture) == receipt.Size
            && claims["sha256"].Equals(receipt.Sha256.ToString())
            && claims.TryGetValue("content_type", out var type) == (receipt.ContentType is not null) && Equals(type, receipt.ContentType)
            && Convert.ToInt64(claims["iat"], System.Globalization.CultureInfo.InvariantCulture) == receipt.StoredAt.Value
            && claims["durability"].Equals(receipt.Durability == Durability.Strict ? "strict" : "relaxed");
    }

    [Property]
    public Task<bool> Another_library_verifies_ours_by_the_secret(Receipt receipt) => SaysTheSame(receipt, Receipts.Sign(Secret, receipt), TheirSecret);

    [Property]
    public Task<bool> Another_library_verifies_ours_by_the_published_keys(Receipt receipt) =>
        SaysTheSame(receipt, Receipts.Sign(Curve, receipt), [.. new JsonWebKeySet(Keys.Jwks).GetSigningKeys()]);

    [Property]
    public bool A_receipt_of_another_library_verifies(Receipt receipt, bool curve)
    {
        // What it signs with is named by the thumbprint that it computes itself.
        var ec = new ECDsaSecurityKey(Ec);
        ec.KeyId = Base64UrlEncoder.Encode(ec.ComputeJwkThumbprint());
        var claims = new Dictionary<string, object>
        {
            ["durability"] = receipt.Durability == Durability.Strict ? "strict" : "relaxed",
            ["iat"] = receipt.StoredAt.Value,
            ["sha256"] = receipt.Sha256.ToString(),
            ["size"] = receipt.Size,
            ["blob_id"] = receipt.Blob.ToString(),
            ["bucket"] = receipt.Bucket.Value,
        };
        if (receipt.ContentType is { Length: < 1000 } type)
        {
            claims["content_type"] = type;
        }

        var jws = Handler.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            TokenType = Receipts.Type,
            SigningCredentials = curve ? new(ec, SecurityAlgorithms.EcdsaSha256) : new(TheirSecret, SecurityAlgorithms.HmacSha256),
        });
        return Receipts.Verify(Keys, new(0), jws).Is(receipt with { ContentType = receipt.ContentType is { Length: < 1000 } ? receipt.ContentType : null });
    }

    [Fact]
    public void A_key_is_named_as_another_library_names_it() =>
        Assert.Equal(Curve.KeyId, Base64UrlEncoder.Encode(new JsonWebKeySet(Keys.Jwks).Keys.Single().ComputeJwkThumbprint()));

    [Fact]
    public async Task Another_library_refuses_ours_once_a_character_differs()
    {
        var sample = new Receipt(BucketName.Default, BlobId.From(Guid.Empty), 1, Digest.OfNothing, null, new(1), Durability.Relaxed);
        await Assert.ThrowsAnyAsync<SecurityTokenException>(() => Theirs(Receipts.Sign(Secret, sample).WithOneChanged(70, 'x'), TheirSecret));
        await Assert.ThrowsAnyAsync<SecurityTokenException>(() => Theirs(Receipts.Sign(Curve, sample).WithOneChanged(150, 'x'), [.. new JsonWebKeySet(Keys.Jwks).GetSigningKeys()]));
    }
}
