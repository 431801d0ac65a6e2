using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Borderless.Core;

/// <summary>Reads the text of one value; None where it is none.</summary>
internal static class SettingTexts
{
    private const string UnixPrefix = "unix:";

    /// <summary>The longest block, in characters: that of eight groups.</summary>
    private const int LongestShown = 43;

    /// <summary>The longest group of an address.</summary>
    private const int LongestGroup = 4;

    private const string ProxyRule =
        "addresses (127.0.0.1), CIDR blocks without bits beyond their length (10.0.0.0/8) and unix: (who connects to a Unix socket)";

    public static Option<string> NonEmpty(string text) => text.Length == 0 ? None : text;

    public static Option<string> VisibleText(string text) => text.Length > 0 && text.All(c => c is > ' ' and <= '~') ? text : None;

    public static Option<Durability> DurabilityOf(string text) => text switch
    {
        "strict" => Durability.Strict,
        "relaxed" => Durability.Relaxed,
        _ => None,
    };

    public static Option<LogFormat> LogFormatOf(string text) => text switch
    {
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => None,
    };

    public static Option<bool> BooleanOf(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => None,
    };

    public static Option<CorsOrigins> CorsOf(string text) =>
        text.Trim() == "*"
            ? new CorsOrigins(None)
            : toSeq(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Map(Origin.Parse).Sequence()
                .Filter(origins => !origins.IsEmpty)
                .Map(origins => new CorsOrigins(Some(origins.Map(origin => origin.Value))));

    public static Option<ListenAddress> ListenAddressOf(string text) =>
        text.StartsWith(UnixPrefix, StringComparison.Ordinal) ? SocketOf(text[UnixPrefix.Length..])
        : text.LastIndexOf(':') is var colon and > 0
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? HostOf(text[..colon]).Filter(host => host.IsSome || port > 0).Map<ListenAddress>(host => new ListenAddress.Tcp(host, port))
        : None;

    /// <summary>Addresses and blocks; <c>unix:</c> is whoever connects to a Unix domain socket.</summary>
    /// <returns>Them, or a problem for each entry that is none of these.</returns>
    public static Validation<string, TrustedProxies> ProxiesOf(string text) =>
        toSeq(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) switch
        {
            { IsEmpty: false } entries => entries
                .Map((at, entry) => entry == UnixPrefix ? Success<string, Option<ClientRange>>(None) : ProxyOf(at + 1, entry).Map(Some))
                .Sequence()
                .Map(ranges => new TrustedProxies(ranges.Exists(range => range.IsNone), ranges.Somes().ToSeq().Strict())),
            _ => Fail<string, TrustedProxies>($"must not be empty; it holds {ProxyRule}, separated by commas"),
        };

    /// <summary>What can be a file's name: neither a text of several lines, nor PEM. Whether it may be shown, <see cref="FileNames"/> tells.</summary>
    public static Option<string> FileNameOf(string text) =>
        text.Length == 0 || text.Any(char.IsControl) || text.Contains("-----", StringComparison.Ordinal) ? None : text;

    private static Validation<string, ClientRange> ProxyOf(int place, string entry) => ClientRange.Parse(entry).Match(
        Some: Success<string, ClientRange>,
        None: () => Fail<string, ClientRange>($"entry {place}{(IsNearAnAddress(entry) ? $", {entry}," : "")} is none of {ProxyRule}; a host's name is none"));

    /// <summary>
    /// Whether an entry may be shown: as in an address, at most four hexadecimal digits stand between dots, colons and slashes. A secret
    /// that stands in the wrong place is longer than that, also behind the name of its key.
    /// </summary>
    private static bool IsNearAnAddress(string entry) =>
        entry.Length <= LongestShown && entry.AsSpan().ContainsAny('.', ':')
        && entry.Split('.', ':', '/').All(group => group.Length <= LongestGroup && group.All(char.IsAsciiHexDigit));

    private static Option<ListenAddress> SocketOf(string path) =>
        path.StartsWith('/') && !path.EndsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
        && Encoding.UTF8.GetByteCount(path) <= ListenAddress.UnixSocket.LongestPath
            ? new ListenAddress.UnixSocket(path)
            : None;

    private static Option<Option<IPAddress>> HostOf(string host) => host switch
    {
        "localhost" => Some(Option<IPAddress>.None),
        ['[', .. var inner, ']'] when !inner.Contains('[', StringComparison.Ordinal) => AddressOf(inner, AddressFamily.InterNetworkV6),
        _ when host.Split('.') is { Length: 4 } octets && octets.All(IsDecimal) => AddressOf(host, AddressFamily.InterNetwork),
        _ => None,
    };

    /// <summary>Digits without a leading zero, which the framework would read as octal.</summary>
    private static bool IsDecimal(string octet) => octet.All(char.IsAsciiDigit) && (octet.Length == 1 || !octet.StartsWith('0'));

    private static Option<Option<IPAddress>> AddressOf(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? Some(Some(address)) : None;
}
