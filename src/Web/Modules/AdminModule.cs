using System.Globalization;
using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>/admin: what is stored, for back ends whose API key may see it.</summary>
internal sealed class AdminModule(
    CurrentAccess current, IIndexReader index, EpochOf epochOf, RefuseBucketEarly refuseEarly, DeleteBucket delete, RevokeLinks revoke,
    Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute("/admin/stats", ("GET", http => sender.Send(OfAll(http, []).Map(_ => Stats()), http)));
        app.MapRoute("/admin/buckets", ("GET", http => sender.Send(OfAll(http, []).Map(_ => Buckets()), http)));
        app.MapRoute(
            "/admin/buckets/{bucket}",
            ("GET", http => sender.Send(OfBucket(http, (key, bucket) => key.MaySee(bucket), []).Bind(Bucket), http)),
            ("DELETE", http => sender.Send(OfBucket(http, (key, bucket) => key.MayDelete(bucket), []).Then(Delete(http)), http)));
        app.MapRoute(
            "/admin/buckets/{bucket}/revoke",
            ("POST", http => sender.Send(OfBucket(http, (key, bucket) => key.MayRevoke(bucket), []).Then(Revoke(http)), http)));
        app.MapRoute("/admin/objects", ("GET", http => sender.Send(OfAll(http, ListQuery.Names).Bind(_ => Objects(None, http)), http)));
        app.MapRoute(
            "/admin/objects/{bucket}",
            ("GET", http => sender.Send(
                OfBucket(http, (key, bucket) => key.MaySee(bucket), ListQuery.Names).Bind(bucket => Objects(bucket, http)), http)));
    }

    /// <summary>The key first; then whether it may see what is about all buckets; then that every query parameter is known.</summary>
    private Either<StoreError, Unit> OfAll(HttpContext http, Seq<string> known) =>
        from key in Shown(http)
        from allowed in Pipeline.Require(key.MaySeeAll, () => new StoreError.KeyNotAllowed())
        from parameters in Known(http, known)
        select unit;

    /// <summary>The same for one bucket, which is judged by its name alone: a key that may not learns nothing of whether it exists.</summary>
    private Either<StoreError, BucketName> OfBucket(HttpContext http, Func<ApiKey, BucketName, bool> may, Seq<string> known) =>
        from key in Shown(http)
        from bucket in Named(http)
        from allowed in Pipeline.Require(may(key, bucket), () => new StoreError.KeyNotAllowed())
        from parameters in Known(http, known)
        select bucket;

    /// <summary>The key that the request shows.</summary>
    private Either<StoreError, ApiKey> Shown(HttpContext http) =>
        Callers.KeyOf(http, current().ApiKeys);

    private static Either<StoreError, Unit> Known(HttpContext http, Seq<string> known) =>
        toSeq(http.Request.Query.Keys)
            .Map(name => Pipeline.Require(known.Contains(name), () => new StoreError.UnknownParameter(Shown(name)))).Sequence()
            .Map(_ => unit);

    /// <summary>The bucket that the path names.</summary>
    private static Either<StoreError, BucketName> Named(HttpContext http) =>
        BucketName.Parse((string)http.Request.RouteValues["bucket"]!).Map(bucket => AuditFacts.In(http, bucket));

    /// <summary>A name that is no name is not repeated.</summary>
    private static string Shown(string name) => name.Length <= 32 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? name : "of that name";

    private Reply Stats()
    {
        var (buckets, totals) = index.Counts();
        var (objects, logical) = (buckets.Sum(bucket => bucket.ObjectCount), buckets.Sum(bucket => bucket.TotalSize));
        var saved = logical - totals.ContentBytes;
        var ratio = logical == 0 ? 0 : (double)saved / logical;
        return Json(
            new StatsBody(true, new StatsNumbers(
                buckets.Select(bucket => new BucketShare(
                    bucket.Name, bucket.ObjectCount, bucket.TotalSize, HumanSize.Format(bucket.TotalSize))),
                objects,
                logical,
                HumanSize.Format(logical),
                totals.Contents,
                totals.ContentBytes,
                HumanSize.Format(totals.ContentBytes),
                totals.BlobRefs,
                ratio,
                string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0.0}%"),
                saved,
                HumanSize.Format(saved),
                totals.Chunks,
                totals.ChunkBytes)),
            Http.Json.Readable.StatsBody);
    }

    private Reply Buckets() =>
        Json(new BucketsBody(true, index.Buckets().Select(Detail)), Http.Json.Readable.BucketsBody);

    private Either<StoreError, Reply> Bucket(BucketName bucket) =>
        from row in Optional(index.FindBucket(bucket)).ToEither<StoreError>(() => new StoreError.NoSuchBucket(epochOf(bucket)))
        select Json(new BucketBody(true, Detail(row)), Http.Json.Readable.BucketBody);

    private Func<BucketName, Task<Either<StoreError, Reply>>> Delete(HttpContext http) => bucket =>
        refuseEarly(bucket)
            .Then(_ => delete(bucket))
            .To(_ =>
            {
                AuditFacts.Did(http, "bucket");
                return Json(new MessageBody(true, $"deleted bucket {bucket}"), Http.Json.Readable.MessageBody);
            });

    private Func<BucketName, Task<Either<StoreError, Reply>>> Revoke(HttpContext http) => bucket =>
        revoke(bucket).To(epoch =>
        {
            AuditFacts.Did(http, "bucket");
            return Json(new RevokedBody(true, $"revoked the URLs of bucket {bucket}", bucket.Value, epoch), Http.Json.Readable.RevokedBody);
        });

    private Either<StoreError, Reply> Objects(Option<BucketName> bucket, HttpContext http) =>
        from query in ListQuery.Read(name => http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null)
        from counted in bucket.Match(
            Some: name => Optional(index.FindBucket(name)).Map(row => row.ObjectCount).ToEither<StoreError>(new StoreError.NoSuchBucket()),
            None: () => Right<StoreError, long>(index.Buckets().Sum(row => row.ObjectCount)))
        let page = Page(bucket.MatchUnsafe(name => name, () => null!), query, counted)
        select Json(
            new ObjectsBody(
                true,
                page.Blobs.Take(query.Limit).Select(Detail),
                page.Total,
                query.Limit,
                query.Offset,
                page.Blobs.Count > query.Limit ? CursorOf(page.Blobs[query.Limit - 1]) : null),
            Http.Json.Readable.ObjectsBody);

    /// <summary>One more than asked for, to know whether there is a next page.</summary>
    private (IReadOnlyList<ListedBlob> Blobs, long Total) Page(BucketName? bucket, ListQuery query, long counted)
    {
        var after = query.After.MatchUnsafe(cursor => new ListPosition(cursor.CreatedAt, cursor.Blob, cursor.Bucket), () => null!);
        return query.Ids.Match(
            Some: ids => index.ListById(bucket, ids.From, ids.To, after, query.Limit + 1, query.Offset),
            None: () => (index.List(bucket, after, query.Limit + 1, query.Offset), counted));
    }

    private static string CursorOf(ListedBlob last) => new ListCursor(last.Row.CreatedAt, last.Blob, last.Bucket).ToString();

    private BucketDetail Detail(BucketRow row) =>
        new(
            row.Name,
            Time(row.CreatedAt),
            row.ObjectCount,
            row.TotalSize,
            HumanSize.Format(row.TotalSize),
            BucketName.Parse(row.Name).Map(name => epochOf(name)).IfLeft(0));

    private static ObjectDetail Detail(ListedBlob blob) =>
        new(
            blob.Bucket,
            blob.Blob.ToString(),
            blob.Row.ContentType,
            blob.Row.ContentDisposition,
            blob.Row.Size,
            HumanSize.Format(blob.Row.Size),
            blob.Row.Sha256.ToString(),
            Time(blob.Row.CreatedAt),
            Time(blob.Row.UpdatedAt));

    /// <summary>RFC 3339 in UTC, with milliseconds. A time that no date can say is written as the nearest one that can.</summary>
    private static string Time(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
                unixMilliseconds, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static Reply Json<T>(T body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Reply.Json(body, type, ("cache-control", Caching.NoStore));
}
