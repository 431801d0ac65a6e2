using System.Security.Cryptography;
using System.Text;

namespace Borderless.Core;

/// <summary>The key that back ends show to mint URLs. Only its digest is kept, and it never shows itself.</summary>
public sealed class ApiKey
{
    private readonly byte[] digest;

    private ApiKey(byte[] digest) => this.digest = digest;

    /// <summary>The key of a text.</summary>
    public static ApiKey FromText(string text) => new(Digest(text));

    /// <summary>Checks an <c>authorization</c> header: <c>Bearer</c> in any case (RFC 9110 section 11.1), then the key.</summary>
    /// <param name="authorization">The header's value; null or empty when there is none.</param>
    /// <returns>Nothing, or <see cref="StoreError.MissingApiKey"/>, or <see cref="StoreError.InvalidApiKey"/>.</returns>
    public Either<StoreError, Unit> Check(string? authorization) =>
        (authorization ?? "").Split(' ', 2) is [var scheme, var token] && scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase)
            ? Pipeline.Require(IsKey(token.Trim(' ')), () => new StoreError.InvalidApiKey())
            : new StoreError.MissingApiKey();

    /// <summary>Never the key.</summary>
    public override string ToString() => "ApiKey(***)";

    /// <summary>Compared as digests in constant time, so that neither content nor length shows in the time.</summary>
    private bool IsKey(string token) => CryptographicOperations.FixedTimeEquals(digest, Digest(token));

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
