// A back end that never calls the store: it mints URLs itself, and learns by a receipt that an upload happened.
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Borderless.Core;
using LanguageExt;
using static LanguageExt.Prelude;

var origin = Origin.Parse(Needed("STORE_ORIGIN")).IfNone(() => throw new InvalidOperationException("STORE_ORIGIN must be an origin such as https://blobs.example.com"));
var secrets = KeyRing.OfSecret(Needed("STORE_SECRET"));
var receiptKeys = ReceiptKeys.Of(secrets);

// What it asked for. A receipt says that the store has a blob; whether anybody wanted it, only the back end knows.
var expected = new ConcurrentDictionary<BlobId, Unit>();

var app = WebApplication.CreateBuilder(args).Build();

app.MapPost("/uploads", () => Answer(
    from minted in Mint(new PresignRequest(BlobAction.Upload, None, None, ExpiresIn: 600) { Rules = Limits(), Once = true })
    let kept = expected.TryAdd(minted.Blob, unit)
    select Results.Ok(new { blob_id = $"{minted.Blob}", url = minted.Url, method = minted.Method, expires_in = minted.ExpiresIn })));

app.MapPost("/receipts", (Delivery delivery) => Answer(
    from receipt in Receipts.Verify(receiptKeys, Now(), delivery.Receipt ?? "")
    from wanted in Pipeline.Require(receipt.Bucket == BucketName.Default && expected.ContainsKey(receipt.Blob), () => new StoreError.InvalidReceipt("is of a blob that nobody asked for"))
    select Results.Ok(new
    {
        bucket = $"{receipt.Bucket}",
        blob_id = $"{receipt.Blob}",
        size = receipt.Size,
        sha256 = $"{receipt.Sha256}",
        content_type = receipt.ContentType,
        stored_at = receipt.StoredAt.Value,
        durability = $"{receipt.Durability}".ToLowerInvariant(),
    })));

app.MapGet("/downloads/{id}", (string id) => Answer(
    from blob in BlobId.Parse(id)
    from minted in Mint(new PresignRequest(BlobAction.Download, blob, None, ExpiresIn: 60))
    select Results.Ok(new { url = minted.Url, method = minted.Method, expires_in = minted.ExpiresIn })));

app.Run();

static UnixSeconds Now() => new(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

static string Needed(string name) =>
    Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new InvalidOperationException($"set {name}");

static Seq<Rule> Limits() =>
    Seq1<Rule>(new Rule.MaxSize(1_000_000)) + ContentTypeRange.Parse("text/*").Map<Rule>(types => new Rule.ContentType(types)).ToSeq();

static IResult Answer(Either<StoreError, IResult> outcome) => outcome.Match(
    Right: result => result,
    Left: error => Results.Json(new { code = error.Code, message = error.Message }, statusCode: StatusCodes.Status422UnprocessableEntity));

Either<StoreError, Minted> Mint(PresignRequest request) =>
    from key in secrets.Signer(Now())
    from minted in Presign.Mint(
        new Minter(key, origin), Now(), request, newId: BlobId.From(Guid.CreateVersion7()), nonce: Convert.ToHexString(RandomNumberGenerator.GetBytes(16)))
    select minted;

/// <summary>What the client hands over after its upload.</summary>
internal sealed record Delivery(string? Receipt);
