using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>
/// The routes under signed URLs. <c>/upload</c> and <c>/files</c> are the bucket <c>default</c>; which bucket, blob and action a
/// request means is read from its signed target alone, never from the router's values.
/// </summary>
internal sealed class BlobModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app)
    {
        app.MapRoute(
            "/upload/{blob}",
            ("POST", Uploads.Handle), ("PUT", Uploads.Handle), ("GET", ChunkStatus.Handle), ("HEAD", ChunkStatus.Handle));
        app.MapRoute(
            "/files/{blob}",
            ("GET", Downloads.Handle), ("HEAD", Downloads.Handle), ("DELETE", Deletes.Handle));
        app.MapRoute(
            "/{bucket:unreserved}/{blob}",
            ("POST", Uploads.Handle), ("PUT", Uploads.Handle), ("GET", Downloads.Handle), ("HEAD", Downloads.Handle), ("DELETE", Deletes.Handle));
        app.MapRoute("/{bucket:unreserved}/{blob}/chunks", ("GET", ChunkStatus.Handle), ("HEAD", ChunkStatus.Handle));
    }
}
