using System.Globalization;

namespace Borderless.Tests.Properties;

/// <summary>How keys are set: lists of them, their ends, and how long a secret must be.</summary>
public sealed class KeySettingsLaws
{
    private const string Long = "a-secret-of-16-bytes-or-more";
    private static readonly UnixSeconds Now = Day("2026-11-28");

    private static UnixSeconds Day(string day) => new(DateTimeOffset.Parse(day, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds());

    private static Validation<SettingProblem, Settings> Read(params (string Key, string Text)[] values) => ReadAt(Now, values);

    private static Validation<SettingProblem, Settings> ReadAt(UnixSeconds now, params (string Key, string Text)[] values) =>
        SettingsReader.Read(
            Seq(
                toSeq(values).Map(value => new RawSetting(value.Key, value.Text, "file")),
                Seq(new RawSetting("ip_addr", "127.0.0.1:0", "base"), new RawSetting("data_dir", "/", "base"), new RawSetting("domain", "https://a.example", "base"))),
            now, "random secret", SettingProbes.Nothing);

    private static Settings Accepted(Validation<SettingProblem, Settings> read) =>
        read.Match(Succ: settings => settings, Fail: problems => throw new InvalidOperationException(string.Join('\n', problems)));

    private static string[] Problems(Validation<SettingProblem, Settings> read) =>
        read.Match(Succ: _ => [], Fail: problems => problems.Map(problem => problem.ToString()).ToArray());

    private static string SignatureOf(SigningKey? key) => key is null ? "none" : Signing.Sign(key, new Claim("GET", "/x", new(1), Seq<SignedParameter>()));

    private static string SignatureOf(string secret) => SignatureOf(SigningKey.FromSecret(secret));

    /// <summary>Blanks, commas and line ends as people put them between entries.</summary>
    private static Gen<string> Separator => Gen.Elements(",", "\n", "\r\n", " , ", ",\n", ",,", "\n\n\t");

    private static Gen<(string Text, string[] Secrets)> List =>
        from count in Gen.Choose(1, 6)
        from separators in Separator.ArrayOf(count + 1)
        from trailing in Gen.Elements(true, false)
        let secrets = Enumerable.Range(0, count).Select(at => $"{Long} ß={at}").ToArray()
        select (string.Concat(secrets.Select((secret, at) => $"{separators[at]}k.{at}:{secret}")) + (trailing ? separators[count] : ""), secrets);

    [Property]
    public Property A_list_is_its_entries_in_order_however_they_are_set_apart_and_the_default_key_comes_last(bool withDefault) =>
        Prop.ForAll(List.ToArbitrary(), list =>
        {
            var read = Accepted(withDefault
                ? Read(("signing_keys", list.Text), ("presign_api_key", Long), ("presign_hmac_secret", $"default {Long}"))
                : Read(("signing_keys", list.Text), ("presign_api_key", Long)));
            var expected = list.Secrets.Select((secret, at) => ($"k.{at}", SignatureOf(secret))).ToList();
            if (withDefault) expected.Add(("", SignatureOf($"default {Long}")));
            return read.Access.SigningKeys.All.Map(key => (key.Id, SignatureOf(key.Key))).AsEnumerable().SequenceEqual(expected)
                && read.Access.SigningKeys.Signer(Now).Map(key => key.Id).Is("k.0")
                && read.Warnings.ForAll(warning => !warning.StartsWith("presign_hmac_secret", StringComparison.Ordinal));
        });

    [Property]
    public Property A_key_holds_through_the_last_second_of_its_last_day_in_UTC(PositiveInt days)
    {
        var end = Now.Plus(days.Get % 30_000 * 86_400L);
        var day = DateTimeOffset.FromUnixTimeSeconds(end.Value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var read = Accepted(Read(("signing_keys", $"old:{Long}:{day},new:{Long}"), ("presign_api_key", Long)));
        var ring = read.Access.SigningKeys;
        return (ring.Find("old", end.Plus(86_399)) is not null && ring.Find("old", end.Plus(86_400)) is null
                && ring.Signer(end.Plus(86_399)).Map(key => key.Id).Is("old") && ring.Signer(end.Plus(86_400)).Map(key => key.Id).Is("new"))
            .And(read.Warnings.Exists(warning => warning.Contains($"old signs up to and including {day} (UTC); then new does", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a:{0}:2026-11-28", null, "a signs up to and including 2026-11-28 (UTC); then no URL can be minted")]
    [InlineData("a:{0}:2026-11-28", Long, "a signs up to and including 2026-11-28 (UTC); then presign_hmac_secret does")]
    [InlineData("a:{0}:2026-11-28,b:{0}:2026-11-27,c:{0}:2026-12-01", null, "a signs up to and including 2026-11-28 (UTC); then c does")]
    [InlineData("a:{0}:2026-11-27,b:{0}:2026-11-29", Long, "b signs up to and including 2026-11-29 (UTC); then presign_hmac_secret does")]
    [InlineData("a:{0},b:{0}:2026-11-29", null, null)]
    [InlineData("a:{0}:2026-11-27", Long, null)]
    public void The_end_of_the_key_that_signs_is_warned_of_with_what_comes_then(string list, string? hmac, string? warning)
    {
        var (keys, api) = (("signing_keys", string.Format(CultureInfo.InvariantCulture, list, Long)), ("presign_api_key", Long));
        var warnings = Accepted(hmac is null ? Read(keys, api) : Read(keys, api, ("presign_hmac_secret", hmac))).Warnings;
        Assert.Equal(warning is null ? ["cors_origins"] : ["signing_keys", "cors_origins"], warnings.Map(text => text.Split([' ', ':'])[0]).AsEnumerable());
        Assert.Contains(warning ?? "", warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_all_keys_have_ended_the_server_does_not_start_and_a_default_key_never_ends()
    {
        var ended = ("signing_keys", $"a:{Long}:2026-11-27,b:{Long}:2020-02-29");
        Assert.StartsWith("signing_keys (file): every key has ended", Assert.Single(Problems(Read(ended, ("presign_api_key", Long)))), StringComparison.Ordinal);
        Assert.Empty(Problems(ReadAt(Day("2026-11-27"), ended, ("presign_api_key", Long))));
        Assert.Empty(Problems(Read(ended, ("presign_api_key", Long), ("presign_hmac_secret", Long))));
    }

    [Theory]
    [InlineData("signing_keys", "", "must hold at least one key")]
    [InlineData("signing_keys", " ,\n, ", "must hold at least one key")]
    [InlineData("signing_keys", "a", "entry 1 must be kid:secret or kid:secret:last-day")]
    [InlineData("signing_keys", "a:{0},b:{0}:2027-01-01:x", "entry 2 must be kid:secret or kid:secret:last-day")]
    [InlineData("signing_keys", "a b:{0}", "entry 1: its kid must be")]
    [InlineData("signing_keys", ":{0}", "entry 1: its kid must be")]
    [InlineData("signing_keys", "a:", "a: its secret must not be empty")]
    [InlineData("signing_keys", "a: {0}", "a: its secret must not be empty, nor begin or end with a blank")]
    [InlineData("signing_keys", "a:{0}:2027-02-29", "a: its last day must be a date")]
    [InlineData("signing_keys", "a:{0}:2027-2-9", "a: its last day must be a date")]
    [InlineData("signing_keys", "a:{0}:", "a: its last day must be a date")]
    [InlineData("signing_keys", "a:{0},b:{0},a:{0}x", "the kid a stands there twice")]
    [InlineData("signing_keys", "a:short", "a: its secret must have at least 16 bytes")]
    [InlineData("signing_keys", "a-long-enough-name:short", "entry 1: its secret must have at least 16 bytes")]
    [InlineData("api_keys", "\n", "must hold at least one key")]
    [InlineData("api_keys", "a:{0}", "entry 1 must be name:key:scope[+scope]")]
    [InlineData("api_keys", "A:{0}:admin", "entry 1: its name must be")]
    [InlineData("api_keys", "a:é{0}:admin", "a: its key must be visible ASCII")]
    [InlineData("api_keys", "a:{0}:", "a: its scopes must be of")]
    [InlineData("api_keys", "a:{0}:Admin", "a: its scopes must be of")]
    [InlineData("api_keys", "a:{0}:admin+", "a: its scopes must be of")]
    [InlineData("api_keys", "a:{0}:bucket=", "a: its scopes must be of")]
    [InlineData("api_keys", "a:{0}:bucket=files", "a: its scopes must be of")]
    [InlineData("api_keys", "a:{0}:admin,a:{0}x:presign", "the name a stands there twice")]
    [InlineData("api_keys", "a:{0}:admin,b:{0}:presign", "a and b have the same key")]
    [InlineData("api_keys", "a:short:admin", "a: its key must have at least 16 bytes")]
    public void An_entry_that_is_none_is_a_problem_of_its_own(string key, string text, string problem)
    {
        var problems = Problems(Read((key, string.Format(CultureInfo.InvariantCulture, text, Long)), ("presign_api_key", $"another {Long}".Replace(' ', '-'))));
        Assert.StartsWith($"{key} (file): {problem}", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_without_a_list_is_needed_only_where_there_is_no_list_and_its_name_is_taken()
    {
        Assert.Equal(["shop"], Names(Read(("api_keys", $"shop:{Long}:presign"))));
        Assert.Equal(["default", "shop"], Names(Read(("api_keys", $"shop:{Long}:presign"), ("presign_api_key", $"{Long}x"))));
        Assert.Contains("the name default stands there twice", Assert.Single(Problems(Read(("api_keys", $"default:{Long}:admin"), ("presign_api_key", $"{Long}x")))), StringComparison.Ordinal);
        Assert.Contains("default and shop have the same key", Assert.Single(Problems(Read(("api_keys", $"shop:{Long}:admin"), ("presign_api_key", Long)))), StringComparison.Ordinal);
    }

    private static string[] Names(Validation<SettingProblem, Settings> read) => [.. Accepted(read).Access.ApiKeys.All.Map(key => key.Name)];

    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("http://LOCALHOST:3000", true)]
    [InlineData("https://blobs.localhost:3000", true)]
    [InlineData("http://127.0.0.1:3000", true)]
    [InlineData("http://127.255.255.254", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("http://notlocalhost", false)]
    [InlineData("http://localhost.example", false)]
    [InlineData("http://127.0.0.1.example", false)]
    [InlineData("http://128.0.0.1", false)]
    [InlineData("http://0.0.0.0", false)]
    [InlineData("http://[::]", false)]
    [InlineData("http://10.0.0.1", false)]
    public void Short_secrets_are_for_this_machine_alone(string domain, bool accepted)
    {
        var problems = Problems(Read(
            ("domain", domain), ("presign_api_key", "fifteen-bytes-x"), ("presign_hmac_secret", "ßßßßßßß"), ("signing_keys", "2026:fifteen-bytes-x,2027:sixteen-bytes-xx"),
            ("api_keys", "shop:fifteen-bytes-y:admin,ops:y:presign")));
        Assert.Equal(
            accepted ? [] : ["api_keys (file): ops", "api_keys (file): shop", "presign_api_key (file): must", "presign_hmac_secret (file): must", "signing_keys (file): 2026"],
            problems.Select(problem => string.Join(' ', problem.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries).Take(3)).Replace("(file)", "(file):", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(problems, problem => Assert.DoesNotContain("fifteen", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1:3000", true)]
    [InlineData("[::1]:3000", true)]
    [InlineData("localhost:3000", true)]
    [InlineData("unix:/run/http.sock", true)]
    [InlineData("0.0.0.0:3000", false)]
    [InlineData("[::]:3000", false)]
    [InlineData("10.0.0.1:3000", false)]
    public void Short_secrets_are_for_who_listens_to_this_machine_alone(string address, bool accepted) =>
        Assert.Equal(accepted, Problems(Read(("domain", "http://localhost"), ("ip_addr", address), ("presign_api_key", "fifteen-bytes-x"))).Length == 0);

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://blobs.example.com", false)]
    public void The_secrets_of_the_examples_are_for_this_machine_alone(string domain, bool accepted) => Assert.Equal(
        accepted ? [] : ["presign_hmac_secret", "signing_keys"],
        Problems(Read(
                ("domain", domain), ("presign_api_key", "sixteen-bytes-xx"), ("presign_hmac_secret", "super-secret-hmac-secret"),
                ("signing_keys", "one:super-secret-hmac-secret")))
            .Select(problem => problem.Split(' ')[0]).Order(StringComparer.Ordinal));

    [Property(MaxTest = 300)]
    public Property No_secret_of_a_list_shows_wherever_it_was_put(Secret secret, bool api, int which)
    {
        var text = ((uint)which % 7) switch
        {
            0 => secret.Text,
            1 => $"name:{secret.Text}",
            2 => $"name:{secret.Text}:nonsense",
            3 => $"{secret.Text}:{Long}:admin",
            4 => $"name:{Long}:{secret.Text}",
            5 => $"name:{Long}:bucket={secret.Text}+admin",
            _ => $"a:b:c:{secret.Text}",
        };
        var read = Read((api ? "api_keys" : "signing_keys", text), ("presign_api_key", $"{Long}x"));
        var texts = Problems(read).Append($"{read}").Append(read.Match(Succ: settings => $"{settings.Access} {settings.Access.SigningKeys.All} {settings.Access.ApiKeys.All} {settings.Warnings}", Fail: _ => ""));
        return texts.All(shown => !shown.Contains(secret.Text, StringComparison.Ordinal)).Classify(read.IsSuccess, "accepted").Classify(read.IsFail, "refused");
    }

    [Fact]
    public void A_file_that_nobody_read_is_not_passed_over() =>
        Assert.Equal(
            SettingKey.Secrets.Map(secret => $"{secret}_file (file): names a file that was not read").Order(),
            Problems(Read(SettingKey.Secrets.Map(secret => (Key: $"{secret}_file", Text: "/x")).Add(("presign_api_key", Long)).ToArray())).Order());

    [Fact]
    public void What_differs_between_two_readings_is_named_but_for_keys()
    {
        static Seq<Seq<RawSetting>> Layers(params (string Key, string Text)[] values) => Seq(
            toSeq(values).Map(value => new RawSetting(value.Key, value.Text, "file")), Seq1(new RawSetting("verbose", "true", "flag")));

        var before = Layers(("ttl_orphan_secs", "5"), ("presign_api_key", "a"), ("durability", "strict"));
        Assert.Empty(SettingsReader.Differing(before, before));
        Assert.Empty(SettingsReader.Differing(before, Layers(("durability", "strict"), ("ttl_orphan_secs", "5"), ("signing_keys", "x"))));
        Assert.Equal(
            ["ttl_orphan_secs", "durability", "verbose"],
            SettingsReader.Differing(before, Layers(("ttl_orphan_secs", "6"), ("presign_api_key", "b"), ("verbose", "false"))).AsEnumerable());
    }
}
