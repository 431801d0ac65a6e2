using Borderless.Web.Http;
using Borderless.Web.Storage;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET and HEAD /files/{blob}: a blob's bytes.</summary>
internal sealed class FilesModule : ICarterModule
{
    public void AddRoutes(IEndpointRouteBuilder app) => app.MapRoute("/files/{blob}", ("GET", Handle), ("HEAD", Handle));

    private static Task Handle(VerifyLink verify, FindBlob find, Clock now, Sender sender, HttpContext http)
    {
        var reply =
            from grant in verify(http)
            from reading in find(grant)
            select Download(grant, reading, now());
        return sender.Send(reply.IfLeft(error => Reply.Error(error, http.TraceIdentifier)), http);
    }

    private static Reply Download(Grant grant, BlobReading reading, UnixSeconds now) =>
        new(
            StatusCodes.Status200OK,
            Seq(
                ("content-type", reading.Blob.ContentType ?? ContentHeaders.DefaultType),
                ("content-disposition", reading.Blob.ContentDisposition ?? ""),
                ("cache-control", Caching.Download(grant.Expires, now))),
            new ReplyBody.Blob(reading));
}
