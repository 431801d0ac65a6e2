using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Borderless.Tests.Integration.Support;

/// <summary>A root that a test makes, one that it vouches for, and certificates of 127.0.0.1 from that one.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 between;

    // Asked for once, or one that is issued might outlive by a second who issues it.
    private readonly DateTimeOffset from = new(DateTime.UtcNow.Date.AddDays(-1), TimeSpan.Zero);
    private readonly DateTimeOffset until = new(DateTime.UtcNow.Date.AddDays(7), TimeSpan.Zero);

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Root = Authority("CN=Test Root", key).CreateSelfSigned(from, until);
        using var issued = Authority("CN=Test Intermediate", betweenKey).Create(Root, from, until, [2]);
        between = issued.CopyWithPrivateKey(betweenKey);
    }

    public X509Certificate2 Root { get; }

    /// <summary>A certificate with its chain, and its key in one of the forms that keys have.</summary>
    public (string Certificate, string Key) New(string form = "ec pkcs8")
    {
        using AsymmetricAlgorithm key = form.StartsWith("rsa", StringComparison.Ordinal) ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest("CN=127.0.0.1", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=127.0.0.1", (ECDsa)key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(between.SubjectName, X509SignatureGenerator.CreateForECDsa(between.GetECDsaPrivateKey()!), from, until, RandomNumberGenerator.GetBytes(8));
        return ($"{issued.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n", form switch
        {
            "rsa pkcs1" => ((RSA)key).ExportRSAPrivateKeyPem(),
            "ec sec1" => ((ECDsa)key).ExportECPrivateKeyPem(),
            "encrypted" => key.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)),
            _ => key.ExportPkcs8PrivateKeyPem(),
        });
    }

    /// <summary>The settings of a server with the two files in a directory.</summary>
    public static Dictionary<string, string> Settings(TestDirectory files) =>
        new() { ["tls_cert"] = files.At("cert.pem"), ["tls_key"] = files.At("key.pem"), ["domain"] = "https://store.test" };

    public static void Write(TestDirectory files, (string Certificate, string Key) pair)
    {
        _ = files.Write("cert.pem", pair.Certificate);
        _ = files.Write("key.pem", pair.Key);
    }

    public void Dispose()
    {
        Root.Dispose();
        between.Dispose();
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
