using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>POST /upload/{blob}: a body becomes a blob or a chunk, or chunks become a blob.</summary>
internal sealed class UploadModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/upload/{blob}", ("POST", Handle));

    private static Task Handle(UploadEffects effects, LimitSettings limits, TimeProvider time, Sender sender, HttpContext http) =>
        sender.Send(Upload(effects, body => SmallBody.Read(body, limits, time), limits, http), http);

    private static EitherAsync<StoreError, Reply> Upload(UploadEffects effects, ReadSmall read, LimitSettings limits, HttpContext http) =>
        from accepted in Accept(effects, limits, http).ToAsync()
        from reply in Perform(effects, read, accepted, http)
        select reply;

    /// <summary>Everything that can be judged before the body is read.</summary>
    private static Either<StoreError, Accepted> Accept(UploadEffects effects, LimitSettings limits, HttpContext http) =>
        from grant in effects.Verify(http)
        from intent in UploadIntent.Read(HeadersOf(http.Request.Headers))
        from content in ContentOf(http.Request.Headers)
        from fits in BodyLimit.Check(http.Request.ContentLength, limits.MaxDataBytes)
        select new Accepted(grant, intent, content);

    private static EitherAsync<StoreError, Reply> Perform(UploadEffects effects, ReadSmall read, Accepted accepted, HttpContext http) => accepted.Intent switch
    {
        UploadIntent.Merge merge => Merge(effects, read, accepted, merge, http),
        UploadIntent.Chunk chunk =>
            from free in effects.RefuseDuplicate(accepted.Grant).ToAsync()
            from part in effects.Receive(http).ToAsync()
            from stored in effects.WriteChunk(accepted.Grant, chunk, part).ToAsync()
            select Uploaded(accepted.Grant, stored, $"uploaded chunk {chunk.Index}/{chunk.Total}"),
        _ =>
            from free in effects.RefuseDuplicate(accepted.Grant).ToAsync()
            from part in effects.Receive(http).ToAsync()
            from stored in effects.WriteBlob(accepted.Grant, accepted.Content, part).ToAsync()
            select Uploaded(accepted.Grant, stored, "uploaded blob"),
    };

    private static EitherAsync<StoreError, Reply> Merge(
        UploadEffects effects, ReadSmall read, Accepted accepted, UploadIntent.Merge merge, HttpContext http) =>
        from unannounced in Bodiless(http.Request.ContentLength ?? 0).ToAsync()
        from body in read(http).ToAsync()
        from bodiless in Bodiless(body.Length).ToAsync()
        from stored in effects.Merge(accepted.Grant, merge, accepted.Content).ToAsync()
        select Uploaded(accepted.Grant, stored, $"merged {merge.Total} chunks");

    /// <summary>A chunked transfer announces no length, and so is read to know.</summary>
    private static Either<StoreError, Unit> Bodiless(long length) =>
        Pipeline.Require(length == 0, () => new StoreError.InvalidChunk("a merge has no body"));

    private static Either<StoreError, ContentHeaders> ContentOf(IHeaderDictionary headers) =>
        from type in Once(headers, "content-type")
        from disposition in Once(headers, "content-disposition")
        from content in ContentHeaders.Read(type, disposition)
        select content;

    /// <summary>Two values would be joined to one that nobody sent, and so could not be given back byte for byte.</summary>
    private static Either<StoreError, string> Once(IHeaderDictionary headers, string name) =>
        headers[name] is { Count: <= 1 } value ? value.ToString() : new StoreError.InvalidHeader(name, "may be sent only once");

    private static UploadHeaders HeadersOf(IHeaderDictionary headers) =>
        new(Text(headers, "x-upload-type"), Text(headers, "x-chunk-index"), Text(headers, "x-chunk-total"), Text(headers, "x-chunk-merge"));

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static Reply Uploaded(Grant grant, Stored stored, string message) =>
        Reply.Json(
            new UploadBody(true, message, grant.Blob.ToString(), stored.Size, stored.Sha256.ToString()),
            Json.Readable.UploadBody,
            ("cache-control", Caching.NoStore));

    /// <summary>Reads a body that is small, whole.</summary>
    private delegate Task<Either<StoreError, ReadOnlyMemory<byte>>> ReadSmall(HttpContext http);

    /// <summary>An upload that may begin.</summary>
    private sealed record Accepted(Grant Grant, UploadIntent Intent, ContentHeaders Content);
}
