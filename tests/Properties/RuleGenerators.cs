using System.Net;

namespace Borderless.Tests.Properties;

/// <summary>A rule of any kind, with a value that is easily hit and easily missed.</summary>
public sealed record AnyRule(Rule Rule);

/// <summary>Rules that one level can hold: each name once.</summary>
public sealed record Level(Seq<Rule> Rules)
{
    /// <summary>The level as the contract writes it, from the framework's own parts.</summary>
    public string Text => string.Join('|', Rules.Map(rule => $"{rule.Name}={Uri.EscapeDataString(rule.Value)}"));
}

/// <summary>A properly signed URL with a key's name, an epoch, rules that fit its action, and levels that narrow it.</summary>
public sealed record RuledUrl(string Secret, string Kid, long Epoch, BlobAction Action, Guid Id, long Expires, Seq<Rule> Own, Seq<Level> Levels)
{
    public KeyRing Ring => KeyRing.Of(new NamedKey(Kid, SigningKey.FromSecret(Secret), NamedKey.NoEnd));

    public string Method => Presign.MethodOf(Action);

    public Claim Claim => new(
        Method, $"/b/{Id}{(Action == BlobAction.Status ? "/chunks" : "")}", new(Expires),
        (Kid.Length > 0 ? Seq1(new SignedParameter("kid", Kid)) : Empty)
        + (Epoch > 0 ? Seq1(new SignedParameter("epoch", $"{Epoch}")) : Empty)
        + Own.Map(rule => new SignedParameter(rule.Name, rule.Value)));

    /// <summary>The URL before anybody narrowed it.</summary>
    public string Wide => Presign.UrlOf(SigningKey.FromSecret(Secret), "", Claim);

    public string Target => Narrowed(Levels);

    public Seq<Rule> AllRules => Own + Levels.Bind(level => level.Rules);

    public string Narrowed(Seq<Level> levels) =>
        levels.Fold(Wide, (url, level) => Narrowing.Narrow(url, level.Rules.ToArray()).RightOrThrow());

    /// <summary>What a server does with a request for this target.</summary>
    public Either<StoreError, Grant> Open(Circumstances at, string target) =>
        Link.Read(Method, target).Bind(link => Presign.Verify(Ring, at, link));
}

/// <summary>When and whence a URL is used: near the edges of what rules say.</summary>
public sealed record Use(Circumstances At);

/// <summary>An upload that a grant is asked about: what it says of itself, and what then comes.</summary>
public sealed record Attempt(UploadIntent Intent, long? Announced, long Waiting, long Size, Digest Digest, string? ContentType)
{
    /// <summary>Whether it would be stored, by all judgements one after the other.</summary>
    public Either<StoreError, Unit> Under(LinkRules rules) =>
        from begun in rules.JudgeUpload(Intent, Announced, ContentType)
        from waiting in Intent is UploadIntent.Single ? unit : rules.JudgeWaiting(Waiting)
        from whole in Intent is UploadIntent.Chunk ? unit : rules.JudgeBlob(Size, Digest, ContentType)
        select unit;
}

/// <summary>Generators of rules and of what they judge: few values, so that they meet.</summary>
public static class RuleGenerators
{
    private static readonly string[] Addresses =
        ["192.0.2.7", "192.0.2.8", "192.0.3.7", "::ffff:192.0.2.7", "::ffff:192.0.3.7", "2001:db8::1", "2001:db8:1::1", "::1", "127.0.0.1"];

    private static readonly string[] Blocks =
        ["192.0.2.7", "192.0.2.0/24", "192.0.2.6/31", "192.0.0.0/15", "0.0.0.0/0", "::/0", "2001:db8::1", "2001:db8::/32", "2001:db8::/48", "127.0.0.0/8"];

    private static readonly string[] Types =
        ["text/plain", "TEXT/Plain", "text/plain; charset=utf-8", "text/html", "image/png", "image/*", "text/*", "application/octet-stream", "application/*"];

    private static readonly Gen<long> Times = Gen.Choose(0, 20).Select(at => (long)at);

    private static readonly Gen<long> Sizes = Gen.Choose(0, 6).Select(size => (long)size);

    private static readonly Gen<Digest> Digests =
        Gen.Choose(0, 1).Select(seed => Digest.From(System.Security.Cryptography.SHA256.HashData([(byte)seed])));

    private static readonly Gen<Rule> AnyChunks =
        from first in Gen.Choose(1, 6)
        from last in Gen.Frequency((1, Gen.Constant(UploadIntent.MaxChunks)), (3, Gen.Choose(first, 6)))
        select (Rule)new Rule.Chunks(first, last);

    private static readonly Gen<Rule> OfLevels = Gen.OneOf(
        Sizes.Select(bytes => (Rule)new Rule.MinSize(bytes)), Sizes.Select(bytes => (Rule)new Rule.MaxSize(bytes)),
        Times.Select(at => (Rule)new Rule.NotBefore(new(at))), Times.Select(at => (Rule)new Rule.Expires(new(at))),
        Digests.Select(digest => (Rule)new Rule.Sha256(digest)), AnyChunks,
        Gen.Elements(Blocks).Select(text => (Rule)new Rule.ClientIp(ClientRange.Parse(text).IfNone(() => throw new InvalidOperationException(text)))),
        Gen.Elements(Types).Select(text => (Rule)new Rule.ContentType(ContentTypeRange.Parse(text).IfNone(() => throw new InvalidOperationException(text)))));

    private static readonly Gen<Rule> OfUrls = Gen.Frequency(
        (7, OfLevels.Where(rule => rule is not Rule.Expires)), (1, Gen.Constant((Rule)new Rule.Once("0123456789abcdef-_"))));

    private static Gen<Seq<Rule>> Some(Gen<Rule> one, int least, BlobAction action) =>
        from count in Gen.Choose(least, 3)
        from rules in one.Where(rule => rule.Fits(action)).ArrayOf(count)
        select toSeq(rules.DistinctBy(rule => rule.Name).ToArray());

    private static readonly Gen<RuledUrl> Url =
        from secret in Gen.Elements("secret", "another secret", "ß€", "")
        from kid in Gen.Elements("", "", "k1", "2026-11.a_B")
        from epoch in Gen.Elements(0L, 0, 1, 2, 999_999_999_999_999_999)
        from action in Gen.Frequency((3, Gen.Constant(BlobAction.Upload)), (2, Gen.Elements(Enum.GetValues<BlobAction>())))
        from id in Generators.Ids().Generator
        from expires in Gen.Frequency((3, Times), (1, Gen.Constant(Link.LastExpiry)))
        from own in Gen.Frequency((1, Gen.Constant(Seq<Rule>())), (2, Some(OfUrls, 0, action)))
        from depth in Gen.Frequency((2, Gen.Choose(0, 2)), (1, Gen.Choose(3, Narrowing.MaxLevels)))
        from levels in Some(OfLevels, 1, action).Select(rules => new Level(rules)).ArrayOf(depth)
        select new RuledUrl(secret, kid, epoch, action, id, expires, own, toSeq(levels));

    public static Arbitrary<AnyRule> Rules() => Gen.OneOf(OfLevels, OfUrls).Select(rule => new AnyRule(rule)).ToArbitrary();

    public static Arbitrary<Level> Levels() => Some(OfLevels, 1, BlobAction.Upload).Select(rules => new Level(rules)).ToArbitrary();

    public static Arbitrary<RuledUrl> RuledUrls() => Url.ToArbitrary();

    public static Arbitrary<Use> Uses() => (
        from now in Gen.Frequency((1, Gen.Constant(Link.LastExpiry)), (6, Times))
        from client in Gen.Elements([.. Addresses.Select(IPAddress.Parse), null])
        from epoch in Gen.Frequency((4, Gen.Constant(0L)), (1, Gen.Choose(1, 3).Select(n => (long)n)))
        select new Use(new Circumstances(new(now), client, epoch))).ToArbitrary();

    public static Arbitrary<Attempt> Attempts() => (
        from index in Gen.Choose(1, 7)
        from intent in Gen.Elements<UploadIntent>(new UploadIntent.Single(), new UploadIntent.Chunk(index, 7), new UploadIntent.Merge(7))
        from announced in Gen.OneOf(Gen.Constant((long?)null), Sizes.Select(size => (long?)size))
        from size in Sizes
        from more in Sizes
        from digest in Digests
        from type in Gen.Elements(null, "", "text/plain", "text/PLAIN", "text/html", "image/png", "image/png, text/html", "text/plain; charset=utf-8", "text", "image/*")
        select new Attempt(intent, announced, size + more, size, digest, type)).ToArbitrary();
}
