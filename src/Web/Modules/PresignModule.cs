using System.Security.Cryptography;

using Borderless.Web.Audit;
using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>POST /presign: a back end that shows an API key which may mint gets a signed URL.</summary>
internal sealed class PresignModule(
    Settings settings, CurrentAccess current, FindDigest find, EpochOf epochOf, Clock now, TimeProvider time, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute("/presign", ("POST", Handle));
        app.MapRoute("/admin/presign", ("POST", Handle));
    }

    private Task Handle(HttpContext http) => sender.Send(Mint(http, current()), http);

    /// <summary>Whether the key may mint at all is judged before the body is read, and whether in this bucket as soon as it is known.</summary>
    private Task<Either<StoreError, Reply>> Mint(HttpContext http, AccessSettings access) =>
        Permitted(http, access.ApiKeys)
            .Then(key => SmallBody.Read(http, settings.Limits, time)
                .Then(PresignRequest.Parse)
                .Then(request => MayMint(key, AuditFacts.Asks(http, request)))
                .Then(request => Mint(access, request)))
            .To(minted => Minted(AuditFacts.Got(http, minted)));

    private static Either<StoreError, PresignRequest> MayMint(ApiKey key, PresignRequest request) =>
        key.MayMint(request.Bucket.IfNone(BucketName.Default)) ? request : new StoreError.KeyNotAllowed();

    private Either<StoreError, Minted> Mint(AccessSettings access, PresignRequest request)
    {
        var at = now();
        return from key in access.SigningKeys.Signer(at)
               from minted in Presign.Mint(
                   new Minter(key, settings.Server.Domain, access.MaxExpiry, epochOf(request.Bucket.IfNone(BucketName.Default))),
                   at,
                   request,
                   BlobId.From(Guid.CreateVersion7(time.GetUtcNow())),
                   NewNonce())
               select minted;
    }

    /// <summary>128 bits, which nobody guesses and no two URLs share.</summary>
    private static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static Either<StoreError, ApiKey> Permitted(HttpContext http, ApiKeys keys) =>
        from key in Callers.KeyOf(http, keys)
        from mints in Pipeline.Require(key.MayMintSomewhere, () => new StoreError.KeyNotAllowed())
        from json in Pipeline.Require(IsJson(http.Request.ContentType), () => new StoreError.UnsupportedMediaType())
        select key;

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
