namespace Borderless.Core;

/// <summary>The few answers that the many errors come down to. Each kind has exactly one HTTP status in the shell.</summary>
public enum ErrorKind
{
    /// <summary>The request cannot be understood (400).</summary>
    Invalid,

    /// <summary>The caller did not prove who sent it (401).</summary>
    Unauthorized,

    /// <summary>The caller is known, and may not (403).</summary>
    Forbidden,

    /// <summary>What was named does not exist (404).</summary>
    NotFound,

    /// <summary>The path exists, but not for this method (405).</summary>
    MethodNotAllowed,

    /// <summary>The client stopped sending (408).</summary>
    Timeout,

    /// <summary>The store's state does not permit it (409).</summary>
    Conflict,

    /// <summary>A condition of the request does not hold (412).</summary>
    PreconditionFailed,

    /// <summary>More bytes than permitted (413).</summary>
    TooLarge,

    /// <summary>The body is of a media type that is not read here (415).</summary>
    UnsupportedMediaType,

    /// <summary>No range that was asked for lies within the blob (416).</summary>
    RangeNotSatisfiable,

    /// <summary>The request is well-formed, and what it says of itself is not true (422).</summary>
    Unprocessable,

    /// <summary>The store failed (500).</summary>
    Broken,

    /// <summary>The store cannot do it now; the same request may succeed later (503).</summary>
    Unavailable,

    /// <summary>No room on the disk (507).</summary>
    OutOfSpace,
}

/// <summary>
/// Everything that can be wrong with a request. The union is closed: its constructor is private, so no case exists outside this
/// file. A <see cref="Code"/> never changes once it was shipped; a <see cref="Message"/> may, and holds neither a secret nor a
/// path of the server's disk.
/// </summary>
public abstract record StoreError
{
    private StoreError(ErrorKind kind, string code, string message) => (Kind, Code, Message) = (kind, code, message);

    /// <summary>Which answer it comes down to.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The stable name that clients may switch on, in snake_case.</summary>
    public string Code { get; }

    /// <summary>What was wrong, where, and what to do; for people.</summary>
    public string Message { get; }

    /// <summary>The JSON of a request is malformed, or a field of it has the wrong type or name.</summary>
    /// <param name="Detail">What was wrong and where.</param>
    public sealed record InvalidJson(string Detail) : StoreError(ErrorKind.Invalid, "invalid_json", Detail);

    /// <summary>The action is none that this store knows.</summary>
    public sealed record UnknownAction() : StoreError(ErrorKind.Invalid, "unknown_action",
        "the field action must be one of upload, update, download, delete, status");

    /// <summary>The action needs a blob id and none was sent.</summary>
    /// <param name="Action">The action that needs it.</param>
    public sealed record MissingBlobId(string Action) : StoreError(ErrorKind.Invalid, "missing_blob_id",
        $"the action {Action} needs the field blob_id");

    /// <summary>A blob id is not a UUID in its 36-character form.</summary>
    public sealed record InvalidBlobId() : StoreError(ErrorKind.Invalid, "invalid_blob_id",
        "a blob id is a UUID of 36 characters, such as 01996168-e738-7552-9662-2041482b96c3");

    /// <summary>A bucket's name is not one, or is reserved.</summary>
    /// <param name="Detail">Which rule it breaks.</param>
    public sealed record InvalidBucket(string Detail) : StoreError(ErrorKind.Invalid, "invalid_bucket", Detail);

    /// <summary>A header has a value that this store does not take.</summary>
    /// <param name="Header">The header's name.</param>
    /// <param name="Rule">What its value must be.</param>
    /// <param name="Noun">What it came in: a header, or a field whose value would become one.</param>
    public sealed record InvalidHeader(string Header, string Rule, string Noun = "header") : StoreError(ErrorKind.Invalid, "invalid_header",
        $"the {Noun} {Header} {Rule}");

    /// <summary>A chunk's index or total is not a number in its bounds, or the headers contradict each other.</summary>
    /// <param name="Detail">Which rule it breaks.</param>
    public sealed record InvalidChunk(string Detail) : StoreError(ErrorKind.Invalid, "invalid_chunk", Detail);

    /// <summary>The body ended before it was complete. Nothing of it was kept.</summary>
    public sealed record BrokenStream() : StoreError(ErrorKind.Invalid, "broken_stream",
        "the body ended before it was complete; nothing was stored, send it again");

    /// <summary>The URL has a query parameter that this store does not know.</summary>
    /// <param name="Name">The parameter's name.</param>
    public sealed record UnknownParameter(string Name) : StoreError(ErrorKind.Invalid, "unknown_parameter",
        $"the query parameter {Name} is not known here");

    /// <summary>A query parameter or a field of a known name has a value that this store does not take.</summary>
    /// <param name="Name">The parameter's name.</param>
    /// <param name="Rule">What its value must be.</param>
    public sealed record InvalidParameter(string Name, string Rule) : StoreError(ErrorKind.Invalid, "invalid_parameter",
        $"the parameter {Name} {Rule}");

    /// <summary>A rule of a URL has a value that is none, or does not fit.</summary>
    /// <param name="Name">The rule's name.</param>
    /// <param name="Detail">What is wrong with it.</param>
    public sealed record InvalidRule(string Name, string Detail) : StoreError(ErrorKind.Invalid, "invalid_rule", $"the rule {Name} {Detail}");

    /// <summary>No API key came with the request.</summary>
    public sealed record MissingApiKey() : StoreError(ErrorKind.Unauthorized, "missing_api_key",
        "send the API key as 'authorization: Bearer <key>'");

    /// <summary>The API key is not the one of this store.</summary>
    public sealed record InvalidApiKey() : StoreError(ErrorKind.Unauthorized, "invalid_api_key", "the API key is not valid here");

    /// <summary>The URL carries no signature.</summary>
    public sealed record MissingSignature() : StoreError(ErrorKind.Unauthorized, "missing_signature",
        "this path needs a pre-signed URL, with the query parameters expires and sig");

    /// <summary>The signature does not fit the method, the path, the expiry or the parameters.</summary>
    public sealed record InvalidSignature() : StoreError(ErrorKind.Unauthorized, "invalid_signature",
        "the signature does not fit: the URL was signed for another method, path or query, or with another secret");

    /// <summary>The signature is right, and its time is over.</summary>
    /// <param name="At">The last second in which it was valid.</param>
    public sealed record LinkExpired(UnixSeconds At) : StoreError(ErrorKind.Unauthorized, "link_expired",
        $"the URL expired at {At} (Unix seconds); ask for a new one");

    /// <summary>The signature is right, and its time has not come.</summary>
    /// <param name="From">The first second in which it is valid.</param>
    public sealed record LinkNotYetValid(UnixSeconds From) : StoreError(ErrorKind.Unauthorized, "link_not_yet_valid",
        $"the URL is valid from {From} on (Unix seconds)");

    /// <summary>The signature is right, and all URLs of its bucket that were minted then were revoked.</summary>
    public sealed record LinkRevoked() : StoreError(ErrorKind.Unauthorized, "link_revoked",
        "the URLs of this bucket that were minted before were revoked; ask for a new one");

    /// <summary>A receipt is none of these keys.</summary>
    /// <param name="Detail">What is wrong with it.</param>
    public sealed record InvalidReceipt(string Detail) : StoreError(ErrorKind.Unauthorized, "invalid_receipt", $"the receipt {Detail}");

    /// <summary>The URL is bound to other addresses than the client's.</summary>
    public sealed record ClientNotAllowed() : StoreError(ErrorKind.Forbidden, "client_not_allowed",
        "the URL is bound to another address than the one that this request comes from");

    /// <summary>The API key is valid, and may not do this here.</summary>
    public sealed record KeyNotAllowed() : StoreError(ErrorKind.Forbidden, "key_not_allowed",
        "the API key has no scope for this, or not in this bucket (where none is named, it is default); use one that has");

    /// <summary>No blob has this id in this bucket.</summary>
    public sealed record NoSuchBlob() : StoreError(ErrorKind.NotFound, "no_such_blob", "no blob has this id in this bucket");

    /// <summary>No bucket has this name.</summary>
    /// <param name="Epoch">How often the URLs of this name were revoked, which outlives a bucket.</param>
    public sealed record NoSuchBucket(long Epoch = 0) : StoreError(ErrorKind.NotFound, "no_such_bucket", "no bucket has this name");

    /// <summary>No chunks of this blob wait to be merged.</summary>
    public sealed record NoSuchUpload() : StoreError(ErrorKind.NotFound, "no_such_upload", "no chunks of this blob are waiting");

    /// <summary>No route has this path.</summary>
    public sealed record NoSuchRoute() : StoreError(ErrorKind.NotFound, "no_such_route", "nothing is served at this path");

    /// <summary>The path exists for other methods only.</summary>
    /// <param name="Allow">The methods that it takes, separated by commas.</param>
    public sealed record MethodNotAllowed(string Allow) : StoreError(ErrorKind.MethodNotAllowed, "method_not_allowed",
        $"this path takes {Allow} only");

    /// <summary>The client stopped sending, or sent too slowly. Nothing of it was kept.</summary>
    public sealed record RequestTimeout() : StoreError(ErrorKind.Timeout, "request_timeout",
        "the request made no progress in time; nothing was stored, send it again");

    /// <summary>A precondition (RFC 9110 section 13) does not hold. Nothing was changed.</summary>
    public sealed record PreconditionFailed() : StoreError(ErrorKind.PreconditionFailed, "precondition_failed",
        "the blob is not in the state that the request's conditions name; nothing was changed");

    /// <summary>The body is larger than permitted. Nothing of it was kept.</summary>
    /// <param name="Limit">The largest number of bytes permitted.</param>
    public sealed record PayloadTooLarge(long Limit) : StoreError(ErrorKind.TooLarge, "payload_too_large",
        $"the body is larger than the {Limit} bytes that are permitted here");

    /// <summary>The body's media type is none that is taken here: JSON where JSON is needed, or what the URL permits.</summary>
    /// <param name="Permitted">What is taken.</param>
    public sealed record UnsupportedMediaType(string Permitted = "application/json") : StoreError(ErrorKind.UnsupportedMediaType, "unsupported_media_type",
        $"send the body with 'content-type: {Permitted}'");

    /// <summary>The blob exists and the method does not overwrite.</summary>
    public sealed record DuplicateBlob() : StoreError(ErrorKind.Conflict, "duplicate_blob",
        "a blob with this id exists; POST never overwrites");

    /// <summary>A merge was asked for before all chunks had arrived.</summary>
    /// <param name="Missing">The indices that are missing, ascending.</param>
    /// <param name="OtherTotal">A total under which chunks of the same blob wait while none does under this one.</param>
    public sealed record ChunksMissing(Seq<int> Missing, Option<int> OtherTotal = default) : StoreError(ErrorKind.Conflict, "chunks_missing",
        OtherTotal.Match(
            Some: total => $"no chunk waits under this total; some do under x-chunk-total: {total}, and each total is an upload of its own",
            None: () => $"chunks are missing ({Missing.Count}); send those in missing_chunks, then merge again"));

    /// <summary>The URL was used, and stores once.</summary>
    public sealed record LinkUsed() : StoreError(ErrorKind.Conflict, "link_used", "the URL stores once, and has stored; the same bytes again, or the same merge, get its answer again");

    /// <summary>Only an empty bucket can be deleted.</summary>
    public sealed record BucketNotEmpty() : StoreError(ErrorKind.Conflict, "bucket_not_empty",
        "the bucket has blobs; delete them first");

    /// <summary>No range of the request begins within the blob (RFC 9110 section 15.5.17).</summary>
    /// <param name="Size">The blob's length in bytes.</param>
    public sealed record InvalidRange(long Size) : StoreError(ErrorKind.RangeNotSatisfiable, "invalid_range",
        $"no range asked for lies within the blob, which has {Size} bytes");

    /// <summary>The bytes that arrived are not those whose digest was sent (RFC 9530). Nothing of them was kept.</summary>
    public sealed record DigestMismatch() : StoreError(ErrorKind.Unprocessable, "digest_mismatch",
        "the bytes do not have the digest that was sent with them, or that the URL demands; nothing was stored");

    /// <summary>The blob is smaller than the URL permits. Nothing was stored.</summary>
    /// <param name="Least">The smallest number of bytes permitted.</param>
    public sealed record TooSmall(long Least) : StoreError(ErrorKind.Unprocessable, "too_small",
        $"the blob has less than the {Least} bytes that the URL demands; nothing was stored");

    /// <summary>A bug, or a fault that nothing foresaw. The log has it under the request's id.</summary>
    public sealed record InternalError() : StoreError(ErrorKind.Broken, "internal_error",
        "the store failed; its log has the reason under this request id");

    /// <summary>The blob's bytes are missing or rotten on the disk.</summary>
    /// <param name="Chunk">The position of the chunk that is, where a merge met it.</param>
    public sealed record BlobDamaged(Option<int> Chunk = default) : StoreError(ErrorKind.Broken, "blob_damaged",
        Chunk.Match(
            Some: index => $"chunk {index} is damaged on the store's disk; send it again, then merge again",
            None: () => "the bytes of this blob are damaged on the store's disk; uploading the same bytes again heals it"));

    /// <summary>The store is going down.</summary>
    public sealed record ShuttingDown() : StoreError(ErrorKind.Unavailable, "shutting_down", "the store is shutting down; try again");

    /// <summary>The store cannot take writes now.</summary>
    /// <param name="Reasons">Why, in snake_case: <c>disk_full</c>, <c>disk_failed</c>, <c>index_unavailable</c>, <c>shutting_down</c>.</param>
    public sealed record NotReady(Seq<string> Reasons) : StoreError(ErrorKind.Unavailable, "not_ready",
        $"the store cannot take writes now: {string.Join(", ", Reasons)}");

    /// <summary>All keys that could sign have ended.</summary>
    public sealed record NoSigningKey() : StoreError(ErrorKind.Unavailable, "no_signing_key",
        "all signing keys of the store have ended; its operator must add one to signing_keys");

    /// <summary>The disk or the index failed. What was asked for may or may not have happened, but never half.</summary>
    public sealed record StorageUnavailable() : StoreError(ErrorKind.Unavailable, "storage_unavailable",
        "the store is not available now; a write may or may not have been done, try again");

    /// <summary>No room on the disk. Nothing was kept.</summary>
    public sealed record InsufficientStorage() : StoreError(ErrorKind.OutOfSpace, "insufficient_storage",
        "the store's disk has no room for it beside what min_free_bytes keeps free; nothing was stored");
}
