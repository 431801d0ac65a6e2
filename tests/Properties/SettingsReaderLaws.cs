namespace Borderless.Tests.Properties;

public sealed class SettingsReaderLaws
{
    /// <summary>Whether this value passes where all others are in order.</summary>
    private static bool Accepts(string key, string text) => Problems(key, text).IsEmpty;

    private static Seq<SettingProblem> Problems(string key, string text) => SettingsReader.Read(
        Seq(
            Seq1(new RawSetting(key, text, "flag")),
            Seq(("ip_addr", "127.0.0.1:3000"), ("data_dir", "/data"), ("domain", "https://a.example"), ("presign_api_key", "an-api-key-of-16-bytes"))
                .Map(value => new RawSetting(value.Item1, value.Item2, "file"))),
        new UnixSeconds(0),
        "random secret",
        SettingProbes.Nothing).FailToSeq();

    /// <summary>What works on the store alone asks for no more, and is not kept from it by a value that only the server reads.</summary>
    [Theory]
    [InlineData("ip_addr", "nonsense", true)]
    [InlineData("ttl_orphan_secs", "-1", true)]
    [InlineData("durability", "perhaps", false)]
    [InlineData("verbose", "perhaps", false)]
    [InlineData("data_dri", "/data", false)]
    public void Storage_is_read_without_the_server(string key, string text, bool accepted) =>
        Assert.Equal(
            accepted,
            SettingsReader.ReadStorage(Seq1(Seq(new RawSetting(key, text, "file"), new RawSetting("data_dir", "/data", "file"))), _ => None).IsSuccess);

    /// <summary>What is permitted, and yet hardly meant.</summary>
    [Theory]
    [InlineData("domain", "http://a.example", "/cert.pem", "127.0.0.1:3000", "")]
    [InlineData("", "https://a.example", "/cert.pem", "127.0.0.1:3000", "")]
    [InlineData("", "http://a.example", "", "127.0.0.1:3000", "")]
    [InlineData("ip_addr", "https://a.example", "", "unix:/run/http.sock", "")]
    [InlineData("ip_addr", "https://a.example", "", "unix:/run/http.sock", "127.0.0.1")]
    [InlineData("", "https://a.example", "", "unix:/run/http.sock", "127.0.0.1, unix:")]
    public void What_is_hardly_meant_is_warned_of(string warned, string domain, string tls, string listen, string trusted)
    {
        var values = Seq(
                ("domain", domain), ("ip_addr", listen), ("tls_cert", tls), ("tls_key", tls), ("trusted_proxies", trusted), ("data_dir", "/data"),
                ("presign_api_key", "an-api-key-of-16-bytes"), ("presign_hmac_secret", "a-secret-of-16-bytes"), ("cors_origins", "*"))
            .Filter(value => value.Item2.Length > 0).Map(value => new RawSetting(value.Item1, value.Item2, "file"));
        var warnings = SettingsReader.Read(Seq1(values), new UnixSeconds(0), "random secret", SettingProbes.Nothing)
            .Match(Succ: settings => settings.Warnings, Fail: problems => throw new InvalidOperationException(string.Join('\n', problems)));
        Assert.Equal(warned, string.Join(' ', warnings.Map(warning => warning.Split(' ')[0])));
    }

    /// <summary>The text stands before every minted path as it is, so nothing that a parser would forgive may pass.</summary>
    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("http://localhost:3000/", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("a.example", false)]
    [InlineData("//a.example", false)]
    [InlineData("ws://a.example", false)]
    [InlineData("https://", false)]
    [InlineData("https://a.example/path", false)]
    [InlineData("https://a.example//", false)]
    [InlineData("https://a.example/.", false)]
    [InlineData("https://a.example/x/..", false)]
    [InlineData("https://a.example?", false)]
    [InlineData("https://a.example?a", false)]
    [InlineData("https://a.example#", false)]
    [InlineData("https://a.example#a", false)]
    [InlineData("https://user@a.example", false)]
    [InlineData("https://@a.example", false)]
    [InlineData(" https://a.example", false)]
    [InlineData("https://a.example ", false)]
    [InlineData("https://a.example\n", false)]
    [InlineData("https:\\\\a.example", false)]
    [InlineData("https:a.example", false)]
    [InlineData("https:/a.example", false)]
    [InlineData("https:///a.example", false)]
    [InlineData("https://a.example\\", false)]
    [InlineData("https://a b.example", false)]
    public void A_domain_is_an_origin_and_nothing_else(string domain, bool accepted) =>
        Assert.Equal(accepted, Accepts("domain", domain));

    [Theory]
    [InlineData("localhost:3000", true)]
    [InlineData("0.0.0.0:0", true)]
    [InlineData("[::]:65535", true)]
    [InlineData("[::1]:65536", false)]
    [InlineData("127.0.0.1:", false)]
    [InlineData("127.0.0.1:+1", false)]
    [InlineData("127.0.0.1: 1", false)]
    [InlineData("127.1:80", false)]
    [InlineData("::1:80", false)]
    [InlineData("[127.0.0.1]:80", false)]
    [InlineData("[[::1]]:80", false)]
    [InlineData("[[::1]:5]:80", false)]
    [InlineData(" 127.0.0.1:80", false)]
    [InlineData("a.b.c.d:80", false)]
    [InlineData("localhost", false)]
    [InlineData(":80", false)]
    [InlineData("unix:/run/borderless/http.sock", true)]
    [InlineData("unix:http.sock", false)]
    [InlineData("unix:", false)]
    [InlineData("unix:/run/", false)]
    [InlineData("unix:/a\0b", false)]
    public void Where_to_listen_is_an_address_and_a_port_or_a_socket(string address, bool accepted) =>
        Assert.Equal(accepted, Accepts("ip_addr", address));

    /// <summary>What the kernel takes is counted in bytes.</summary>
    [Theory]
    [InlineData('a', 106, true)]
    [InlineData('a', 107, false)]
    [InlineData('é', 53, true)]
    [InlineData('é', 54, false)]
    public void A_socket_has_a_path_of_at_most_107_bytes(char letter, int letters, bool accepted) =>
        Assert.Equal(accepted, Accepts("ip_addr", $"unix:/{new string(letter, letters)}"));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("unix:", true)]
    [InlineData("10.0.0.0/8,2001:db8::/32 , unix:", true)]
    [InlineData("", false)]
    [InlineData(",", false)]
    [InlineData("10.0.0.1/8", false)]
    [InlineData("unix:/run/http.sock", false)]
    [InlineData("proxy.example", false)]
    [InlineData("*", false)]
    public void Proxies_are_addresses_and_blocks_and_who_connects_to_a_socket(string proxies, bool accepted) =>
        Assert.Equal(accepted, Accepts("trusted_proxies", proxies));

    /// <summary>Each by its place, and by its text where that can be no secret.</summary>
    [Theory]
    [InlineData("127.0.0.1, 10.0.0.1/8", "entry 2, 10.0.0.1/8, is")]
    [InlineData("10.0.0.256,unix:,2001:db8::1/32", "entry 1, 10.0.0.256, is", "entry 3, 2001:db8::1/32, is")]
    [InlineData("unix:/run/http.sock, proxy.example", "entry 1 is", "entry 2 is")]
    [InlineData("4f0c4f0c4f0c4f0c4f0c4f0c4f0c4f0c", "entry 1 is")]
    [InlineData("2026:4f0c4f0c4f0c4f0c4f0c4f0c4f0c4f0c", "entry 1 is")]
    [InlineData("10.0.0.0/4f0c4, 2001:db8::1/4f0c4f0c", "entry 1 is", "entry 2 is")]
    [InlineData(",", "must not be empty")]
    public void Of_proxies_each_wrong_entry_is_named(string proxies, params string[] problems)
    {
        var found = Problems("trusted_proxies", proxies).Map(problem => problem.Problem).ToArray();
        Assert.Equal(problems.Length, found.Length);
        Assert.All(problems.Zip(found), pair => Assert.StartsWith(pair.Item1, pair.Item2, StringComparison.Ordinal));
    }

    /// <summary>What is wrong with a file is told with its name, so that no key may pass for a name.</summary>
    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----hidden")]
    [InlineData("hidden\nhidden")]
    [InlineData("")]
    [InlineData("hidden\0hidden")]
    public void The_name_of_a_file_is_neither_PEM_nor_lines(string text) =>
        Assert.All(["tls_cert", "tls_key", "audit_log"], key =>
        {
            var problem = Problems(key, text).Single();
            Assert.Equal(key, problem.Key);
            Assert.DoesNotContain("hidden", $"{problem}", StringComparison.Ordinal);
        });

    /// <summary>All others are in order, and the server listens on port 3000 of 127.0.0.1.</summary>
    [Theory]
    [InlineData("127.0.0.1:3000", false)]
    [InlineData("127.0.0.1:3001", true)]
    [InlineData("localhost:3000", true)]
    public void Metrics_have_an_address_of_their_own(string address, bool accepted) =>
        Assert.Equal(accepted, Accepts("metrics_addr", address));

    [Theory]
    [InlineData("tls_cert", "tls_key")]
    [InlineData("tls_key", "tls_cert")]
    public void Of_the_two_files_of_TLS_none_goes_without_the_other(string set, string missing) =>
        Assert.Equal(
            (missing, "not set"),
            Problems(set, "/one.pem").Map(problem => (problem.Key, problem.Source)).Single());
}
