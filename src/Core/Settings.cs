using System.Net;

namespace Borderless.Core;

/// <summary>Whether an acknowledged write has reached the disk.</summary>
public enum Durability
{
    /// <summary>It has: it survives loss of power.</summary>
    Strict,

    /// <summary>The kernel flushes when it likes: it survives a crash of the process only.</summary>
    Relaxed,
}

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One compact JSON object a line.</summary>
    Json,
}

/// <summary>Where to listen.</summary>
/// <param name="Host">An address; None means <c>localhost</c>, both 127.0.0.1 and [::1].</param>
/// <param name="Port">0 to 65535; 0 means any free one, but not for localhost, which is two addresses.</param>
public sealed record ListenAddress(Option<IPAddress> Host, int Port)
{
    /// <summary>As it is written in the settings.</summary>
    public override string ToString() => Host.Match(
        Some: address => new IPEndPoint(address, Port).ToString(),
        None: () => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"localhost:{Port}"));
}

/// <summary>Origins that browsers may call from.</summary>
/// <param name="Origins">The permitted ones; None means all.</param>
public sealed record CorsOrigins(Option<Seq<string>> Origins);

/// <summary>How the server meets the network.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Domain">The origin of minted URLs.</param>
/// <param name="Cors">Which origins browsers may call from.</param>
/// <param name="ShutdownGrace">How long requests in flight may go on after a signal to stop, in seconds.</param>
public sealed record ServerSettings(ListenAddress Listen, Origin Domain, CorsOrigins Cors, int ShutdownGrace);

/// <summary>Who may do what.</summary>
/// <param name="ApiKey">The key that mints URLs.</param>
/// <param name="SigningKeys">The keys that sign them.</param>
/// <param name="MaxExpiry">The longest validity that is minted, in seconds.</param>
public sealed record AccessSettings(ApiKey ApiKey, KeyRing SigningKeys, long MaxExpiry);

/// <summary>How much is taken from one request.</summary>
/// <param name="MaxDataBytes">The longest body of an upload, in bytes.</param>
/// <param name="MaxPresignBytes">The longest body of a presign or admin request, in bytes.</param>
/// <param name="TimeoutSeconds">Presign: the whole request; data: the longest time in which nothing moves.</param>
public sealed record LimitSettings(long MaxDataBytes, int MaxPresignBytes, int TimeoutSeconds);

/// <summary>How bytes are kept.</summary>
/// <param name="DataDir">The directory of parts and temporary files.</param>
/// <param name="IndexPath">The file of the index; None means <c>metadata.db</c> in the data directory.</param>
/// <param name="Durability">What an acknowledgement means.</param>
/// <param name="InlineMaxBytes">Up to this length, in bytes, a part lives in the index.</param>
/// <param name="CreateBucketSymlinks">Whether blobs are shown as links under <c>buckets/</c>.</param>
/// <param name="MinFreeBytes">How much of the disk is kept free of uploads, in bytes; None means the default of <see cref="KeptFree"/>.</param>
/// <param name="ScrubBytesPerSecond">How fast stored bytes are checked in the background; 0 means not at all.</param>
public sealed record StorageSettings(
    string DataDir, Option<string> IndexPath, Durability Durability, int InlineMaxBytes, bool CreateBucketSymlinks,
    Option<long> MinFreeBytes, long ScrubBytesPerSecond)
{
    /// <summary>Up to this length, in bytes, a new part lives in the index: none does while there are links, which need a file.</summary>
    public int InlineLimit => CreateBucketSymlinks ? 0 : InlineMaxBytes;

    /// <summary>How many bytes of a file system uploads must leave free.</summary>
    /// <param name="fileSystemBytes">The file system's size in bytes.</param>
    /// <returns>What was set, or by default the smaller of 256 MiB and 5 %.</returns>
    public long KeptFree(long fileSystemBytes) => MinFreeBytes.IfNone(Math.Min(256L << 20, fileSystemBytes / 20));
}

/// <summary>How leftovers are found.</summary>
/// <param name="Ttl">The age at which they are orphans, in seconds.</param>
/// <param name="Interval">The time between two runs, in seconds.</param>
public sealed record JanitorSettings(long Ttl, long Interval);

/// <summary>What is logged, and how.</summary>
/// <param name="Format">How lines look.</param>
/// <param name="Verbose">Whether debug lines are written.</param>
public sealed record LogSettings(LogFormat Format, bool Verbose);

/// <summary>Everything that can be set, checked. Only <see cref="SettingsReader.Read"/> makes one from raw text.</summary>
/// <param name="Server">How the server meets the network.</param>
/// <param name="Access">Who may do what.</param>
/// <param name="Limits">How much is taken from one request.</param>
/// <param name="Storage">How bytes are kept.</param>
/// <param name="Janitor">How leftovers are found.</param>
/// <param name="Log">What is logged.</param>
/// <param name="Warnings">What is permitted but not advised, for the log.</param>
public sealed record Settings(
    ServerSettings Server,
    AccessSettings Access,
    LimitSettings Limits,
    StorageSettings Storage,
    JanitorSettings Janitor,
    LogSettings Log,
    Seq<string> Warnings);

/// <summary>A value as it was given, not yet checked.</summary>
/// <param name="Key">The key as it is written in a file, such as <c>data_dir</c>.</param>
/// <param name="Text">The value.</param>
/// <param name="Source">Where it stands, for people: <c>flag --data-dir</c>, <c>environment DATA_DIR</c>, <c>config.toml</c>.</param>
public sealed record RawSetting(string Key, string Text, string Source)
{
    /// <summary>Never the value, which may be a secret.</summary>
    public override string ToString() => $"{Key} ({Source})";
}

/// <summary>One thing that is wrong with the settings.</summary>
/// <param name="Key">Which key.</param>
/// <param name="Source">Where it was set.</param>
/// <param name="Problem">What is wrong and what to do. Never holds a secret.</param>
public sealed record SettingProblem(string Key, string Source, string Problem)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"{Key} ({Source}): {Problem}";
}

/// <summary>A key that can be set.</summary>
/// <param name="Name">Its name in a file; the environment variable is the same in upper case, the flag in kebab case.</param>
/// <param name="Default">What holds when nobody sets it, for people.</param>
/// <param name="Help">What it is.</param>
public sealed record SettingKey(string Name, string Default, string Help)
{
    /// <summary>The environment variable, such as <c>DATA_DIR</c>.</summary>
    public string Variable => Name.ToUpperInvariant();

    /// <summary>The command-line flag, such as <c>--data-dir</c>.</summary>
    public string Flag => $"--{Name.Replace('_', '-')}";

    /// <summary>All keys, in the order of the documentation.</summary>
    public static readonly Seq<SettingKey> All = Seq<SettingKey>(
        new("ip_addr", "required", "where to listen: address:port, [v6]:port or localhost:port"),
        new("data_dir", "required", "directory of the stored bytes; must exist and be writable"),
        new("domain", "required", "origin of minted URLs, such as https://blobs.example.com"),
        new("presign_api_key", "required", "key that back ends mint URLs with"),
        new("presign_hmac_secret", "random", "secret that URLs are signed with"),
        new("cors_origins", "all", "origins that browsers may call from, comma separated"),
        new("ttl_orphan_secs", "43200", "age in seconds at which leftovers of failed uploads are removed"),
        new("janitor_interval_secs", "min(ttl/2, 3600)", "seconds between two runs of the janitor"),
        new("max_data_rq_size", "4294967296", "longest body of an upload, in bytes"),
        new("max_presign_rq_size", "102400", "longest body of a presign or admin request, in bytes"),
        new("rq_timeout_secs", "30", "presign: the whole request; data: longest time in which nothing moves"),
        new("max_expiry_secs", "86400", "longest validity of a minted URL, in seconds"),
        new("metadata_db_path", "<data_dir>/metadata.db", "file of the index"),
        new("durability", "strict", "strict: acknowledged means on the disk; relaxed: the kernel flushes when it likes"),
        new("inline_max_bytes", "16384", "up to this length bytes live in the index; 0 turns it off, at most 65536"),
        new("min_free_bytes", "min(256 MiB, 5 %)", "bytes of the file system that uploads leave free; 0 turns it off"),
        new("scrub_bytes_per_sec", "8388608", "how fast stored bytes are checked in the background, bytes a second; 0 turns it off"),
        new("create_bucket_symlinks", "false", "show blobs as links under <data_dir>/buckets; new bytes are files then"),
        new("shutdown_grace_secs", "30", "how long requests in flight may go on after a signal to stop"),
        new("log_format", "text", "text or json"),
        new("verbose", "false", "log debug lines"));
}
