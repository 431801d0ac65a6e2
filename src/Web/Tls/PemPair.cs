using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Borderless.Web.Start;

namespace Borderless.Web.Tls;

/// <summary>A certificate with those that vouch for it, and its private key, as they stand in their files.</summary>
internal sealed record PemPair(PemFile Certificate, PemFile Key)
{
    /// <summary>Reads both files now.</summary>
    public static PemPair Read(TlsFiles files) => new(ReadCertificate(files), ReadKey(files));

    /// <summary>Whether both can be read again after they were read.</summary>
    public static bool IsLasting(TlsFiles files) => SmallFile.IsLasting(files.Certificate) && SmallFile.IsLasting(files.Key);

    /// <summary>What is wrong with the files, for who only looks at them. What could not be read again is left as it is.</summary>
    public static Seq<(string Key, string Problem)> Probe(TlsFiles files) =>
        (SmallFile.IsLasting(files.Certificate), SmallFile.IsLasting(files.Key)) switch
        {
            (true, true) => Read(files).Load().Match(
                Succ: context =>
                {
                    context.TargetCertificate.Dispose();
                    return Empty;
                },
                Fail: faults => faults.Map(Told)),
            (true, false) => ReadCertificate(files).Certificates().Match(Left: fault => Seq1(Told(fault)), Right: _ => Empty),
            (false, true) => ReadKey(files).Key().Match(Left: fault => Seq1(Told(fault)), Right: _ => Empty),
            _ => Empty,
        };

    /// <summary>Tells one pair from another, and one fault.</summary>
    public string Print => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Certificate.Content}\0{Key.Content}")));

    /// <summary>What connections are served with: the first certificate, and those behind it as its chain.</summary>
    /// <returns>It, or all that is wrong with the files. Nothing is fetched from the network to complete it.</returns>
    public Validation<TlsFault, SslStreamCertificateContext> Load() =>
        (Certificate.Certificates().ToValidation(), Key.Key().ToValidation())
            .Apply((chain, key) => (chain, key))
            .Bind(whole => Joined(whole.chain, whole.key).ToValidation());

    private static PemFile ReadCertificate(TlsFiles files) => PemFile.Read("tls_cert", files.Certificate);

    private static PemFile ReadKey(TlsFiles files) => PemFile.Read("tls_key", files.Key);

    private static (string Key, string Problem) Told(TlsFault fault) => (fault.Setting, fault.Problem);

    private Either<TlsFault, SslStreamCertificateContext> Joined(X509Certificate2Collection chain, string key)
    {
        try
        {
            Home.Have();
            var first = X509Certificate2.CreateFromPem(Certificate.Content, key);
            chain.RemoveAt(0);
            return SslStreamCertificateContext.Create(first, chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return Key.Fault(
                $"holds a key that is not that of the first certificate of tls_cert ({Printable.Text(FileNames.Told(Certificate.Path))}); "
                + "the server's own certificate comes first in its file, those that vouch for it behind it");
        }
    }
}
