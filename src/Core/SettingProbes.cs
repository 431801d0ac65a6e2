namespace Borderless.Core;

/// <summary>
/// Look at what settings name, and tell what is wrong with it and what to do, or nothing. A file may be made and removed in a directory that
/// is going to be written to, and an address be bound for a moment; nothing else is changed, and nothing held: whoever uses it later may
/// find it changed. What can be read only once, such as a pipe, is left to who reads it then.
/// </summary>
/// <param name="DataDir">Looks at a data directory, by making a file in it and removing that.</param>
public sealed record SettingProbes(Func<string, Option<string>> DataDir)
{
    /// <summary>Finds nothing wrong with anything.</summary>
    public static readonly SettingProbes Nothing = new(_ => None);

    /// <summary>Looks at the address of a key, whether it can be listened on: by binding it for a moment; of a Unix socket by making and removing a file in its directory.</summary>
    public Func<string, ListenAddress, Option<string>> Listen { get; init; } = (_, _) => None;

    /// <summary>Looks at both files of TLS; each problem has the key of the file that it is about.</summary>
    public Func<TlsFiles, Seq<(string Key, string Problem)>> Tls { get; init; } = _ => Empty;

    /// <summary>Looks at the file of the audit log, whether it can be added to; where there is none, whether one can be made and removed in its directory.</summary>
    public Func<string, Option<string>> AuditLog { get; init; } = _ => None;

    internal static Validation<SettingProblem, T> Probed<T>(Layers raw, string key, T value, Func<T, Option<string>> probe) =>
        Probed(raw, value, named => probe(named).Map(problem => (key, problem)).ToSeq());

    internal static Validation<SettingProblem, T> Probed<T>(Layers raw, string key, T value, Func<string, T, Option<string>> probe) =>
        Probed(raw, key, value, named => probe(key, named));

    internal static Validation<SettingProblem, T> Probed<T>(Layers raw, T value, Func<T, Seq<(string Key, string Problem)>> probe) =>
        probe(value).Map(found => raw.Problem(found.Key, found.Problem)).Strict() is { IsEmpty: false } problems
            ? Fail<SettingProblem, T>(problems)
            : Success<SettingProblem, T>(value);
}
