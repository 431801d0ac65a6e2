namespace Borderless.Core;

/// <summary>What the store says of a blob that it has taken: the statement that a receipt carries under a signature.</summary>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">Which blob.</param>
/// <param name="Size">Its size in bytes, from 0 on.</param>
/// <param name="Sha256">The digest of its bytes.</param>
/// <param name="ContentType">Its content type as sent: 1 to <see cref="ContentHeaders.MaxLength"/> characters of 0x20-0x7E and tab; null where none was sent.</param>
/// <param name="StoredAt">When it was stored, from 0 on.</param>
/// <param name="Durability">What its acknowledgement meant.</param>
public sealed record Receipt(
    BucketName Bucket, BlobId Blob, long Size, Digest Sha256, string? ContentType, UnixSeconds StoredAt, Durability Durability);

/// <summary>
/// Receipts as a JWS in its compact form (RFC 7515 section 7.1) with the claims of a JWT (RFC 7519). Nothing here asks a clock or keeps
/// state.
/// </summary>
public static class Receipts
{
    /// <summary>The type of a receipt, the header's <c>typ</c> (RFC 7515 section 4.1.9, RFC 8725 section 3.11).</summary>
    public const string Type = "borderless-receipt+jwt";

    /// <summary>The longest receipt that is looked at, in characters. Those that a store signs are shorter.</summary>
    public const int MaxLength = 8192;

    /// <summary>
    /// Signs a receipt. With a key of a secret, the same receipt makes the same text; an ES256 signature (RFC 7518 section 3.4) is another
    /// one each time.
    /// </summary>
    /// <param name="signer">Who signs.</param>
    /// <param name="receipt">The statement. One that is out of its bounds is signed all the same, and then verifies nowhere.</param>
    public static string Sign(ReceiptSigner signer, Receipt receipt) => Jws.Sign(signer, ReceiptClaims.Write(receipt));

    /// <summary>
    /// Verifies a receipt: the key that <c>kid</c> names says which algorithm it must be, the header only has to agree; then the
    /// signature, then the claims. Total: no text makes it throw.
    /// </summary>
    /// <param name="keys">The keys of the store that signed.</param>
    /// <param name="now">The current time, for keys that end. A receipt has no end of its own.</param>
    /// <param name="jws">The receipt as it came.</param>
    /// <returns>
    /// The statement, or <see cref="StoreError.InvalidReceipt"/>: not the one spelling of a compact JWS, a key that is not known or has
    /// ended, another algorithm, another type, extensions (<c>crit</c>), a wrong signature, a member that stands twice, a claim that is
    /// missing, out of bounds or not written as a store writes it, or one that would limit its use (<c>exp</c>, <c>nbf</c>, <c>aud</c>).
    /// Other claims are ignored (RFC 7519 section 4).
    /// </returns>
    public static Either<StoreError, Receipt> Verify(ReceiptKeys keys, UnixSeconds now, string jws) =>
        from parts in Jws.Read(jws)
        from key in keys.Find(parts.KeyId, now) is { } named ? Right<StoreError, ReceiptKey>(named) : Refused("names no key that is known and has not ended")
        from same in Pipeline.Require(parts.Algorithm == key.Algorithm, () => Refused("has another algorithm than its key"))
        from signed in Pipeline.Require(key.Verifies(parts.Signed, parts.Signature), () => Refused("has a signature that does not fit"))
        from receipt in ReceiptClaims.Read(parts.Payload)
        select receipt;

    internal static StoreError.InvalidReceipt Refused(string detail) => new(detail);
}
