namespace Borderless.Core;

/// <summary>What a verified URL permits. Only <see cref="Presign.Verify"/> makes one, so nothing that needs a grant runs without it.</summary>
public sealed record Grant
{
    internal Grant(BlobAction action, BucketName bucket, BlobId blob, UnixSeconds expires, ContentHeaders overrides) =>
        (Action, Bucket, Blob, Expires, Overrides) = (action, bucket, blob, expires, overrides);

    /// <summary>What is permitted.</summary>
    public BlobAction Action { get; }

    /// <summary>Where.</summary>
    public BucketName Bucket { get; }

    /// <summary>On which blob.</summary>
    public BlobId Blob { get; }

    /// <summary>The last second in which the URL is valid.</summary>
    public UnixSeconds Expires { get; }

    /// <summary>Content headers that take the place of the blob's own in the answer to a download.</summary>
    public ContentHeaders Overrides { get; }
}

/// <summary>A freshly signed URL.</summary>
/// <param name="Action">What it permits.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">On which blob.</param>
/// <param name="Url">The URL.</param>
/// <param name="Method">The HTTP method to use it with.</param>
/// <param name="ExpiresIn">For how many seconds from now.</param>
public sealed record Minted(BlobAction Action, BucketName Bucket, BlobId Blob, string Url, string Method, long ExpiresIn);

/// <summary>Mints and verifies pre-signed URLs. Nothing here asks a clock or keeps state.</summary>
public static class Presign
{
    /// <summary>The first line of a request with a URL that is minted here is never longer, in bytes. A store must take it.</summary>
    public const int MaxRequestLine = 16_384;

    /// <summary>Mints the URL that a checked request asks for.</summary>
    /// <param name="key">The key of the store that will verify it.</param>
    /// <param name="origin">The store's origin, such as <c>https://blobs.example.com</c>.</param>
    /// <param name="now">The current time.</param>
    /// <param name="request">The request, from <see cref="PresignRequest.Parse"/> or made by hand.</param>
    /// <param name="newId">The id to use when the request names none; should be a version 7 UUID.</param>
    /// <param name="maxExpiry">The longest validity in seconds; longer wishes are cut to it.</param>
    public static Minted Mint(
        SigningKey key, Origin origin, UnixSeconds now, PresignRequest request, BlobId newId, long maxExpiry)
    {
        var blob = request.Blob.IfNone(newId);
        var expiresIn = Math.Min(request.ExpiresIn.IfNone(PresignRequest.DefaultExpiry), maxExpiry);
        var claim = new Claim(MethodOf(request.Action), PathOf(request, blob), now.Plus(expiresIn), ParametersOf(request.Overrides));
        return new Minted(request.Action, request.Bucket.IfNone(BucketName.Default), blob, UrlOf(key, origin.Value, claim), claim.Method, expiresIn);
    }

    /// <summary>Checks a link's signature first and its time second, so that an unsigned link learns nothing.</summary>
    /// <returns>
    /// A grant, or <see cref="StoreError.InvalidSignature"/>, or <see cref="StoreError.LinkExpired"/> when <paramref name="now"/>
    /// is later than the expiry (the expiry itself still counts), or <see cref="StoreError.UnknownParameter"/> for one that does not
    /// fit the action, or <see cref="StoreError.InvalidHeader"/> for an override that would break the answer: who mints offline
    /// can sign anything.
    /// </returns>
    public static Either<StoreError, Grant> Verify(SigningKey key, UnixSeconds now, Link link) =>
        from signed in Pipeline.Require(
            Signing.IsSigned(key, link.Claim, link.Signature), () => new StoreError.InvalidSignature())
        from inTime in Pipeline.Require(now <= link.Claim.Expires, () => new StoreError.LinkExpired(link.Claim.Expires))
        from overrides in link.Claim.Parameters.IsEmpty ? ContentHeaders.None : OverridesOf(link)
        select new Grant(link.Action, link.Bucket, link.Blob, link.Claim.Expires, overrides);

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

    private static Either<StoreError, ContentHeaders> OverridesOf(Link link) =>
        from known in link.Claim.Parameters.Map(parameter => Known(link.Action, parameter)).Sequence()
        from overrides in ContentHeaders.ReadOverrides(ValueOf(known, TypeParameter), ValueOf(known, DispositionParameter))
        select overrides;

    private static Either<StoreError, SignedParameter> Known(BlobAction action, SignedParameter parameter) =>
        action == BlobAction.Download && parameter.Name is TypeParameter or DispositionParameter
            ? parameter
            : new StoreError.UnknownParameter(parameter.Name);

    private static string? ValueOf(Seq<SignedParameter> parameters, string name) =>
        parameters.Find(parameter => parameter.Name == name).MatchUnsafe(parameter => parameter.Value, () => null);

    private static Seq<SignedParameter> ParametersOf(ContentHeaders overrides) =>
        overrides.Disposition.Map(value => new SignedParameter(DispositionParameter, value)).ToSeq()
        + overrides.Type.Map(value => new SignedParameter(TypeParameter, value)).ToSeq();

    private static string PathOf(PresignRequest request, BlobId blob) => (request.Bucket.Case, request.Action) switch
    {
        (BucketName bucket, BlobAction.Status) => $"/{bucket}/{blob}/{BlobPath.Chunks}",
        (BucketName bucket, _) => $"/{bucket}/{blob}",
        (_, BlobAction.Download or BlobAction.Delete) => $"/files/{blob}",
        _ => $"/upload/{blob}",
    };
}
