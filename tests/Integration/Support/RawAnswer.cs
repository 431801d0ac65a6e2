using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>An answer as it came over the wire.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public int Length => int.Parse(Header("content-length") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Takes the lines before the body apart.</summary>
    public static RawAnswer OfHead(string head)
    {
        var lines = head.Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        return new RawAnswer(status, [.. lines.Skip(1).Select(Field)], []);
    }

    /// <summary>The header's value as sent, or null; fails where there are several.</summary>
    public string? Header(string name) =>
        Headers.SingleOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The answer is the error, in the one form that errors have.</summary>
    public JsonElement ShouldBeError(int status, string code)
    {
        Assert.True(Status == status, $"expected {status} {code}, got {Status} {Text}");
        Assert.Equal("application/json", Header("content-type"));
        var json = JsonDocument.Parse(Body).RootElement;
        Assert.Equal(code, json.GetProperty("code").GetString());
        Assert.False(json.GetProperty("success").GetBoolean());
        Assert.Equal(Header("x-request-id"), json.GetProperty("request_id").GetString());
        return json;
    }

    /// <summary>The answer is 200 and JSON.</summary>
    public JsonElement ShouldBeOk()
    {
        Assert.True(Status == 200, $"{Status} {Text}");
        return JsonDocument.Parse(Body).RootElement;
    }

    /// <summary>What Kestrel refuses before there is a request: a status, and nothing of ours.</summary>
    public void ShouldBeBare(int status)
    {
        Assert.Equal(status, Status);
        Assert.Empty(Body);
        Assert.Equal("close", Header("connection"));
        Assert.Null(Header("x-request-id"));
    }

    private static (string, string) Field(string line) =>
        line.Split(": ", 2) is [var name, var value] ? (name, value) : (line.TrimEnd(':'), "");
}
