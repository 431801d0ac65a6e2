using Borderless.Web.Audit;
using Borderless.Web.Tls;

namespace Borderless.Web.Start;

/// <summary>Settings as they were read, and the raw values that they were made of.</summary>
internal sealed record ReadSettings(Settings Settings, Seq<Seq<RawSetting>> Layers);

/// <summary>Where settings stand: the file, the flags, the environment, and the files that these name. They may be read again.</summary>
/// <param name="words">The command line.</param>
/// <param name="randomSecret">The secret to sign with while none is set: one for the life of the process.</param>
/// <param name="time">Tells which keys have ended.</param>
internal sealed class SettingsSource(CommandWords words, string randomSecret, TimeProvider time)
{
    /// <summary>The raw values, strongest first; secrets that stand in files of their own are not read yet.</summary>
    public static Validation<SettingProblem, Seq<Seq<RawSetting>>> Layers(CommandWords words)
    {
        var file = words.ConfigFile.Match(Some: TomlFile.Read, None: () => Success<SettingProblem, Seq<RawSetting>>(Empty));
        var environment = SettingKey.All.Bind(key =>
            Environment.GetEnvironmentVariable(key.Variable) is { Length: > 0 } value
                ? Seq1(new RawSetting(key.Name, value, $"environment {key.Variable}"))
                : Empty).Strict();
        return file.Map(fromFile => Seq(fromFile.Strict(), words.Settings, environment));
    }

    /// <summary>The raw values with what files of secrets hold in the place of their names.</summary>
    public static Validation<SettingProblem, Seq<Seq<RawSetting>>> WithSecrets(CommandWords words) =>
        Layers(words).Bind(raw =>
        {
            var (layers, problems) = SecretFiles.Read(raw);
            return Success<SettingProblem, Seq<Seq<RawSetting>>>(layers).With(problems);
        });

    /// <summary>Looks at all that a server is going to open, so that one start tells all that is wrong.</summary>
    public static readonly SettingProbes Probes = new(DataDirectory.Probe)
    {
        Listen = Listening.Probe,
        Tls = PemPair.Probe,
        AuditLog = AuditLog.Probe,
    };

    /// <summary>Reads all of it as it stands now.</summary>
    /// <param name="probes">Tell what is wrong with what the values name.</param>
    public Validation<SettingProblem, ReadSettings> Read(SettingProbes probes) =>
        Layers(words).Bind(raw =>
        {
            var (layers, problems) = SecretFiles.Read(raw);
            return SettingsReader.Read(layers, new UnixSeconds(time.GetUtcNow().ToUnixTimeSeconds()), randomSecret, probes)
                .Map(settings => new ReadSettings(settings, layers))
                .With(problems);
        });
}
