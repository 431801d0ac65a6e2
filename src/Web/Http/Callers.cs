using Borderless.Web.Audit;

namespace Borderless.Web.Http;

/// <summary>Who asks, by the API key that they show.</summary>
internal static class Callers
{
    /// <summary>The key that the request shows, told to the audit log too.</summary>
    public static Either<StoreError, ApiKey> KeyOf(HttpContext http, ApiKeys keys) =>
        keys.Check(http.Request.Headers.Authorization).Map(key => AuditFacts.By(http, key));
}
