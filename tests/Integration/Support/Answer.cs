using System.Text.Json;

namespace Borderless.Tests.Integration.Support;

/// <summary>Where a blob is.</summary>
internal readonly record struct Spot(string Bucket, Guid Blob)
{
    public static Spot New(string bucket = "north") => new(bucket, Guid.CreateVersion7());

    public override string ToString() => $"/{Bucket}/{Blob}";
}

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(int Status, string? ETag, byte[] Body)
{
    public bool IsOk => Status == 200;

    public string Code => Json("code");

    public string Message => Json("message");

    public string Sha256 => Json("sha256_hash");

    /// <summary>The chunks that do not wait.</summary>
    public int[] Missing => [.. Element("missing_chunks").EnumerateArray().Select(index => index.GetInt32())];

    /// <summary>The digests of the chunks that wait, in the order of their indexes.</summary>
    public string[] Waiting => [.. Element("chunks").EnumerateArray().Select(chunk => chunk.GetProperty("sha256_hash").GetString()!)];

    public override string ToString() => $"{Status} {(ETag is null ? System.Text.Encoding.UTF8.GetString(Body) : $"{Body.Length} bytes")}";

    private string Json(string name) => Element(name).GetString()!;

    private JsonElement Element(string name) => JsonDocument.Parse(Body).RootElement.GetProperty(name);
}
