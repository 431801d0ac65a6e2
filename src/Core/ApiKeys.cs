using System.Security.Cryptography;
using System.Text;

namespace Borderless.Core;

/// <summary>What the holder of an API key may do.</summary>
/// <param name="Presign">Whether it may mint URLs.</param>
/// <param name="Admin">Whether it may see what is stored, revoke the URLs of buckets, and delete buckets.</param>
/// <param name="Buckets">The only buckets in which it may; empty means all. With buckets and nothing else it may mint, see and revoke in them.</param>
public sealed record KeyScopes(bool Presign, bool Admin, Seq<BucketName> Buckets)
{
    /// <summary>What the one key of a store may that has no list of keys: mint and administer, in all buckets.</summary>
    public static readonly KeyScopes Everything = new(Presign: true, Admin: true, Empty);
}

/// <summary>A key that back ends show, and what it may do. Only its digest is kept, and it never shows itself.</summary>
public sealed class ApiKey
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The name of the key of a store that has no list of keys.</summary>
    public const string DefaultName = "default";

    private readonly byte[] digest;
    private readonly KeyScopes scopes;

    private ApiKey(string name, byte[] digest, KeyScopes scopes) => (Name, this.digest, this.scopes) = (name, digest, scopes);

    /// <summary>What people call it; no secret.</summary>
    public string Name { get; }

    /// <summary>Whether it may mint URLs of some bucket.</summary>
    public bool MayMintSomewhere => scopes.Presign || HasBucketsAlone;

    /// <summary>Whether it may see what is about all buckets.</summary>
    public bool MaySeeAll => scopes.Admin && scopes.Buckets.IsEmpty;

    private bool HasBucketsAlone => !scopes.Presign && !scopes.Admin && !scopes.Buckets.IsEmpty;

    /// <summary>The key of a text.</summary>
    public static ApiKey FromText(string name, string text, KeyScopes scopes) => new(name, Digest(text), scopes);

    /// <summary>Whether a text can be a key's name: 1 to <see cref="MaxNameLength"/> characters of <c>a-z 0-9 - _</c>.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    /// <summary>Whether it may mint URLs of this bucket.</summary>
    public bool MayMint(BucketName bucket) => MayMintSomewhere && Reaches(bucket);

    /// <summary>Whether it may see what this bucket holds.</summary>
    public bool MaySee(BucketName bucket) => (scopes.Admin || HasBucketsAlone) && Reaches(bucket);

    /// <summary>Whether it may revoke all URLs of this bucket.</summary>
    public bool MayRevoke(BucketName bucket) => MaySee(bucket);

    /// <summary>Whether it may delete this bucket.</summary>
    public bool MayDelete(BucketName bucket) => scopes.Admin && Reaches(bucket);

    /// <summary>Never the key.</summary>
    public override string ToString() => $"ApiKey({Name})";

    internal static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    internal bool IsSameKeyAs(ApiKey other) => Has(other.digest);

    /// <summary>Compared in constant time, so that neither content nor length shows in the time.</summary>
    internal bool Has(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(digest, other);

    private bool Reaches(BucketName bucket) => scopes.Buckets.IsEmpty || scopes.Buckets.Exists(known => known == bucket);
}

/// <summary>The keys that back ends may show.</summary>
public sealed class ApiKeys
{
    private readonly ApiKey[] keys;

    private ApiKeys(ApiKey[] keys) => this.keys = keys;

    /// <summary>All keys.</summary>
    public Seq<ApiKey> All => toSeq(keys);

    /// <summary>These keys; names and texts should differ, and of equal texts the first counts.</summary>
    public static ApiKeys Of(params ReadOnlySpan<ApiKey> keys) => new(keys.ToArray());

    /// <summary>The one key of a store, which may everything.</summary>
    public static ApiKeys OfKey(string text) => Of(ApiKey.FromText(ApiKey.DefaultName, text, KeyScopes.Everything));

    /// <summary>Checks an <c>authorization</c> header: <c>Bearer</c> in any case (RFC 9110 section 11.1), then the key.</summary>
    /// <param name="authorization">The header's value; null or empty when there is none.</param>
    /// <returns>The key that was shown, or <see cref="StoreError.MissingApiKey"/>, or <see cref="StoreError.InvalidApiKey"/>.</returns>
    public Either<StoreError, ApiKey> Check(string? authorization) =>
        (authorization ?? "").Split(' ', 2) is [var scheme, var token] && scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase)
            ? Find(ApiKey.Digest(token.Trim(' '))) is { } key ? key : new StoreError.InvalidApiKey()
            : new StoreError.MissingApiKey();

    /// <summary>Never a key.</summary>
    public override string ToString() => $"ApiKeys({keys.Length} keys)";

    /// <summary>Holds it against every key, also when one was found, so that its place in the list does not show in the time.</summary>
    private ApiKey? Find(ReadOnlySpan<byte> digest)
    {
        ApiKey? found = null;
        foreach (var key in keys)
        {
            found = key.Has(digest) && found is null ? key : found;
        }

        return found;
    }
}
