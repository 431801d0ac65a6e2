using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Modules;

/// <summary>DELETE: a blob goes, or the chunks of one that never came to be.</summary>
internal static class Deletes
{
    public static Task<Either<StoreError, Reply>> Delete(VerifyLink verify, RefuseEarly refuseEarly, DeleteBlob delete, HttpContext http)
    {
        var conditions = Headers.Conditions(http);
        var permitted =
            from grant in verify(http)
            from early in refuseEarly(grant, WriteRules.OfDelete(conditions))
            select grant;
        return permitted.Then(grant => delete(grant, conditions).To(deleted =>
        {
            AuditFacts.Did(http, deleted is Deleted.Chunks ? "chunks" : "blob");
            return Reply.Json(
                new MessageBody(true, MessageOf(grant, deleted), grant.Blob.ToString()),
                Json.Readable.MessageBody,
                ("cache-control", Caching.NoStore));
        }));
    }

    private static string MessageOf(Grant grant, Deleted deleted) =>
        deleted is Deleted.Chunks chunks ? $"dropped {chunks.Count} chunks" : $"deleted blob {grant.Blob}";
}
