using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Borderless.Web.OpenApi;

/// <summary>What several operations share: parameters, bodies and errors.</summary>
internal static class Parts
{
    private const string Text = """{"type":"string"}""";
    private const string Number = """{"type":"integer","minimum":0}""";
    private const string Uuid = """{"type":"string","format":"uuid"}""";
    private const string Position = """{"type":"integer","minimum":1,"maximum":10000}""";

    public const string PresignSchema = """
        {"type":"object","required":["action"],"additionalProperties":false,"properties":{
        "action":{"type":"string","enum":["upload","update","download","delete","status"]},
        "blob_id":{"type":["string","null"],"format":"uuid","description":"may be left out for upload only, and then is a new version 7 UUID"},
        "bucket":{"type":["string","null"],"pattern":"^[A-Za-z0-9_-]{1,63}$","description":"default where none is named"},
        "expires_in":{"type":["integer","null"],"minimum":1,"default":900,"description":"seconds; cut to max_expiry_secs"},
        "response_content_type":{"type":["string","null"],"maxLength":2048,"description":"download: in the place of the blob's own"},
        "response_content_disposition":{"type":["string","null"],"maxLength":2048,"description":"download: in the place of the blob's own"},
        "max_size":{"type":["integer","null"],"minimum":0,"description":"bytes"},
        "min_size":{"type":["integer","null"],"minimum":0,"description":"bytes"},
        "content_type":{"type":["string","null"],"description":"a media type, or such as image/*"},
        "sha256":{"type":["string","null"],"pattern":"^[0-9A-Fa-f]{64}$","description":"these bytes and no others"},
        "once":{"type":["boolean","null"],"description":"the URL stores one body"},
        "chunks":{"type":["string","null"],"description":"an index or a range, such as 3-7"},
        "not_before":{"type":["integer","null"],"minimum":0,"description":"Unix seconds"},
        "client_ip":{"type":["string","null"],"description":"an address or a CIDR block"}}}
        """;

    public const string JwksSchema = """
        {"type":"object","required":["keys"],"additionalProperties":false,"properties":{"keys":{"type":"array","items":{"type":"object",
        "required":["kty","crv","x","y","kid"],"properties":{"kty":{"enum":["EC"]},"crv":{"enum":["P-256"]},"x":{"type":"string"},"y":{"type":"string"},
        "kid":{"type":"string"},"use":{"type":"string"},"alg":{"type":"string"}},"additionalProperties":false}}}}
        """;

    public static readonly Parameter RequestId = Header(
        "x-request-id", """{"type":"string","pattern":"^[!-~]{1,128}$"}""", "the id of the request; any other text is replaced by a new id");

    /// <summary>The parameters of every signed URL beside its expiry and its signature, all under the signature.</summary>
    public static readonly Parameter[] Signed =
    [
        Query("kid", Text, "the name of the key that signed; none means the default key", "2026"),
        Query("epoch", Number, "the epoch of the bucket in which it was minted; 0 where it is missing", 1),
        Query("not_before", Number, "rule: Unix seconds from which it is valid", 1_758_276_788),
        Query("client_ip", Text, "rule: the address or CIDR block that may use it", "203.0.113.0/24"),
        Query("narrow", Text, "levels of rules that whoever held the URL narrowed it by", "max_size=1000~chunks=3"),
    ];

    /// <summary>And of one that stores.</summary>
    public static readonly Parameter[] Storing =
    [
        Query("max_size", Number, "rule: the most bytes of the blob", 1_000_000),
        Query("min_size", Number, "rule: the least bytes of the blob", 1),
        Query("content_type", Text, "rule: its media type, or such as image/*", "image/*"),
        Query("sha256", """{"type":"string","pattern":"^[0-9A-Fa-f]{64}$"}""", "rule: its digest", Operations.Sha256),
        Query("once", """{"type":"string","pattern":"^[A-Za-z0-9_-]{16,64}$"}""", "rule: a nonce; the URL stores one body", "0123456789abcdef"),
        Query("chunks", Text, "rule: the chunks that it may send, an index or a range", "3-7"),
        Header("x-upload-type", """{"type":"string","enum":["full","chunked"]}""", "full where it is missing"),
        Header("x-chunk-index", Position, "the chunk's place, from 1 to x-chunk-total"),
        Header("x-chunk-total", Position, "how many chunks the upload has"),
        Header("x-chunk-merge", Text, "its presence asks to make the blob of the chunks that arrived; such a request has no body"),
        Header("content-disposition", """{"type":"string","maxLength":2048}""", "given back with each download"),
        Header("content-digest", Text, "RFC 9530: sha-256 of the body"),
        Header("repr-digest", Text, "RFC 9530: sha-256 of the blob"),
    ];

    public static readonly Parameter[] Overrides =
    [
        Query("response_content_type", Text, "in the place of the blob's own", "text/plain"),
        Query("response_content_disposition", Text, "in the place of the blob's own", "inline"),
    ];

    public static readonly Parameter[] WriteConditions =
    [
        Header("if-match", Text, "RFC 9110: done only if the blob has one of these entity tags"),
        Header("if-none-match", Text, "RFC 9110: done only if it has none of these; * means that it is not there"),
        Header("if-unmodified-since", Text, "RFC 9110: done only if it is as old"),
    ];

    public static readonly Parameter[] TagConditions =
    [
        Header("if-match", Text, "RFC 9110"),
        Header("if-none-match", Text, "RFC 9110: 304 if it has one of these entity tags"),
    ];

    public static readonly Parameter[] ReadConditions =
    [
        Header("if-match", Text, "RFC 9110"),
        Header("if-none-match", Text, "RFC 9110: 304 if the blob has one of these entity tags"),
        Header("if-modified-since", Text, "RFC 9110: 304 if it is as old"),
        Header("if-unmodified-since", Text, "RFC 9110"),
        Header("range", Text, "RFC 9110: a part of the bytes, or several"),
        Header("if-range", Text, "RFC 9110: the whole, if the blob is not as it was"),
    ];

    public static readonly Parameter Total = Header("x-chunk-total", Position, "of which upload; of the one last written to where it is missing");

    public static readonly Parameter[] Paging =
    [
        Query("limit", """{"type":"integer","minimum":1,"default":100}""", "how many at the most; cut to 1000", 100),
        Query("offset", """{"type":"integer","minimum":0,"default":0}""", "how many are passed over first", 0),
        Query("after", Text, "the next of the page before", $"1758276788123.{Operations.Blob}.default"),
        Query("blob_id", """{"type":"string","maxLength":36}""", "how the ids begin", "01996168"),
    ];

    /// <summary>What stands in braces in a path.</summary>
    public static Parameter OfPath(string name) => new(
        name, ParameterLocation.Path, name == "bucket" ? """{"type":"string","pattern":"^[A-Za-z0-9_-]{1,63}$"}""" : Uuid,
        name == "bucket" ? "the bucket; no reserved word" : "the blob", name == "bucket" ? "photos" : Operations.Blob);

    public static readonly Type[] OfApiKey = [typeof(StoreError.MissingApiKey), typeof(StoreError.InvalidApiKey), typeof(StoreError.KeyNotAllowed)];

    public static readonly Type[] OfSignedUrl =
    [
        typeof(StoreError.MissingSignature), typeof(StoreError.InvalidSignature), typeof(StoreError.LinkExpired), typeof(StoreError.LinkNotYetValid),
        typeof(StoreError.LinkRevoked), typeof(StoreError.ClientNotAllowed), typeof(StoreError.UnknownParameter), typeof(StoreError.InvalidRule),
        typeof(StoreError.InvalidBlobId), typeof(StoreError.NoSuchRoute),
    ];

    public static readonly Type[] OfWrites = [typeof(StoreError.StorageUnavailable), typeof(StoreError.ShuttingDown), typeof(StoreError.InsufficientStorage)];

    public static readonly Type[] OfBodies = [typeof(StoreError.BrokenStream), typeof(StoreError.RequestTimeout), typeof(StoreError.PayloadTooLarge)];

    private static Parameter Query(string name, string schema, string says, JsonNode example) => new(name, ParameterLocation.Query, schema, says, example);

    private static Parameter Header(string name, string schema, string says) => new(name, ParameterLocation.Header, schema, says);
}
