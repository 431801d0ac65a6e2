using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>POST /upload/{blob}: a body becomes a blob or a chunk, or chunks become a blob.</summary>
internal sealed class UploadModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/upload/{blob}", ("POST", Handle));

    private static Task Handle(UploadEffects effects, LimitSettings limits, Sender sender, HttpContext http) =>
        sender.Send(Upload(effects, limits, http), http);

    private static EitherAsync<StoreError, Reply> Upload(UploadEffects effects, LimitSettings limits, HttpContext http) =>
        from accepted in Accept(effects, limits, http).ToAsync()
        from reply in Perform(effects, accepted, http)
        select reply;

    /// <summary>Everything that can be judged before the body is read.</summary>
    private static Either<StoreError, Accepted> Accept(UploadEffects effects, LimitSettings limits, HttpContext http) =>
        from grant in effects.Verify(http)
        from intent in UploadIntent.Read(HeadersOf(http.Request.Headers))
        from content in ContentHeaders.Read(http.Request.ContentType, http.Request.Headers.ContentDisposition)
        from fits in BodyLimit.Check(http.Request.ContentLength, limits.MaxDataBytes)
        select new Accepted(grant, intent, content);

    private static EitherAsync<StoreError, Reply> Perform(UploadEffects effects, Accepted accepted, HttpContext http) => accepted.Intent switch
    {
        UploadIntent.Merge merge => Merge(effects, accepted, merge, http),
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

    private static EitherAsync<StoreError, Reply> Merge(UploadEffects effects, Accepted accepted, UploadIntent.Merge merge, HttpContext http) =>
        from bodiless in Pipeline.Require(
            http.Request.ContentLength is null or 0, () => new StoreError.InvalidChunk("a merge has no body")).ToAsync()
        from stored in effects.Merge(accepted.Grant, merge, accepted.Content).ToAsync()
        select Uploaded(accepted.Grant, stored, $"merged {merge.Total} chunks");

    private static UploadHeaders HeadersOf(IHeaderDictionary headers) =>
        new(Text(headers, "x-upload-type"), Text(headers, "x-chunk-index"), Text(headers, "x-chunk-total"), Text(headers, "x-chunk-merge"));

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static Reply Uploaded(Grant grant, Stored stored, string message) =>
        Reply.Json(
            new UploadBody(true, message, grant.Blob.ToString(), stored.Size, stored.Sha256.ToString()),
            Json.Readable.UploadBody,
            ("cache-control", Caching.NoStore));

    /// <summary>An upload that may begin.</summary>
    private sealed record Accepted(Grant Grant, UploadIntent Intent, ContentHeaders Content);
}
