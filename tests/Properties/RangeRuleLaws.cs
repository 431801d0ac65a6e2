using System.Net;

namespace Borderless.Tests.Properties;

/// <summary>Which clients and which content types rules mean.</summary>
public sealed class RangeRuleLaws
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("192.0.2.7", "::192.0.2.7", false)]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.255", true)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "::1", true)]
    [InlineData("::/0", "192.0.2.7", false)]
    [InlineData("::/0", "::ffff:192.0.2.7", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:DB8::1", "2001:db8:0:0:0:0:0:1", true)]
    [InlineData("2001:db8::/127", "2001:db8::2", false)]
    [InlineData("fe80::/10", "fe80::1%3", true)]
    [InlineData("255.255.255.255/32", "255.255.255.255", true)]
    public void A_client_is_in_a_range_or_is_not(string range, string client, bool isIn) =>
        Assert.Equal(isIn, ClientRange.Parse(range).Exists(one => one.Contains(IPAddress.Parse(client))));

    [Fact]
    public void A_client_without_an_address_is_in_no_range() =>
        Assert.False(ClientRange.Parse("0.0.0.0/0").Exists(range => range.Contains(null)) || ClientRange.Parse("::/0").Exists(range => range.Contains(null)));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("192.0.2")]
    [InlineData("192.0.2.7.1")]
    [InlineData("192.0.2.256")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.01")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("7f000001")]
    [InlineData("192.0.2.7 ")]
    [InlineData(" 192.0.2.7")]
    [InlineData("192.0.2.7:80")]
    [InlineData("192.0.2.7/24")] // bits beyond its length
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/024")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("192.0.2.0/+8")]
    [InlineData("192.0.2.0/24/24")]
    [InlineData("192.0.2.0/255.255.255.0")]
    [InlineData("192.0.2.\u0660")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8::1/64")]
    [InlineData("fe80::1%eth0")]
    [InlineData("fe80::1%1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::ffff:192.0.2.7")] // stands for an IPv4 address; that one must be written
    [InlineData("::ffff:c000:207")]
    [InlineData("::ffff:0:0/96")]
    [InlineData("64:ff9b::010.0.0.1")]
    [InlineData("64:ff9b::1.2.3")]
    [InlineData("64:ff9b::1.2.3.04")]
    [InlineData("00001::")]
    [InlineData("1:::2")]
    [InlineData("1::2:")]
    [InlineData(":1::2")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("64:ff9b::1.2.3.256")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("12345::")]
    [InlineData("::1::")]
    [InlineData(":")]
    [InlineData("localhost")]
    public void What_is_no_address_and_no_block_is_no_range(string text) => Assert.True(ClientRange.Parse(text).IsNone);

    [Property(MaxTest = 500)]
    public bool No_text_and_no_client_makes_a_range_throw(Hostile strange, AnyRule near, int at, Use use) =>
        Seq(strange.Text, $"{strange.Text}/8", near.Rule.Value.WithOneChanged(at, strange.Text.FirstOrDefault(':')))
            .ForAll(text => ClientRange.Parse(text).ForAll(range => range.Text == text && (range.Contains(use.At.Client) || true)));

    [Theory]
    [InlineData("text/plain", "text/plain", true)]
    [InlineData("text/plain", "TEXT/PLAIN", true)]
    [InlineData("TEXT/plain", "text/Plain", true)]
    [InlineData("text/plain", "text/plain; charset=utf-8", false)]
    [InlineData("text/plain", "text/plain,text/html", false)]
    [InlineData("text/plain", "text/plain ", false)]
    [InlineData("text/plain", null, false)]
    [InlineData("text/plain; charset=utf-8", "text/plain; charset=UTF-8", true)]
    [InlineData("text/plain; charset=utf-8", "text/plain;charset=utf-8", false)]
    [InlineData("text/plain; charset=utf-8", "text/plain", false)]
    [InlineData("application/octet-stream", null, true)]
    [InlineData("application/octet-stream", "", true)]
    [InlineData("application/*", null, true)]
    [InlineData("image/*", null, false)]
    [InlineData("image/*", "image/png", true)]
    [InlineData("image/*", "IMAGE/SVG+XML", true)]
    [InlineData("image/*", "image/svg+xml; charset=utf-8", true)]
    [InlineData("image/*", "imagex/png", false)]
    [InlineData("image/*", "image", false)]
    [InlineData("image/*", "image/", false)]
    [InlineData("image/*", "image/*", false)]
    [InlineData("image/*", "image/;a=b", false)]
    [InlineData("image/*", "image/png/x", false)]
    [InlineData("image/*", "image/png, text/html", false)]
    [InlineData("image/*", "image/png; a=b, text/html", false)]
    [InlineData("image/*", "image/png;a=\"x,y\"", false)]
    [InlineData("image/*", "image/p ng", false)]
    [InlineData("image/*", " image/png", false)]
    [InlineData("image/*", "text/html, image/png", false)]
    public void A_content_type_is_in_a_range_or_is_not(string range, string? type, bool isIn) =>
        Assert.Equal(isIn, ContentTypeRange.Parse(range).Exists(one => one.Contains(type)));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("*/*")]
    [InlineData("*/png")]
    [InlineData("image")]
    [InlineData("image/")]
    [InlineData("/png")]
    [InlineData("image/p*")]
    [InlineData("image/*; q=1")]
    [InlineData("image/png, image/gif")]
    [InlineData("image/png/x")]
    [InlineData(" image/png")]
    [InlineData("image/png ")]
    [InlineData("image/png\r\n")]
    [InlineData("image/png;a=\t")]
    [InlineData("image/png;a=~")]
    [InlineData("im\u00e4ge/png")]
    [InlineData("-image/png")]
    public void What_is_no_media_type_is_no_range(string text) => Assert.True(ContentTypeRange.Parse(text).IsNone);

    [Fact]
    public void A_range_has_255_characters_at_the_most()
    {
        Assert.True(ContentTypeRange.Parse("a/b;c=" + new string('d', 249)).IsSome);
        Assert.True(ContentTypeRange.Parse("a/b;c=" + new string('d', 250)).IsNone);
    }

    [Property(MaxTest = 500)]
    public bool No_text_makes_a_content_type_throw(Hostile strange, AnyRule near, int at) =>
        Seq(strange.Text, $"a/{strange.Text}", near.Rule.Value.WithOneChanged(at, strange.Text.FirstOrDefault('/')))
            .ForAll(text => ContentTypeRange.Parse(text).ForAll(range => range.Text == text && (range.Contains(strange.Text) || true)
                && (text.EndsWith("/*", StringComparison.Ordinal) || range.Contains(text))));
}
