using System.Net;

namespace Borderless.Web.Audit;

/// <summary>What one line of the audit log says: who did what, or was refused.</summary>
/// <param name="Time">When it was answered.</param>
/// <param name="Action">What the request wanted, one of <see cref="AuditRules"/>.</param>
/// <param name="What">What of: <c>blob</c>, <c>chunk</c>, <c>merge</c>, <c>chunks</c>, <c>bucket</c>, or of a mint the action of the URL; null where it was not known yet.</param>
/// <param name="Outcome"><c>done</c>, <c>refused</c>, <c>failed</c>, or <c>left</c>.</param>
/// <param name="Code">The error's code; null when done, or when the client left first.</param>
/// <param name="Key">The name of the API key, or the <c>kid</c> that the URL claims, if the store has a key of that name; null for the secret without a name, and where no key was known.</param>
/// <param name="Bucket">Where.</param>
/// <param name="Blob">On which blob.</param>
/// <param name="Bytes">How many bytes were stored.</param>
/// <param name="Client">Where the request came from; null on a socket without addresses.</param>
/// <param name="RequestId">The id that the answer and the log have.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Route">The route, with the names of its parameters and not their values.</param>
/// <param name="Status">The status of the answer; 499 when the client left first.</param>
internal sealed record AuditEntry(
    DateTimeOffset Time, string Action, string? What, string Outcome, string? Code, string? Key, string? Bucket, string? Blob, long? Bytes,
    IPAddress? Client, string RequestId, string Method, string Route, int Status);
