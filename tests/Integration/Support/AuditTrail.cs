using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>A file for an audit log, and what stands in it.</summary>
internal sealed class AuditTrail : IDisposable
{
    private readonly TestDirectory directory = new();

    public string Path => directory.At("audit.log");

    /// <summary>Settings of a server that keeps it, and then those given.</summary>
    public Dictionary<string, string> Settings(params (string Key, string Value)[] more) =>
        new(more.Select(one => KeyValuePair.Create(one.Key, one.Value)).Append(KeyValuePair.Create("audit_log", Path)));

    /// <summary>The lines that are whole, each of which must be a JSON object.</summary>
    public static JsonElement[] Read(string path) =>
        [.. File.ReadAllText(path).Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The lines, once so many are there. An answer is out a moment before its line is.</summary>
    public async Task<JsonElement[]> Lines(int count)
    {
        await Wait.Until(() => File.ReadAllText(Path).Count(c => c == '\n') >= count, () => $"there are {count} lines, and not {Read(Path).Length}");
        return Read(Path);
    }

    public void Dispose() => directory.Dispose();
}
