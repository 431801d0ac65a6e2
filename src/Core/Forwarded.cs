using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Borderless.Core;

/// <summary>
/// What proxies say of a request's origin, as far as it counts: each trusted hop tells for sure only who connected to it, which is
/// the last address of what it sends. What stands further left was told to it, and counts as much as who told it.
/// </summary>
public static class Forwarded
{
    private const string UnixPeer = "unix:";
    private const int LongestPort = 5;

    /// <summary>
    /// The address of the client: the right-most one that is not trusted, of the entries of <c>x-forwarded-for</c> and, behind them all,
    /// the peer. Where all are trusted it is the left-most one.
    /// </summary>
    /// <param name="peer">The address of the connection's peer; null on a Unix domain socket.</param>
    /// <param name="trusted">Whose word counts.</param>
    /// <param name="forwardedFor">
    /// The lines of <c>x-forwarded-for</c>, in order. An entry is an address, with a port or in brackets as some proxies write it, or
    /// <c>unix:</c> for who came by a Unix domain socket. Empty entries do not count (RFC 9110 section 5.6.1.2).
    /// </param>
    /// <returns>
    /// The address, that of IPv4 where it stands in one of IPv6 (RFC 4291 section 2.5.5.2). Null where it is not known: where it came by
    /// a Unix domain socket, and where the walk met an entry that is no address, for then neither the rest nor the proxy is the client.
    /// </returns>
    public static IPAddress? ClientOf(IPAddress? peer, TrustedProxies trusted, IReadOnlyList<string?> forwardedFor)
    {
        var client = Plain(peer);
        for (var line = forwardedFor.Count - 1; line >= 0; line--)
        {
            var rest = (forwardedFor[line] ?? "").AsSpan();
            while (Last(ref rest) is { IsEmpty: false } entry)
            {
                if (!Counts(client, trusted))
                {
                    return client;
                }

                if (!TryRead(entry, out client))
                {
                    return null;
                }
            }
        }

        return client;
    }

    /// <summary>The scheme that the client used, where who forwards it is trusted.</summary>
    /// <param name="peer">The address of the connection's peer; null on a Unix domain socket.</param>
    /// <param name="trusted">Whose word counts.</param>
    /// <param name="forwardedProto">The lines of <c>x-forwarded-proto</c>.</param>
    /// <returns><c>http</c> or <c>https</c>; null where the peer is not trusted, or does not say one of the two, once.</returns>
    public static string? SchemeOf(IPAddress? peer, TrustedProxies trusted, IReadOnlyList<string?> forwardedProto) =>
        forwardedProto is not [{ } only] || !Counts(peer, trusted) ? null
        : only.Equals("https", StringComparison.OrdinalIgnoreCase) ? "https"
        : only.Equals("http", StringComparison.OrdinalIgnoreCase) ? "http"
        : null;

    private static bool Counts(IPAddress? hop, TrustedProxies trusted) =>
        hop is null ? trusted.OnUnixSocket : trusted.Ranges.Exists(range => range.Contains(hop));

    /// <summary>Takes the last entry that is not empty; none is left when it comes back empty.</summary>
    private static ReadOnlySpan<char> Last(ref ReadOnlySpan<char> rest)
    {
        ReadOnlySpan<char> entry = [];
        while (entry.IsEmpty && !rest.IsEmpty)
        {
            var comma = rest.LastIndexOf(',');
            entry = rest[(comma + 1)..].Trim(" \t");
            rest = rest[..Math.Max(comma, 0)];
        }

        return entry;
    }

    private static bool TryRead(ReadOnlySpan<char> entry, out IPAddress? hop)
    {
        hop = null;
        if (entry.SequenceEqual(UnixPeer))
        {
            return true;
        }

        hop = AddressOf(entry) is { IsEmpty: false } address ? Plain(ClientRange.ReadAddress(address.ToString()).MatchUnsafe(read => read, () => null)) : null;
        return hop is not null;
    }

    /// <summary>The entry without a port and without brackets; empty where these are not as they should be.</summary>
    private static ReadOnlySpan<char> AddressOf(ReadOnlySpan<char> entry) =>
        entry[0] != '['
            ? entry.Count(':') != 1 ? entry : IsPort(entry[entry.IndexOf(':')..]) ? entry[..entry.IndexOf(':')] : []
        : entry.IndexOf(']') is > 0 and var end && (end == entry.Length - 1 || IsPort(entry[(end + 1)..])) && entry[1..end].Contains(':') ? entry[1..end]
        : [];

    /// <summary>A colon and a number of at most 65535.</summary>
    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is [':', .. { Length: > 0 and <= LongestPort } digits] && !digits.ContainsAnyExceptInRange('0', '9')
        && int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) <= ushort.MaxValue;

    private static IPAddress? Plain(IPAddress? address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
