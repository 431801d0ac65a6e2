namespace Borderless.Tests.Properties;

public sealed class SettingsReaderLaws
{
    /// <summary>Whether this value passes where all others are in order.</summary>
    private static bool Accepts(string key, string text) => SettingsReader.Read(
        Seq(
            Seq1(new RawSetting(key, text, "flag")),
            Seq(("ip_addr", "127.0.0.1:3000"), ("data_dir", "/data"), ("domain", "https://a.example"), ("presign_api_key", "an-api-key-of-16-bytes"))
                .Map(value => new RawSetting(value.Item1, value.Item2, "file"))),
        new UnixSeconds(0),
        "random secret",
        _ => None).IsSuccess;

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
    public void Where_to_listen_is_an_address_and_a_port(string address, bool accepted) =>
        Assert.Equal(accepted, Accepts("ip_addr", address));
}
