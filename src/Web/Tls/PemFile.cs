using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Borderless.Web.Start;
using Borderless.Web.Storage;

namespace Borderless.Web.Tls;

/// <summary>What is wrong with a file of TLS, and what to do. Nothing of what it holds is told.</summary>
/// <param name="Setting">The setting that names the file.</param>
/// <param name="Problem">The file's name is in it.</param>
internal sealed record TlsFault(string Setting, string Problem)
{
    public override string ToString() => $"{Setting}: {Problem}";
}

/// <summary>A PEM file (RFC 7468) that a setting names, as it was read: its text, or why there is none.</summary>
internal sealed record PemFile(string Setting, string Path, Either<TlsFault, string> Text)
{
    /// <summary>Reads the file now.</summary>
    public static PemFile Read(string setting, string path) => new(setting, path, TextOf(path).MapLeft(problem => Fault(setting, path, problem)));

    /// <summary>Tells one reading of the file from another. It holds what the file does, a private key too.</summary>
    public string Content => Text.Match(Right: text => text, Left: fault => fault.Problem);

    /// <summary>The setting alone: neither what the file holds nor a name that may be no name is to be printed by chance.</summary>
    public override string ToString() => Setting;

    public TlsFault Fault(string problem) => Fault(Setting, Path, problem);

    /// <summary>All certificates that it holds. What serves them keeps them for its connections, so they are left to their finalizers.</summary>
    public Either<TlsFault, X509Certificate2Collection> Certificates() => Text.Bind(text =>
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(text);
            return all.Count > 0 ? all
                : Either<TlsFault, X509Certificate2Collection>.Left(Fault(text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal)
                    ? "holds a certificate that cannot be read; it must be PEM, and whole"
                    : "holds no certificate; it must be PEM, with -----BEGIN CERTIFICATE-----"));
        }
        catch (CryptographicException)
        {
            return Fault("holds a certificate that cannot be read; it must be PEM, and whole");
        }
    });

    /// <summary>Its text, where a private key in it can be read.</summary>
    public Either<TlsFault, string> Key() => Text.Bind<string>(text =>
        text.Contains("ENCRYPTED", StringComparison.Ordinal)
            ? Fault("holds a key that is encrypted, and nobody is there to be asked; openssl pkey -in key.pem -out plain.pem writes it plain")
        : !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
            ? Fault("holds no private key; it must be PEM, with -----BEGIN PRIVATE KEY-----")
        : !Blocks(text).Exists(IsKey)
            ? Fault("holds a private key that cannot be read; it must be RSA or EC, as PKCS#8, PKCS#1 or SEC1, and whole")
        : text);

    private static TlsFault Fault(string setting, string path, string problem) => new(setting, $"{Printable.Text(FileNames.Told(path))} {problem}");

    private static Seq<string> Blocks(string text) =>
        PemEncoding.TryFind(text, out var found) ? text[found.Location].Cons(Blocks(text[found.Location.End..])) : Empty;

    /// <summary>What no key is refused by both.</summary>
    private static bool IsKey(string block) => Imports(RSA.Create, block) || Imports(ECDsa.Create, block);

    private static bool Imports(Func<AsymmetricAlgorithm> create, string block)
    {
        try
        {
            using var key = create();
            key.ImportFromPem(block);
            return true;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static Either<string, string> TextOf(string path)
    {
        try
        {
            return SmallFile.Read(path) is { } bytes
                ? Right(Encoding.Latin1.GetString(bytes))
                : Left($"is longer than {SmallFile.MostBytes} bytes");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Left("does not exist; name one that does");
        }
        catch (UnauthorizedAccessException)
        {
            return Left(Directory.Exists(path) ? "is a directory; name a file in it" : "may not be read by this user; let it read the file, and enter the directories above it");
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            return Left($"cannot be read: {DiskErrors.Reason(error)}");
        }
    }
}
