using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using Borderless.Web.Start;
using Borderless.Web.Storage;

namespace Borderless.Web.Tls;

/// <summary>
/// The certificate that is served now. Its files are read again every few seconds, whole, for they are small: so that it does not matter
/// how others take their place, by a rename, a link that points elsewhere, or a write. What changed is taken over once it stays the
/// same from one look to the next, because certificate and key are mostly replaced one after the other; at once on SIGHUP. Where one of
/// them is a pipe, which gives what it holds once, both are read at the start alone.
/// </summary>
internal sealed class LiveCertificate : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly TlsFiles files;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger log;
    private readonly ITimer timer;
    private readonly HangUps hangUps = HangUps.Listen();
    private SslStreamCertificateContext current;
    private string served;
    private string judged;
    private string? candidate;

    private LiveCertificate(TlsFiles files, PemPair pair, SslStreamCertificateContext context, TimeProvider time, Serilog.ILogger log)
    {
        (this.files, this.time, this.log, current, served) = (files, time, log, context, pair.Print);
        judged = served;
        Tell("TLS with the certificate");
        timer = time.CreateTimer(_ => Guarded(Look), null, Interval, Interval);
        hangUps.Do(Reload);
    }

    /// <summary>What the next connection is served with.</summary>
    public SslStreamCertificateContext Current => Volatile.Read(ref current);

    /// <summary>Reads the files for the first time, if there are any.</summary>
    public static Either<StartProblem, Option<LiveCertificate>> Start(Option<TlsFiles> files, TimeProvider time, Serilog.ILogger log) =>
        files.Match(Some: named => Start(named, time, log).Map(Some), None: () => Option<LiveCertificate>.None);

    private static Either<StartProblem, LiveCertificate> Start(TlsFiles files, TimeProvider time, Serilog.ILogger log)
    {
        var pair = PemPair.Read(files);
        return pair.Load()
            .Map(context => new LiveCertificate(files, pair, context, time, log))
            .ToEither().MapLeft(faults => new StartProblem(Line(faults)));
    }

    /// <summary>Reads the files now, and takes over what they hold where it is in order.</summary>
    public void Reload() => Guarded(() =>
    {
        if (PemPair.IsLasting(files))
        {
            Judge(PemPair.Read(files));
        }
        else
        {
            log.Information("the certificate came through a pipe, and stays as it is until the next start");
        }
    });

    public void Dispose()
    {
        timer.Dispose();
        hangUps.Dispose();
    }

    private void Look()
    {
        if (!PemPair.IsLasting(files))
        {
            return;
        }

        var read = PemPair.Read(files);
        var print = read.Print;
        if (print != judged && print == candidate)
        {
            Judge(read);
        }

        candidate = print;
    }

    private void Judge(PemPair read)
    {
        judged = read.Print;
        if (judged == served)
        {
            Tell("TLS goes on with the same certificate");
            return;
        }

        _ = read.Load().Match(
            Succ: context =>
            {
                Volatile.Write(ref current, context);
                served = judged;
                Tell("TLS with the certificate");
            },
            Fail: faults => log.Error("the certificate stays as it is: {Problem:l}", Line(faults)));
    }

    private static string Line(Seq<TlsFault> faults) => string.Join("; ", faults);

    private void Tell(string what)
    {
        var (certificate, now) = (current.TargetCertificate, time.GetUtcNow().UtcDateTime);
        var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        var isValid = from <= now && now <= until;
        log.Write(
            isValid ? Serilog.Events.LogEventLevel.Information : Serilog.Events.LogEventLevel.Warning,
            "{What:l}, SHA-256 fingerprint {Fingerprint:l}, valid from {From:l} until {Until:l}{Not:l}",
            what, certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), Time(from), Time(until),
            isValid ? "" : ", and so not now: clients will refuse it");
    }

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Guarded(Action action)
    {
        lock (gate)
        {
            try
            {
                action();
            }
#pragma warning disable CA1031 // Neither a timer nor a signal may end the process, whatever is wrong with what it makes it read.
            catch (Exception error)
            {
                log.Error(error, "the files of the certificate could not be read again; it stays as it is");
            }
#pragma warning restore CA1031
        }
    }
}
