using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Borderless.Core;

/// <summary>A compact JWS (RFC 7515 section 7.1) that was taken apart, and not verified.</summary>
/// <param name="Algorithm">What the header says that it is. Only to be held against what its key is.</param>
/// <param name="KeyId">Which key it names; empty where it names none.</param>
/// <param name="Signed">The bytes under the signature.</param>
/// <param name="Payload">The payload, decoded.</param>
/// <param name="Signature">The signature, decoded.</param>
internal sealed record Jws(string Algorithm, string KeyId, byte[] Signed, byte[] Payload, byte[] Signature)
{
    private const char Between = '.';

    /// <summary>Signs a payload: three segments of base64url without padding.</summary>
    public static string Sign(ReceiptSigner signer, byte[] payload)
    {
        var signed = $"{Base64Url.EncodeToString(Header(signer))}{Between}{Base64Url.EncodeToString(payload)}";
        return $"{signed}{Between}{Base64Url.EncodeToString(signer.SignatureOf(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Takes it apart.</summary>
    /// <returns>The parts, or <see cref="StoreError.InvalidReceipt"/> where they are not three or not in their one spelling, or the header is none of ours.</returns>
    public static Either<StoreError, Jws> Read(string text) =>
        from segments in text.Length <= Receipts.MaxLength && text.Split(Between) is [var first, var second, var third]
            ? Right<StoreError, (string Header, string Payload, string Signature)>((first, second, third))
            : Receipts.Refused($"is not three segments of at most {Receipts.MaxLength} characters together")
        from header in Decode(segments.Header)
        from payload in Decode(segments.Payload)
        from signature in Decode(segments.Signature)
        from said in JsonText.Read(header, ReadHeader).IfNone(() => Receipts.Refused("has a header that is no JSON object"))
        select new Jws(said.Algorithm, said.KeyId, Encoding.ASCII.GetBytes($"{segments.Header}{Between}{segments.Payload}"), payload, signature);

    /// <summary>
    /// Base64url without padding (RFC 4648 section 5). The decoder takes padding, spaces and stray bits too, so what it made is
    /// encoded again and held against what came.
    /// </summary>
    internal static Either<StoreError, byte[]> Decode(string segment)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(segment.Length)];
        return Base64Url.DecodeFromChars(segment, bytes, out _, out var length) == OperationStatus.Done
            && Base64Url.EncodeToString(bytes.AsSpan(0, length)) == segment
            ? bytes[..length]
            : Receipts.Refused("is not base64url without padding");
    }

    private static byte[] Header(ReceiptSigner signer) => JsonText.Write(json =>
    {
        json.WriteString("alg"u8, signer.Algorithm);
        if (signer.KeyId.Length > 0)
        {
            json.WriteString("kid"u8, signer.KeyId);
        }

        json.WriteString("typ"u8, Receipts.Type);
    });

    /// <summary>Members that we do not know are ignored, unless the header demands that they are known (RFC 7515 section 4.1.11).</summary>
    private static Either<StoreError, (string Algorithm, string KeyId)> ReadHeader(JsonElement header) =>
        from plain in Pipeline.Require(!header.TryGetProperty("crit", out _), () => Receipts.Refused("needs extensions that are not known"))
        from typed in Pipeline.Require(JsonText.Text(header, "typ") == Receipts.Type, () => Receipts.Refused($"is not of the type {Receipts.Type}"))
        from algorithm in JsonText.Text(header, "alg") is { } said ? Right<StoreError, string>(said) : Receipts.Refused("names no algorithm")
        from key in !header.TryGetProperty("kid", out _) ? ""
            : JsonText.Text(header, "kid") is { Length: > 0 } named ? Right<StoreError, string>(named)
            : Receipts.Refused("names its key by something that is no name")
        select (algorithm, key);
}
