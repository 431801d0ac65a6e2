using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Borderless.Core;

/// <summary>A key that verifies receipts. Its algorithm is a property of the key, so that no header can choose another one for it.</summary>
internal abstract class ReceiptKey
{
    public const string Hs256 = "HS256";
    public const string Es256 = "ES256";

    private ReceiptKey(string algorithm) => Algorithm = algorithm;

    public string Algorithm { get; }

    public abstract bool Verifies(byte[] signed, byte[] signature);

    /// <summary>Compared in constant time.</summary>
    public sealed class Secret(SigningKey key) : ReceiptKey(Hs256)
    {
        public override bool Verifies(byte[] signed, byte[] signature)
        {
            Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(key.ReceiptBytes, signed, mac);
            return CryptographicOperations.FixedTimeEquals(mac, signature);
        }
    }

    public sealed class Public(ReceiptPublicKey key) : ReceiptKey(Es256)
    {
        public override bool Verifies(byte[] signed, byte[] signature) => key.Verifies(signed, signature);
    }
}

/// <summary>A public key of the curve P-256 (FIPS 186-5) that verifies receipts. It comes from a PEM text or a JWK Set, see <see cref="ReceiptKeys"/>.</summary>
public sealed class ReceiptPublicKey
{
    /// <summary>The length of a coordinate in bytes.</summary>
    internal const int CoordinateLength = 32;

    private readonly ECPoint point;
    private readonly EcHandle handle;

    private ReceiptPublicKey(ECParameters key, Option<string> id) =>
        (point, handle, Id) = (key.Q, new EcHandle(key), id.IfNone(() => Thumbprint(key.Q)));

    /// <summary>What receipts name it by: its thumbprint (RFC 7638), 43 characters of base64url, unless a JWK Set named it otherwise.</summary>
    public string Id { get; }

    /// <summary>The coordinates, base64url without padding (RFC 7518 section 6.2.1).</summary>
    internal (string X, string Y) Coordinates => (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));

    /// <summary>The key at a point.</summary>
    /// <returns>The key, or None where the point is not on the curve.</returns>
    internal static Option<ReceiptPublicKey> At(ECPoint point, Option<string> id)
    {
        var key = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point.X, Y = point.Y } };
        try
        {
            ECDsa.Create(key).Dispose();
            return new ReceiptPublicKey(key, id);
        }
        catch (CryptographicException)
        {
            return None;
        }
    }

    /// <summary>The name.</summary>
    public override string ToString() => Id;

    /// <summary>64 bytes, r and s after one another (RFC 7518 section 3.4).</summary>
    internal bool Verifies(byte[] signed, byte[] signature) =>
        signature.Length == 2 * CoordinateLength
        && handle.Use(key => key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    /// <summary>RFC 7638 section 3: the digest of the members that make the key, in the order of their names and without spaces.</summary>
    private static string Thumbprint(ECPoint point) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(
        $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""")));
}

/// <summary>
/// A key as the provider holds it. To make one costs several times what a signature does, and the framework does not promise that two
/// threads may use one; so one is kept, whoever finds it taken makes another, and what is too much is given back.
/// </summary>
internal sealed class EcHandle(ECParameters parameters)
{
    private ECDsa? spare;

    public T Use<T>(Func<ECDsa, T> use)
    {
        var key = Interlocked.Exchange(ref spare, null) ?? ECDsa.Create(parameters);
        try
        {
            return use(key);
        }
        finally
        {
            Interlocked.Exchange(ref spare, key)?.Dispose();
        }
    }
}
