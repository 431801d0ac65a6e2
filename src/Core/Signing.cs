using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Borderless.Core;

/// <summary>The key that URLs are signed with. It never shows itself.</summary>
public sealed class SigningKey
{
    private readonly byte[] bytes;
    private byte[]? receiptBytes;

    private SigningKey(byte[] bytes) => this.bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>
    /// The key of receipts: HKDF-SHA256 (RFC 5869) of the secret, without salt. What a receipt says, a client may choose in part, so the
    /// key of URLs does not sign it. Derived when first asked for; who derives it twice at once comes to the same bytes.
    /// </summary>
    internal ReadOnlySpan<byte> ReceiptBytes =>
        receiptBytes ??= HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, HMACSHA256.HashSizeInBytes, salt: [], info: "borderless receipt v1"u8.ToArray());

    /// <summary>The key of a secret: its UTF-8 bytes, as they are.</summary>
    public static SigningKey FromSecret(string secret) => new(Encoding.UTF8.GetBytes(secret));

    /// <summary>Never the key.</summary>
    public override string ToString() => "SigningKey(***)";
}

/// <summary>A query parameter beside <c>expires</c> and <c>sig</c>, decoded.</summary>
/// <param name="Name">1 to 32 characters of <c>a-z 0-9 _</c>.</param>
/// <param name="Value">Any text.</param>
public readonly record struct SignedParameter(string Name, string Value);

/// <summary>What a signature covers: the method, the path as it is sent, the expiry, and every other query parameter.</summary>
/// <param name="Method">The HTTP method in upper case; <c>GET</c> also for HEAD.</param>
/// <param name="Path">The request target up to <c>?</c>, byte for byte.</param>
/// <param name="Expires">The last second in which it is valid.</param>
/// <param name="Parameters">The other query parameters, in any order.</param>
public sealed record Claim(string Method, string Path, UnixSeconds Expires, Seq<SignedParameter> Parameters);

/// <summary>Signatures over claims: HMAC-SHA256 (RFC 2104, FIPS 180-4), base64url with padding (RFC 4648 section 5).</summary>
public static class Signing
{
    private const int SignatureLength = 44;

    /// <summary>The longest text that is put together on the stack, in bytes.</summary>
    private const int OnStack = 1024;

    /// <summary>The signature: 44 characters of <c>A-Z a-z 0-9 - _ =</c>.</summary>
    public static string Sign(SigningKey key, Claim claim)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<char> signature = stackalloc char[SignatureLength];
        Mac(key, claim, mac);
        Encode(mac, signature);
        return signature.ToString();
    }

    /// <summary>
    /// Whether the text is the signature of the claim. Compared as text in constant time, so that each claim has exactly one
    /// signature: base64 has several spellings of one value.
    /// </summary>
    public static bool IsSigned(SigningKey key, Claim claim, string signature) => IsSigned(key, claim, Empty, signature);

    /// <summary>Whether the text is the signature of the claim, narrowed by these levels one after the other.</summary>
    public static bool IsSigned(SigningKey key, Claim claim, Seq<string> levels, string signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<char> expected = stackalloc char[SignatureLength];
        Mac(key, claim, mac);
        foreach (var level in levels)
        {
            MacOfLevel(mac, level, mac);
        }

        Encode(mac, expected);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(expected), MemoryMarshal.AsBytes(signature.AsSpan()));
    }

    /// <summary>
    /// <c>{METHOD}|{PATH}|{EXPIRES}</c>, then <c>|{name}={value}</c> for each parameter, sorted by name (ordinal), the value
    /// percent-encoded (RFC 3986 section 2.1), so that no value can look like a separator.
    /// </summary>
    public static string StringToSign(Claim claim) =>
        claim.Parameters
            .OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
            .Aggregate(
                new StringBuilder(claim.Method).Append('|').Append(claim.Path).Append('|').Append(claim.Expires.ToString()),
                (text, parameter) => text.Append('|').Append(parameter.Name).Append('=').Append(Percent.Encode(parameter.Value)))
            .ToString();

    /// <summary>The signature of a URL that a level narrows.</summary>
    /// <param name="key">The 32 bytes of the signature of the wider URL.</param>
    /// <param name="level">The level as it is joined to others.</param>
    internal static string SignLevel(ReadOnlySpan<byte> key, string level)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<char> signature = stackalloc char[SignatureLength];
        MacOfLevel(key, level, mac);
        Encode(mac, signature);
        return signature.ToString();
    }

    /// <summary>The bytes of a signature in its one spelling.</summary>
    /// <returns>The 32 bytes, or <see cref="StoreError.InvalidSignature"/>.</returns>
    internal static Either<StoreError, byte[]> Decode(string signature)
    {
        var mac = new byte[HMACSHA256.HashSizeInBytes];
        Span<char> again = stackalloc char[SignatureLength];
        if (signature.Length == SignatureLength && Base64Url.IsValid(signature) && Base64Url.TryDecodeFromChars(signature, mac, out var length) && length == mac.Length)
        {
            Encode(mac, again);
            return again.SequenceEqual(signature) ? mac : new StoreError.InvalidSignature();
        }

        return new StoreError.InvalidSignature();
    }

    private static void Encode(ReadOnlySpan<byte> mac, Span<char> signature)
    {
        _ = Convert.TryToBase64Chars(mac, signature, out _);
        signature.Replace('+', '-');
        signature.Replace('/', '_');
    }

    private static void MacOfLevel(ReadOnlySpan<byte> key, string level, Span<byte> mac) =>
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Narrowing.Parameter}|{level}"), mac);

    private static void Mac(SigningKey key, Claim claim, Span<byte> mac)
    {
        Span<byte> bytes = stackalloc byte[OnStack];
        HMACSHA256.HashData(key.Bytes, TryWrite(claim, bytes, out var length) ? bytes[..length] : Encoding.UTF8.GetBytes(StringToSign(claim)), mac);
    }

    /// <summary>The UTF-8 bytes of <see cref="StringToSign"/>, for a claim as most are: short, so that it needs no memory of its own.</summary>
    private static bool TryWrite(Claim claim, Span<byte> bytes, out int length)
    {
        if (!Utf8.TryWrite(bytes, CultureInfo.InvariantCulture, $"{claim.Method}|{claim.Path}|{claim.Expires.Value}", out length))
        {
            return false;
        }

        var last = "";
        for (var written = 0; written < claim.Parameters.Count; written++)
        {
            // Few as they are, the next by name is found at once; of equal names, which no URL has, the longer way takes care.
            var next = -1;
            for (var i = 0; i < claim.Parameters.Count; i++)
            {
                var name = claim.Parameters[i].Name;
                if (string.CompareOrdinal(name, last) > 0 && (next < 0 || string.CompareOrdinal(name, claim.Parameters[next].Name) < 0))
                {
                    next = i;
                }
            }

            if (next < 0 || !TryWrite(claim.Parameters[next], bytes, ref length))
            {
                return false;
            }

            last = claim.Parameters[next].Name;
        }

        return true;
    }

    private static bool TryWrite(SignedParameter parameter, Span<byte> bytes, ref int length)
    {
        if (length + 2 > bytes.Length || !Encoding.UTF8.TryGetBytes(parameter.Name, bytes[(length + 1)..^1], out var name))
        {
            return false;
        }

        bytes[length] = (byte)'|';
        bytes[length + 1 + name] = (byte)'=';
        length += name + 2;
        var written = Percent.TryEncode(parameter.Value, bytes[length..], out var value);
        length += value;
        return written;
    }
}

/// <summary>Percent-encoding (RFC 3986 section 2.1) in the one form that is signed.</summary>
public static class Percent
{
    /// <summary>The UTF-8 bytes of the text; all but the unreserved <c>A-Z a-z 0-9 - . _ ~</c> as <c>%XX</c> in upper case.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            _ = IsUnreserved((char)b)
                ? encoded.Append((char)b)
                : encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    /// <summary>Writes the encoded text as bytes.</summary>
    /// <returns>False where it is too long for them, or where a character is beyond ASCII: that is left to <see cref="Encode"/>.</returns>
    internal static bool TryEncode(string text, Span<byte> into, out int length)
    {
        length = 0;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var plain = rest.IndexOfAnyExcept(Unreserved) is >= 0 and var end ? end : rest.Length;
            if (length + plain + 3 > into.Length)
            {
                return false;
            }

            length += Encoding.ASCII.GetBytes(rest[..plain], into[length..]);
            if (plain < rest.Length)
            {
                if (!char.IsAscii(rest[plain]))
                {
                    return false;
                }

                into[length++] = (byte)'%';
                into[length++] = (byte)Digits[rest[plain] >> 4];
                into[length++] = (byte)Digits[rest[plain] & 15];
                plain++;
            }

            rest = rest[plain..];
        }

        return true;
    }

    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private const string Digits = "0123456789ABCDEF";

    /// <summary>Decodes once. A <c>+</c> is a plus.</summary>
    /// <returns>The text, or None where a <c>%</c> is not followed by two hexadecimal digits or the bytes are not UTF-8.</returns>
    public static Option<string> Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal) && Ascii.IsValid(text))
        {
            return text;
        }

        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > 0x7f)
            {
                return None;
            }

            if (text[i] != '%')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return None;
            }

            bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        return FromUtf8([.. bytes]);
    }

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static Option<string> FromUtf8(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return None;
        }
    }

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';
}
