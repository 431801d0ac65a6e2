using System.Security.Cryptography;

namespace Borderless.Tests.Properties;

public sealed class SettingsLaws
{
    /// <summary>Two good values and a bad one for every key.</summary>
    private static readonly Seq<(string Key, string One, string Other, string Bad)> Values = Seq(
        ("ip_addr", "127.0.0.1:3000", "[::1]:0", "nonsense"), ("data_dir", "/one", "/other", ""),
        ("domain", "https://a.example", "http://b.example:8080/", "ftp://c.example"), ("presign_api_key", "one-api-key-of-16", "other-api-key-of-16", ""),
        ("presign_hmac_secret", "one-secret-of-16", "other-secret-of-16", ""),
        ("signing_keys", "one:one-named-secret-of-16", "other:other-named-secret:2999-12-31,\none:one-more-secret-of-16", "one"),
        ("api_keys", "one:one-listed-key-of-16:presign", "one:other-listed-key-of-16:bucket=photos+admin", "one:x"),
        ("receipt_key", NewPem(), NewPem(), "-----BEGIN PRIVATE KEY-----"),
        ("tls_cert", "/one.pem", "/other.pem", ""), ("tls_key", "/one.key", "/other.key", ""),
        ("trusted_proxies", "127.0.0.1", "10.0.0.0/8, unix:, 2001:db8::/32", "10.0.0.1/8"), ("console", "true", "False", "on"),
        ("cors_origins", "*", "https://a.example, http://b.example", "https://a.example/path"),
        ("ttl_orphan_secs", "1", "100000", "0"), ("janitor_interval_secs", "1", "7", "-1"),
        ("max_data_rq_size", "1", "9223372036854775807", "9223372036854775808"),
        ("max_presign_rq_size", "1", "2048", "1e3"), ("rq_timeout_secs", "1", "86400", "86401"), ("max_expiry_secs", "1", "60", "0"),
        ("metadata_db_path", "/one.db", "/other.db", ""), ("durability", "strict", "relaxed", "Often"),
        ("inline_max_bytes", "0", "65536", "65537"), ("create_bucket_symlinks", "TRUE", "0", "yes"), ("min_free_bytes", "0", "1000000000", "-1"),
        ("scrub_bytes_per_sec", "0", "1048576", "8M"),
        ("shutdown_grace_secs", "0", "86400", " 1"), ("metrics_addr", "127.0.0.1:9464", "unix:/run/one.sock", "unix:one.sock"), ("audit_log", "/one.log", "/other.log", ""),
        ("log_format", "text", "json", "xml"), ("verbose", "true", "false", "maybe"));

    private static string NewPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static readonly Seq<string> Paths = Seq("data_dir", "metadata_db_path", "tls_cert", "tls_key", "audit_log");

    private static readonly Seq<RawSetting> Required = Layer("base", Values.Take(4).Map(value => (value.Key, value.One)));

    /// <summary>With what must be there wherever its twin is.</summary>
    private static Seq<RawSetting> Base => Required + Layer("base", Values.Filter(value => value.Key is "tls_cert" or "tls_key").Map(value => (value.Key, value.One)));

    private static Seq<RawSetting> Layer(string source, Seq<(string Key, string Text)> values) =>
        values.Map(value => new RawSetting(value.Key, value.Text, source)).Strict();

    private static Validation<SettingProblem, Settings> Read(params Seq<RawSetting>[] layers) =>
        SettingsReader.Read(toSeq(layers), new(0), "random secret", SettingProbes.Nothing);

    private static Settings Accepted(params Seq<RawSetting>[] layers) =>
        Read(layers).Match(Succ: settings => settings, Fail: problems => throw new InvalidOperationException(string.Join('\n', problems)));

    private static Seq<SettingProblem> Problems(Validation<SettingProblem, Settings> read) =>
        read.Match(Succ: _ => Seq<SettingProblem>(), Fail: problems => problems);

    /// <summary>All that shows outside, of the keys too: what they open and sign.</summary>
    private static string Shown(Settings settings) => string.Join(
        '\n', settings.Server, settings.Limits, settings.Storage, settings.Janitor, settings.Log, settings.Access.MaxExpiry, settings.Warnings,
        settings.Access.PublishedKeys.Jwks, settings.Access.ReceiptSigner(new(0)).RightOrThrow().KeyId,
        string.Join(',', Keys.Map(key => settings.Access.ApiKeys.Check($"Bearer {key}").Match(Right: MayOf, Left: error => error.Code))),
        string.Join(',', settings.Access.SigningKeys.All.Map(key => (key.Id, key.Until, Signing.Sign(key.Key, Claimed)))));

    private static readonly Seq<string> Keys =
        Seq("one", "other").Bind(which => Seq($"{which}-api-key-of-16", $"{which}-listed-key-of-16"));

    private static string MayOf(ApiKey key) => $"{key.Name} {key.MayMintSomewhere} {key.MaySeeAll}";

    /// <summary>For each key and each of three layers: no value, or one of the two good ones.</summary>
    private static Gen<Seq<RawSetting>[]> ThreeLayers => Gen.Choose(0, 2).ArrayOf(Values.Count).ArrayOf(3).Select(choices => choices
        .Select((choice, layer) => Layer($"layer {layer}", Values
            .Zip(toSeq(choice), (value, pick) => (value.Key, Text: pick switch { 1 => value.One, 2 => value.Other, _ => "" }))
            .Filter(value => value.Text.Length > 0)))
        .ToArray());

    [Property]
    public Property The_first_layer_that_has_a_key_wins() => Prop.ForAll(ThreeLayers.ToArbitrary(), layers =>
    {
        var winners = new Dictionary<string, RawSetting>();
        foreach (var one in layers.SelectMany(layer => layer).Concat(Base)) winners.TryAdd(one.Key, one);
        return Shown(Accepted([.. layers, Base])) == Shown(Accepted(toSeq(winners.Values)));
    });

    [Property]
    public Property A_value_of_a_weaker_layer_is_not_even_looked_at(int seed)
    {
        var good = Layer("strong", Values.Map(value => (value.Key, seed % 2 == 0 ? value.One : value.Other)));
        return (Shown(Accepted(good, Layer("weak", Values.Map(value => (value.Key, value.Bad))))) == Shown(Accepted(good))).ToProperty();
    }

    [Property]
    public Property Every_broken_key_is_reported_at_once_with_its_source() => Prop.ForAll(
        Gen.SubListOf(Values.AsEnumerable()).ToArbitrary(), broken =>
    {
        var strong = Layer("environment", toSeq(broken).Map(value => (value.Key, value.Bad)));
        var problems = Problems(Read(strong, Layer("file", Values.Map(value => (value.Key, value.One)))));
        return (problems.Count == broken.Count && broken.All(value => problems.Exists(p => p.Key == value.Key && p.Source == "environment")))
            .Classify(broken.Count > 1, "several").Classify(broken.Count == 0, "none");
    });

    [Fact]
    public void What_is_required_and_missing_is_named_with_every_way_to_set_it()
    {
        var problems = Problems(Read());
        Assert.Equal(["data_dir", "domain", "ip_addr", "presign_api_key"], problems.Map(problem => problem.Key).Order());
        Assert.All(problems, problem => Assert.All(
            [problem.Key, problem.Key.ToUpperInvariant(), $"--{problem.Key.Replace('_', '-')}"],
            name => Assert.Contains(name, problem.Problem, StringComparison.Ordinal)));
    }

    [Property]
    public Property An_unknown_key_suggests_the_nearest_one_beside_all_other_problems(int which, int at)
    {
        var known = Values[(int)((uint)which % (uint)Values.Count)].Key;
        var typo = known.Remove((int)((uint)at % (uint)known.Length), 1);
        var problems = Problems(Read(Layer("file", Seq((typo, "1"), ("verbose", "x"))), Required));
        return (problems.Count == 2 && problems.Exists(p =>
                p.Key == typo && p.Source == "file" && p.Problem.Contains($" {known}?", StringComparison.Ordinal)))
            .Label(typo);
    }

    [Fact]
    public void The_problem_of_a_data_directory_is_reported_beside_the_others() =>
        Assert.Equal(["data_dir", "verbose"], Problems(SettingsReader.Read(
            Seq(Layer("flag", Seq1(("verbose", "?"))), Required), new(0), "r", new SettingProbes(dir => Some($"{dir} is not writable")))).Map(problem => problem.Key).Order());

    /// <summary>Whatever they find, and though another value is wrong.</summary>
    [Property]
    public bool What_the_probes_tell_is_reported_beside_the_others_with_the_source_of_its_key(bool[] wrong)
    {
        bool Wrong(string key) => Probed.ToList().IndexOf(key) is var at && at < wrong.Length && wrong[at];
        Option<string> Told(string key) => Wrong(key) ? Some($"{key} told") : None;
        var probes = new SettingProbes(_ => Told("data_dir"))
        {
            AuditLog = _ => Told("audit_log"),
            Listen = (key, _) => Told(key),
            Tls = _ => Seq("tls_cert", "tls_key").Filter(Wrong).Map(key => (key, $"{key} told")),
        };
        var layer = Layer("flag", Values.Filter(value => Probed.Contains(value.Key)).Map(value => (value.Key, value.One)).Add(("verbose", "?")));

        return Problems(SettingsReader.Read(Seq(layer, Required), new(0), "r", probes)).Map(problem => $"{problem}").Order()
            .SequenceEqual(Probed.Filter(Wrong).Map(key => $"{key} (flag): {key} told").Add("verbose (flag): must be true or false").Order());
    }

    private static readonly Seq<string> Probed = Seq("ip_addr", "data_dir", "tls_cert", "tls_key", "metrics_addr", "audit_log");

    [Property]
    public Property A_secret_never_shows_wherever_it_was_put(Secret secret, int which)
    {
        var key = Values.Map(value => value.Key).Add("presign_api_kye")[(int)((uint)which % (uint)(Values.Count + 1))];
        var layer = Layer("file", Seq1((key, secret.Text)));
        var read = SettingsReader.Read(Seq(layer, Required), new(0), secret.Text, SettingProbes.Nothing);
        var texts = toSeq(layer.Map(raw => $"{raw}")).Add($"{layer}").Concat(Paths.Contains(key)
            ? Seq<string>() // A path is no secret, and what a file holds has a law of its own.
            : read.Match(Succ: settings => Seq($"{settings}", $"{settings.Access}"),
                Fail: problems => problems.Map(problem => $"{problem}").Add($"{read}")));
        return texts.ForAll(text => !text.Contains(secret.Text, StringComparison.Ordinal))
            .Classify(read.IsSuccess, "accepted").Classify(read.IsFail, "refused");
    }

    /// <summary>Where names should stand that are told with what is wrong with their files.</summary>
    [Property]
    public Property What_a_file_holds_is_not_told_as_its_name() => Prop.ForAll(
        Gen.Choose(100, 3_000).SelectMany(length => Gen.Choose(0, 255).ArrayOf(length)).Select(bytes => Convert.ToBase64String([.. bytes.Select(value => (byte)value)])).ToArbitrary(),
        text =>
        {
            var probes = new SettingProbes(_ => None)
            {
                AuditLog = name => $"{FileNames.Told(name)} is wrong",
                Tls = named => Seq(("tls_cert", $"{FileNames.Told(named.Certificate)} is wrong"), ("tls_key", $"{FileNames.Told(named.Key)} is wrong")),
            };
            var layer = Layer("flag", Seq(("tls_cert", text), ("tls_key", text), ("audit_log", text)));
            var problems = Problems(SettingsReader.Read(Seq(layer, Required), new(0), "r", probes));
            return problems.Count == 3 && problems.ForAll(problem => !$"{problem}".Contains(text[..20], StringComparison.Ordinal));
        });

    [Theory]
    [InlineData("/etc/borderless/tls/key", true)]
    [InlineData("/Users/Me/key.pem", true)]
    [InlineData("/dev/fd/63", true)]
    [InlineData("audit", true)]
    [InlineData("/Users/Me/key", false)]
    [InlineData("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v95E5i8Zl3GkP", false)]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0", false)]
    public void A_name_that_looks_like_a_path_is_told(string name, bool shown) =>
        Assert.Equal(shown, FileNames.Told(name) == $"the file {name}");

    [Fact]
    public void The_defaults_are_as_documented()
    {
        var settings = Accepted(Required);
        Assert.Equal(new LimitSettings(4_294_967_296, 102_400, 30), settings.Limits);
        Assert.Equal(new StorageSettings("/one", None, Durability.Strict, 16_384, false, None, 8 << 20), settings.Storage);
        Assert.Equal(new JanitorSettings(43_200, 3_600), settings.Janitor);
        Assert.Equal(new LogSettings(LogFormat.Text, false, None), settings.Log);
        Assert.Equal((30, true, 86_400L), (settings.Server.ShutdownGrace, settings.Server.Cors.Origins.IsNone, settings.Access.MaxExpiry));
        Assert.Equal(Signing.Sign(SigningKey.FromSecret("random secret"), Claimed), Signing.Sign(settings.Access.SigningKeys.Find("", new(0))!, Claimed));
        Assert.Equal(["presign_hmac_secret", "cors_origins"], settings.Warnings.Map(warning => warning.Split(' ')[0]).AsEnumerable());
    }

    private static readonly Claim Claimed = new("GET", "/files/x", new(0), Seq<SignedParameter>());

    [Fact]
    public void A_documented_default_means_the_same_when_written_out()
    {
        var literal = SettingKey.All.Filter(key => key.Name is "durability" or "create_bucket_symlinks" or "console" or "log_format" or "verbose" || long.TryParse(key.Default, out _));
        Assert.Equal(13, literal.Count);
        Assert.Equal(Shown(Accepted(Required)), Shown(Accepted(Layer("file", literal.Map(key => (key.Name, key.Default))), Required)));
        Assert.Equal(
            Values.Map(value => value.Key).Append(SettingKey.Secrets.Map(secret => secret + SettingKey.FileSuffix)).Order(),
            SettingKey.All.Map(key => key.Name).Order());
    }

    [Property]
    public Property The_janitor_comes_round_at_half_the_ttl_but_at_least_hourly(PositiveInt seconds)
    {
        var ttl = seconds.Get % 20_000 + 1;
        var interval = Accepted(Layer("file", Seq1(("ttl_orphan_secs", $"{ttl}"))), Required).Janitor.Interval;
        return (interval == (ttl == 1 ? 1 : Math.Min(ttl / 2, 3600))).Classify(ttl > 7200, "hourly");
    }

    [Property(MaxTest = 300)]
    public Property No_text_makes_reading_throw(Hostile text, Hostile key)
    {
        var all = Layer("file", Values.Map(value => (value.Key, text.Text)).Add((key.Text, text.Text)));
        return Problems(Read(all)).ForAll(problem => problem.Source == "file" && problem.Problem.Length > 0)
            .Classify(text.Text.Length == 0, "empty");
    }
}
