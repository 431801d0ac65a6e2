using System.Globalization;
using System.Text;

namespace Borderless.Tests.Properties;

public sealed class RuleLaws
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static readonly BlobId Id = BlobId.From(Guid.Empty);

    /// <summary>The contract's table: each rule, a value as it stands in a URL and in JSON, and the actions that it fits.</summary>
    private static readonly (string Name, string Value, string Json, BlobAction[] Fits)[] Table =
    [
        ("min_size", "1", "1", [BlobAction.Upload, BlobAction.Update]),
        ("max_size", "9", "9", [BlobAction.Upload, BlobAction.Update]),
        ("content_type", "image/*", "\"image/*\"", [BlobAction.Upload, BlobAction.Update]),
        ("sha256", Hex, $"\"{Hex}\"", [BlobAction.Upload, BlobAction.Update]),
        ("not_before", "0", "0", Enum.GetValues<BlobAction>()),
        ("client_ip", "127.0.0.1", "\"127.0.0.1\"", Enum.GetValues<BlobAction>()),
        ("once", "0123456789abcdef", "true", [BlobAction.Upload, BlobAction.Update]),
        ("chunks", "3-7", "\"3-7\"", [BlobAction.Upload, BlobAction.Update]),
    ];

    public static TheoryData<string, string, string, BlobAction, bool> Cells()
    {
        var cells = new TheoryData<string, string, string, BlobAction, bool>();
        foreach (var (name, value, json, fits) in Table)
        {
            foreach (var action in Enum.GetValues<BlobAction>())
            {
                cells.Add(name, value, json, action, fits.Contains(action));
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_rule_fits_an_action_alike_in_json_at_mint_and_at_verification(string name, string value, string json, BlobAction action, bool fits)
    {
        var (code, rule) = (fits ? "ok" : "invalid_rule", Rule.Read(name, value).RightOrThrow().ToSeq().Head);
        var url = new RuledUrl("secret", "", 0, action, Guid.Empty, 900, Seq1(rule), Empty);
        var client = new Circumstances(new(1), System.Net.IPAddress.Loopback);
        var minted = Presign.Mint(
            new Minter(NamedKey.Default(SigningKey.FromSecret("secret")), Outcomes.Store), new(0),
            new PresignRequest(action, Some(Id), None, None) { Rules = rule is Rule.Once ? Empty : Seq1(rule), Once = rule is Rule.Once }, Id, value.PadLeft(16, '0'));

        Assert.Equal(code, PresignRequest.Parse(Encoding.UTF8.GetBytes(
            $$"""{"action":"{{PresignRequest.NameOf(action)}}","blob_id":"{{Id}}","{{name}}":{{json}}}""")).Code());
        Assert.Equal(code, minted.Code());
        Assert.Equal(code, url.Open(client, url.Wide).Code());
        if (fits)
        {
            Assert.Equal(Seq1(rule), url.Open(client, minted.RightOrThrow().Url[Outcomes.Store.Value.Length..]).Map(grant => grant.Rules.All).IfLeft(Empty));
        }

        if (name != "once")
        {
            Assert.Equal(code, url.Open(client, NarrowingLaws.Written(url with { Own = Empty }, [$"{name}={Uri.EscapeDataString(value)}"])).Code());
        }
    }

    [Fact]
    public void The_table_has_every_rule_there_is() => Assert.Equal(Rule.Names.OrderBy(name => name), Table.Select(row => row.Name).Order());

    [Theory]
    [InlineData("mystery", "unknown_parameter")]
    [InlineData("maxsize", "unknown_parameter")]
    [InlineData("max_sizes", "unknown_parameter")]
    public void An_unknown_rule_is_refused_everywhere(string name, string code)
    {
        foreach (var action in Enum.GetValues<BlobAction>())
        {
            var url = new RuledUrl("secret", "", 0, action, Guid.Empty, 10, Empty, Empty);
            var claim = url.Claim with { Parameters = Seq1(new SignedParameter(name, "1")) };
            Assert.Equal(code, url.Open(default, Presign.UrlOf(SigningKey.FromSecret("secret"), "", claim)).Code());
            Assert.Equal("invalid_rule", url.Open(default, NarrowingLaws.Written(url, [$"{name}=1"])).Code());
            Assert.Equal("invalid_json", PresignRequest.Parse(Encoding.UTF8.GetBytes(
                $$"""{"action":"{{PresignRequest.NameOf(action)}}","blob_id":"{{Id}}","{{name}}":1}""")).Code());
        }
    }

    [Property(MaxTest = 500)]
    public bool A_rule_reads_back_from_its_name_and_value(AnyRule any) =>
        Rule.Read(any.Rule.Name, any.Rule.Value).Exists(read => read.ToSeq() == Seq1(any.Rule));

    [Property(MaxTest = 1000)]
    public Property Reading_a_rule_never_throws_and_what_was_read_reads_again(AnyRule near, Hostile strange, int at)
    {
        var texts = Seq(strange.Text, near.Rule.Value.WithOneChanged(at, strange.Text.FirstOrDefault('-')), $"{near.Rule.Value}{strange.Text}");
        var read = (Rule.Names + Seq1("expires")).Bind(name => texts.Map(text => Rule.Read(name, text)));
        return read.ForAll(outcome => outcome.Match(
                Right: rule => rule.ForAll(one => Rule.Read(one.Name, one.Value).Exists(again => again.ToSeq() == Seq1(one))),
                Left: error => error.Code == "invalid_rule"))
            .Classify(read.Exists(outcome => outcome.IsRight), "some are rules");
    }

    [Property]
    public bool A_name_that_is_none_reads_as_none(Hostile name) =>
        (Rule.Names + Seq1("expires")).Exists(known => known == name.Text) || Rule.Read(name.Text, "1").Exists(rule => rule.IsNone);

    [Theory]
    [InlineData("0", true)]
    [InlineData("999999999999999999", true)]
    [InlineData("1000000000000000000", false)]
    [InlineData("9223372036854775808", false)]
    [InlineData("00", false)]
    [InlineData("01", false)]
    [InlineData("-1", false)]
    [InlineData("+1", false)]
    [InlineData("1.0", false)]
    [InlineData("1e3", false)]
    [InlineData("\u0661", false)]
    [InlineData("", false)]
    [InlineData(" 1", false)]
    public void A_number_has_one_spelling(string text, bool isNumber)
    {
        foreach (var name in Seq("min_size", "max_size", "not_before", "expires"))
        {
            Assert.Equal(isNumber, Rule.Read(name, text).IsRight);
        }
    }

    [Theory]
    [InlineData("1", "1-1")]
    [InlineData("3-7", "3-7")]
    [InlineData("10000", "10000-10000")]
    [InlineData("1-10000", "1-10000")]
    [InlineData("0", "")]
    [InlineData("0-3", "")]
    [InlineData("7-3", "")]
    [InlineData("1-10001", "")]
    [InlineData("10001", "")]
    [InlineData("1-", "")]
    [InlineData("-1", "")]
    [InlineData("-", "")]
    [InlineData("1-2-3", "")]
    [InlineData("1--2", "")]
    [InlineData("01-2", "")]
    [InlineData("1 - 2", "")]
    [InlineData("1,2", "")]
    [InlineData("4294967297", "")]
    [InlineData("", "")]
    public void Chunks_are_an_index_or_a_range(string text, string value) =>
        Assert.Equal(value, Rule.Read("chunks", text).Match(Right: rule => rule.ToSeq().Head.Value, Left: _ => ""));

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("0123456789abcde", false)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789abcdefghijklmnopqrstuvwxyz", true)]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ-_0123456789abcdefghijklmnopqrstuvwxyz0", false)]
    [InlineData("0123456789abcde=", false)]
    [InlineData("0123456789abcde~", false)]
    [InlineData("0123456789abcd\u00e9f", false)]
    public void A_nonce_is_16_to_64_characters_of_base64url(string text, bool isNonce)
    {
        Assert.Equal(isNonce, Rule.Read("once", text).IsRight);
        Assert.Equal(isNonce ? "ok" : "invalid_parameter", Presign.Mint(
            new Minter(NamedKey.Default(SigningKey.FromSecret("secret")), Outcomes.Store), new(0),
            new PresignRequest(BlobAction.Upload, Some(Id), None, None) { Once = true }, Id, text).Code());
    }

    [Theory]
    [InlineData(Hex, true)]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", true)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", false)]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555", false)]
    [InlineData("g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    public void A_digest_is_64_hexadecimal_digits_in_either_case(string text, bool isDigest) =>
        Assert.Equal(isDigest, Rule.Read("sha256", text).IsRight);

    [Fact]
    public void Rules_that_no_use_could_fulfil_or_that_stand_twice_are_not_minted()
    {
        static string Mint(params Rule[] rules) => Presign.Mint(
            new Minter(NamedKey.Default(SigningKey.FromSecret("secret")), Outcomes.Store), new(0),
            new PresignRequest(BlobAction.Upload, Some(Id), None, Some(10L)) { Rules = toSeq(rules), Once = rules.Length == 0 }, Id, "0123456789abcdef").Code();

        Assert.Equal("ok", Mint());
        Assert.Equal("ok", Mint(new Rule.MinSize(5), new Rule.MaxSize(5)));
        Assert.Equal("invalid_rule", Mint(new Rule.MinSize(5), new Rule.MaxSize(4)));
        Assert.Equal("ok", Mint(new Rule.NotBefore(new(10))));
        Assert.Equal("invalid_rule", Mint(new Rule.NotBefore(new(11))));
        Assert.Equal("invalid_rule", Mint(new Rule.MaxSize(5), new Rule.MinSize(1), new Rule.MaxSize(5)));
        Assert.Equal("invalid_rule", Mint(new Rule.Expires(new(5))));
        Assert.Equal("invalid_rule", Mint(new Rule.MaxSize(-1)));
        Assert.Equal("invalid_rule", Mint(new Rule.Chunks(5, 4)));
    }

    [Property(MaxTest = 500)]
    public Property A_url_is_minted_exactly_when_its_rules_fit_and_can_hold_together(AnyRule one, AnyRule other, BlobAction action, Use use)
    {
        var rules = Seq(one.Rule, other.Rule);
        var now = new UnixSeconds(5);
        var minted = Presign.Mint(
            new Minter(NamedKey.Default(SigningKey.FromSecret("secret")), Outcomes.Store, 6, use.At.Epoch), now,
            new PresignRequest(action, Some(Id), None, None) { Rules = rules }, Id, "");
        var possible = one.Rule.Name != other.Rule.Name && rules.ForAll(rule => rule.Fits(action) && rule is not Rule.Expires
            && rule is not Rule.NotBefore { From.Value: > 11 }) && !(Bytes<Rule.MinSize>(rules) > Bytes<Rule.MaxSize>(rules));
        var link = minted.Bind(url => Link.Read(url.Method, url.Url[Outcomes.Store.Value.Length..]));
        return (minted.IsRight == possible && (!possible || link.Exists(read => Presign.Verify(KeyRing.OfSecret("secret"), use.At, read).Match(
                Right: grant => grant.Rules.All == rules,
                Left: error => error.Code is "link_expired" or "link_not_yet_valid" or "client_not_allowed"))))
            .Classify(possible, "minted");
    }

    private static long? Bytes<T>(Seq<Rule> rules) where T : Rule =>
        rules.OfType<T>().Select(rule => (long?)long.Parse(rule.Value, CultureInfo.InvariantCulture)).FirstOrDefault();
}
