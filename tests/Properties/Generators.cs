using System.Text;

[assembly: Properties(Arbitrary = [typeof(Borderless.Tests.Properties.Generators)])]

namespace Borderless.Tests.Properties;

/// <summary>Any text at all: separators, control characters, non-ASCII, lone surrogates.</summary>
public sealed record Hostile(string Text);

/// <summary>Well-formed Unicode, rich in what means something in a URL.</summary>
public sealed record Words(string Text);

/// <summary>A secret that is long and odd enough to stand in no message by chance.</summary>
public sealed record Secret(string Text);

/// <summary>A bucket's name as a client may write it: in any case.</summary>
public sealed record BucketText(string Text)
{
    public BucketName Name => BucketName.Parse(Text).RightOrThrow();
}

/// <summary>Parameters of a query with distinct names, none of them <c>expires</c> or <c>sig</c>.</summary>
public sealed record Parameters(Seq<SignedParameter> All);

/// <summary>A time that a URL can name: 0 to 999,999,999,999.</summary>
public sealed record UrlTime(long Value)
{
    public UnixSeconds Seconds => new(Value);
}

/// <summary>Any number of 64 bits, mostly near an edge.</summary>
public sealed record Wide(long Value);

/// <summary>A properly signed URL, with all that went into it.</summary>
public sealed record SignedUrl(string Secret, BlobAction Action, string First, Guid Id, string Second, UrlTime Expires, Parameters Query)
{
    public SigningKey Key => SigningKey.FromSecret(Secret);

    public string Method => Presign.MethodOf(Action);

    public Claim Claim => new(Method, $"/{First}/{Second}", Expires.Seconds, Query.All);

    public string Signature => Signing.Sign(Key, Claim);

    public string Target => Presign.UrlOf(Key, "", Claim);
}

/// <summary>Chunks that arrived: in any order, some repeated, some out of range, often all.</summary>
public sealed record Arrival(int Total, Seq<int> Arrived);

/// <summary>What a janitor finds: ages around the limit, the future among them.</summary>
public sealed record Findings(UnixSeconds Now, long Ttl, Seq<Leftover> Found);

/// <summary>Bytes that look like a presign request, more or less.</summary>
public sealed record JsonBytes(byte[] Bytes)
{
    public override string ToString() => $"{Convert.ToHexString(Bytes)}: {Encoding.Latin1.GetString(Bytes)}";
}

/// <summary>Something near a method and a request target.</summary>
public sealed record Approach(string Method, string Target);

/// <summary>All generators. They lean towards edges, because that is where mistakes live.</summary>
public static class Generators
{
    private const string NameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly string[] Pieces =
    [
        "|", "=", "&", "%", "+", "\"", "'", " ", "%25", "%41", "ä", "€", "😀", "\0", "\u007f", "\ufeff",
        "a", "Z", "0", "-", ".", "_", "~", "/",
        "?", "#", ";", "|a=", "&sig=", "\r\n",
    ];

    private static readonly string[] NearRequests =
    [
        """{"action":"upload"}""", """{"action":"download","blob_id":"01996168-e738-7552-9662-2041482b96c3"}""",
        """{"action":"update","blob_id":"01996168-e738-7552-9662-2041482b96c3","bucket":"b","expires_in":60}""",
        """{"action":"delete","bucket":null,"expires_in":1e3}""", """{"action":"\ud800","bucket":"\u0000"}""", """{"\udc00":1}""",
        "[]", "null", "{}", "", "{{", "\ufeff{}", """{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}""",
    ];

    private static readonly Gen<char> AnyChar = Gen.Frequency(
        (6, Gen.Elements("abzAZ09-_./\\|=&%+?#\"' ~:;,{}[]<>@!*".ToCharArray())),
        (2, Gen.Choose(0, 0x7f).Select(c => (char)c)),
        (1, Gen.Elements("\0\n\r\t\u007f\u0080äſKİ\ud800\udfff\ufeff\uffff٣".ToCharArray())),
        (1, Gen.Choose(0, 0xffff).Select(c => (char)c)));

    private static readonly Gen<string> AnyText = AnyChar.ArrayOf().Select(chars => new string(chars));

    private static readonly Gen<string> WellFormed =
        Gen.Choose(0, 8).SelectMany(n => Gen.Elements(Pieces).ArrayOf(n)).Select(string.Concat);

    private static readonly Gen<string> SecretText =
        Gen.Choose(10, 60).SelectMany(n => Gen.Elements("QXZ0123456789qxz#ß".ToCharArray()).ArrayOf(n))
            .Select(chars => $"§{new string(chars)}");

    private static readonly Gen<string> LowerName =
        Gen.Frequency((1, Gen.Constant(1)), (1, Gen.Constant(BucketName.MaxLength)), (4, Gen.Choose(1, BucketName.MaxLength)))
            .SelectMany(n => Gen.Elements(NameCharacters.ToCharArray()).ArrayOf(n))
            .Select(chars => new string(chars))
            .Where(name => !BucketName.Reserved.Contains(name));

    private static readonly Gen<long> Seconds = Gen.OneOf(
        Gen.Elements(0L, 1L, 9L, 10L, 99_999_999_999L, 100_000_000_000L, 253_402_300_800L, 999_999_999_999L),
        Gen.Choose(0, 999_999).Zip(Gen.Choose(0, 999_999)).Select(halves => halves.Item1 * 1_000_000L + halves.Item2));

    private static readonly Gen<Seq<SignedParameter>> Query =
        Gen.Elements("a", "b", "ab", "a_1", "z", "_", "not_before", "sigs", "expire", new string('x', Link.MaxNameLength))
            .Zip(WellFormed, (name, value) => new SignedParameter(name, value))
            .ArrayOf(3)
            .SelectMany(all => Gen.Choose(0, 3).Select(n => toSeq(all.Take(n).DistinctBy(one => one.Name).ToArray())));

    /// <summary>The text with some of its letters in upper case.</summary>
    private static Gen<string> AnyCase(string text) => Gen.OneOf(
        Gen.Constant(text),
        Gen.Constant(text.ToUpperInvariant()),
        Gen.Elements(true, false).ArrayOf(text.Length)
            .Select(upper => string.Concat(text.Select((c, i) => upper[i] ? char.ToUpperInvariant(c) : c))));

    /// <summary>The text with one character replaced, inserted or removed.</summary>
    private static Gen<string> Damaged(string text) =>
        from at in Gen.Choose(0, Math.Max(0, text.Length - 1))
        from c in AnyChar
        from way in Gen.Choose(0, 3)
        select way switch
        {
            0 when text.Length > 0 => text.Remove(at, 1),
            1 when text.Length > 0 => text.Remove(at, 1).Insert(at, c.ToString()),
            2 => text.Insert(at, c.ToString()),
            _ => text,
        };

    private static Gen<string> FirstSegment(BlobAction action) => Gen.Frequency(
        (1, Gen.Constant(action is BlobAction.Upload or BlobAction.Update ? "upload" : "files")),
        (2, LowerName.SelectMany(AnyCase)));

    private static readonly Gen<SignedUrl> Url =
        from secret in Gen.OneOf(SecretText, WellFormed.Where(text => text.Length > 0))
        from action in Gen.Elements(Enum.GetValues<BlobAction>())
        from first in FirstSegment(action)
        from id in Ids().Generator
        from second in AnyCase(id.ToString())
        from expires in Seconds
        from query in Gen.Frequency((2, Gen.Constant(Seq<SignedParameter>())), (1, Query))
        select new SignedUrl(secret, action, first, id, second, new UrlTime(expires), new Parameters(query));

    public static Arbitrary<Hostile> Hostiles() => AnyText.Select(text => new Hostile(text)).ToArbitrary();

    public static Arbitrary<Words> WellFormedTexts() => WellFormed.Select(text => new Words(text)).ToArbitrary();

    public static Arbitrary<Secret> Secrets() => SecretText.Select(text => new Secret(text)).ToArbitrary();

    public static Arbitrary<BucketText> Buckets() => LowerName.SelectMany(AnyCase).Select(text => new BucketText(text)).ToArbitrary();

    public static Arbitrary<Parameters> Queries() => Query.Select(all => new Parameters(all)).ToArbitrary();

    public static Arbitrary<UrlTime> UrlTimes() => Seconds.Select(value => new UrlTime(value)).ToArbitrary();

    public static Arbitrary<SignedUrl> Urls() => Url.ToArbitrary();

    public static Arbitrary<Wide> WideNumbers() => Gen.OneOf(
            Gen.Elements(0L, long.MaxValue, long.MinValue, int.MaxValue, int.MinValue)
                .Zip(Gen.Choose(-2, 2), (edge, near) => unchecked(edge + near)),
            Gen.Choose(int.MinValue, int.MaxValue).Two().Select(halves => ((long)halves.Item1 << 32) | (uint)halves.Item2))
        .Select(value => new Wide(value))
        .ToArbitrary();

    public static Arbitrary<Guid> Ids() => Gen.Frequency(
            (1, Gen.Elements(Guid.Empty, Guid.AllBitsSet)),
            (6, Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(16).Select(bytes => new Guid(bytes))))
        .ToArbitrary();

    public static Arbitrary<Arrival> Arrivals() => (
        from total in Gen.Frequency((1, Gen.Constant(1)), (1, Gen.Constant(UploadIntent.MaxChunks)), (8, Gen.Choose(2, 40)))
        from strays in Gen.OneOf(Gen.Choose(-2, total + 2), Gen.Elements(0, total + 1, int.MinValue, int.MaxValue)).ArrayOf()
        from lost in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, total))
        from whole in Gen.Elements(true, false)
        from order in Gen.Shuffle(Enumerable.Range(1, total).Where(index => whole || index != lost)
            .Concat(strays.Where(s => whole || s != lost)))
        select new Arrival(total, toSeq(order))).ToArbitrary();

    public static Arbitrary<Findings> ManyFindings() => (
        from now in Gen.OneOf(Gen.Choose(0, 20), Gen.Choose(0, int.MaxValue)).Select(value => (long)value)
        from ttl in Gen.OneOf(Gen.Choose(0, 20), Gen.Choose(0, int.MaxValue)).Select(value => (long)value)
        from found in (
            from moved in Gen.OneOf(
                Gen.Choose(-2, 2).Select(near => now - ttl + near), Gen.Choose(-2, 2).Select(near => now + near), Seconds)
            from inUse in Gen.Frequency((1, Gen.Constant(true)), (3, Gen.Constant(false)))
            from bytes in Gen.Choose(0, 9)
            select (moved, inUse, bytes)).ArrayOf()
        select new Findings(
            new(now),
            ttl,
            toSeq(found.Select((one, i) => new Leftover($"tmp/{i}", new(Math.Max(0, one.moved)), one.bytes, one.inUse)).ToArray())))
        .ToArbitrary();

    public static Arbitrary<PresignRequest> Requests() => (
        from action in Gen.Elements(Enum.GetValues<BlobAction>())
        from named in Gen.Elements(true, false)
        from id in Ids().Generator
        from bucket in Gen.OneOf(Gen.Constant(Option<BucketName>.None), LowerName.Select(name => Some(new BucketText(name).Name)))
        from wish in Gen.OneOf(
            Gen.Constant(Option<long>.None), Gen.Elements(1L, 2, 900, 86_400, 999_999_999_999_999_999).Select(Some),
            Seconds.Select(s => Some(s + 1)))
        select new PresignRequest(
            action, named || action != BlobAction.Upload ? Some(BlobId.From(id)) : Option<BlobId>.None, bucket, wish)).ToArbitrary();

    public static Arbitrary<JsonBytes> NearJson() => Gen.OneOf(
            Gen.Elements(NearRequests).SelectMany(Damaged).SelectMany(Damaged).Select(Encoding.UTF8.GetBytes),
            from text in Gen.Elements(NearRequests)
            from at in Gen.Choose(0, text.Length)
            from raw in Gen.Elements<byte>(0, 0x22, 0x5c, 0x80, 0xc0, 0xed, 0xff)
            select (byte[])[.. Encoding.UTF8.GetBytes(text[..at]), raw, .. Encoding.UTF8.GetBytes(text[at..])],
            Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf())
        .Select(bytes => new JsonBytes(bytes))
        .ToArbitrary();

    public static Arbitrary<Approach> Approaches() => (
        from url in Url
        from method in Gen.Frequency(
            (6, Gen.Elements(url.Method, "HEAD", "GET")), (1, Gen.Elements("get", "", "OPTIONS", "GET ")), (1, AnyText))
        from target in Gen.Frequency((4, Damaged(url.Target)), (3, Damaged(url.Target).SelectMany(Damaged)), (1, AnyText))
        select new Approach(method, target)).ToArbitrary();
}
