using System.Globalization;
using System.Text.Json;

namespace Borderless.Core;

/// <summary>The claims of a receipt as JSON, in one order and one spelling.</summary>
internal static class ReceiptClaims
{
    /// <summary>Claims that would limit the use of a token (RFC 7519 section 4.1). No receipt has them, so one that does is none.</summary>
    private static readonly Seq<string> Limits = Seq("exp", "nbf", "aud");

    public static byte[] Write(Receipt receipt) => JsonText.Write(json =>
    {
        json.WriteString("bucket"u8, receipt.Bucket.Value);
        json.WriteString("blob_id"u8, receipt.Blob.ToString());
        json.WriteNumber("size"u8, receipt.Size);
        json.WriteString("sha256"u8, receipt.Sha256.ToString());
        if (receipt.ContentType is { } type)
        {
            json.WriteString("content_type"u8, type);
        }

        json.WriteNumber("iat"u8, receipt.StoredAt.Value);
        json.WriteString("durability"u8, NameOf(receipt.Durability));
    });

    public static Either<StoreError, Receipt> Read(byte[] payload) =>
        JsonText.Read(payload, FromObject).IfNone(() => Receipts.Refused("has claims that are no JSON object"));

    private static Either<StoreError, Receipt> FromObject(JsonElement claims) =>
        from endless in Pipeline.Require(
            Limits.ForAll(name => !claims.TryGetProperty(name, out _)), () => Receipts.Refused("has a claim that limits its use, and receipts have none"))
        from bucket in Claim(claims, "bucket", text => BucketName.Parse(text).ToOption(), name => name.Value)
        from blob in Claim(claims, "blob_id", text => BlobId.Parse(text).ToOption(), id => id.ToString())
        from size in Number(claims, "size")
        from sha256 in Claim(claims, "sha256", Digest.Parse, digest => digest.ToString())
        from type in ContentType(claims)
        from storedAt in Number(claims, "iat")
        from durability in Claim(claims, "durability", DurabilityOf, NameOf)
        select new Receipt(bucket, blob, size, sha256, type.MatchUnsafe(text => text, () => null), new UnixSeconds(storedAt), durability);

    /// <summary>A claim in the one spelling that is written.</summary>
    private static Either<StoreError, T> Claim<T>(JsonElement claims, string name, Func<string, Option<T>> read, Func<T, string> write) =>
        JsonText.Text(claims, name) is { } text && read(text).Case is T value && write(value) == text ? value : Wrong(name);

    private static Either<StoreError, Option<string>> ContentType(JsonElement claims) =>
        !claims.TryGetProperty("content_type", out _) ? Option<string>.None
        : Claim(claims, "content_type", text => ContentHeaders.Read(text, null).ToOption().Bind(headers => headers.Type), type => type).Map(Some);

    /// <summary>A whole number from 0 to 2^63 - 1, in digits alone: neither a sign nor a point nor an exponent.</summary>
    private static Either<StoreError, long> Number(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && long.TryParse(value.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Wrong(name);

    private static string NameOf(Durability durability) => durability switch
    {
        Durability.Strict => "strict",
        Durability.Relaxed => "relaxed",
    };

    private static Option<Durability> DurabilityOf(string name) => name switch
    {
        "strict" => Durability.Strict,
        "relaxed" => Durability.Relaxed,
        _ => None,
    };

    private static StoreError.InvalidReceipt Wrong(string name) => Receipts.Refused($"has no claim {name}, or not as a store writes it");
}
