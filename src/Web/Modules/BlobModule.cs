using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>
/// The routes under signed URLs. <c>/upload</c> and <c>/files</c> are the bucket <c>default</c>; which bucket, blob and action a
/// request means is read from its signed target alone, never from the router's values.
/// </summary>
internal sealed class BlobModule(
    UploadEffects effects, VerifyLink verify, FindBlob find, RefuseEarly refuseEarly, DeleteBlob deleteBlob, IIndexReader index, LimitSettings limits,
    Clock now, TimeProvider time, Sender sender) : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        Uploads.ReadSmall read = http => SmallBody.Read(http, limits, time);
        RequestDelegate upload = http => sender.Send(Uploads.Upload(effects, read, limits, http), http);
        RequestDelegate download = http => sender.Send(Downloads.Download(verify, find, now, http), http);
        RequestDelegate delete = http => sender.Send(Deletes.Delete(verify, refuseEarly, deleteBlob, http), http);
        RequestDelegate status = http => sender.Send(ChunkStatus.Status(verify, index, http), http);
        app.MapRoute("/upload/{blob}", ("POST", upload), ("PUT", upload), ("GET", status), ("HEAD", status));
        app.MapRoute("/files/{blob}", ("GET", download), ("HEAD", download), ("DELETE", delete));
        app.MapRoute("/{bucket:unreserved}/{blob}", ("POST", upload), ("PUT", upload), ("GET", download), ("HEAD", download), ("DELETE", delete));
        app.MapRoute("/{bucket:unreserved}/{blob}/chunks", ("GET", status), ("HEAD", status));
    }
}
