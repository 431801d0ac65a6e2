using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Borderless.Core;

/// <summary>A JWK Set (RFC 7517 section 5) of the public keys that verify receipts.</summary>
internal static class JwkSet
{
    public static string Write(Seq<ReceiptPublicKey> keys) => Encoding.UTF8.GetString(JsonText.Write(json =>
    {
        json.WriteStartArray("keys"u8);
        foreach (var key in keys)
        {
            json.WriteStartObject();
            json.WriteString("kty"u8, "EC");
            json.WriteString("crv"u8, "P-256");
            json.WriteString("x"u8, key.Coordinates.X);
            json.WriteString("y"u8, key.Coordinates.Y);
            json.WriteString("kid"u8, key.Id);
            json.WriteString("alg"u8, ReceiptKey.Es256);
            json.WriteString("use"u8, "sig");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }));

    public static Either<KeyProblem, Seq<ReceiptPublicKey>> Read(string text) =>
        JsonText.Read(Encoding.UTF8.GetBytes(text), FromObject).IfNone(Malformed);

    private static Either<KeyProblem, Seq<ReceiptPublicKey>> FromObject(JsonElement set) =>
        set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
        && keys.EnumerateArray().All(key => key.ValueKind == JsonValueKind.Object)
            ? toSeq(keys.EnumerateArray().Where(IsOurs).ToArray()).Map(Key).Sequence()
            : Malformed();

    /// <summary>A key without <c>alg</c> or <c>use</c> is for any (RFC 7517 sections 4.2 and 4.4).</summary>
    private static bool IsOurs(JsonElement key) =>
        JsonText.Text(key, "kty") == "EC" && JsonText.Text(key, "crv") == "P-256" && Fits(key, "alg", ReceiptKey.Es256) && Fits(key, "use", "sig");

    private static bool Fits(JsonElement key, string name, string value) => !key.TryGetProperty(name, out _) || JsonText.Text(key, name) == value;

    private static Either<KeyProblem, ReceiptPublicKey> Key(JsonElement key) =>
        from x in Coordinate(key, "x")
        from y in Coordinate(key, "y")
        from id in !key.TryGetProperty("kid", out _) ? Option<string>.None
            : JsonText.Text(key, "kid") is { Length: > 0 } named ? Some(named)
            : Left<KeyProblem, Option<string>>(new KeyProblem("a key of the JWK Set has a kid that is no name"))
        from known in ReceiptPublicKey.At(new ECPoint { X = x, Y = y }, id).ToEither(new KeyProblem("a key of the JWK Set is no point of the curve P-256"))
        select known;

    private static Either<KeyProblem, byte[]> Coordinate(JsonElement key, string name) =>
        JsonText.Text(key, name) is { } text && Jws.Decode(text).Case is byte[] { Length: ReceiptPublicKey.CoordinateLength } bytes
            ? bytes
            : new KeyProblem($"a key of the JWK Set has a member {name} that is not {ReceiptPublicKey.CoordinateLength} bytes in base64url");

    private static Either<KeyProblem, Seq<ReceiptPublicKey>> Malformed() => new KeyProblem("the text is no JWK Set: a JSON object with an array keys of objects");
}
