namespace Borderless.Web.Http;

/// <summary>Headers of a request as text.</summary>
internal static class Headers
{
    /// <summary>A header's value, several lines joined with commas; null where it is absent.</summary>
    public static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public static string? Text(HttpContext http, string name) => Text(http.Request.Headers, name);

    public static ConditionHeaders Conditions(HttpContext http) =>
        new(
            Text(http, "if-match"),
            Text(http, "if-none-match"),
            Text(http, "if-modified-since"),
            Text(http, "if-unmodified-since"),
            Text(http, "if-range"));
}
