using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Borderless.Core;

/// <summary>Makes <see cref="Settings"/> of raw values. Every problem is found, not only the first.</summary>
public static class SettingsReader
{
    private const long Forever = 10L * 365 * 24 * 3600;

    /// <summary>Checks the values of all layers.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <param name="randomSecret">A secret to sign with when none is set.</param>
    /// <param name="probeDataDir">Tells what is wrong with a data directory, or None.</param>
    /// <returns>The settings, or every problem, unknown keys among them.</returns>
    public static Validation<SettingProblem, Settings> Read(
        Seq<Seq<RawSetting>> layers, string randomSecret, Func<string, Option<string>> probeDataDir)
    {
        var raw = new Layers(layers.Flatten());
        return (
                Unknown(layers.Flatten()),
                Server(raw),
                Access(raw, randomSecret),
                Limits(raw),
                Storage(raw, probeDataDir),
                JanitorOf(raw),
                Log(raw))
            .Apply((_, server, access, limits, storage, janitor, log) =>
                new Settings(server, access, limits, storage, janitor, log, Warnings(raw)));
    }

    /// <summary>Checks what a command needs that works on the store without serving it; the values of other known keys do not count.</summary>
    /// <param name="layers">The sources, strongest first; of each key the first layer that has it wins.</param>
    /// <param name="probeDataDir">Tells what is wrong with a data directory, or None.</param>
    /// <returns>How bytes are kept and what is logged, or every problem, unknown keys among them.</returns>
    public static Validation<SettingProblem, (StorageSettings Storage, LogSettings Log)> ReadStorage(
        Seq<Seq<RawSetting>> layers, Func<string, Option<string>> probeDataDir)
    {
        var raw = new Layers(layers.Flatten());
        return (Unknown(layers.Flatten()), Storage(raw, probeDataDir), Log(raw)).Apply((_, storage, log) => (storage, log));
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

    private static Validation<SettingProblem, ServerSettings> Server(Layers raw) =>
        (
            raw.Required("ip_addr", ListenAddressOf, "must be address:port, [v6]:port or localhost:port, such as 127.0.0.1:3000"),
            raw.Required("domain", Origin.Parse, "must be an http or https origin without a path, such as https://blobs.example.com"),
            raw.Value("cors_origins", new CorsOrigins(None), CorsOf, "must be origins separated by commas, such as https://app.example.com, or *"),
            raw.Integer("shutdown_grace_secs", 30, 0, 86_400))
        .Apply((listen, domain, cors, grace) => new ServerSettings(listen, domain, cors, (int)grace));

    private static Validation<SettingProblem, AccessSettings> Access(Layers raw, string randomSecret) =>
        (
            raw.Required("presign_api_key", VisibleText, "must be visible ASCII characters, for it travels in a header").Map(ApiKey.FromText),
            raw.Value("presign_hmac_secret", randomSecret, NonEmpty, "must not be empty").Map(KeyRing.OfSecret),
            raw.Integer("max_expiry_secs", 86_400, 1, Forever))
        .Apply((apiKey, signingKeys, maxExpiry) => new AccessSettings(apiKey, signingKeys, maxExpiry));

    private static Validation<SettingProblem, LimitSettings> Limits(Layers raw) =>
        (
            raw.Integer("max_data_rq_size", 4L << 30, 1, long.MaxValue),
            raw.Integer("max_presign_rq_size", 102_400, 1, 16 << 20),
            raw.Integer("rq_timeout_secs", 30, 1, 86_400))
        .Apply((data, presign, timeout) => new LimitSettings(data, (int)presign, (int)timeout));

    private static Validation<SettingProblem, StorageSettings> Storage(Layers raw, Func<string, Option<string>> probeDataDir) =>
        (
            raw.Required("data_dir", NonEmpty, "must not be empty").Bind(dir => Probed(raw, dir, probeDataDir)),
            raw.Value("metadata_db_path", Option<string>.None, text => NonEmpty(text).Map(Some), "must not be empty"),
            raw.Value("durability", Durability.Strict, DurabilityOf, "must be strict or relaxed"),
            raw.Integer("inline_max_bytes", 16_384, 0, 65_536),
            raw.Value("create_bucket_symlinks", false, BooleanOf, "must be true or false"),
            raw.OptionalInteger("min_free_bytes", 0, long.MaxValue),
            raw.Integer("scrub_bytes_per_sec", 8 << 20, 0, long.MaxValue))
        .Apply((dir, index, durability, inline, links, minFree, scrub) =>
            new StorageSettings(dir, index, durability, (int)inline, links, minFree, scrub));

    private static Validation<SettingProblem, string> Probed(Layers raw, string dir, Func<string, Option<string>> probe) =>
        probe(dir).Match(
            None: () => Success<SettingProblem, string>(dir),
            Some: problem => Fail<SettingProblem, string>(raw.Problem("data_dir", problem)));

    private static Validation<SettingProblem, JanitorSettings> JanitorOf(Layers raw) =>
        (
            raw.Integer("ttl_orphan_secs", 43_200, 1, Forever),
            raw.Integer("janitor_interval_secs", 0, 1, 30L * 24 * 3600))
        .Apply((ttl, interval) => new JanitorSettings(ttl, interval == 0 ? Math.Clamp(ttl / 2, 1, 3600) : interval));

    private static Validation<SettingProblem, LogSettings> Log(Layers raw) =>
        (
            raw.Value("log_format", LogFormat.Text, LogFormatOf, "must be text or json"),
            raw.Value("verbose", false, BooleanOf, "must be true or false"))
        .Apply((format, verbose) => new LogSettings(format, verbose));

    private static Seq<string> Warnings(Layers raw) =>
        Seq(
            ("presign_hmac_secret", "presign_hmac_secret is not set: a random one is used, and URLs end with this process"),
            ("cors_origins", "cors_origins is not set: browsers may call from every origin"))
        .Filter(warning => raw.Find(warning.Item1).IsNone)
        .Map(warning => warning.Item2);

    private static Option<string> NonEmpty(string text) => text.Length == 0 ? None : text;

    private static Option<string> VisibleText(string text) => text.Length > 0 && text.All(c => c is > ' ' and <= '~') ? text : None;

    private static Option<Durability> DurabilityOf(string text) => text switch
    {
        "strict" => Durability.Strict,
        "relaxed" => Durability.Relaxed,
        _ => None,
    };

    private static Option<LogFormat> LogFormatOf(string text) => text switch
    {
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => None,
    };

    private static Option<bool> BooleanOf(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => None,
    };

    private static Option<CorsOrigins> CorsOf(string text) =>
        text.Trim() == "*"
            ? new CorsOrigins(None)
            : toSeq(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Map(Origin.Parse).Sequence()
                .Filter(origins => !origins.IsEmpty)
                .Map(origins => new CorsOrigins(Some(origins.Map(origin => origin.Value))));

    private static Option<ListenAddress> ListenAddressOf(string text) =>
        text.LastIndexOf(':') is var colon and > 0
        && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? HostOf(text[..colon]).Filter(host => host.IsSome || port > 0).Map(host => new ListenAddress(host, port))
            : None;

    private static Option<Option<IPAddress>> HostOf(string host) => host switch
    {
        "localhost" => Some(Option<IPAddress>.None),
        ['[', .. var inner, ']'] when !inner.Contains('[', StringComparison.Ordinal) => AddressOf(inner, AddressFamily.InterNetworkV6),
        _ when host.Split('.') is { Length: 4 } octets && octets.All(IsDecimal) => AddressOf(host, AddressFamily.InterNetwork),
        _ => None,
    };

    /// <summary>Digits without a leading zero, which the framework would read as octal.</summary>
    private static bool IsDecimal(string octet) => octet.All(char.IsAsciiDigit) && (octet.Length == 1 || !octet.StartsWith('0'));

    private static Option<Option<IPAddress>> AddressOf(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? Some(Some(address)) : None;

    /// <summary>The raw values by precedence, and the words to read one.</summary>
    private sealed class Layers(Seq<RawSetting> values)
    {
        public Option<RawSetting> Find(string key) => values.Find(value => value.Key == key);

        public SettingProblem Problem(string key, string problem) =>
            new(key, Find(key).Match(Some: value => value.Source, None: () => "not set"), problem);

        public Validation<SettingProblem, T> Required<T>(string key, Func<string, Option<T>> parse, string rule) =>
            Find(key).Match(
                Some: value => Parsed(key, value, parse, rule),
                None: () => Fail<SettingProblem, T>(Problem(key, $"is required; set {Names(key)}")));

        public Validation<SettingProblem, T> Value<T>(string key, T otherwise, Func<string, Option<T>> parse, string rule) =>
            Find(key).Match(
                Some: value => Parsed(key, value, parse, rule),
                None: () => Success<SettingProblem, T>(otherwise));

        public Validation<SettingProblem, long> Integer(string key, long otherwise, long min, long max) =>
            OptionalInteger(key, min, max).Map(number => number.IfNone(otherwise));

        public Validation<SettingProblem, Option<long>> OptionalInteger(string key, long min, long max) =>
            Value(
                key,
                Option<long>.None,
                text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                    ? Some(Some(number))
                    : None,
                $"must be a whole number from {min} to {max}");

        private Validation<SettingProblem, T> Parsed<T>(string key, RawSetting value, Func<string, Option<T>> parse, string rule) =>
            parse(value.Text).Match(
                Some: Success<SettingProblem, T>,
                None: () => Fail<SettingProblem, T>(Problem(key, rule)));

        private static string Names(string key) =>
            SettingKey.All.Find(known => known.Name == key).Match(
                Some: known => $"{known.Name} in the file, {known.Flag} or {known.Variable}",
                None: () => key);
    }
}
