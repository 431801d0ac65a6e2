using System.Net;

namespace Borderless.Core;

/// <summary>An http or https origin: scheme, host and port (RFC 6454 section 6.2). Only <see cref="Parse"/> makes one.</summary>
public sealed record Origin
{
    private Origin(string value) => Value = value;

    /// <summary>As it was written, without a trailing slash.</summary>
    public string Value { get; }

    /// <summary>
    /// Whether it means this machine alone: <c>localhost</c> and the names below it (RFC 6761 section 6.3), 127.0.0.0/8 and [::1].
    /// </summary>
    public bool IsLoopback =>
        new Uri(Value).Host is var host
        && (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)));

    /// <summary>
    /// Reads an origin with at most a trailing slash. The framework forgives spaces, backslashes and dot segments, which would then
    /// stand in every minted URL, so what it understood is held against what was written.
    /// </summary>
    /// <returns>The origin, or None where the text is none, or has a path, query, fragment or user.</returns>
    public static Option<Origin> Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && text.TrimEnd('/') is var origin && text.Length - origin.Length <= 1
        && (origin.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase)
            || origin.Equals($"{uri.Scheme}://{uri.Host}:{uri.Port}", StringComparison.OrdinalIgnoreCase))
            ? new Origin(origin)
            : None;

    /// <summary>The origin.</summary>
    public override string ToString() => Value;
}
