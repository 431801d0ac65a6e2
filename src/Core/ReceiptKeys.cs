using System.Security.Cryptography;

namespace Borderless.Core;

/// <summary>Why a text holds no keys that sign or verify receipts.</summary>
/// <param name="Detail">What is wrong with it, for the one who wrote it. Never a part of a key.</param>
public sealed record KeyProblem(string Detail);

/// <summary>What signs receipts: the key of a secret (HS256) or a private key of the curve P-256 (ES256, RFC 7518 section 3.4).</summary>
public abstract class ReceiptSigner
{
    private ReceiptSigner(string algorithm, string keyId) => (Algorithm, KeyId) = (algorithm, keyId);

    /// <summary>The algorithm as a header names it (RFC 7518 section 3.1): <c>HS256</c> or <c>ES256</c>.</summary>
    public string Algorithm { get; }

    /// <summary>What receipts carry as <c>kid</c>: the name of the key, empty for the default key; of an ES256 key its thumbprint (RFC 7638).</summary>
    public string KeyId { get; }

    /// <summary>Signs with the key that is derived of a secret, by HKDF-SHA256 (RFC 5869) with the info <c>borderless receipt v1</c>.</summary>
    public static ReceiptSigner Of(NamedKey key) => new Secret(key);

    /// <summary>Signs with the first private key of a PEM text (RFC 7468): <c>PRIVATE KEY</c> or <c>EC PRIVATE KEY</c>.</summary>
    /// <returns>The signer, or a problem where there is no private key, or anything that is no key of P-256.</returns>
    public static Either<KeyProblem, ReceiptSigner> FromPem(string pem) =>
        from keys in EcPem.Read(pem)
        from signer in keys.Find(key => key.Private is not null).Case is EcPem key
            ? Right<KeyProblem, ReceiptSigner>(new Curve(key.Private!.Value, key.Public.Id))
            : new KeyProblem("the PEM text holds no private key, so that nothing could be signed")
        select signer;

    /// <summary>Never a key.</summary>
    public override string ToString() => $"ReceiptSigner({Algorithm})";

    internal abstract byte[] SignatureOf(byte[] signed);

    private sealed class Secret(NamedKey key) : ReceiptSigner(ReceiptKey.Hs256, key.Id)
    {
        internal override byte[] SignatureOf(byte[] signed) => HMACSHA256.HashData(key.Key.ReceiptBytes, signed);
    }

    private sealed class Curve(ECParameters key, string id) : ReceiptSigner(ReceiptKey.Es256, id)
    {
        private readonly EcHandle handle = new(key);

        /// <summary>Each ES256 signature needs a random number, and Core has none: it is the provider's own, inside its signing.</summary>
        internal override byte[] SignatureOf(byte[] signed) => handle.Use(signing =>
            signing.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }
}

/// <summary>What verifies receipts: the keys of secrets, and any number of public keys. A key's kind is its own, whatever a receipt says.</summary>
public sealed class ReceiptKeys
{
    /// <summary>No key at all: every receipt is refused.</summary>
    public static readonly ReceiptKeys None = new(KeyRing.Of(), []);

    private readonly KeyRing secrets;
    private readonly ReceiptPublicKey[] published;

    private ReceiptKeys(KeyRing secrets, ReceiptPublicKey[] published) => (this.secrets, this.published) = (secrets, published);

    /// <summary>The public keys, each once, in order.</summary>
    public Seq<ReceiptPublicKey> Published => toSeq(published);

    /// <summary>The public keys as a JWK Set (RFC 7517 section 5); an empty one where there are none. No secret is ever in it.</summary>
    public string Jwks => JwkSet.Write(Published);

    /// <summary>The keys of secrets, each until it ends.</summary>
    public static ReceiptKeys Of(KeyRing secrets) => new(secrets, []);

    /// <summary>All keys of a PEM text (RFC 7468), of the private ones the public half.</summary>
    /// <returns>The keys, or a problem where there is none, or anything that is no key of P-256.</returns>
    public static Either<KeyProblem, ReceiptKeys> FromPem(string pem) => EcPem.Read(pem).Map(keys => Of(keys.Map(key => key.Public)));

    /// <summary>The keys of a JWK Set as a store publishes it at <c>/.well-known/jwks.json</c>; maybe none.</summary>
    /// <returns>
    /// The keys; or a problem where the text is no JWK Set, or one of its ES256 keys is none. Keys of other kinds and uses are ignored
    /// (RFC 7517 section 5), secrets (<c>oct</c>) too.
    /// </returns>
    public static Either<KeyProblem, ReceiptKeys> FromJwks(string json) => JwkSet.Read(json).Map(Of);

    /// <summary>These keys and those. Where two have one name, these come first, and secrets before public keys.</summary>
    public ReceiptKeys And(ReceiptKeys others) =>
        new(KeyRing.Of([.. secrets.All, .. others.secrets.All]), Of(Published + others.Published).published);

    /// <summary>Never a secret.</summary>
    public override string ToString() => $"ReceiptKeys({secrets.All.Count} secrets, {published.Length} public keys)";

    /// <summary>The key of a name, unless it has ended; null otherwise.</summary>
    internal ReceiptKey? Find(string id, UnixSeconds now) =>
        secrets.Find(id, now) is { } secret ? new ReceiptKey.Secret(secret)
        : System.Array.Find(published, key => key.Id == id) is { } known ? new ReceiptKey.Public(known)
        : null;

    private static ReceiptKeys Of(Seq<ReceiptPublicKey> published) => new(KeyRing.Of(), [.. published.DistinctBy(key => key.Id)]);
}
