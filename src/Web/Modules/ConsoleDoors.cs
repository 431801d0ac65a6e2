using Borderless.Web.Http;

namespace Borderless.Web.Modules;

/// <summary>
/// Where people look for the console who do not know its path: <c>/console/</c>, and <c>/</c> in a browser. They are no routes: without the
/// console, and to programs, which do not ask for HTML, <c>/</c> is a path like any that is none.
/// </summary>
internal static class ConsoleDoors
{
    public static void Use(WebApplication app, ServerSettings settings, Sender sender)
    {
        if (settings.Console)
        {
            _ = app.Use((http, next) => Leads(http) is int status ? sender.Send(ToConsole(status), http) : next(http));
        }
    }

    /// <summary>The one for good, the other for now. Null where the request does not look for the console.</summary>
    private static int? Leads(HttpContext http) =>
        !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) ? null
        : http.Request.Path.Value switch
        {
            ConsoleModule.Path + "/" => StatusCodes.Status308PermanentRedirect,
            "/" when WantsHtml(http) => StatusCodes.Status307TemporaryRedirect,
            _ => null,
        };

    /// <summary>Whether it names HTML: <c>*/*</c>, which curl sends, is content with JSON.</summary>
    private static bool WantsHtml(HttpContext http) =>
        http.Request.GetTypedHeaders().Accept.Any(type => type.Quality is not 0.0 && type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));

    private static Reply ToConsole(int status) =>
        new(status, [("location", ConsoleModule.Path), ("cache-control", Caching.NoStore)], new ReplyBody.Nothing());
}
