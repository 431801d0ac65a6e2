using System.Collections.Concurrent;
using Borderless.Web.Http;

namespace Borderless.Web.Observe;

/// <summary>
/// The words by which requests are told apart: few, whatever strangers send, and the same objects each time, so that saying them
/// allocates nothing.
/// </summary>
internal static class Measured
{
    /// <summary>The route of what no route was found for.</summary>
    public const string Unmatched = "unmatched";

    private const string OtherMethod = "_OTHER";

    private static readonly object[] Statuses = [.. Enumerable.Range(0, 600).Select(status => (object)status)];
    private static readonly ConcurrentDictionary<string, string> Templates = new();
    private static readonly ConcurrentDictionary<(string, string), string> Names = new();

    /// <summary>A method that HTTP knows, or else one word for all.</summary>
    public static string MethodOf(HttpContext http) => http.Request.Method switch
    {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        "TRACE" => "TRACE",
        "CONNECT" => "CONNECT",
        _ => OtherMethod,
    };

    /// <summary>The template of the route, without its constraints.</summary>
    public static string RouteOf(HttpContext http) => http.GetEndpoint() switch
    {
        RouteEndpoint { RoutePattern.RawText: { } text } => Templates.GetOrAdd(text, Routes.TemplateOf),
        { DisplayName: { } name } => name,
        _ => Unmatched,
    };

    /// <summary>As a number in a box of its own.</summary>
    public static object StatusOf(int status) => Statuses[Math.Clamp(status, 0, Statuses.Length - 1)];

    /// <summary>What a span is called.</summary>
    public static string NameOf(string method, string route) => Names.GetOrAdd((method, route), static both => $"{both.Item1} {both.Item2}");
}
