namespace Borderless.Web.Audit;

/// <summary>What the audit log is about.</summary>
internal static class AuditRules
{
    public const string Mint = "mint";
    public const string Store = "store";
    public const string Delete = "delete";
    public const string Revoke = "revoke";
    public const string Read = "read";

    public const string Done = "done";
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string Left = "left";

    /// <summary>What a request to a route wants.</summary>
    public static string ActionOf(string method, string pattern) => (method, pattern) switch
    {
        ("GET" or "HEAD", _) => Read,
        (_, "/presign" or "/admin/presign") => Mint,
        (_, "/admin/buckets/{bucket}/revoke") => Revoke,
        ("DELETE", _) => Delete,
        _ => Store,
    };

    /// <summary>
    /// How it ended, or null where that is no line: of reads only those are told that a key or a URL did not permit (401, 403), and of
    /// all else everything.
    /// </summary>
    /// <param name="action">What was wanted.</param>
    /// <param name="done">Whether it was done, even if nobody was left to be told so.</param>
    /// <param name="error">What was answered in its place.</param>
    /// <param name="cut">Whether the client, or the server at its end, cut it before it was answered.</param>
    public static string? OutcomeOf(string action, bool done, StoreError? error, bool cut) => (action, done, error?.Kind) switch
    {
        (Read, _, ErrorKind.Unauthorized or ErrorKind.Forbidden) => Refused,
        (Read, _, _) => null,
        (_, true, _) => Done,
        (_, _, null) => Left,
        _ when cut => Left,
        (_, _, ErrorKind.Broken or ErrorKind.Unavailable or ErrorKind.OutOfSpace) => Failed,
        _ => Refused,
    };
}
