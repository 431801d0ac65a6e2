using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Borderless.Core;

/// <summary>Addresses of clients: one, or all of a CIDR block (RFC 4632 section 3.1, RFC 4291 section 2.3).</summary>
public sealed record ClientRange
{
    private readonly IPNetwork network;

    private ClientRange(IPNetwork network, string text) => (this.network, Text) = (network, text);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Reads an address or a block: <c>192.0.2.7</c>, <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>.</summary>
    /// <returns>
    /// The range, or None for anything else: an IPv4 address that is not four decimal numbers, an IPv6 address with a zone or one that
    /// stands for an IPv4 address, a block with bits beyond its length.
    /// </returns>
    public static Option<ClientRange> Parse(string text) => text.Split('/') switch
    {
        [var address] when ParseAddress(address).Case is IPAddress one => new ClientRange(new IPNetwork(one, one.GetAddressBytes().Length * 8), text),
        [var address, var length] when ParseAddress(address).Case is IPAddress first && IsNumber(length) && IPNetwork.TryParse(text, out var block)
            && block.BaseAddress.Equals(first) => new ClientRange(block, text),
        _ => None,
    };

    /// <summary>Reads an address in its strict form.</summary>
    public static Option<IPAddress> ParseAddress(string text) => ReadAddress(text).Filter(address => !address.IsIPv4MappedToIPv6);

    /// <summary>The same, where one of IPv6 may stand for one of IPv4, as sockets for both write it.</summary>
    internal static Option<IPAddress> ReadAddress(string text) =>
        text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
        && (!IsDotted(text) || (text[(text.LastIndexOf(':') + 1)..].Split('.') is { Length: 4 } octets && octets.All(IsNumber)))
        && IPAddress.TryParse(text, out var address)
            ? address
            : None;

    /// <summary>Whether a client is in it; an IPv4 address within IPv6 (RFC 4291 section 2.5.5.2) counts as what it stands for, and one that is not known never is.</summary>
    public bool Contains(IPAddress? client) =>
        client is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 }
        && network.Contains(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client);

    /// <summary>As it was written.</summary>
    public override string ToString() => Text;

    /// <summary>An IPv4 address, also where it ends one of IPv6 (RFC 4291 section 2.2): the framework would read octal numbers there too.</summary>
    private static bool IsDotted(string text) => text.Contains('.', StringComparison.Ordinal) || !text.Contains(':', StringComparison.Ordinal);

    /// <summary>Up to three digits without a leading zero, which the framework would read as octal.</summary>
    private static bool IsNumber(string text) =>
        text.Length is > 0 and <= 3 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0')
        && int.Parse(text, CultureInfo.InvariantCulture) <= 255;
}
