using Borderless.Web.Audit;
using Borderless.Web.Storage;
using Borderless.Web.Tls;

namespace Borderless.Web.Start;

/// <summary>What a server holds while it runs: its store, its audit log and the certificate that it serves.</summary>
internal sealed record Held(Store Store, AuditLog Audit, LiveCertificate? Certificate) : IAsyncDisposable
{
    /// <summary>Opens all of it, or nothing. Only who holds the store may remove what a dead server left where it listened.</summary>
    public static async Task<Either<StartProblem, Held>> Open(Settings settings, IDisk disk, TimeProvider time, Serilog.ILogger log)
    {
        if (AuditLog.Open(settings.Log.Audit, time, log) is var auditing && auditing.Case is not AuditLog audit)
        {
            return (StartProblem)auditing.Case;
        }

        var loaded = LiveCertificate.Start(settings.Server.Tls, time, log);
        var opened = loaded.Bind(_ => Store.Open(settings.Storage, disk, time, log));
        var certificate = loaded.IfLeft(None).MatchUnsafe(live => live, () => null);
        if (opened.Case is Store store)
        {
            var held = new Held(store, audit, certificate);
            if (Listening.MakeRoom(settings.Server).Case is not StartProblem taken)
            {
                return held;
            }

            await held.DisposeAsync();
            return taken;
        }

        certificate?.Dispose();
        await audit.DisposeAsync();
        return (StartProblem)opened.Case;
    }

    /// <summary>Closes it, when nothing uses it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Certificate?.Dispose();
        await Audit.DisposeAsync();
        Store.Dispose();
    }
}
