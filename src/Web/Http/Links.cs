using Borderless.Web.Audit;

namespace Borderless.Web.Http;

/// <summary>Signed URLs as they come in.</summary>
internal static class Links
{
    /// <summary>Verifies by the keys that hold now. Whoever sends a bad one learns the first reason; the log, if verbose, all of them.</summary>
    public static VerifyLink Verify(CurrentAccess access, Clock now, EpochOf epochOf, Serilog.ILogger log) => http =>
    {
        var (target, keys) = (Requests.TargetOf(http), access().SigningKeys);
        var outcome =
            from link in AuditFacts.Shows(http, Link.Read(http.Request.Method, target), target, keys)
            from grant in Presign.Verify(keys, At(link), link)
            select grant;
        if (outcome.IsLeft && log.IsEnabled(Serilog.Events.LogEventLevel.Debug))
        {
            log.Debug("refused a URL: {Reasons:l} [{RequestId:l}]", Why(), http.TraceIdentifier);
        }

        return outcome;

        // Only a rule asks who the client is, and a URL without parameters has none.
        Circumstances At(Link link) => new(
            now(), link.Claim.Parameters.IsEmpty && link.Levels.IsEmpty ? null : Clients.ClientOf(http), epochOf(link.Bucket));

        string Why()
        {
            var bucket = Link.Read(http.Request.Method, target).Map(link => link.Bucket).IfLeft(BucketName.Default);
            var at = new Circumstances(now(), Clients.ClientOf(http), epochOf(bucket));
            return string.Join("; ", Presign.Explain(keys, at, target, http.Request.Method).Refusals.Map(Reason));
        }
    };

    /// <summary>Neither of the two holds a signature, a secret or a query.</summary>
    private static string Reason(Refusal refusal) => refusal.Error.Code + refusal.Hint.Map(hint => $" ({hint})").IfNone("");
}
