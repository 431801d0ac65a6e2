namespace Borderless.Web.Start;

/// <summary>The keys that hold now. Reading the settings again puts others in their place, all at once; requests that run keep theirs.</summary>
/// <param name="source">Where settings stand.</param>
/// <param name="atStart">The settings that the server was started with.</param>
/// <param name="log">Where it is told what came of it.</param>
internal sealed class LiveKeys(SettingsSource source, ReadSettings atStart, Serilog.ILogger log)
{
    private AccessSettings access = atStart.Settings.Access;
    private Seq<string> warned = atStart.Settings.Warnings;

    /// <summary>The keys that hold now.</summary>
    public AccessSettings Current => Volatile.Read(ref access);

    /// <summary>Reads all settings again and takes over the keys; where anything is wrong with them, nothing.</summary>
    public void Reload()
    {
        try
        {
            // All of it is open; whether it could be opened again is for the next start to say.
            source.Read(SettingProbes.Nothing).Match(Succ: TakeOver, Fail: Refuse);
        }
#pragma warning disable CA1031 // A signal must not end the process, whatever is wrong with what it makes it read.
        catch (Exception error)
        {
            log.Error(error, "the settings could not be read again; the keys stay as they are");
        }
#pragma warning restore CA1031
    }

    private void TakeOver(ReadSettings read)
    {
        var (fresh, differing) = (read.Settings.Access, SettingsReader.Differing(atStart.Layers, read.Layers));
        Volatile.Write(ref access, Current with
        {
            ApiKeys = fresh.ApiKeys,
            SigningKeys = fresh.SigningKeys,
            Receipts = fresh.Receipts,
            PublishedKeys = fresh.PublishedKeys,
        });
        log.Information(
            "read the keys again: {SigningCount} to sign ({SigningKeys:l}), {ApiCount} for back ends ({ApiKeys:l}){Restart:l}",
            fresh.SigningKeys.All.Count,
            string.Join(", ", fresh.SigningKeys.All.Map(key => key.Id.Length == 0 ? "the default key" : key.Id)),
            fresh.ApiKeys.All.Count,
            string.Join(", ", fresh.ApiKeys.All.Map(key => key.Name)),
            differing.IsEmpty ? "" : $"; not taken over before a restart: {string.Join(", ", differing)}");
        read.Settings.Warnings.Filter(warning => !warned.Exists(known => known == warning)).Iter(warning => log.Warning("{Warning:l}", warning));
        warned = read.Settings.Warnings;
    }

    private void Refuse(Seq<SettingProblem> problems) =>
        problems.Iter(problem => log.Error("the keys stay as they are, for the settings have a problem: {Problem:l}", problem.ToString()));
}
