using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Modules;

/// <summary>GET and HEAD: a blob's bytes, whole or in ranges, or that they have not changed.</summary>
internal static class Downloads
{
    public static Either<StoreError, Reply> Download(VerifyLink verify, FindBlob find, Clock now, HttpContext http) =>
        from grant in verify(http)
        from reading in find(grant)
        from reply in Read(grant, reading, now(), http).MapLeft(error => LetGo(reading, error))
        select reply;

    private static Either<StoreError, Reply> Read(Grant grant, BlobReading reading, UnixSeconds now, HttpContext http) =>
        from answer in Conditions.JudgeRead(Headers.Conditions(http), reading.Blob.Validators, now)
        from plan in answer == ReadAnswer.MayBePartial && HttpMethods.IsGet(http.Request.Method)
            ? Ranges.Plan(Headers.Text(http, "range"), reading.Blob.Size)
            : new RangePlan.Whole()
        select answer == ReadAnswer.NotModified ? NotModified(grant, reading, now) : Content(grant, reading, plan, now);

    private static StoreError LetGo(BlobReading reading, StoreError error)
    {
        reading.Dispose();
        return error;
    }

    private static Reply NotModified(Grant grant, BlobReading reading, UnixSeconds now)
    {
        reading.Dispose();
        return new Reply(StatusCodes.Status304NotModified, [.. CacheHeaders(grant, reading.Blob, now), .. SafetyHeaders], new ReplyBody.Nothing());
    }

    private static Reply Content(Grant grant, BlobReading reading, RangePlan plan, UnixSeconds now)
    {
        var content = BodyPlan.Of(plan, TypeOf(grant, reading.Blob), reading.Blob.Size, () => $"{Guid.NewGuid():N}");
        return new Reply(
            content.IsPartial ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK,
            [
                .. CacheHeaders(grant, reading.Blob, now),
                .. SafetyHeaders,
                ("content-type", content.ContentType),
                ("content-range", content.ContentRange),
                ("content-disposition", DispositionOf(grant, reading.Blob)),
                ("accept-ranges", "bytes"),
                ("repr-digest", DigestFields.Write(reading.Blob.Sha256)),
            ],
            new ReplyBody.Blob(reading, content));
    }

    /// <summary>
    /// What a 304 repeats (RFC 9110 section 15.4.5), and a 200 says first. The date is ours: the framework's is up to a second old,
    /// and so earlier than the times of what was just stored.
    /// </summary>
    private static (string, string)[] CacheHeaders(Grant grant, BlobRow blob, UnixSeconds now) =>
    [
        ("date", HttpDate.Format(now)),
        ("etag", blob.Validators.ETag),
        ("last-modified", HttpDate.Format(blob.Validators.LastModifiedAt(now))),
        ("cache-control", Caching.Download(grant.Expires, now)),
    ];

    /// <summary>What a stranger uploaded must not run in the origin of the store, nor when a 304 lets it be taken from a cache.</summary>
    private static readonly (string, string)[] SafetyHeaders =
    [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("referrer-policy", "no-referrer"),
    ];

    private static string TypeOf(Grant grant, BlobRow blob) =>
        (grant.Overrides.Type || Optional(blob.ContentType)).IfNone(ContentHeaders.DefaultType);

    private static string DispositionOf(Grant grant, BlobRow blob) =>
        (grant.Overrides.Disposition || Optional(blob.ContentDisposition)).IfNone("");
}
