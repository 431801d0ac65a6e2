namespace Borderless.Web.Audit;

/// <summary>
/// What the steps of a request learn for the audit log. Each method notes a fact where a log is kept, and gives back what it was
/// given, so that it stands inside a pipeline.
/// </summary>
internal sealed class AuditFacts
{
    public string? Key { get; private set; }

    public BucketName? Bucket { get; private set; }

    public BlobId? Blob { get; private set; }

    public string? What { get; private set; }

    public long? Bytes { get; private set; }

    public bool IsDone { get; private set; }

    public StoreError? Error { get; private set; }

    /// <summary>The API key that the request shows.</summary>
    public static ApiKey By(HttpContext http, ApiKey key) => Note(http, key, (facts, of) => facts.Key = of.Name);

    /// <summary>The bucket that it is about.</summary>
    public static BucketName In(HttpContext http, BucketName bucket) => Note(http, bucket, (facts, of) => facts.Bucket = of);

    /// <summary>What it asks a URL for.</summary>
    public static PresignRequest Asks(HttpContext http, PresignRequest request) => Note(http, request, (facts, of) =>
        (facts.What, facts.Bucket, facts.Blob) = (PresignRequest.NameOf(of.Action), of.Bucket.IfNone(BucketName.Default), of.Blob.ToNullable()));

    /// <summary>The URL that it got.</summary>
    public static Minted Got(HttpContext http, Minted minted) =>
        Note(http, minted, (facts, of) => (facts.Bucket, facts.Blob, facts.IsDone) = (of.Bucket, of.Blob, true));

    /// <summary>What it sends.</summary>
    public static UploadIntent Sends(HttpContext http, UploadIntent intent) => Note(http, intent, (facts, of) => facts.What = of switch
    {
        UploadIntent.Chunk => "chunk",
        UploadIntent.Merge => "merge",
        _ => "blob",
    });

    /// <summary>What it did, and how many bytes that stored.</summary>
    public static void Did(HttpContext http, string? what = null, long? bytes = null)
    {
        if (http.Features.Get<AuditFacts>() is { } facts)
        {
            (facts.What, facts.Bytes, facts.IsDone) = (what ?? facts.What, bytes, true);
        }
    }

    /// <summary>The error that it was answered with.</summary>
    public static StoreError Met(HttpContext http, StoreError error) => Note(http, error, (facts, of) => facts.Error = of);

    /// <summary>The blob that its URL is for, as far as that can be read, and the key that the URL names, if it is one of the store.</summary>
    public static Either<StoreError, Link> Shows(HttpContext http, Either<StoreError, Link> link, string target, KeyRing keys)
    {
        if (http.Features.Get<AuditFacts>() is not { } facts)
        {
            return link;
        }

        (link.IsRight ? link.Map(read => (read.Bucket, read.Blob)) : PlaceOf(target)).IfRight(place => (facts.Bucket, facts.Blob) = place);
        link.IfRight(read => facts.Key = read.KeyId.Length > 0 && keys.All.Exists(key => key.Id == read.KeyId) ? read.KeyId : null);
        return link;
    }

    private static Either<StoreError, (BucketName, BlobId)> PlaceOf(string target) =>
        from path in BlobPath.Parse(target.Split('?', 2)[0])
        from bucket in path.Bucket()
        from blob in BlobId.Parse(path.Second)
        select (bucket, blob);

    private static T Note<T>(HttpContext http, T fact, Action<AuditFacts, T> note)
    {
        if (http.Features.Get<AuditFacts>() is { } facts)
        {
            note(facts, fact);
        }

        return fact;
    }
}
