using System.Diagnostics.CodeAnalysis;
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
