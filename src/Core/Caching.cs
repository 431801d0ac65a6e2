namespace Borderless.Core;

/// <summary>What answers say about being kept (RFC 9111 section 5.2.2).</summary>
public static class Caching
{
    /// <summary>For answers that nobody may keep.</summary>
    public const string NoStore = "no-store";

    /// <summary>For a download: as long as its URL is valid, and only by the one who has it.</summary>
    public static string Download(UnixSeconds expires, UnixSeconds now) =>
        $"private, max-age={Math.Max(0, expires.Value - now.Value)}";
}
