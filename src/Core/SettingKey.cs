namespace Borderless.Core;

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

    /// <summary>What is behind the name of a secret's key where another key names the file that holds it.</summary>
    public const string FileSuffix = "_file";

    /// <summary>The keys whose values are secrets. Each has a twin with <see cref="FileSuffix"/>.</summary>
    public static readonly Seq<string> Secrets = Seq("presign_api_key", "presign_hmac_secret", "signing_keys", "api_keys", "receipt_key");

    /// <summary>All keys, in the order of the documentation.</summary>
    public static readonly Seq<SettingKey> All = Seq<SettingKey>(
        new("ip_addr", "required", "where to listen: address:port, [v6]:port, localhost:port or unix:/path"),
        new("data_dir", "required", "directory of the stored bytes; must exist and be writable"),
        new("domain", "required", "origin of minted URLs, such as https://blobs.example.com"),
        new("presign_api_key", "required", "key that back ends mint URLs with; api_keys may take its place"),
        new("presign_api_key_file", "none", "file that holds presign_api_key"),
        new("presign_hmac_secret", "random", "secret that URLs are signed with; behind signing_keys none is needed"),
        new("presign_hmac_secret_file", "none", "file that holds presign_hmac_secret"),
        new("signing_keys", "none", "kid:secret[:last-day],... that URLs are signed with; the first signs"),
        new("signing_keys_file", "none", "file that holds signing_keys"),
        new("api_keys", "none", "name:key:scope[+scope],... of back ends; scopes: presign, admin, bucket=<name>"),
        new("api_keys_file", "none", "file that holds api_keys"),
        new("receipt_key", "none", "PEM of a P-256 private key that receipts are signed with (ES256), instead of the secret"),
        new("receipt_key_file", "none", "file that holds receipt_key"),
        new("tls_cert", "none", "PEM file of the certificate and its chain: serves TLS; read anew when it changes"),
        new("tls_key", "none", "PEM file of the certificate's private key"),
        new("trusted_proxies", "none", "addresses, CIDR blocks and unix: whose x-forwarded-for and -proto count, comma separated"),
        new("console", "true", "serve the page at /console"),
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
        new("metrics_addr", "none", "where /metrics is served without a key, as ip_addr; behind the API key it always is"),
        new("audit_log", "none", "file to which a JSON line is added for each mint, store, delete, revocation and refusal"),
        new("log_format", "text", "text or json"),
        new("verbose", "false", "log debug lines"));
}
