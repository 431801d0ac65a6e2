using System.Net;

namespace Borderless.Core;

/// <summary>What a verified URL permits. Only <see cref="Presign.Verify"/> makes one, so nothing that needs a grant runs without it.</summary>
public sealed record Grant
{
    internal Grant(BlobAction action, BucketName bucket, BlobId blob, UnixSeconds signedUntil, LinkRules rules, ContentHeaders overrides) =>
        (Action, Bucket, Blob, SignedUntil, Rules, Overrides) = (action, bucket, blob, signedUntil, rules, overrides);

    /// <summary>What is permitted.</summary>
    public BlobAction Action { get; }

    /// <summary>Where.</summary>
    public BucketName Bucket { get; }

    /// <summary>On which blob.</summary>
    public BlobId Blob { get; }

    /// <summary>The last second in which the URL is valid.</summary>
    public UnixSeconds Expires => Rules.Before(SignedUntil);

    /// <summary>The last second in which the URL that the store signed is valid, before anybody narrowed it.</summary>
    public UnixSeconds SignedUntil { get; }

    /// <summary>What its use must fulfil.</summary>
    public LinkRules Rules { get; }

    /// <summary>Content headers that take the place of the blob's own in the answer to a download.</summary>
    public ContentHeaders Overrides { get; }
}

/// <summary>When and whence a URL is used, and how its bucket stands.</summary>
/// <param name="Now">The current time.</param>
/// <param name="Client">The address of the client; null where it is not known. <see cref="Forwarded.ClientOf"/> finds it behind proxies.</param>
/// <param name="Epoch">How often the URLs of the bucket were revoked.</param>
public readonly record struct Circumstances(UnixSeconds Now, IPAddress? Client = null, long Epoch = 0);

/// <summary>A freshly signed URL.</summary>
/// <param name="Action">What it permits.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">On which blob.</param>
/// <param name="Url">The URL.</param>
/// <param name="Method">The HTTP method to use it with.</param>
/// <param name="ExpiresIn">For how many seconds from now.</param>
public sealed record Minted(BlobAction Action, BucketName Bucket, BlobId Blob, string Url, string Method, long ExpiresIn);

/// <summary>Who mints: what stays the same from URL to URL.</summary>
/// <param name="Key">The key of the store that will verify.</param>
/// <param name="Origin">The store's origin, such as <c>https://blobs.example.com</c>.</param>
/// <param name="MaxExpiry">The longest validity in seconds; longer wishes are cut to it.</param>
/// <param name="Epoch">How often the URLs of the bucket were revoked: <c>GET /admin/buckets/{bucket}</c> tells.</param>
public sealed record Minter(NamedKey Key, Origin Origin, long MaxExpiry = 86_400, long Epoch = 0);

/// <summary>Mints and verifies pre-signed URLs. Nothing here asks a clock or keeps state.</summary>
public static partial class Presign
{
    /// <summary>The first line of a request with a URL that is minted here is never longer, in bytes. A store must take it.</summary>
    public const int MaxRequestLine = 16_384;

    /// <summary>Mints the URL that a checked request asks for.</summary>
    /// <param name="minter">Who mints.</param>
    /// <param name="now">The current time.</param>
    /// <param name="request">The request, from <see cref="PresignRequest.Parse"/> or made by hand.</param>
    /// <param name="newId">The id to use when the request names none; should be a version 7 UUID.</param>
    /// <param name="nonce">What makes a URL that stores once unlike every other: at least 16 random characters, see <see cref="Rule.Once"/>.</param>
    /// <returns>
    /// The URL; or <see cref="StoreError.InvalidRule"/> where the rules do not fit the action or each other; or
    /// <see cref="StoreError.InvalidParameter"/> for a nonce that is none; or <see cref="StoreError.NoSigningKey"/> when the key has ended.
    /// </returns>
    public static Either<StoreError, Minted> Mint(Minter minter, UnixSeconds now, PresignRequest request, BlobId newId, string nonce)
    {
        var blob = request.Blob.IfNone(newId);
        var expires = LastSecond(minter, now.Plus(Math.Min(request.ExpiresIn.IfNone(PresignRequest.DefaultExpiry), minter.MaxExpiry)));
        return from living in Pipeline.Require(now <= minter.Key.Until, () => new StoreError.NoSigningKey())
               from rules in PresignRules.Check(request, expires, nonce)
               let claim = new Claim(MethodOf(request.Action), PathOf(request, blob), expires, ParametersOf(minter, rules, request.Overrides))
               select new Minted(
                   request.Action, request.Bucket.IfNone(BucketName.Default), blob, UrlOf(minter.Key.Key, minter.Origin.Value, claim), claim.Method,
                   expires.Value - now.Value);
    }

    /// <summary>No URL outlives its key, nor has it an expiry that could not be read back.</summary>
    private static UnixSeconds LastSecond(Minter minter, UnixSeconds wish) =>
        new(Math.Min(Math.Min(wish.Value, minter.Key.Until.Value), Link.LastExpiry));

    /// <summary>Checks a link's signature first and all else after it, so that an unsigned link learns nothing.</summary>
    /// <param name="keys">The keys of the store.</param>
    /// <param name="at">When and whence it is used.</param>
    /// <param name="link">The link.</param>
    /// <returns>
    /// A grant; or <see cref="StoreError.InvalidSignature"/>, also for a key that is not known or has ended; or
    /// <see cref="StoreError.LinkRevoked"/>; or <see cref="StoreError.LinkExpired"/> when now is later than the expiry (the expiry itself still
    /// counts); or <see cref="StoreError.UnknownParameter"/>, <see cref="StoreError.InvalidRule"/> or
    /// <see cref="StoreError.InvalidHeader"/> for what does not fit the action or would break the answer, since who mints offline can sign
    /// anything; or <see cref="StoreError.LinkNotYetValid"/>; or <see cref="StoreError.ClientNotAllowed"/>. What a rule says of the
    /// bytes is judged where they come, by the grant's <see cref="Grant.Rules"/>.
    /// </returns>
    public static Either<StoreError, Grant> Verify(KeyRing keys, Circumstances at, Link link) =>
        from signed in Pipeline.Require(IsSigned(keys, at.Now, link), () => new StoreError.InvalidSignature())
        from current in JudgeEpoch(at.Epoch, link.Claim.Parameters)
        from inTime in Pipeline.Require(at.Now <= link.Claim.Expires, () => new StoreError.LinkExpired(link.Claim.Expires))
        from grant in link.Claim.Parameters.IsEmpty && link.Levels.IsEmpty
            ? new Grant(link.Action, link.Bucket, link.Blob, link.Claim.Expires, LinkRules.None, ContentHeaders.None)
            : Restricted(at, link)
        select grant;

    /// <summary>The URL of a claim: <c>{origin}{path}?expires=…&amp;sig=…</c>, other parameters percent-encoded before the signature.</summary>
    /// <param name="key">The key of the store that will verify it.</param>
    /// <param name="origin">Taken as it is; empty for the request target alone.</param>
    /// <param name="claim">What the URL permits.</param>
    public static string UrlOf(SigningKey key, string origin, Claim claim) =>
        $"{origin}{claim.Path}?expires={claim.Expires}"
        + string.Concat(claim.Parameters.Map(parameter => $"&{parameter.Name}={Percent.Encode(parameter.Value)}"))
        + $"&sig={Signing.Sign(key, claim)}";

    /// <summary>The HTTP method of an action.</summary>
    public static string MethodOf(BlobAction action) => action switch
    {
        BlobAction.Upload => "POST",
        BlobAction.Update => "PUT",
        BlobAction.Download => "GET",
        BlobAction.Delete => "DELETE",
        BlobAction.Status => "GET",
    };

    private const string TypeParameter = "response_content_type";
    private const string DispositionParameter = "response_content_disposition";

    private static bool IsSigned(KeyRing keys, UnixSeconds now, Link link) =>
        (link.Claim.Parameters.IsEmpty ? null : ValueOf(link.Claim.Parameters, LinkQuery.KeyId)) is var kid && kid != ""
        && keys.Find(kid ?? "", now) is { } key
        && Signing.IsSigned(key, link.Claim, link.Levels, link.Signature);

    /// <summary>A URL of an earlier epoch than the bucket's is dead. One of a later one was minted for a store that knew more.</summary>
    private static Either<StoreError, Unit> JudgeEpoch(long epoch, Seq<SignedParameter> parameters) =>
        parameters.IsEmpty ? Pipeline.Require(epoch <= 0, () => new StoreError.LinkRevoked())
        : from minted in ValueOf(parameters, LinkQuery.Epoch) is { } text
            ? Rule.ReadNumber(text).ToEither<StoreError>(new StoreError.InvalidRule(LinkQuery.Epoch, "must be a whole number of at most 18 digits"))
            : 0
          from current in Pipeline.Require(minted >= epoch, () => new StoreError.LinkRevoked())
          select current;

    private static Either<StoreError, Grant> Restricted(Circumstances at, Link link) =>
        from rules in RulesOf(link)
        from usable in rules.JudgeUse(at.Now, at.Client)
        from overrides in ContentHeaders.ReadOverrides(ValueOf(link.Claim.Parameters, TypeParameter), ValueOf(link.Claim.Parameters, DispositionParameter))
        select new Grant(link.Action, link.Bucket, link.Blob, link.Claim.Expires, rules, overrides);

    private static Either<StoreError, LinkRules> RulesOf(Link link) =>
        from known in link.Claim.Parameters.Map(parameter => Known(link.Action, parameter.Name)).Sequence()
        from own in link.Claim.Parameters.Map(parameter => Rule.Read(parameter.Name, parameter.Value)).Sequence()
        from levels in Narrowing.ReadLevels(link.Levels)
        let all = own.Somes().ToSeq() + levels
        from fitting in PresignRules.Fit(link.Action, all)
        select LinkRules.Of(all);

    /// <summary>Judged of all before any value is, so that the answer does not depend on their order.</summary>
    private static Either<StoreError, Unit> Known(BlobAction action, string name) =>
        Pipeline.Require(
            Rule.IsName(name) || name is LinkQuery.KeyId or LinkQuery.Epoch || (action == BlobAction.Download && name is TypeParameter or DispositionParameter),
            () => new StoreError.UnknownParameter(name));

    private static string? ValueOf(Seq<SignedParameter> parameters, string name)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Name == name)
            {
                return parameter.Value;
            }
        }

        return null;
    }

    private static Seq<SignedParameter> ParametersOf(Minter minter, LinkRules rules, ContentHeaders overrides) =>
        (minter.Key.Id.Length > 0 ? Seq1(new SignedParameter(LinkQuery.KeyId, minter.Key.Id)) : Empty)
        + (minter.Epoch > 0 ? Seq1(new SignedParameter(LinkQuery.Epoch, $"{minter.Epoch}")) : Empty)
        + rules.All.Map(rule => new SignedParameter(rule.Name, rule.Value))
        + overrides.Disposition.Map(value => new SignedParameter(DispositionParameter, value)).ToSeq()
        + overrides.Type.Map(value => new SignedParameter(TypeParameter, value)).ToSeq();

    private static string PathOf(PresignRequest request, BlobId blob) => (request.Bucket.Case, request.Action) switch
    {
        (BucketName bucket, BlobAction.Status) => $"/{bucket}/{blob}/{BlobPath.Chunks}",
        (BucketName bucket, _) => $"/{bucket}/{blob}",
        (_, BlobAction.Download or BlobAction.Delete) => $"/files/{blob}",
        _ => $"/upload/{blob}",
    };
}
