using Borderless.Web.Http;
using Carter;

namespace Borderless.Web.Modules;

/// <summary>GET /console: the page to use the store with. It holds no secret; what it does, it does with an API key that its user types.</summary>
internal sealed class ConsoleModule(ServerSettings settings, Clock now, Sender sender) : ICarterModule
{
    public const string Path = "/console";

    private static readonly Lazy<ConsolePage> Page = new(ConsolePage.Make);

    public void AddRoutes(IEndpointRouteBuilder app)
    {
        if (settings.Console)
        {
            app.MapRoute(Path, ("GET", Show), ("HEAD", Show));
        }
    }

    private Task Show(HttpContext http) => sender.Send(Answer(Page.Value, Headers.Conditions(http), now()), http);

    /// <summary>Its entity tag alone tells whether it is the same page: a program has no time at which it was changed.</summary>
    private static Either<StoreError, Reply> Answer(ConsolePage page, ConditionHeaders conditions, UnixSeconds now) =>
        from answer in Conditions.JudgeRead(
            conditions with { IfModifiedSince = null, IfUnmodifiedSince = null }, new Validators(page.Sha256, now), now)
        select answer == ReadAnswer.NotModified
            ? new Reply(StatusCodes.Status304NotModified, HeadersOf(page), new ReplyBody.Nothing())
            : new Reply(StatusCodes.Status200OK, HeadersOf(page), new ReplyBody.Text(page.Html, "text/html; charset=utf-8"));

    private static (string, string)[] HeadersOf(ConsolePage page) =>
    [
        ("etag", $"\"{page.Sha256}\""),
        ("cache-control", "no-cache, must-revalidate"),
        ("content-security-policy", page.Policy),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"),
    ];
}
