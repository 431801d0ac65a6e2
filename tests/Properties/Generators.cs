using System.Globalization;
using System.Numerics;
using System.Text;

[assembly: Properties(Arbitrary = [typeof(Borderless.Tests.Properties.Generators), typeof(Borderless.Tests.Properties.RuleGenerators)])]

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

    public Claim Claim => new(Method, $"/{First}/{Second}{(Action == BlobAction.Status && First != "upload" ? "/chunks" : "")}", Expires.Seconds, Query.All);

    public string Signature => Signing.Sign(Key, Claim);

    public string Target => Presign.UrlOf(Key, "", Claim);
}

/// <summary>Chunks that arrived: in any order, some repeated, some out of range, often all.</summary>
public sealed record Arrival(int Total, Seq<int> Arrived);

/// <summary>What a janitor finds: ages around the limit, the future among them.</summary>
public sealed record Findings(UnixSeconds Now, long Ttl, Seq<Leftover> Found);

/// <summary>A directory of the reading view as it should be and as it is: much is right, some wrong, missing or too much.</summary>
public sealed record ViewState(HashMap<string, ViewEntry> Should, HashMap<string, ViewEntry> Found);

/// <summary>A blob's parts, as files and inline.</summary>
public sealed record ViewParts(Seq<ViewPart> All);

/// <summary>Bytes that look like a presign request, more or less.</summary>
public sealed record JsonBytes(byte[] Bytes)
{
    public override string ToString() => $"{Convert.ToHexString(Bytes)}: {Encoding.Latin1.GetString(Bytes)}";
}

/// <summary>Something near a method and a request target.</summary>
public sealed record Approach(string Method, string Target);

/// <summary>A time of the years 1 to 9999.</summary>
public sealed record Moment(long Value)
{
    public UnixSeconds Seconds => new(Value);
}

/// <summary>A time, and a clock that is often 50 years behind or ahead of it, to the second or the day.</summary>
public sealed record FarApart(Moment Time, Moment Clock);

/// <summary>A date in one of the three forms of RFC 9110, damaged or not.</summary>
public sealed record NearDate(string Text);

/// <summary>A list of entity tags as sent, and what it says: no tags where it cannot be read.</summary>
public sealed record TagList(string Text, bool IsStar, Seq<(bool IsWeak, string Opaque)> Tags);

/// <summary>A date as sent, and the time that it names, if any.</summary>
public sealed record DateField(string Text, Option<long> Value);

/// <summary>An <c>if-range</c> as sent, and what it says.</summary>
public sealed record RangeCondition(string Text, Option<(bool IsWeak, string Opaque)> Tag, Option<long> Date);

/// <summary>A request's conditions about a blob, as sent and as meant.</summary>
public sealed record Conditional(
    Validators Current, UnixSeconds Now, Option<TagList> Match, Option<TagList> NoneMatch,
    Option<DateField> ModifiedSince, Option<DateField> UnmodifiedSince, Option<RangeCondition> Range)
{
    public ConditionHeaders Headers => new(
        Text(Match.Map(list => list.Text)), Text(NoneMatch.Map(list => list.Text)),
        Text(ModifiedSince.Map(date => date.Text)), Text(UnmodifiedSince.Map(date => date.Text)), Text(Range.Map(range => range.Text)));

    private static string? Text(Option<string> sent) => sent.MatchUnsafe(text => text, () => null);
}

/// <summary>One range as meant: without First the last so many bytes. Numbers beyond a long are cut.</summary>
public sealed record RangeWish(BigInteger? First, BigInteger? Last);

/// <summary>A <c>range</c> header as sent and as meant, for a blob of this size.</summary>
public sealed record RangeText(string Text, bool IsReadable, Seq<RangeWish> Wishes, int Size);

/// <summary>The lengths of a blob's parts, some empty, and a range that may reach beyond them.</summary>
public sealed record PartedRange(Seq<long> Sizes, ByteRange Range);

/// <summary>A blob, ranges of it, and a boundary that its bytes almost hold.</summary>
public sealed record FramedBlob(string Boundary, string ContentType, string Bytes, Seq<ByteRange> Ranges);

/// <summary>A digest, and something near a digest field.</summary>
public sealed record DigestText(Digest Digest, string Value);

/// <summary>A compact JWS with one or two characters or segments amiss, or none.</summary>
public sealed record NearJws(string Text);

/// <summary>A number of bytes, mostly near where a unit begins.</summary>
public sealed record ByteCount(long Value);

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
        Gen.Elements("a", "b", "ab", "a_1", "z", "_", "not_before", "max_size", "chunks", "sigs", "expire", new string('x', Link.MaxNameLength))
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
        (1, Gen.Constant(action is BlobAction.Download or BlobAction.Delete ? "files" : "upload")),
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

    private static readonly Gen<long> Moments = Gen.OneOf(
        Gen.Elements(-62_135_596_800L, 253_402_300_799L, 0L, -1L, 951_782_400L, 951_868_799L, 4_107_542_400L, -2_203_891_201L, 68_169_600L),
        Gen.Choose(0, int.MaxValue).Select(value => (long)value),
        Gen.Choose(0, 3_652_058).Zip(Gen.Choose(0, 86_399)).Select(day => -62_135_596_800L + day.Item1 * 86_400L + day.Item2));

    private static readonly Gen<Digest> Digests =
        Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(Digest.Length).Select(bytes => Digest.From(bytes));

    private static Gen<(bool IsWeak, string Opaque)> Tag(string current) =>
        Gen.Elements(true, false).Zip(Gen.Frequency(
            (3, Gen.Constant(current)),
            (2, Gen.Elements("\"\"", "\"a\"", "\"a,b\"", "\"*\"", "\"\u00ff\"", "\"W/\"", current.ToUpperInvariant(), $"\"{current[1..5]}\""))));

    private static string Sent((bool IsWeak, string Opaque) tag) => (tag.IsWeak ? "W/" : "") + tag.Opaque;

    private static Gen<TagList> Tags(string current) => Gen.Frequency(
        (6, from tags in Gen.Choose(0, 3).SelectMany(n => Tag(current).ArrayOf(n))
            from comma in Gen.Elements(",", ", ", " ,\t", ",,", ", , ")
            from around in Gen.Elements("", ",", " ", ", ")
            select new TagList(around + string.Join(comma, tags.Select(Sent)) + around, false, toSeq(tags))),
        (1, Gen.Elements("*", " *", "*\t").Select(text => new TagList(text, true, Seq<(bool, string)>()))),
        (2, Gen.Elements(
                "abc", current.Trim('"'), current[..^1], current[1..], current + "x", $"{current} {current}", $"w/{current}", $"W/ {current}",
                $"*, {current}", $"{current}, *", "**", $"\"a b\", {current}", $"{current};q=1", "W/", "\"", $"{current},\u0100", $"{current},\"\u007f\"")
            .Select(text => new TagList(text, false, Seq<(bool, string)>()))));

    private static Gen<DateField> Date(long near) => Gen.Frequency(
        (4, from time in Gen.Elements(-100_000L, -1, 0, 1, 100_000).Select(off => near + off)
            from form in Gen.Elements<Func<CivilTime, string>>(date => date.Fixdate, date => date.Asctime, date => date.Rfc850)
            select new DateField(form(CivilTime.At(time)), Some(time))),
        (1, Gen.Elements(
                "", "yesterday", "0", near.ToString(CultureInfo.InvariantCulture), $"{CivilTime.At(near).Fixdate}, {CivilTime.At(near).Fixdate}",
                CivilTime.At(near).Fixdate.ToUpperInvariant())
            .Select(text => new DateField(text, None))));

    private static Gen<RangeCondition> IfRange(string current, long near) => Gen.OneOf(
        Tag(current).Select(tag => new RangeCondition(Sent(tag), Some(tag), None)),
        Date(near).Select(date => new RangeCondition(date.Text, None, date.Value)),
        Gen.Elements("", "*", "\"", $"{current},", $"{current}, {current}", $" {current} x", current.Trim('"'))
            .Select(text => new RangeCondition(text, None, None)));

    private static Gen<Option<T>> Maybe<T>(Gen<T> some) => Gen.OneOf(Gen.Constant(Option<T>.None), some.Select(Some));

    private static readonly Gen<(string Text, RangeWish Wish)> Wish =
        from first in Maybe(Position())
        from last in Maybe(Position())
        from zeros in Gen.Elements("", "", "0", "000000000000000000000000")
        where first.IsSome || last.IsSome
        select (
            $"{first.Map(value => zeros + value).IfNone("")}-{last.Map(value => zeros + value).IfNone("")}",
            new RangeWish(Cut(first), Cut(last)));

    private static Gen<BigInteger> Position() => Gen.Frequency(
        (8, Gen.Choose(0, 42).Select(value => (BigInteger)value)),
        (1, Gen.Elements(long.MaxValue - (BigInteger)1, long.MaxValue, (BigInteger)long.MaxValue + 1, BigInteger.Pow(10, 40))));

    private static BigInteger? Cut(Option<BigInteger> number) =>
        number.MatchUnsafe(value => BigInteger.Min(value, long.MaxValue), () => (BigInteger?)null);

    /// <summary>Single bytes, every second one, in any order: as many ranges as there may be, and more.</summary>
    private static readonly Gen<(string Text, RangeWish Wish)[]> Scattered =
        from count in Gen.OneOf(Gen.Choose(2, 5), Gen.Choose(15, 18))
        from order in Gen.Shuffle(Enumerable.Range(0, count).Select(i => 2 * i).ToArray())
        from width in Gen.Elements(0, 0, 0, 1, 2)
        select order.Select(at => ($"{at}-{at + width}", new RangeWish(at, at + width))).ToArray();

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

    private static readonly Gen<Digest> FewDigests =
        Gen.Choose(0, 3).Select(seed => Digest.From(System.Security.Cryptography.SHA256.HashData([(byte)seed])));

    private static readonly Gen<ViewPart> Part = Gen.OneOf(
        FewDigests.Zip(Gen.Choose(1, 12_000), (digest, at) => (ViewPart)new ViewPart.File($"parts/{at:D4}/{digest}-0123456789abcdef")),
        FewDigests.Select(digest => (ViewPart)new ViewPart.Inline(digest)));

    private static readonly Gen<Seq<ViewPart>> Parts = Part.ArrayOf().Select(parts => toSeq(parts)).Where(parts => !parts.IsEmpty);

    private static readonly Gen<ViewEntry> Wanted = Gen.Frequency(
        (8, Parts.Zip(Gen.Elements(true, false), (parts, merged) => ReadingView.EntryOf(merged, merged ? parts : parts.Take(1)))),
        (1, Gen.Constant((ViewEntry)new ViewEntry.Bucket())));

    public static Arbitrary<ViewParts> BlobParts() => Parts.Select(parts => new ViewParts(parts)).ToArbitrary();

    public static Arbitrary<ViewState> ViewStates() => (
        from names in Gen.SubListOf("a", "b", "B", "\u00ad", "\0", "a\u00ad", ".a.new", "", "å")
        from should in Gen.SubListOf(names.AsEnumerable())
        from entries in Wanted.ArrayOf(should.Count)
        from found in Gen.SubListOf(names.AsEnumerable())
        from wrong in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))).ArrayOf(found.Count)
        from others in Gen.Frequency((3, Wanted), (1, Gen.Constant((ViewEntry)new ViewEntry.Foreign()))).ArrayOf(found.Count)
        let right = toHashMap(should.Zip(entries))
        select new ViewState(
            right,
            toHashMap(found.Select((name, i) => (name, wrong[i] ? others[i] : right.Find(name).IfNone(others[i])))))).ToArbitrary();

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

    public static Arbitrary<Moment> ManyMoments() => Moments.Select(value => new Moment(value)).ToArbitrary();

    public static Arbitrary<FarApart> Pairs() => (
        from time in Moments
        from clock in Gen.OneOf(
            Moments,
            from days in Gen.Elements(18_262L, 18_263L, -18_262L, -18_263L)
            from off in Gen.Elements(-86_400L, -1, 0, 1, 86_400)
            select Math.Clamp(time - days * 86_400 + off, -62_135_596_800L, 253_402_300_799L))
        select new FarApart(new(time), new(clock))).ToArbitrary();

    public static Arbitrary<NearDate> NearDates() => (
        from date in Moments.Select(CivilTime.At)
        from form in Gen.Elements(date.Fixdate, date.Rfc850, date.Asctime)
        from text in Gen.OneOf(Gen.Constant(form), Damaged(form), AnyCase(form), Gen.Choose(0, 9).Zip(Gen.Choose(0, form.Length - 1))
            .Select(digit => form.Remove(digit.Item2, 1).Insert(digit.Item2, digit.Item1.ToString(CultureInfo.InvariantCulture))))
        select new NearDate(text)).ToArbitrary();

    public static Arbitrary<Conditional> Conditionals() => (
        from digest in Digests
        from modified in Gen.Choose(200_000, int.MaxValue - 200_000).Select(value => (long)value)
        from later in Gen.Elements(0L, 1, 100, 1_000_000)
        let current = new Validators(digest, new(modified))
        from match in Maybe(Tags(current.ETag))
        from noneMatch in Maybe(Tags(current.ETag))
        from modifiedSince in Maybe(Date(modified))
        from unmodifiedSince in Maybe(Date(modified))
        from range in Maybe(IfRange(current.ETag, modified))
        select new Conditional(current, new(modified + later), match, noneMatch, modifiedSince, unmodifiedSince, range)).ToArbitrary();

    public static Arbitrary<RangeText> RangeTexts() => (
        from size in Gen.Frequency((1, Gen.Constant(0)), (1, Gen.Constant(1)), (6, Gen.Choose(2, 41)))
        from wishes in Gen.OneOf(Gen.Choose(0, 4).SelectMany(n => Wish.ArrayOf(n)), Wish.ArrayOf(1), Scattered)
        from unit in Gen.Frequency(
            (12, Gen.Elements("bytes=", "bytes=", "BYTES=", "bytes=,", "bytes= ,")),
            (1, Gen.Elements("items=", "bytes", "bytes =", "=", "", " bytes=", "bytes==", "bytes:")))
        from stray in Gen.Frequency(
            (12, Gen.Constant("")), (1, Gen.Elements("a", "-", "--1", "1--2", "1-2-3", "+1-2", "1 -2", "\u0663-", "0x1-", "1", "1-2;q", "1=2")))
        from comma in Gen.Elements(",", ", ", " ,", ",\t,")
        let isReadable = unit.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) && unit != "bytes==" && stray.Length == 0 && wishes.Length > 0
        select new RangeText(
            unit + string.Join(comma, wishes.Select(one => one.Text).Concat(stray.Length == 0 ? [] : [stray])),
            isReadable,
            toSeq(wishes.Select(one => one.Wish).ToArray()),
            size)).ToArbitrary();

    public static Arbitrary<PartedRange> PartedRanges() => (
        from sizes in Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Choose(1, 6))).Select(size => (long)size).ArrayOf()
        let total = (int)Math.Min(sizes.Sum(), int.MaxValue)
        from first in Gen.Choose(-2, total + 1)
        from last in Gen.OneOf(Gen.Choose(first, total + 2), Gen.Choose(-2, total + 2))
        select new PartedRange(toSeq(sizes), new(first, last))).ToArbitrary();

    public static Arbitrary<FramedBlob> FramedBlobs() => (
        from boundary in Gen.Elements("b", "0193f1c2aa", new string('x', 70))
        from type in Gen.Elements("text/plain", "application/octet-stream", "text/plain; charset=\"x: y\"", "")
        from bytes in Gen.Elements("\r", "\n", "\r\n", "--", "\r\n--", "\r\n\r\n", "A", ": ", "\u00ff", "\0").NonEmptyListOf().Select(string.Concat)
        from ranges in (
            from first in Gen.Choose(0, bytes.Length - 1)
            from last in Gen.Choose(first, bytes.Length - 1)
            select new ByteRange(first, last)).NonEmptyListOf()
        select new FramedBlob(boundary, type, bytes, toSeq(ranges.ToArray()))).ToArbitrary();

    public static Arbitrary<DigestText> DigestTexts() => (
        from digest in Digests
        let own = $"sha-256=:{Convert.ToBase64String(digest.Bytes)}:"
        from members in Gen.Frequency(
            (2, Gen.Constant(own)),
            (1, Gen.Elements(
                own.Replace("=:", ":", StringComparison.Ordinal).Replace("256:", "256=:", StringComparison.Ordinal), "sha-256", "sha-256=:YQ==:", "sha-512=:YQ==:",
                "a=1", "b=-1.25", "c=\"x\\\"y\"", "d=tok/en:*", "e=?1", "f=(1 ?0  t;p=1);q", "g;h;i=\"\"", "*.a-_=()", "j=123456789012345",
                "k=123456789012.123", "l=1234567890123456", "m=1.", "n=(", "o=\"", "", "A=1", "p=( 1 )", "r=1;  s=:YQ:", $"{own};t=1")))
            .ArrayOf().Select(all => all.Take(5))
        from comma in Gen.Elements(",", ", ", " \t,\t ")
        let joined = string.Join(comma, members)
        from value in Gen.Frequency((2, Gen.Constant(joined)), (1, Damaged(joined)), (1, Damaged(joined).SelectMany(Damaged)), (1, Gen.Constant($" {joined} ")))
        select new DigestText(digest, value)).ToArbitrary();

    public static Arbitrary<ByteCount> ByteCounts() => Gen.OneOf(
            Gen.Choose(0, 2000).Select(value => (long)value),
            from power in Gen.Choose(1, 6)
            from tenths in Gen.OneOf(Gen.Choose(0, 92).Select(n => (long)n), Gen.Constant(9999L))
            from near in Gen.Choose(-1, 1)
            let unit = (long)Math.Pow(1000, power)
            select Math.Max(0, power == 6 && tenths > 92 ? long.MaxValue : unit / 10 * tenths + unit / 20 + near),
            Gen.Choose(0, int.MaxValue).Select(value => (long)value << 32 | (uint)value))
        .Select(value => new ByteCount(value))
        .ToArbitrary();

    private static readonly Gen<Receipt> AnyReceipt =
        from bucket in LowerName.Select(name => new BucketText(name).Name)
        from id in Ids().Generator
        from size in Gen.OneOf(Gen.Elements(0L, 1L, int.MaxValue, 1L << 53, long.MaxValue), Gen.Choose(0, int.MaxValue).Select(value => (long)value))
        from digest in Digests
        from type in Gen.Elements(
            null, null, "text/plain", "image/svg+xml", "text/plain; charset=\"a\\b\"", "a\tb", "<&'+>", "~", new string('"', ContentHeaders.MaxLength))
        from at in Gen.OneOf(Seconds, Gen.Constant(long.MaxValue))
        from durability in Gen.Elements(Enum.GetValues<Durability>())
        select new Receipt(bucket, BlobId.From(id), size, digest, type, new(at), durability);

    public static Arbitrary<Receipt> ManyReceipts() => AnyReceipt.ToArbitrary();

    public static Arbitrary<NearJws> NearReceipts() => (
        from receipt in AnyReceipt
        from key in Gen.Elements(ReceiptsByHand.BySecret, ReceiptsByHand.ByCurve)
        let jws = Borderless.Core.Receipts.Sign(key, receipt)
        from text in Gen.OneOf(
            Gen.Constant(jws), Damaged(jws), Damaged(jws).SelectMany(Damaged),
            Gen.Choose(0, 2).Zip(AnyText, (at, other) => string.Join('.', jws.Split('.').Select((segment, i) => i == at ? other : segment))),
            Gen.Elements($"{jws}.", $".{jws}", $"{jws}=", $"{jws}\n", jws.Replace(".", "..", StringComparison.Ordinal), jws.ToUpperInvariant(), "..", "."))
        select new NearJws(text)).ToArbitrary();
}
