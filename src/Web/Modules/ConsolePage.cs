using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Borderless.Web.Modules;

/// <summary>
/// The console: one HTML text with its style and its script inside, put together once from the files of <c>src/Web/Console</c>, and the
/// headers that it is served with. The store's origin also serves strangers' bytes, so that the page may run and load no script and no
/// style of any origin, its own included, but those two texts, which its policy names by their digests (CSP level 3 section 2.3.1).
/// </summary>
internal sealed record ConsolePage(byte[] Html, Digest Sha256, string Policy)
{
    private const string Style = "console.css";

    /// <summary>In the order in which they stand in the page: what runs at once is in the last one.</summary>
    private static readonly string[] Scripts =
    [
        "format.js", "plan.js", "metrics.js", "dom.js", "dialogs.js", "api.js", "transfer.js", "uploads.js", "run.js", "deliver.js", "chunks.js",
        "upload-line.js", "upload-view.js", "link-dialog.js", "blob-view.js", "browse-view.js", "dashboard-view.js", "main.js",
    ];

    /// <summary>Puts the page together.</summary>
    public static ConsolePage Make()
    {
        var (style, script) = ($"\n{Text(Style)}", $"\n{string.Join('\n', Scripts.Select(Text))}");
        var html = Encoding.UTF8.GetBytes(Text("console.html")
            .Replace("<style></style>", $"<style>{style}</style>", StringComparison.Ordinal)
            .Replace("<script></script>", $"<script>{script}</script>", StringComparison.Ordinal));
        return new ConsolePage(html, Digest.From(SHA256.HashData(html)), PolicyOf(style, script));
    }

    private static string PolicyOf(string style, string script) => string.Join(
        "; ",
        "default-src 'none'",
        $"script-src {Source(script)}",
        $"style-src {Source(style)}",
        "connect-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'");

    private static string Source(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static string Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"console/{name}")
            ?? throw new InvalidOperationException($"the console's {name} is not in the program");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
