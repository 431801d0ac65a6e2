using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Modules;

/// <summary>DELETE: a blob goes, or the chunks of one that never came to be.</summary>
internal static class Deletes
{
    public static readonly Delegate Handle = (VerifyLink verify, RefuseEarly refuseEarly, DeleteBlob delete, Sender sender, HttpContext http) =>
        sender.Send(Delete(verify, refuseEarly, delete, Headers.Conditions(http), http), http);

    private static EitherAsync<StoreError, Reply> Delete(
        VerifyLink verify, RefuseEarly refuseEarly, DeleteBlob delete, ConditionHeaders conditions, HttpContext http) =>
        from grant in verify(http).ToAsync()
        from permitted in refuseEarly(grant, WriteRules.OfDelete(conditions)).ToAsync()
        from deleted in delete(grant, conditions).ToAsync()
        select Reply.Json(
            new MessageBody(true, MessageOf(grant, deleted), grant.Blob.ToString()),
            Json.Readable.MessageBody,
            ("cache-control", Caching.NoStore));

    private static string MessageOf(Grant grant, Deleted deleted) =>
        deleted is Deleted.Chunks chunks ? $"dropped {chunks.Count} chunks" : $"deleted blob {grant.Blob}";
}
