using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Borderless.Web.Start;
using Borderless.Web.Storage;

namespace Borderless.Web.Tls;

/// <summary>A certificate with those that vouch for it, and its private key, as they stand in their files.</summary>
internal sealed record PemPair(string Certificate, string Key)
{
    /// <summary>Reads both files.</summary>
    /// <returns>The pair, or which setting names what cannot be read. Nothing of the file is told, nor its name: it may be the key itself.</returns>
    public static Either<StartProblem, PemPair> Read(TlsFiles files) =>
        from certificate in Text("tls_cert", files.Certificate)
        from key in Text("tls_key", files.Key)
        select new PemPair(certificate, key);

    /// <summary>Tells one pair from another.</summary>
    public string Print => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Certificate}\0{Key}")));

    /// <summary>What connections are served with: the first certificate, and those behind it as its chain.</summary>
    /// <returns>It, or which setting is wrong and what to do. Nothing is fetched from the network to complete it.</returns>
    public Either<StartProblem, SslStreamCertificateContext> Load()
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(Certificate);
            return chain.Count == 0
                ? new StartProblem("tls_cert: the file holds no certificate; it must be PEM, with -----BEGIN CERTIFICATE-----")
                : KeyProblem().Match(Some: problem => new StartProblem(problem), None: () => Joined(chain));
        }
        catch (CryptographicException)
        {
            return new StartProblem("tls_cert: the file holds a certificate that cannot be read; it must be PEM, and whole");
        }
    }

    private Option<string> KeyProblem() =>
        Key.Contains("ENCRYPTED", StringComparison.Ordinal)
            ? "tls_key: the key is encrypted, and nobody is there to be asked; openssl pkey -in key.pem -out plain.pem writes it plain"
        : !Key.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
            ? "tls_key: the file holds no private key; it must be PEM, with -----BEGIN PRIVATE KEY-----"
        : None;

    private Either<StartProblem, SslStreamCertificateContext> Joined(X509Certificate2Collection chain)
    {
        try
        {
            Home.Have();
            var first = X509Certificate2.CreateFromPem(Certificate, Key);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(first, chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return new StartProblem(
                "tls_key: the key is not that of the first certificate of tls_cert, or cannot be read (RSA or EC, PKCS#8, PKCS#1 or SEC1); "
                + "the server's own certificate comes first in its file, those that vouch for it behind it");
        }
    }

    private static Either<StartProblem, string> Text(string setting, string path)
    {
        try
        {
            return SmallFile.Read(path) is { } bytes
                ? Encoding.Latin1.GetString(bytes)
                : new StartProblem($"{setting}: the file is longer than {SmallFile.MostBytes} bytes");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            return new StartProblem($"{setting}: the file does not exist; name one that does");
        }
        catch (UnauthorizedAccessException)
        {
            return new StartProblem($"{setting}: this user may not read the file, or it is a directory; let the user read it");
        }
        catch (Exception error) when (error is IOException or NotSupportedException)
        {
            return new StartProblem($"{setting}: the file cannot be read");
        }
    }
}
