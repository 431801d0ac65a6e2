namespace Borderless.Core;

/// <summary>What answers say about being kept (RFC 9111 section 5.2.2).</summary>
public static class Caching
{
    /// <summary>For answers that nobody may keep.</summary>
    public const string NoStore = "no-store";

    /// <summary>The longest time in seconds for which a download is fresh; a PUT may follow, so from then on its ETag is asked for.</summary>
    public const long MaxFresh = 60;

    /// <summary>For a download: only by the one who has its URL, not longer than that is valid, and then never without asking.</summary>
    public static string Download(UnixSeconds expires, UnixSeconds now) =>
        $"private, max-age={Math.Clamp(expires.Value - now.Value, 0, MaxFresh)}, must-revalidate";
}
