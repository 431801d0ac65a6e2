using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Modules;

/// <summary>GET of an upload: which of its chunks have arrived, for a client that lost its place.</summary>
internal static class ChunkStatus
{
    public static Either<StoreError, Reply> Status(VerifyLink verify, IIndexReader index, HttpContext http) =>
        from grant in verify(http)
        from total in UploadIntent.ReadTotal(Headers.Text(http, "x-chunk-total"))
        from upload in Optional(index.FindUpload(grant.Bucket, grant.Blob, total.ToNullable())).ToEither<StoreError>(new StoreError.NoSuchUpload())
        select Reply.Json(
            new StatusBody(
                true,
                upload.Chunks.Select(chunk => new ChunkDetail(chunk.Position, chunk.Size, chunk.Sha256.ToString())),
                upload.Total,
                Chunking.Missing(upload.Total, upload.Chunks.Select(chunk => chunk.Position))),
            Json.Readable.StatusBody,
            ("cache-control", Caching.NoStore));
}
