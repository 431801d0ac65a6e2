namespace Borderless.Tests.Properties;

/// <summary>Short words for what came out.</summary>
internal static class Outcomes
{
    /// <summary>The code of the error, or <c>ok</c>.</summary>
    public static string Code<T>(this Either<StoreError, T> outcome) => outcome.Match(Right: _ => "ok", Left: error => error.Code);

    /// <summary>The message of the error, or nothing.</summary>
    public static string Message<T>(this Either<StoreError, T> outcome) => outcome.Match(Right: _ => "", Left: error => error.Message);

    public static bool Is<T>(this Either<StoreError, T> outcome, T expected) => outcome == Prelude.Right<StoreError, T>(expected);

    public static T RightOrThrow<T>(this Either<StoreError, T> outcome) =>
        outcome.Match(Right: value => value, Left: error => throw new InvalidOperationException(error.Message));

    public static T Must<T>(this Either<KeyProblem, T> outcome) =>
        outcome.Match(Right: value => value, Left: problem => throw new InvalidOperationException(problem.Detail));

    /// <summary>Where minted URLs of tests lead.</summary>
    public static readonly Origin Store = Origin.Parse("https://blobs.example.com").IfNone(() => throw new InvalidOperationException("an origin"));

    /// <summary>What a server does with a signed request.</summary>
    public static Either<StoreError, Grant> Open(SigningKey key, UnixSeconds now, string method, string target) =>
        Link.Read(method, target).Bind(link => Verify(key, now, link));

    /// <summary>Verifies under the one key of a store, for whoever comes.</summary>
    public static Either<StoreError, Grant> Verify(SigningKey key, UnixSeconds now, Link link) =>
        Presign.Verify(KeyRing.Of(NamedKey.Default(key)), new Circumstances(now), link);

    /// <summary>Mints under the one key of a store, which fails for no request without rules.</summary>
    public static Minted Mint(SigningKey key, UnixSeconds now, PresignRequest request, BlobId newId, long maxExpiry) =>
        Presign.Mint(new Minter(NamedKey.Default(key), Store, maxExpiry), now, request, newId, "0123456789abcdef").RightOrThrow();

    /// <summary>Opens it at time 0, when nothing has expired, as whoever holds the key.</summary>
    public static Either<StoreError, Grant> Open(this SignedUrl url, string method, string target) =>
        Open(url.Key, new(0), method, target);

    /// <summary>Whether the signature was accepted, whatever was judged after it.</summary>
    public static bool WasSigned(this Either<StoreError, Grant> outcome) => outcome.Code() is not
        ("missing_signature" or "invalid_signature" or "no_such_route" or "method_not_allowed" or "invalid_bucket" or "invalid_blob_id");

    /// <summary>The text with one character replaced by another one, for sure.</summary>
    public static string WithOneChanged(this string text, int at, char replacement)
    {
        var index = (int)((uint)at % (uint)text.Length);
        var other = text[index] == replacement ? (char)(replacement ^ 1) : replacement;
        return text.Remove(index, 1).Insert(index, other.ToString());
    }
}
