using static Borderless.Core.SettingProbes;
using static Borderless.Core.SettingTexts;

namespace Borderless.Core;

/// <summary>Makes <see cref="Settings"/> of raw values. Every problem is found, not only the first.</summary>
public static class SettingsReader
{
    private const string ListenRule =
        "must be address:port, [v6]:port, localhost:port or unix: and an absolute path of at most 107 bytes, such as 127.0.0.1:3000";

    internal const long Forever = 10L * 365 * 24 * 3600;

    /// <summary>Checks the values of all layers.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <param name="now">The current time, by which keys have ended.</param>
    /// <param name="randomSecret">A secret to sign with when none is set.</param>
    /// <param name="probes">Tell what is wrong with what the values name.</param>
    /// <returns>The settings, or every problem, unknown keys and what the probes tell among them.</returns>
    public static Validation<SettingProblem, Settings> Read(
        Seq<Seq<RawSetting>> layers, UnixSeconds now, string randomSecret, SettingProbes probes)
    {
        var raw = new Layers(layers.Flatten());
        return (
                Unknown(layers.Flatten()),
                Server(raw, probes),
                AccessReader.Read(raw, now, randomSecret),
                Limits(raw),
                Storage(raw, probes.DataDir),
                JanitorOf(raw),
                Log(raw, probes.AuditLog))
            .Apply((_, server, access, limits, storage, janitor, log) =>
                new Settings(server, access, limits, storage, janitor, log, Warnings(raw, now, server, access)));
    }

    /// <summary>Checks what a command needs that works on the store without serving it; the values of other known keys do not count.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <param name="probeDataDir">Tells what is wrong with a data directory, or None.</param>
    /// <returns>How bytes are kept and what is logged, or every problem, unknown keys among them.</returns>
    public static Validation<SettingProblem, (StorageSettings Storage, LogSettings Log)> ReadStorage(
        Seq<Seq<RawSetting>> layers, Func<string, Option<string>> probeDataDir)
    {
        var raw = new Layers(layers.Flatten());
        return (Unknown(layers.Flatten()), Storage(raw, probeDataDir), Log(raw, SettingProbes.Nothing.AuditLog)).Apply((_, storage, log) => (storage, log));
    }

    /// <summary>Checks what a command needs that verifies URLs without serving; the values of other known keys do not count.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <param name="now">The current time, by which keys have ended.</param>
    /// <returns>The signing keys, or every problem, unknown keys among them, and that there is no key at all.</returns>
    public static Validation<SettingProblem, KeyRing> ReadSigningKeys(Seq<Seq<RawSetting>> layers, UnixSeconds now)
    {
        var raw = new Layers(layers.Flatten());
        return (Unknown(layers.Flatten()), AccessReader.SetSigningKeys(raw, now)).Apply((_, keys) => keys);
    }

    /// <summary>Checks what a command needs that asks a running server; the values of other known keys do not count.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <returns>Where the server listens and whether it serves TLS there, or every problem, unknown keys among them.</returns>
    public static Validation<SettingProblem, (ListenAddress Listen, bool Tls)> ReadListen(Seq<Seq<RawSetting>> layers)
    {
        var raw = new Layers(layers.Flatten());
        return (Unknown(layers.Flatten()), raw.Required("ip_addr", ListenAddressOf, ListenRule), FileName(raw, "tls_cert"))
            .Apply((_, listen, certificate) => (listen, certificate.IsSome));
    }

    /// <summary>The keys whose values differ between two readings, but for those of who may do what.</summary>
    /// <param name="before">The sources of one reading, strongest first.</param>
    /// <param name="after">The sources of the other.</param>
    /// <returns>Their names, in the order of the documentation.</returns>
    public static Seq<string> Differing(Seq<Seq<RawSetting>> before, Seq<Seq<RawSetting>> after)
    {
        var (old, fresh) = (new Layers(before.Flatten()), new Layers(after.Flatten()));
        return SettingKey.All.Map(key => key.Name).Filter(key => !SettingKey.Secrets.Contains(key) && old.TextOf(key) != fresh.TextOf(key));
    }

    private static Validation<SettingProblem, Unit> Unknown(Seq<RawSetting> values)
    {
        var names = SettingKey.All.Map(key => key.Name);
        return values
            .Filter(value => !names.Contains(value.Key))
            .Map(value => new SettingProblem(value.Key, value.Source, "is not a known key; "
                + Nearest.To(value.Key, names).Match(Some: nearest => $"did you mean {nearest}?", None: () => "--help lists them")))
            .ToArray() is { Length: > 0 } problems
                ? Fail<SettingProblem, Unit>(toSeq(problems))
                : unit;
    }

    private static Validation<SettingProblem, ServerSettings> Server(Layers raw, SettingProbes probes) =>
        (
            raw.Required("ip_addr", ListenAddressOf, ListenRule).Bind(at => Probed(raw, "ip_addr", at, probes.Listen)),
            Tls(raw, probes.Tls),
            raw.Find("trusted_proxies").Match(
                Some: value => ProxiesOf(value.Text).MapFail(problem => raw.Problem("trusted_proxies", problem)),
                None: () => Success<SettingProblem, TrustedProxies>(TrustedProxies.Nobody)),
            raw.Value("metrics_addr", Option<ListenAddress>.None, text => ListenAddressOf(text).Map(Some), ListenRule)
                .Bind(at => at.Case is ListenAddress own ? Probed(raw, "metrics_addr", own, probes.Listen).Map(Some) : at),
            raw.Value("console", true, BooleanOf, "must be true or false"),
            Clients(raw))
        .Apply((listen, tls, proxies, metrics, console, clients) =>
            new ServerSettings(listen, tls, proxies, metrics, console, clients.Domain, clients.Cors, clients.Grace))
        .Bind(server => server.Metrics.Exists(metrics => $"{metrics}" == $"{server.Listen}" && metrics is not ListenAddress.Tcp { Port: 0 })
            ? Fail<SettingProblem, ServerSettings>(raw.Problem("metrics_addr", "is the same as ip_addr; set another, or leave it out, for /metrics is served there too, behind the API key"))
            : Success<SettingProblem, ServerSettings>(server));

    private static Validation<SettingProblem, (Origin Domain, CorsOrigins Cors, int Grace)> Clients(Layers raw) =>
        (
            raw.Required("domain", Origin.Parse, "must be an http or https origin without a path, such as https://blobs.example.com"),
            raw.Value("cors_origins", new CorsOrigins(None), CorsOf, "must be origins separated by commas, such as https://app.example.com, or *"),
            raw.Integer("shutdown_grace_secs", 30, 0, 86_400))
        .Apply((domain, cors, grace) => (domain, cors, (int)grace));

    private static Validation<SettingProblem, Option<TlsFiles>> Tls(Layers raw, Func<TlsFiles, Seq<(string Key, string Problem)>> probe) =>
        (FileName(raw, "tls_cert"), FileName(raw, "tls_key"))
        .Apply((certificate, key) => (certificate, key))
        .Bind(files => (files.certificate.Case, files.key.Case) switch
        {
            (string certificate, string key) => Probed(raw, new TlsFiles(certificate, key), probe).Map(Some),
            (string, _) => Fail<SettingProblem, Option<TlsFiles>>(raw.Problem("tls_key", "is required where tls_cert is set")),
            (_, string) => Fail<SettingProblem, Option<TlsFiles>>(raw.Problem("tls_cert", "is required where tls_key is set")),
            _ => Success<SettingProblem, Option<TlsFiles>>(None),
        });

    /// <summary>A file of TLS. The text of a key that stands in its name's place must not pass for one.</summary>
    private static Validation<SettingProblem, Option<string>> FileName(Layers raw, string key) =>
        raw.Value(key, Option<string>.None, text => FileNameOf(text).Map(Some), "must be the name of a PEM file, and not what the file holds");

    private static Validation<SettingProblem, LimitSettings> Limits(Layers raw) =>
        (
            raw.Integer("max_data_rq_size", 4L << 30, 1, long.MaxValue),
            raw.Integer("max_presign_rq_size", 102_400, 1, 16 << 20),
            raw.Integer("rq_timeout_secs", 30, 1, 86_400))
        .Apply((data, presign, timeout) => new LimitSettings(data, (int)presign, (int)timeout));

    private static Validation<SettingProblem, StorageSettings> Storage(Layers raw, Func<string, Option<string>> probeDataDir) =>
        (
            raw.Required("data_dir", NonEmpty, "must not be empty").Bind(dir => Probed(raw, "data_dir", dir, probeDataDir)),
            raw.Value("metadata_db_path", Option<string>.None, text => NonEmpty(text).Map(Some), "must not be empty"),
            raw.Value("durability", Durability.Strict, DurabilityOf, "must be strict or relaxed"),
            raw.Integer("inline_max_bytes", 16_384, 0, 65_536),
            raw.Value("create_bucket_symlinks", false, BooleanOf, "must be true or false"),
            raw.OptionalInteger("min_free_bytes", 0, long.MaxValue),
            raw.Integer("scrub_bytes_per_sec", 8 << 20, 0, long.MaxValue))
        .Apply((dir, index, durability, inline, links, minFree, scrub) =>
            new StorageSettings(dir, index, durability, (int)inline, links, minFree, scrub));

    private static Validation<SettingProblem, JanitorSettings> JanitorOf(Layers raw) =>
        (
            raw.Integer("ttl_orphan_secs", 43_200, 1, Forever),
            raw.Integer("janitor_interval_secs", 0, 1, 30L * 24 * 3600))
        .Apply((ttl, interval) => new JanitorSettings(ttl, interval == 0 ? Math.Clamp(ttl / 2, 1, 3600) : interval));

    private static Validation<SettingProblem, LogSettings> Log(Layers raw, Func<string, Option<string>> probeAudit) =>
        (
            raw.Value("log_format", LogFormat.Text, LogFormatOf, "must be text or json"),
            raw.Value("verbose", false, BooleanOf, "must be true or false"),
            raw.Value("audit_log", Option<string>.None, text => FileNameOf(text).Map(Some), "must be the name of a file, without control characters")
                .Bind(file => file.Case is string name ? Probed(raw, "audit_log", name, probeAudit).Map(Some) : file))
        .Apply((format, verbose, audit) => new LogSettings(format, verbose, audit));

    private static Seq<string> Warnings(Layers raw, UnixSeconds now, ServerSettings server, AccessSettings access) =>
        AccessReader.Warnings(raw, now, access.SigningKeys)
        + (server.Tls.IsSome && server.Domain.Value.StartsWith("http:", StringComparison.OrdinalIgnoreCase)
            ? Seq1("domain is an http origin while tls_cert is set: minted URLs do not speak TLS; begin it with https://") : Empty)
        + (server.Listen is ListenAddress.UnixSocket && !server.Proxies.OnUnixSocket
            ? Seq1("ip_addr is a Unix socket and trusted_proxies does not hold unix: : no client has an address, and the rule client_ip refuses all") : Empty)
        + (raw.Has("cors_origins") ? Empty : Seq1("cors_origins is not set: browsers may call from every origin"));
}
