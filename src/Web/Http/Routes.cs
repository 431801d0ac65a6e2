namespace Borderless.Web.Http;

/// <summary>How a route is declared: once, with all its methods, so that any other method is told which ones there are.</summary>
internal static class Routes
{
    public static void MapRoute(this IEndpointRouteBuilder app, string pattern, params (string Method, RequestDelegate Handler)[] handlers)
    {
        handlers.Iter(handler => app.MapMethods(pattern, [handler.Method], handler.Handler));
        var allow = string.Join(", ", handlers.Map(handler => handler.Method));
        app.Map(pattern, (RequestDelegate)(http =>
        {
            http.Response.Headers.Allow = allow;
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        })).ExcludeFromDescription();
    }

    /// <summary>A route's pattern as people write it: without the constraints of its parameters.</summary>
    public static string TemplateOf(string pattern) =>
        pattern.Replace(":unreserved", "", StringComparison.Ordinal).Replace("{blob}", "{blob_id}", StringComparison.Ordinal);
}

/// <summary>Keeps the other routes' first segments away from those of the buckets, whatever the method: what is no route there is none.</summary>
internal sealed class Unreserved : IRouteConstraint
{
    public bool Match(HttpContext? http, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string first && !BucketName.Reserved.Contains(first);
}
