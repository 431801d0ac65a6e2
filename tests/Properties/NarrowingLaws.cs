using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Borderless.Tests.Properties;

public sealed class NarrowingLaws
{
    /// <summary>The signature of the contract's text, from the framework's own parts.</summary>
    internal static string Model(string secret, string text, IEnumerable<string> levels)
    {
        var mac = levels.Aggregate(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)),
            (key, level) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("narrow|" + level)));
        return Base64Url.EncodeToString(mac) + "=";
    }

    private static string SignatureOf(string target) => target[(target.IndexOf("sig=", StringComparison.Ordinal) + 4)..];

    /// <summary>A narrowed URL as the contract puts it, whatever its levels say, rightly signed.</summary>
    internal static string Written(RuledUrl url, IEnumerable<string> levels)
    {
        var all = levels.ToList();
        var bare = url.Wide[..url.Wide.IndexOf("&sig=", StringComparison.Ordinal)];
        return $"{bare}&narrow={Uri.EscapeDataString(string.Join('~', all))}&sig={Model(url.Secret, Signing.StringToSign(url.Claim), all)}";
    }

    /// <summary>Whether the contract's text permits the use by this rule; addresses bit by bit.</summary>
    private static bool Permits(Rule rule, Circumstances at) => rule switch
    {
        Rule.Expires { At: var last } => at.Now.Value <= last.Value,
        Rule.NotBefore { From: var first } => at.Now.Value >= first.Value,
        Rule.ClientIp { Range.Text: var text } => at.Client is { } client
            && Bits(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client) is var bits
            && text.Split('/') is [var address, .. var length] && Bits(IPAddress.Parse(address)) is var wanted && bits.Length == wanted.Length
            && bits.StartsWith(length is [var many] ? wanted[..int.Parse(many, null)] : wanted, StringComparison.Ordinal),
        _ => true,
    };

    private static string Bits(IPAddress address) => string.Concat(address.GetAddressBytes().Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));

    /// <summary>Whether the contract's text permits storing by this rule.</summary>
    private static bool Permits(Rule rule, Attempt attempt) => (rule, attempt.Intent) switch
    {
        (Rule.MaxSize { Bytes: var most }, UploadIntent.Chunk) => !(attempt.Announced > most) && attempt.Waiting <= most,
        (Rule.MaxSize { Bytes: var most }, UploadIntent.Merge) => attempt.Waiting <= most && attempt.Size <= most,
        (Rule.MaxSize { Bytes: var most }, _) => !(attempt.Announced > most) && attempt.Size <= most,
        (Rule.Chunks range, UploadIntent.Chunk chunk) => Enumerable.Range(range.First, range.Last - range.First + 1).Contains(chunk.Index),
        (Rule.Chunks, _) => false,
        (_, UploadIntent.Chunk) => true,
        (Rule.MinSize { Bytes: var least }, UploadIntent.Single) => !(attempt.Announced < least) && attempt.Size >= least,
        (Rule.MinSize { Bytes: var least }, _) => attempt.Size >= least,
        (Rule.Sha256 { Digest: var digest }, _) => digest.ToString() == attempt.Digest.ToString(),
        (Rule.ContentType { Types.Text: var wanted }, _) => IsMeant(wanted, attempt.ContentType is null or "" ? "application/octet-stream" : attempt.ContentType),
        _ => true,
    };

    private static bool IsMeant(string wanted, string type) => wanted.EndsWith("/*", StringComparison.Ordinal)
        ? type.StartsWith(wanted[..^1], StringComparison.OrdinalIgnoreCase) && !type.Contains(',') && !type.EndsWith('*')
        : string.Equals(wanted, type, StringComparison.OrdinalIgnoreCase);

    [Property(MaxTest = 500)]
    public Property A_narrowed_url_is_that_of_a_naive_model(RuledUrl url)
    {
        var levels = url.Levels.Map(level => level.Text);
        return (url.Levels.IsEmpty ? url.Target == url.Wide : url.Target == Written(url, levels))
            .Classify(levels.Count > 1, "several levels").Classify(levels.Count == Narrowing.MaxLevels, "as many as may be");
    }

    [Property(MaxTest = 2000)]
    public Property A_grant_exists_exactly_when_every_rule_of_every_level_permits(RuledUrl url, Use use)
    {
        var expected = use.At.Now.Value <= url.Expires && use.At.Epoch <= url.Epoch && url.AllRules.ForAll(rule => Permits(rule, use.At));
        return (url.Open(use.At, url.Target).IsRight == expected).Classify(expected, "granted").Classify(!url.Levels.IsEmpty, "narrowed");
    }

    [Property(MaxTest = 3000)]
    public Property An_upload_is_taken_exactly_when_every_rule_of_every_level_permits(RuledUrl url, Attempt attempt)
    {
        var rules = LinkRules.Of(url.AllRules);
        var expected = url.AllRules.ForAll(rule => Permits(rule, attempt));
        return (attempt.Under(rules).IsRight == expected).Classify(expected, "taken").Classify(url.AllRules.Exists(rule => rule is Rule.Chunks), "chunks only");
    }

    [Property(MaxTest = 1000)]
    public Property Whatever_a_narrowed_url_permits_the_wider_one_does(RuledUrl url, Use use, Attempt attempt)
    {
        var (narrow, wide) = (url.Open(use.At, url.Target), url.Open(use.At, url.Narrowed(url.Levels.Take(url.Levels.Count / 2))));
        var taken = narrow.Exists(grant => attempt.Under(grant.Rules).IsRight);
        return ((narrow.IsLeft || wide.Exists(grant => grant.Expires >= narrow.RightOrThrow().Expires && grant.Rules.MaxSize >= narrow.RightOrThrow().Rules.MaxSize))
                && (!taken || wide.Exists(grant => attempt.Under(grant.Rules).IsRight)))
            .Classify(narrow.IsRight, "granted").Classify(taken, "taken");
    }

    [Property(MaxTest = 1000)]
    public Property Two_levels_permit_exactly_what_both_permit_alone(RuledUrl plain, Level first, Level second, Use use, Attempt attempt)
    {
        var url = plain with { Action = BlobAction.Upload };
        bool Takes(params Level[] levels) => url.Open(use.At, url.Narrowed(toSeq(levels))).Exists(grant => attempt.Under(grant.Rules).IsRight);
        var both = Takes(first, second);
        return (both == (Takes(first) && Takes(second)) && both == Takes(second, first)).Classify(both, "taken");
    }

    [Property(MaxTest = 300)]
    public Property Levels_that_are_dropped_added_repeated_or_in_another_order_refuse(RuledUrl url, Level stray)
    {
        var texts = url.Levels.Map(level => level.Text).ToList();
        var others = Enumerable.Range(0, texts.Count).Select(at => texts.Where((_, i) => i != at).ToList())
            .Append([.. texts, stray.Text]).Append([stray.Text, .. texts]).Append([.. texts, .. texts]).Append([.. texts.AsEnumerable().Reverse()])
            .Where(levels => !levels.SequenceEqual(texts)).ToList();
        var sig = SignatureOf(url.Target);
        return others.TrueForAll(levels => !url.Open(default, Claiming(url, levels, sig)).WasSigned())
            .Classify(texts.Count > 1, "several levels");
    }

    private static string Claiming(RuledUrl url, List<string> levels, string sig) =>
        url.Wide[..url.Wide.IndexOf("&sig=", StringComparison.Ordinal)]
        + (levels.Count == 0 ? "" : $"&narrow={Uri.EscapeDataString(string.Join('~', levels))}") + $"&sig={sig}";

    /// <summary>Each level's signature fits itself alone, so that whoever has the last gets back to none before it.</summary>
    [Property(MaxTest = 200)]
    public bool No_signature_of_a_narrower_url_fits_a_wider_one_nor_the_other_way_round(RuledUrl url)
    {
        var stages = Enumerable.Range(0, url.Levels.Count + 1).Select(n => url.Narrowed(url.Levels.Take(n))).ToList();
        return stages.TrueForAll(one => stages.TrueForAll(other =>
            url.Open(default, one.Replace(SignatureOf(one), SignatureOf(other), StringComparison.Ordinal)).WasSigned() == (one == other)));
    }

    [Property]
    public Property There_is_no_ninth_level_neither_derived_nor_signed_by_hand(RuledUrl url, Level level)
    {
        var full = url.Narrowed(toSeq(Enumerable.Repeat(level, Narrowing.MaxLevels)));
        var (eight, nine) = (Enumerable.Repeat(level.Text, 8), Enumerable.Repeat(level.Text, 9));
        return (full == Written(url, eight) && Narrowing.Narrow(full, level.Rules.ToArray()).Code() == "invalid_rule").Label("derived")
            .And(url.Open(default, Written(url, eight)).WasSigned() && url.Open(default, Written(url, nine)).Code() == "invalid_signature");
    }

    [Theory]
    [InlineData(4096, "ok", "unknown_parameter")]
    [InlineData(4097, "invalid_rule", "invalid_signature")]
    public void A_narrowed_query_has_4096_bytes_and_one_that_is_not_may_be_longer(int length, string derived, string verified)
    {
        var key = SigningKey.FromSecret("secret");
        string Padded(int padding) => Presign.UrlOf(key, "", new Claim("GET", $"/files/{Guid.Empty}", new(10), Seq1(new SignedParameter("a", new string('x', padding)))));
        const string level = "max_size=1";
        var padding = length - (Padded(0).Split('?')[1].Length + $"&narrow={Uri.EscapeDataString(level)}".Length);
        var (wide, text) = (Padded(padding), Signing.StringToSign(new Claim("GET", $"/files/{Guid.Empty}", new(10), Seq1(new SignedParameter("a", new string('x', padding))))));
        var byHand = $"{wide[..wide.IndexOf("&sig=", StringComparison.Ordinal)]}&narrow={Uri.EscapeDataString(level)}&sig={Model("secret", text, [level])}";

        Assert.Equal(length, byHand.Split('?')[1].Length);
        Assert.Equal(derived, Narrowing.Narrow(wide, new Rule.MaxSize(1)).Code());
        Assert.Equal(verified, Outcomes.Open(key, new(0), "GET", byHand).Code());
        Assert.Equal("unknown_parameter", Outcomes.Open(key, new(0), "GET", Padded(9000)).Code());
    }

    [Theory]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("max_size")]
    [InlineData("max_size=")]
    [InlineData("max_size=01")]
    [InlineData("max_size=1|")]
    [InlineData("|max_size=1")]
    [InlineData("max_size=1|max_size=1")]
    [InlineData("max_size=1=1")]
    [InlineData("max_size=%")]
    [InlineData("MAX_SIZE=1")]
    [InlineData(" max_size=1")]
    [InlineData("once=0123456789abcdef")]
    [InlineData("kid=a")]
    [InlineData("epoch=1")]
    [InlineData("narrow=max_size=1")]
    [InlineData("response_content_type=a")]
    [InlineData("mystery=1")]
    [InlineData("client_ip=192.0.2.0%2F99")]
    public void A_level_that_is_none_is_refused_although_it_is_signed(string level)
    {
        var url = new RuledUrl("secret", "", 0, BlobAction.Upload, Guid.Empty, 10, Empty, Empty);
        Assert.Equal("invalid_rule", url.Open(default, Written(url, [level])).Code());
        Assert.Equal("invalid_rule", url.Open(default, Written(url, ["max_size=1", level])).Code());
    }

    [Fact]
    public void What_no_level_holds_cannot_be_narrowed_by()
    {
        var url = new RuledUrl("secret", "", 0, BlobAction.Upload, Guid.Empty, 10, Empty, Empty).Wide;
        Assert.Equal("invalid_rule", Narrowing.Narrow(url).Code());
        Assert.Equal("invalid_rule", Narrowing.Narrow(url, new Rule.Once("0123456789abcdef")).Code());
        Assert.Equal("invalid_rule", Narrowing.Narrow(url, new Rule.MaxSize(-1)).Code());
        Assert.Equal("invalid_rule", Narrowing.Narrow(url, new Rule.Chunks(3, 2)).Code());
        Assert.Equal("invalid_rule", Narrowing.Narrow(url, new Rule.MaxSize(1), new Rule.MaxSize(2)).Code());
    }

    [Property]
    public bool A_url_without_signature_or_expiry_cannot_be_narrowed(RuledUrl url, Level level) =>
        Seq(url.Claim.Path, $"{url.Claim.Path}?", $"{url.Claim.Path}?expires=1", $"{url.Claim.Path}?sig={SignatureOf(url.Wide)}")
            .ForAll(target => Narrowing.Narrow(target, level.Rules.ToArray()).Code() == "missing_signature")
        && Narrowing.Narrow($"{url.Claim.Path}?expires=1&sig=abc", level.Rules.ToArray()).Code() == "invalid_signature";

    [Property]
    public bool An_absolute_url_is_narrowed_as_its_target_is(RuledUrl url, Level level) =>
        Narrowing.Narrow($"https://blobs.example.com{url.Wide}", level.Rules.ToArray()).Is(
            $"https://blobs.example.com{url.Narrowed(Seq1(level))}");
}
