using Borderless.Web.Audit;
using Borderless.Web.Http;
using Borderless.Web.Storage;

namespace Borderless.Web.Modules;

/// <summary>POST and PUT: a body becomes a blob or a chunk, or chunks become a blob.</summary>
internal static class Uploads
{
    public static Task<Either<StoreError, Reply>> Upload(UploadEffects effects, ReadSmall read, LimitSettings limits, HttpContext http) =>
        Accept(effects, limits, http).Then(accepted => Perform(effects, read, accepted, http));

    /// <summary>Everything that can be judged before the body is read and without a look at the disk.</summary>
    private static Either<StoreError, Accepted> Accept(UploadEffects effects, LimitSettings limits, HttpContext http) =>
        from grant in effects.Verify(http)
        from intent in UploadIntent.Read(IntentOf(http.Request.Headers)).Map(intent => AuditFacts.Sends(http, intent))
        from whole in Whole(intent, http.Request.Headers)
        from content in ContentOf(http.Request.Headers)
        from bodyDigest in DigestFields.Read("content-digest", Headers.Text(http, "content-digest"))
        from storedDigest in DigestFields.Read("repr-digest", Headers.Text(http, "repr-digest"))
        from fits in BodyLimit.Check(http.Request.ContentLength, limits.MaxDataBytes)
        from permitted in grant.Rules.JudgeUpload(intent, http.Request.ContentLength, content.Type.MatchUnsafe(type => type, () => null))
        select new Accepted(grant, intent, RulesOf(grant, http), content, bodyDigest.ToSeq(), storedDigest.ToSeq());

    private static Task<Either<StoreError, Reply>> Perform(UploadEffects effects, ReadSmall read, Accepted accepted, HttpContext http) =>
        accepted.Intent switch
        {
            UploadIntent.Merge merge => Merge(effects, read, accepted, merge, http),
            UploadIntent.Chunk chunk => Chunk(effects, accepted, chunk, http),
            _ => effects.RefuseEarly(accepted.Grant, accepted.Rules, accepted.Intent, http.Request.ContentLength)
                .Then(_ => effects.Receive(
                    http, accepted.BodyDigest + accepted.StoredDigest + accepted.Grant.Rules.Digests, accepted.Grant.Rules.MaxSize, null))
                .Then(part => effects.WriteBlob(accepted.Grant, accepted.Rules, accepted.Content, part))
                .To(stored => Uploaded(effects, http, accepted.Grant, stored, "uploaded blob")),
        };

    /// <summary>While the body is on its way, the chunks before it are no leftovers.</summary>
    private static async Task<Either<StoreError, Reply>> Chunk(UploadEffects effects, Accepted accepted, UploadIntent.Chunk chunk, HttpContext http)
    {
        using var arriving = effects.BeginChunk(accepted.Grant, chunk);
        return await effects.RefuseEarly(accepted.Grant, accepted.Rules, chunk, http.Request.ContentLength)
            .Then(_ => effects.Receive(http, accepted.BodyDigest + accepted.StoredDigest, accepted.Grant.Rules.MaxSize, arriving.Whole))
            .Then(part => effects.WriteChunk(accepted.Grant, accepted.Rules, chunk, part))
            .To(arriving.Adopt)
            .To(stored => Answer(http, accepted.Grant, stored.Size, stored.Sha256, $"uploaded chunk {chunk.Index}/{chunk.Total}"));
    }

    /// <summary>The body's digest is that of no bytes; the stored one is that of the whole.</summary>
    private static Task<Either<StoreError, Reply>> Merge(
        UploadEffects effects, ReadSmall read, Accepted accepted, UploadIntent.Merge merge, HttpContext http) =>
        Bodiless(http.Request.ContentLength ?? 0)
            .Then(_ => read(http))
            .Then(body => Bodiless(body.Length))
            .Then(_ => DigestFields.Check(accepted.BodyDigest, Digest.OfNothing))
            .Then(_ => effects.Merge(accepted.Grant, merge, new MergeRequest(accepted.Rules, accepted.Content, accepted.StoredDigest)))
            .To(stored => Uploaded(effects, http, accepted.Grant, stored, $"merged {merge.Total} chunks"));

    /// <summary>A chunked transfer announces no length, and so is read to know.</summary>
    private static Either<StoreError, Unit> Bodiless(long length) =>
        Pipeline.Require(length == 0, () => new StoreError.InvalidChunk("a merge has no body"));

    /// <summary>A fragment would take the place of the whole (RFC 9110 section 14.5); of a chunk it says nothing that counts.</summary>
    private static Either<StoreError, Unit> Whole(UploadIntent intent, IHeaderDictionary headers) =>
        Pipeline.Require(
            intent is UploadIntent.Chunk || !headers.ContainsKey("content-range"),
            () => new StoreError.InvalidHeader(
                "content-range", "is not taken: an upload is the whole blob; send fragments as chunks, with 'x-upload-type: chunked', and merge them"));

    private static WriteRules RulesOf(Grant grant, HttpContext http) =>
        new(grant.Action == BlobAction.Update ? WriteMode.Replace : WriteMode.Create, Headers.Conditions(http))
        {
            Link = grant.Rules,
            SpentUntil = grant.SignedUntil,
        };

    private static Either<StoreError, ContentHeaders> ContentOf(IHeaderDictionary headers) =>
        from type in Once(headers, "content-type")
        from disposition in Once(headers, "content-disposition")
        from content in ContentHeaders.Read(type, disposition)
        select content;

    /// <summary>Two values would be joined to one that nobody sent, and so could not be given back byte for byte.</summary>
    private static Either<StoreError, string> Once(IHeaderDictionary headers, string name) =>
        headers[name] is { Count: <= 1 } value ? value.ToString() : new StoreError.InvalidHeader(name, "may be sent only once");

    private static UploadHeaders IntentOf(IHeaderDictionary headers) =>
        new(
            Headers.Text(headers, "x-upload-type"),
            Headers.Text(headers, "x-chunk-index"),
            Headers.Text(headers, "x-chunk-total"),
            Headers.Text(headers, "x-chunk-merge"));

    /// <summary>A blob is there now, and a receipt says so. A chunk is no blob, and has none.</summary>
    private static Reply Uploaded(UploadEffects effects, HttpContext http, Grant grant, StoredBlob stored, string message) =>
        Answer(http, grant, stored.Size, stored.Sha256, message, effects.SignReceipt(grant, stored));

    private static Reply Answer(HttpContext http, Grant grant, long size, Digest sha256, string message, string? receipt = null)
    {
        AuditFacts.Did(http, bytes: size);
        return Reply.Json(
            new UploadBody(true, message, grant.Blob.ToString(), size, sha256.ToString(), receipt),
            Json.Readable.UploadBody,
            ("cache-control", Caching.NoStore));
    }

    /// <summary>Reads a body that is small, whole.</summary>
    public delegate Task<Either<StoreError, ReadOnlyMemory<byte>>> ReadSmall(HttpContext http);

    /// <summary>An upload that may begin.</summary>
    private sealed record Accepted(
        Grant Grant, UploadIntent Intent, WriteRules Rules, ContentHeaders Content, Seq<Digest> BodyDigest, Seq<Digest> StoredDigest);
}
