using System.Security.Cryptography;

namespace Borderless.Tests.Properties;

/// <summary>The examples of the package's README, compiled and run. What stands between the marks is there word for word.</summary>
public sealed class PackageExamples
{
    private static readonly UnixSeconds Time = new(1_758_276_188);
    private static readonly SigningKey Key = SigningKey.FromSecret("super-secret-hmac-secret");

    private static string MintedUrl()
    {
        // example 1
        var origin = Origin.Parse("https://blobs.example.com").IfNone(() => throw new InvalidOperationException("no origin"));
        var minter = new Minter(NamedKey.Default(SigningKey.FromSecret("super-secret-hmac-secret")), origin);
        var request = new PresignRequest(BlobAction.Upload, Blob: default, Bucket: default, ExpiresIn: 600)
        {
            Rules = Seq1<Rule>(new Rule.MaxSize(10_000_000)),
            Once = true,
        };
        var url = Presign.Mint(
            minter,
            now: new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()),
            request,
            newId: BlobId.From(Guid.CreateVersion7()),
            nonce: Convert.ToHexString(RandomNumberGenerator.GetBytes(16)))
            .Match(Right: minted => minted.Url, Left: error => throw new InvalidOperationException(error.Message));
        // end
        return url;
    }

    private static string ReceiptSays(string receipt)
    {
        // example 2
        var keys = ReceiptKeys.Of(KeyRing.OfSecret("super-secret-hmac-secret"));
        var said = Receipts.Verify(keys, new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()), receipt).Match(
            Right: stored => $"{stored.Bucket}/{stored.Blob}: {stored.Size} bytes, SHA-256 {stored.Sha256}",
            Left: error => $"{error.Code}: {error.Message}");
        // end
        return said;
    }

    private static Either<StoreError, string> NarrowedUrl(string url, UnixSeconds soon)
    {
        // example 3
        var narrower = Narrowing.Narrow(url, new Rule.MaxSize(1_000_000), new Rule.Expires(soon));
        // end
        return narrower;
    }

    [Fact]
    public void A_minted_url_opens_and_carries_its_rules()
    {
        var now = new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var grant = Outcomes.Open(Key, now, "POST", MintedUrl()["https://blobs.example.com".Length..]).RightOrThrow();
        Assert.Equal(10_000_000, grant.Rules.MaxSize);
        Assert.NotNull(grant.Rules.Nonce);
    }

    [Fact]
    public void A_narrowed_url_permits_less()
    {
        var now = new UnixSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var url = NarrowedUrl(MintedUrl(), now.Plus(60)).RightOrThrow();
        var grant = Outcomes.Open(Key, now, "POST", url["https://blobs.example.com".Length..]).RightOrThrow();
        Assert.Equal(1_000_000, grant.Rules.MaxSize);
        Assert.Equal(now.Plus(60), grant.Expires);
    }

    [Fact]
    public void A_receipt_is_told_from_a_forgery()
    {
        var receipt = new Receipt(BucketName.Default, BlobId.From(Guid.Empty), 13, Digest.OfNothing, null, Time, Durability.Strict);
        var jws = Receipts.Sign(ReceiptSigner.Of(NamedKey.Default(Key)), receipt);
        Assert.StartsWith("default/00000000-0000-0000-0000-000000000000: 13 bytes", ReceiptSays(jws), StringComparison.Ordinal);
        Assert.StartsWith("invalid_receipt: ", ReceiptSays($"{jws}A"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_packages_readme_are_these()
    {
        var here = Marked(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PackageExamples.cs"))).ToArray();
        var readme = Fenced(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "core-readme.md"))).ToArray();
        Assert.Equal(3, here.Length);
        Assert.Equal(here, readme);
    }

    private static IEnumerable<string> Marked(string[] lines) => Between(lines, line => line.Trim().StartsWith("// example ", StringComparison.Ordinal), line => line.Trim() == "// end")
        .Select(block => string.Join('\n', block.Select(line => line.Length > 8 ? line[8..] : "")));

    /// <summary>Without its usings, which stand at the head of a file.</summary>
    private static IEnumerable<string> Fenced(string[] lines) => Between(lines, line => line == "```csharp", line => line == "```")
        .Select(block => string.Join('\n', block.SkipWhile(line => line.StartsWith("using ", StringComparison.Ordinal) || line.Length == 0)));

    private static IEnumerable<List<string>> Between(string[] lines, Func<string, bool> begins, Func<string, bool> ends)
    {
        List<string>? block = null;
        foreach (var line in lines)
        {
            if (block is not null && ends(line))
            {
                yield return block;
                block = null;
            }
            else if (block is not null)
            {
                block.Add(line);
            }
            else if (begins(line))
            {
                block = [];
            }
        }
    }
}
