using Microsoft.Extensions.Hosting.Systemd;

namespace Borderless.Web.Start;

/// <summary>Tells a service manager that the server listens, and that it stops (sd_notify(3)).</summary>
internal static class ServiceManager
{
    /// <summary>
    /// Where a manager wants to hear of it. AddSystemd would look at the name of the parent instead, which a service whose /proc hides
    /// other processes cannot see.
    /// </summary>
    public static void Add(IServiceCollection services)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 })
        {
            _ = services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        }
    }
}
