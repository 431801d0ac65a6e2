using System.Security.Cryptography;

namespace Borderless.Core;

/// <summary>A key of a PEM text (RFC 7468) on the curve P-256.</summary>
/// <param name="Private">The private key; null where the text has the public one only.</param>
/// <param name="Public">The public key.</param>
internal sealed record EcPem(ECParameters? Private, ReceiptPublicKey Public)
{
    private const string Begin = "-----BEGIN ";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>All keys, in order. OpenSSL writes the curve before a key as a block of its own, which says nothing that the key does not.</summary>
    public static Either<KeyProblem, Seq<EcPem>> Read(string pem) =>
        from blocks in Blocks(pem) is var found && found.Count == Begun(pem)
            ? Right<KeyProblem, Seq<(string Label, byte[] Der)>>(found)
            : new KeyProblem("the PEM text has a block that is damaged or has no end")
        from keys in blocks.Filter(block => block.Label != "EC PARAMETERS").Map(block => Key(block.Label, block.Der)).Sequence()
        from some in keys.IsEmpty ? new KeyProblem("the text holds no key in PEM form") : Right<KeyProblem, Unit>(unit)
        select keys;

    private static Seq<(string Label, byte[] Der)> Blocks(string pem)
    {
        var (blocks, rest) = (new List<(string, byte[])>(), pem);
        while (PemEncoding.TryFind(rest, out var found))
        {
            blocks.Add((rest[found.Label], Convert.FromBase64String(rest[found.Base64Data])));
            rest = rest[found.Location.End..];
        }

        return toSeq(blocks);
    }

    private static int Begun(string pem) => pem.AsSpan().Count(Begin);

    private static Either<KeyProblem, EcPem> Key(string label, byte[] der) => label switch
    {
        "PRIVATE KEY" => Import(der, isPrivate: true, (ECDsa key, ReadOnlySpan<byte> bytes, out int read) => key.ImportPkcs8PrivateKey(bytes, out read)),
        "EC PRIVATE KEY" => Import(der, isPrivate: true, (ECDsa key, ReadOnlySpan<byte> bytes, out int read) => key.ImportECPrivateKey(bytes, out read)),
        "PUBLIC KEY" => Import(der, isPrivate: false, (ECDsa key, ReadOnlySpan<byte> bytes, out int read) => key.ImportSubjectPublicKeyInfo(bytes, out read)),
        "ENCRYPTED PRIVATE KEY" => new KeyProblem("the private key is under a passphrase; write it without one, in a file that only the store can read"),
        _ => new KeyProblem("the PEM text has a block that is neither PRIVATE KEY nor EC PRIVATE KEY nor PUBLIC KEY"),
    };

    private delegate void Importer(ECDsa key, ReadOnlySpan<byte> der, out int read);

    private static Either<KeyProblem, EcPem> Import(byte[] der, bool isPrivate, Importer import)
    {
        try
        {
            using var key = ECDsa.Create();
            import(key, der, out var read);
            var parameters = key.ExportParameters(isPrivate);
            return read == der.Length && parameters.Curve.IsNamed && parameters.Curve.Oid.Value == P256
                ? ReceiptPublicKey.At(parameters.Q, None)
                    .Map(known => new EcPem(isPrivate ? parameters : null, known))
                    .ToEither(NotP256())
                : NotP256();
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return NotP256();
        }
    }

    private static KeyProblem NotP256() =>
        new("the PEM text has a key that is none of the curve P-256 (prime256v1); openssl ecparam -name prime256v1 -genkey -noout makes one");
}
