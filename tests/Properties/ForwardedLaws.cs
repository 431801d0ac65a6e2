using System.Net;

namespace Borderless.Tests.Properties;

/// <summary>Whose request it is, by what proxies say of it: only what a trusted one says counts.</summary>
public sealed class ForwardedLaws
{
    private static readonly string[] Proxies = ["10.0.0.1", "10.9.8.7", "2001:db8:1::1", "2001:db8:1::ffff"];
    private static readonly string[] Strangers = ["192.0.2.7", "11.0.0.1", "127.0.0.1", "2001:db8:2::1", "::1"];
    private static readonly string[] Nonsense =
    [
        "unknown", "_hidden", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:80:80", "[10.0.0.1]", "[2001:db8:1::1", "[2001:db8:1::1]80", "[2001:db8:1::1]:x", "[]",
        "010.0.0.1", "10.1", "10.0.0.1/8", "2001:db8:1::1%eth0", "10.0.0.1 10.0.0.1", "\"10.0.0.1\"", "for=10.0.0.1", "UNIX:", "unix:/path", ":80", "[", "]", ":",
    ];

    private static readonly TrustedProxies Trusted = new(true, Seq("10.0.0.0/8", "2001:db8:1::/48").Map(ClientRange.Parse).Somes().ToSeq());

    private static readonly Gen<string> Proxy = Gen.Elements([.. Proxies, "unix:"]);

    private static readonly Gen<string> Stranger = Gen.Elements(Strangers);

    private static readonly Gen<string> Anything =
        Gen.OneOf(Proxy, Stranger, Gen.Elements(Nonsense), Gen.Elements("", " ", ","), Generators.Hostiles().Generator.Select(hostile => hostile.Text));

    [Property]
    public Property Whoever_is_not_trusted_is_the_client_whatever_it_forwards() => Prop.ForAll(
        Stranger.ToArbitrary(), Anything.ArrayOf().ToArbitrary(), (peer, lines) =>
            Equals(Address(peer), Client(peer, lines)) && Equals(Address(peer), Forwarded.ClientOf(Address(peer), TrustedProxies.Nobody, lines)));

    [Property(MaxTest = 1000)]
    public Property What_stands_left_of_the_client_fools_nobody() => Prop.ForAll(
        Anything.ArrayOf().ToArbitrary(), Stranger.ToArbitrary(), Proxy.ArrayOf().ToArbitrary(), (left, client, right) =>
            Equals(Address(client), Client("10.0.0.1", [.. left, string.Join(',', right.Prepend(client))]))
            && Equals(Address(client), Client("10.0.0.1", [string.Join(',', [.. left, client, .. right])])));

    [Property]
    public Property Where_all_are_trusted_the_client_is_the_left_most() => Prop.ForAll(Proxy.NonEmptyListOf().ToArbitrary(), hops =>
        Equals(Address(hops[0]), Client("10.0.0.1", [string.Join(", ", hops)])) && Equals(Address(hops[0]), Client(hops[0], [])));

    [Property]
    public Property An_entry_that_is_no_address_leaves_the_client_unknown() => Prop.ForAll(
        Anything.ArrayOf().ToArbitrary(), Gen.Elements(Nonsense).ToArbitrary(), Proxy.ArrayOf().ToArbitrary(), (left, nonsense, right) =>
            Client("10.0.0.1", [.. left, string.Join(',', right.Prepend(nonsense))]) is null);

    [Property]
    public Property Lines_and_empty_entries_make_no_difference() => Prop.ForAll(
        Gen.OneOf(Proxy, Stranger, Gen.Elements(Nonsense)).ArrayOf().ToArbitrary(), Gen.Elements(",", " , ", ",,", ", ,\t,").ToArbitrary(), (entries, comma) =>
            Equals(Client("10.0.0.1", entries), Client("10.0.0.1", [string.Join(comma, entries)]))
            && Equals(Client("10.0.0.1", entries), Client("10.0.0.1", [.. entries.SelectMany(entry => new[] { "", entry, null, " " })])));

    [Property]
    public Property Another_trusted_proxy_on_the_way_changes_nothing() => Prop.ForAll(
        Gen.OneOf(Proxy, Stranger, Gen.Elements(Nonsense)).ArrayOf().ToArbitrary(), Gen.OneOf(Proxy, Stranger).ToArbitrary(), Proxy.ToArbitrary(), (lines, peer, added) =>
            Equals(Client(peer, lines), Client(added, [.. lines, peer])));

    [Property]
    public Property An_address_is_read_as_proxies_write_it() => Prop.ForAll(
        Gen.Elements([.. Proxies, .. Strangers]).ToArbitrary(), Gen.Choose(0, 65_535).ToArbitrary(), (address, port) =>
            new[] { address, Bracketed(address), $"{Bracketed(address)}:{port}", address.ToUpperInvariant(), Mapped(address), $"[{Mapped(address)}]:{port}" }
                .All(written => Equals(Address(address), Client("10.0.0.1", [written]))));

    [Fact]
    public void Who_connects_to_a_unix_socket_is_trusted_only_where_that_is_said()
    {
        var strict = Trusted with { OnUnixSocket = false };
        Assert.Null(Forwarded.ClientOf(null, strict, ["192.0.2.7"]));
        Assert.Null(Forwarded.ClientOf(IPAddress.Parse("10.0.0.1"), strict, ["192.0.2.7, unix:"]));
        Assert.Equal(IPAddress.Parse("192.0.2.7"), Forwarded.ClientOf(null, Trusted, ["192.0.2.7"]));
        Assert.Null(Forwarded.ClientOf(null, Trusted, []));
    }

    [Fact]
    public void A_peer_of_a_socket_for_both_families_is_the_one_of_ipv4_that_it_is() =>
        Assert.Equal(IPAddress.Parse("192.0.2.7"), Forwarded.ClientOf(IPAddress.Parse("::ffff:192.0.2.7"), Trusted, ["10.0.0.1"]));

    [Theory]
    [InlineData("10.0.0.1", "https", "https")]
    [InlineData("10.0.0.1", "HTTP", "http")]
    [InlineData("unix:", "https", "https")]
    [InlineData("192.0.2.7", "https", null)]
    [InlineData("10.0.0.1", "https, http", null)]
    [InlineData("10.0.0.1", "ftp", null)]
    [InlineData("10.0.0.1", "", null)]
    public void The_scheme_counts_where_a_trusted_peer_says_it(string peer, string said, string? counts) =>
        Assert.Equal(counts, Forwarded.SchemeOf(Address(peer), Trusted, [said]));

    [Fact]
    public void Two_lines_of_a_scheme_are_none() => Assert.Null(Forwarded.SchemeOf(IPAddress.Parse("10.0.0.1"), Trusted, ["https", "https"]));

    private static IPAddress? Client(string peer, string?[] lines) => Forwarded.ClientOf(Address(peer), Trusted, lines);

    private static IPAddress? Address(string hop) => hop == "unix:" ? null : IPAddress.Parse(hop);

    private static string Bracketed(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static string Mapped(string address) => address.Contains(':', StringComparison.Ordinal) ? address : $"::ffff:{address}";
}
