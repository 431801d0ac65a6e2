
using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>POST /presign: a back end that shows its API key gets a signed URL.</summary>
internal sealed class PresignModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute("/presign", ("POST", Handle));
        app.MapRoute("/admin/presign", ("POST", Handle));
    }

    private static Task Handle(Settings settings, FindDigest find, Clock now, TimeProvider time, Sender sender, HttpContext http) =>
        sender.Send(Mint(settings, find, now, time, http), http);

    private static EitherAsync<StoreError, Reply> Mint(
        Settings settings, FindDigest find, Clock now, TimeProvider time, HttpContext http) =>
        from known in settings.Access.ApiKey.Check(http.Request.Headers.Authorization).ToAsync()
        from json in Pipeline.Require(IsJson(http.Request.ContentType), () => new StoreError.UnsupportedMediaType()).ToAsync()
        from body in SmallBody.Read(http, settings.Limits, time).ToAsync()
        from request in PresignRequest.Parse(body).ToAsync()
        select Minted(
            Presign.Mint(
                settings.Access.SigningKey, settings.Server.Domain, now(), request, BlobId.From(Guid.CreateVersion7(time.GetUtcNow())),
                settings.Access.MaxExpiry),
            find);

    private static bool IsJson(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || (contentType.Split(';')[0].Trim() is var type
            && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));

    private static Reply Minted(Minted minted, FindDigest find) =>
        Reply.Json(
            new PresignBody(
                true,
                PresignRequest.NameOf(minted.Action),
                minted.Bucket.Value,
                minted.Blob.ToString(),
                minted.Url,
                minted.Method,
                minted.ExpiresIn,
                minted.Action == BlobAction.Download
                    ? find(minted.Bucket, minted.Blob).MatchUnsafe(digest => digest.ToString(), () => null)
                    : null),
            Json.Readable.PresignBody,
            ("cache-control", Caching.NoStore));
}
