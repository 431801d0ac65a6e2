using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;

namespace Borderless.Benchmarks;

/// <summary>What Core's functions cost.</summary>
[SimpleJob(warmupCount: 3, iterationCount: 10)]
[MemoryDiagnoser]
[SuppressMessage("Performance", "CA1822", Justification = "Only an instance's methods are measured.")]
public class Micro
{
    private const string Target = "/files/01996168-e738-7552-9662-2041482b96c3";
    private const int Chunks = 10_000;

    private static readonly SigningKey Key = SigningKey.FromSecret("super-secret-hmac-secret");
    private static readonly KeyRing Ring = KeyRing.Of(NamedKey.Default(Key));
    private static readonly UnixSeconds Now = new(1_758_276_000);
    private static readonly Claim Claim = new("GET", Target, new UnixSeconds(1_758_276_788), Empty);
    private static readonly string Signed = Presign.UrlOf(Key, "", Claim);
    private static readonly int[] Arrived = [.. Enumerable.Range(1, Chunks)];
    private static readonly Leftover[] Leftovers =
        [.. Enumerable.Range(0, 1_000_000).Select(i => new Leftover($"/parts/0001/{i}", new UnixSeconds(Now.Value - i), 4096, InUse: i % 3 == 0))];

    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("super-secret-hmac-secret");
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(Signing.StringToSign(Claim));
    private static readonly Claim Ruled = Claim with
    {
        Method = "POST",
        Parameters = Seq(
            new SignedParameter("max_size", "10485760"), new SignedParameter("content_type", "image/*"), new SignedParameter("once", "0123456789abcdef0123456789abcdef"),
            new SignedParameter("kid", "2026-11")),
    };

    private static readonly byte[] RuledText = Encoding.UTF8.GetBytes(Signing.StringToSign(Ruled));
    private static readonly string SignedRuled = Presign.UrlOf(Key, "", Ruled with { Path = Ruled.Path.Replace("files", "upload", StringComparison.Ordinal) });
    private static readonly KeyRing Named = KeyRing.Of(new NamedKey("2026-11", Key, NamedKey.NoEnd), NamedKey.Default(Key));

    [Benchmark(Description = "bare HMAC-SHA256 of the same bytes")]
    public byte Bare() => Hmac(Text);

    [Benchmark(Description = "bare HMAC-SHA256 of the same bytes, with rules")]
    public byte BareRuled() => Hmac(RuledText);

    private static byte Hmac(byte[] text)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Secret, text, mac);
        return mac[0];
    }

    [Benchmark(Description = "sign, with rules")]
    public string SignRuled() => Signing.Sign(Key, Ruled);

    [Benchmark(Description = "read and verify a target with rules")]
    public Either<StoreError, Grant> VerifyRuled() => Link.Read("POST", SignedRuled).Bind(link => Presign.Verify(Named, new Circumstances(Now), link));

    [Benchmark(Description = "sign a receipt")]
    public string Receipt() => Receipts.Sign(ReceiptSigner.Of(NamedKey.Default(Key)), Statement);

    private static readonly Receipt Statement = new(
        BucketName.Default, BlobId.From(Guid.Parse("01996168-e738-7552-9662-2041482b96c3")), 1_000_000, Digest.OfNothing, "image/png", Now, Durability.Strict);

    [Benchmark(Description = "sign")]
    public string Sign() => Signing.Sign(Key, Claim);

    [Benchmark(Description = "read and verify a target")]
    public Either<StoreError, Grant> Verify() => Link.Read("GET", Signed).Bind(link => Presign.Verify(Ring, new Circumstances(Now), link));

    [Benchmark(Description = "merge plan of 10,000 chunks")]
    public Either<StoreError, MergePlan> Plan() => Chunking.PlanMerge(Chunks, Arrived);

    [Benchmark(Description = "range plan of 16 ranges")]
    public Either<StoreError, RangePlan> Range() =>
        Ranges.Plan("bytes=0-9,20-29,40-49,60-69,80-89,100-109,120-129,140-149,160-169,180-189,200-209,220-229,240-249,260-269,280-289,-5", 1_000_000);

    [Benchmark(Description = "janitor over 1,000,000 entries")]
    public int Expired() => Janitor.Expired(Now, 43_200, Leftovers).Count();
}
