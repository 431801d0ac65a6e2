using System.Net;
using System.Text.Json;

namespace Borderless.Tests.Properties;

/// <summary>The vectors for verifiers in other languages say what Core says. Each file counts as one test, as most of its cases differ in a byte.</summary>
public sealed class VectorLaws
{
    public static TheoryData<string> Files() => [.. Names];

    private static string[] Names =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "vectors"), "*.json").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static List<JsonElement> Cases(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", file)));
        return [.. json.RootElement.GetProperty("cases").EnumerateArray().Select(one => one.Clone())];
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Core_gives_every_answer_that_a_file_of_vectors_expects(string file)
    {
        var cases = Cases(file);

        Assert.NotEmpty(cases);
        Assert.Empty(cases.Where(one => Answer(one) != Expected(one)).Select(one => $"{one.GetProperty("name")}: {Answer(one)}"));
        Assert.Equal(cases.Count, cases.Select(one => one.GetProperty("name").GetString()).Distinct().Count());
    }

    /// <summary>Every refusal of a URL stands in some vector, so that no verifier can leave one out unseen.</summary>
    [Fact]
    public void The_vectors_have_every_refusal()
    {
        var codes = Names.SelectMany(file => Cases(file).Select(Expected)).ToHashSet();
        Assert.Superset(
            new System.Collections.Generic.HashSet<string>(
            [
                "ok", "no_such_route", "invalid_bucket", "method_not_allowed", "invalid_blob_id", "missing_signature", "invalid_signature", "link_revoked",
                "link_expired", "link_not_yet_valid", "client_not_allowed", "unknown_parameter", "invalid_rule", "invalid_header", "invalid_chunk",
                "payload_too_large", "too_small", "digest_mismatch", "unsupported_media_type", "invalid_receipt",
            ]), codes);
    }

    private static string Expected(JsonElement one) => one.GetProperty("expect") switch
    {
        { ValueKind: JsonValueKind.String } code => code.GetString()!,
        { ValueKind: JsonValueKind.Null } => "invalid_receipt",
        var claims => claims.GetProperty("blob_id").GetString()! + claims.GetProperty("size").GetInt64(),
    };

    private static string Answer(JsonElement one)
    {
        var (ring, now) = (KeyRing.Of([.. one.GetProperty("keys").EnumerateObject().Select(KeyOf)]), new UnixSeconds(one.GetProperty("now").GetInt64()));
        if (one.TryGetProperty("receipt", out var receipt))
        {
            return Receipts.Verify(ReceiptKeys.Of(ring), now, receipt.GetString()!).Match(
                Right: said => $"{said.Blob}{said.Size}", Left: error => error.Code);
        }

        var client = one.GetProperty("client").GetString() is { } text ? IPAddress.Parse(text) : null;
        return Link.Read(one.GetProperty("method").GetString()!, one.GetProperty("target").GetString()!)
            .Bind(link => Presign.Verify(ring, new Circumstances(now, client, one.GetProperty("epoch").GetInt64()), link))
            .Bind(grant => one.TryGetProperty("upload", out var upload) ? Upload(upload).Under(grant.Rules) : unit)
            .Code();
    }

    private static NamedKey KeyOf(JsonProperty key) => new(
        key.Name, SigningKey.FromSecret(key.Value.GetProperty("secret").GetString()!),
        key.Value.TryGetProperty("until", out var until) ? new(until.GetInt64()) : NamedKey.NoEnd);

    private static Attempt Upload(JsonElement upload)
    {
        var size = upload.GetProperty("size").GetInt64();
        UploadIntent intent = upload.GetProperty("intent").GetString() switch
        {
            "single" => new UploadIntent.Single(),
            "chunk" => new UploadIntent.Chunk(upload.GetProperty("index").GetInt32(), UploadIntent.MaxChunks),
            _ => new UploadIntent.Merge(UploadIntent.MaxChunks),
        };
        return new(
            intent, size, size, size, Digest.Parse(upload.GetProperty("sha256").GetString() ?? "").IfNone(Digest.OfNothing),
            upload.GetProperty("content_type").GetString());
    }
}
