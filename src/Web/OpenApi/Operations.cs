using Borderless.Web.Http;

namespace Borderless.Web.OpenApi;

/// <summary>What each method of each route is: the one place to describe them. A route that is not here fails a test.</summary>
internal static class Operations
{
    /// <summary>Of the URLs in examples; the document has the server's own in its place.</summary>
    public const string Domain = "http://localhost:3000";

    public const string Blob = "01996168-e738-7552-9662-2041482b96c3";
    public const string Sha256 = "fe23b00879ebb97d45833abb639ee8a13a478353bd2f2e50df6a4672ec93f2f2";
    private const string BucketJson = """{"name":"photos","created_at":"2025-09-19T10:13:08.123Z","object_count":1,"total_size":13,"total_size_human":"13 B","epoch":0}""";

    private static readonly (string, string)[] BlobHeaders =
    [
        ("etag", "the SHA-256 in hexadecimal digits, in quotes"), ("last-modified", "when it was stored"), ("accept-ranges", "bytes"),
        ("repr-digest", "RFC 9530: the SHA-256 of the blob"), ("content-disposition", "as it was uploaded, or as the URL says"), ("cache-control", "private; no longer than the URL lives"),
    ];

    private static readonly (string, string) PageTag = ("etag", "the page's SHA-256, in quotes");

    private static readonly Dictionary<(string Method, string Pattern), Operation> All = new()
    {
        [("POST", "/presign")] = Presign("mintUrl"),
        [("POST", "/admin/presign")] = Presign("mintUrlUnderAdmin"),
        [("POST", "/upload/{blob}")] = Upload("createBlobInDefault", creates: true),
        [("PUT", "/upload/{blob}")] = Upload("replaceBlobInDefault", creates: false),
        [("GET", "/upload/{blob}")] = Chunks("listChunksInDefault"),
        [("GET", "/files/{blob}")] = Download("downloadBlobFromDefault"),
        [("DELETE", "/files/{blob}")] = Delete("deleteBlobFromDefault"),
        [("POST", "/{bucket:unreserved}/{blob}")] = Upload("createBlob", creates: true),
        [("PUT", "/{bucket:unreserved}/{blob}")] = Upload("replaceBlob", creates: false),
        [("GET", "/{bucket:unreserved}/{blob}")] = Download("downloadBlob"),
        [("DELETE", "/{bucket:unreserved}/{blob}")] = Delete("deleteBlob"),
        [("GET", "/{bucket:unreserved}/{blob}/chunks")] = Chunks("listChunks"),
        [("GET", "/admin/stats")] = Admin("getStats", "Counts and sizes over all buckets, and what dedup saves", "The numbers are kept, not counted when they are asked for.", Answer.Of<StatsBody>(
            "the numbers", """{"success":true,"stats":{"buckets":[{"name":"photos","object_count":1,"logical_size":13,"logical_size_human":"13 B"}],"total_objects":1,"total_logical_size":13,"total_logical_size_human":"13 B","unique_content_count":1,"actual_storage_size":13,"actual_storage_size_human":"13 B","total_references":1,"deduplication_ratio":0,"deduplication_percentage":"0.0%","space_saved":0,"space_saved_human":"0 B","pending_chunks":0,"pending_size":0}}""")),
        [("GET", "/admin/buckets")] = Admin("listBuckets", "All buckets", "Each with its counts and its epoch.", Answer.Of<BucketsBody>(
            "the buckets", $$"""{"success":true,"buckets":[{{BucketJson}}]}""")),
        [("GET", "/admin/buckets/{bucket}")] = Admin("getBucket", "A bucket and its epoch", "Where the bucket is gone, the 404 still tells its epoch if that is not 0.", Answer.Of<BucketBody>(
            "the bucket", $$"""{"success":true,"bucket":{{BucketJson}}}"""), typeof(StoreError.NoSuchBucket)),
        [("DELETE", "/admin/buckets/{bucket}")] = Admin("deleteBucket", "Deletes an empty bucket, with its unfinished uploads", "A bucket that holds a blob stays. The epoch outlives the bucket.", Answer.Of<MessageBody>(
            "it is deleted", """{"success":true,"message":"deleted bucket photos"}"""), [typeof(StoreError.NoSuchBucket), typeof(StoreError.BucketNotEmpty), .. Parts.OfWrites]),
        [("POST", "/admin/buckets/{bucket}/revoke")] = Admin("revokeUrls", "Kills all URLs of a bucket that were minted before", "The bucket's epoch counts up; URLs of an earlier one are 401 link_revoked, narrowed ones too. There need be no such bucket.", Answer.Of<RevokedBody>(
            "they are dead", """{"success":true,"message":"revoked the URLs of bucket photos","bucket":"photos","epoch":1}"""), Parts.OfWrites),
        [("GET", "/admin/objects")] = List("listObjects", "Blobs, newest first"),
        [("GET", "/admin/objects/{bucket}")] = List("listObjectsOfBucket", "Blobs of a bucket, newest first", typeof(StoreError.NoSuchBucket)),
        [("GET", "/.well-known/jwks.json")] = Service(
            "getReceiptKeys", "The public keys of receipts", "Those of receipt_key, for ES256; none without it.", new(200, "a JWK Set (RFC 7517)", ["application/json"], null, Parts.JwksSchema, """{"keys":[]}""")),
        [("GET", "/healthz")] = Service("isAlive", "Whether it serves", "200 while the process lives.", Answer.Of<MessageBody>("it does", """{"success":true,"message":"serving"}""")),
        [("GET", "/readyz")] = Service("isReady", "Whether it takes writes", "Where it does not, reasons says why; reading and deleting may still go on.", Answer.Of<MessageBody>("it does", """{"success":true,"message":"ready"}""")) with
        {
            Errors = [typeof(StoreError.NotReady)],
        },
        [("GET", "/openapi.json")] = Service(
            "getOpenApi", "This document", "Made from the code when it is first asked for.", new(200, "an OpenAPI 3.1 document", ["application/json"], null, """{"type":"object"}""", null)),
        [("GET", "/console")] = Service(
            "getConsole", "A page to use the store with", "404 where it is switched off.", new(200, "the page", ["text/html"], null, """{"type":"string"}""", null, PageTag)) with
        {
            Parameters = Parts.TagConditions,
            Answers =
            [
                new(200, "the page", ["text/html"], null, """{"type":"string"}""", null, PageTag),
                new(304, "the page is as it was", [], null, "", null, PageTag),
            ],
            Errors = [typeof(StoreError.PreconditionFailed)],
        },
        [("GET", "/metrics")] = new("getMetrics", "service", "Metrics for Prometheus", Access.ApiKey, "Needs the scope admin of all buckets.")
        {
            Answers = [new(200, "metrics in the text format", ["text/plain", "application/openmetrics-text"], null, """{"type":"string"}""", null)],
            Errors = [typeof(StoreError.NoSuchRoute)],
        },
    };

    /// <summary>What a method of a route is; that of HEAD is that of GET without its body. Null where nobody described it.</summary>
    public static Operation? Of(string method, string pattern) =>
        All.TryGetValue((method, pattern), out var known) ? known
        : method == "HEAD" && All.TryGetValue(("GET", pattern), out var get) ? HeadOf(get)
        : null;

    private static Operation HeadOf(Operation get) => get with
    {
        Id = $"{get.Id}Head",
        Summary = $"{get.Summary}: the head alone",
        Answers = get.Answers.Where(answer => answer.Status != 206).Select(answer => answer with { MediaTypes = [], Json = null, Schema = "", Example = null }),
    };

    private static Operation Presign(string id) => new(
        id, "urls", "Mints a pre-signed URL", Access.ApiKey,
        "Only upload may leave blob_id out, and then gets a new UUID. The rules are in the URL, under its signature. A download's answer has sha256_hash when the blob exists.")
    {
        Body = new(
            "application/json", Parts.PresignSchema, "what the URL is for, and the rules of its use", Required: true,
            ("upload", """{"action":"upload"}"""),
            ("rules", """{"action":"upload","max_size":1000000,"content_type":"image/*","once":true}"""),
            ("download", $$"""{"action":"download","blob_id":"{{Blob}}","expires_in":60}""")),
        Answers =
        [
            Answer.Of<PresignBody>("the URL", $$"""{"success":true,"action":"upload","bucket":"default","blob_id":"{{Blob}}","url":"{{Domain}}/upload/{{Blob}}?expires=1758276788&sig=BDtmjKQ2iImF5emvbyqPdivEojq60UI6gYuKDRQBSO4=","method":"POST","expires_in":900}"""),
        ],
        Errors =
        [
            typeof(StoreError.InvalidJson), typeof(StoreError.UnknownAction), typeof(StoreError.MissingBlobId), typeof(StoreError.InvalidBlobId),
            typeof(StoreError.InvalidBucket), typeof(StoreError.InvalidHeader), typeof(StoreError.InvalidRule), typeof(StoreError.UnsupportedMediaType),
            typeof(StoreError.NoSigningKey), typeof(StoreError.StorageUnavailable), .. Parts.OfBodies,
        ],
    };

    private static Operation Upload(string id, bool creates) => new(
        id, "blobs", creates ? "Creates a blob: single, chunk or merge; never overwrites" : "Creates or replaces a blob: single, chunk or merge", Access.SignedUrl,
        "Without x-upload-type the body is the blob. A chunk has x-chunk-index and x-chunk-total; the merge has x-chunk-total and x-chunk-merge, and no body.")
    {
        Parameters = [.. Parts.Storing, .. Parts.WriteConditions],
        Body = new("*/*", "{}", "the bytes, as they are; their type is kept", Required: false),
        Answers =
        [
            Answer.Of<UploadBody>("stored", $$"""{"success":true,"message":"uploaded blob","blob_id":"{{Blob}}","bytes_written":13,"sha256_hash":"{{Sha256}}","receipt":"eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}"""),
        ],
        Errors =
        [
            typeof(StoreError.InvalidHeader), typeof(StoreError.InvalidChunk), typeof(StoreError.ChunksMissing), typeof(StoreError.LinkUsed),
            typeof(StoreError.PreconditionFailed), typeof(StoreError.UnsupportedMediaType), typeof(StoreError.DigestMismatch), typeof(StoreError.TooSmall),
            typeof(StoreError.BlobDamaged), .. creates ? [typeof(StoreError.DuplicateBlob)] : System.Array.Empty<Type>(), .. Parts.OfBodies, .. Parts.OfWrites,
        ],
    };

    private static Operation Download(string id) => new(
        id, "blobs", "Downloads a blob, whole or in ranges", Access.SignedUrl,
        "Preconditions and ranges as in RFC 9110. It may be kept for a minute, and no longer than the URL lives.")
    {
        Parameters = [.. Parts.Overrides, .. Parts.ReadConditions],
        Answers =
        [
            new(200, "the bytes", ["*/*"], null, "{}", null, BlobHeaders),
            new(206, "a range of the bytes, or several", ["*/*", "multipart/byteranges"], null, "{}", null, [.. BlobHeaders, ("content-range", "which bytes, of a single range")]),
            new(304, "the blob is as it was", [], null, "", null, ("etag", "the SHA-256 in hexadecimal digits, in quotes")),
        ],
        Errors =
        [
            typeof(StoreError.NoSuchBlob), typeof(StoreError.InvalidHeader), typeof(StoreError.PreconditionFailed), typeof(StoreError.InvalidRange),
            typeof(StoreError.BlobDamaged), typeof(StoreError.StorageUnavailable), typeof(StoreError.InsufficientStorage),
        ],
    };

    private static Operation Delete(string id) => new(
        id, "blobs", "Deletes a blob; where there is none, the chunks that wait under its id", Access.SignedUrl,
        "An upload URL of the same id that has not expired can store it again.")
    {
        Parameters = Parts.WriteConditions,
        Answers = [Answer.Of<MessageBody>("it is gone", $$"""{"success":true,"message":"deleted blob {{Blob}}","blob_id":"{{Blob}}"}""")],
        Errors = [typeof(StoreError.NoSuchBlob), typeof(StoreError.InvalidHeader), typeof(StoreError.PreconditionFailed), .. Parts.OfWrites],
    };

    private static Operation Chunks(string id) => new(
        id, "blobs", "Which chunks of an unfinished upload have arrived", Access.SignedUrl,
        "Those of the total that was last written to, or of x-chunk-total.")
    {
        Parameters = [Parts.Total],
        Answers =
        [
            Answer.Of<StatusBody>("those that wait", $$"""{"success":true,"chunks":[{"index":2,"size":1000000,"sha256_hash":"{{Sha256}}"}],"total":3,"missing_chunks":[1,3]}"""),
        ],
        Errors = [typeof(StoreError.NoSuchUpload), typeof(StoreError.InvalidChunk), typeof(StoreError.StorageUnavailable)],
    };

    private static Operation Admin(string id, string summary, string details, Answer answer, params Type[] errors) => new(id, "admin", summary, Access.ApiKey, details)
    {
        Answers = [answer],
        Errors = [typeof(StoreError.UnknownParameter), typeof(StoreError.StorageUnavailable), .. errors],
    };

    private static Operation List(string id, string summary, params Type[] errors) => Admin(
        id, summary, "next, on a page that is not the last, is the parameter after of the next one. With blob_id they are in the order of their ids, the highest first.",
        Answer.Of<ObjectsBody>("a page of them", $$"""{"success":true,"objects":[{"bucket":"default","blob_id":"{{Blob}}","content_type":"text/plain","file_size":13,"file_size_human":"13 B","sha256_hash":"{{Sha256}}","created_at":"2025-09-19T10:13:08.123Z","updated_at":"2025-09-19T10:13:08.456Z"}],"total":1,"limit":100,"offset":0}"""),
        [typeof(StoreError.InvalidParameter), .. errors]) with
    {
        Parameters = Parts.Paging,
    };

    private static Operation Service(string id, string summary, string details, Answer answer) => new(id, "service", summary, Access.Everybody, details) { Answers = [answer] };
}
