using System.Security.Cryptography;

using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>POST /presign: a back end that shows its API key gets a signed URL.</summary>
internal sealed class PresignModule(Settings settings, FindDigest find, EpochOf epochOf, Clock now, TimeProvider time, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute("/presign", ("POST", Handle));
        app.MapRoute("/admin/presign", ("POST", Handle));
    }

    private Task Handle(HttpContext http) => sender.Send(Mint(http), http);

    private Task<Either<StoreError, Reply>> Mint(HttpContext http) =>
        Permitted(http)
            .Then(_ => SmallBody.Read(http, settings.Limits, time))
            .Then(PresignRequest.Parse)
            .Then(Mint)
            .To(Minted);

    private Either<StoreError, Minted> Mint(PresignRequest request)
    {
        var at = now();
        return from key in settings.Access.SigningKeys.Signer(at)
               from minted in Presign.Mint(
                   new Minter(key, settings.Server.Domain, settings.Access.MaxExpiry, epochOf(request.Bucket.IfNone(BucketName.Default))), at, request, BlobId.From(Guid.CreateVersion7(time.GetUtcNow())), NewNonce())
               select minted;
    }

    /// <summary>128 bits, which nobody guesses and no two URLs share.</summary>
    private static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private Either<StoreError, Unit> Permitted(HttpContext http) =>
        from known in settings.Access.ApiKey.Check(http.Request.Headers.Authorization)
        from json in Pipeline.Require(IsJson(http.Request.ContentType), () => new StoreError.UnsupportedMediaType())
        select json;

    private static bool IsJson(string? contentType) =>
        string.IsNullOrEmpty(contentType)
        || (contentType.Split(';')[0].Trim() is var type
            && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));

    private Reply Minted(Minted minted) =>
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
