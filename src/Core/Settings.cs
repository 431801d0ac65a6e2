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

/// <summary>Where to listen. A closed union.</summary>
public abstract record ListenAddress
{
    private ListenAddress()
    {
    }

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLocal => this is not Tcp { Host.Case: IPAddress address } || IPAddress.IsLoopback(address);

    /// <summary>On the network.</summary>
    /// <param name="Host">An address; None means <c>localhost</c>, both 127.0.0.1 and [::1].</param>
    /// <param name="Port">0 to 65535; 0 means any free one, but not for localhost, which is two addresses.</param>
    public sealed record Tcp(Option<IPAddress> Host, int Port) : ListenAddress
    {
        /// <summary>As it is written in the settings.</summary>
        public override string ToString() => Host.Match(
            Some: address => new IPEndPoint(address, Port).ToString(),
            None: () => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"localhost:{Port}"));
    }

    /// <summary>On a Unix domain socket.</summary>
    /// <param name="Path">Its absolute path, of at most <see cref="LongestPath"/> bytes.</param>
    public sealed record UnixSocket(string Path) : ListenAddress
    {
        /// <summary>The longest path in bytes: <c>sun_path</c> holds 108, of which one ends it (unix(7)).</summary>
        public const int LongestPath = 107;

        /// <summary>As it is written in the settings.</summary>
        public override string ToString() => $"unix:{Path}";
    }
}

/// <summary>The PEM files that TLS is served with.</summary>
/// <param name="Certificate">The file of the certificate and, behind it, those that vouch for it.</param>
/// <param name="Key">The file of its private key.</param>
public sealed record TlsFiles(string Certificate, string Key);

/// <summary>Whose word on where a request comes from counts.</summary>
/// <param name="OnUnixSocket">Whether that of who connects to a Unix domain socket does.</param>
/// <param name="Ranges">The addresses whose word does.</param>
public sealed record TrustedProxies(bool OnUnixSocket, Seq<ClientRange> Ranges)
{
    /// <summary>Nobody's.</summary>
    public static readonly TrustedProxies Nobody = new(false, Empty);
}

/// <summary>Origins that browsers may call from.</summary>
/// <param name="Origins">The permitted ones; None means all.</param>
public sealed record CorsOrigins(Option<Seq<string>> Origins);

/// <summary>How the server meets the network.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Tls">The files to serve TLS with; None means plain HTTP.</param>
/// <param name="Proxies">Whose word on where a request comes from counts.</param>
/// <param name="Metrics">Where metrics are shown without a key; None means nowhere.</param>
/// <param name="Console">Whether the page to use the store with is served.</param>
/// <param name="Domain">The origin of minted URLs.</param>
/// <param name="Cors">Which origins browsers may call from.</param>
/// <param name="ShutdownGrace">How long requests in flight may go on after a signal to stop, in seconds.</param>
public sealed record ServerSettings(
    ListenAddress Listen, Option<TlsFiles> Tls, TrustedProxies Proxies, Option<ListenAddress> Metrics, bool Console,
    Origin Domain, CorsOrigins Cors, int ShutdownGrace);

/// <summary>Who may do what.</summary>
/// <param name="ApiKeys">The keys that back ends show.</param>
/// <param name="SigningKeys">The keys that URLs are signed with.</param>
/// <param name="Receipts">The key that receipts are signed with; None means that of the URLs.</param>
/// <param name="PublishedKeys">The public keys that verify receipts; none without such a key.</param>
/// <param name="MaxExpiry">The longest validity that is minted, in seconds.</param>
public sealed record AccessSettings(
    ApiKeys ApiKeys, KeyRing SigningKeys, Option<ReceiptSigner> Receipts, ReceiptKeys PublishedKeys, long MaxExpiry)
{
    /// <summary>Who signs receipts now.</summary>
    /// <returns>The signer, or <see cref="StoreError.NoSigningKey"/> when all keys have ended.</returns>
    public Either<StoreError, ReceiptSigner> ReceiptSigner(UnixSeconds now) =>
        Receipts.Case is ReceiptSigner own ? own : SigningKeys.Signer(now).Map(Core.ReceiptSigner.Of);
}

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
/// <param name="Audit">The file that says who did what; None means none is kept.</param>
public sealed record LogSettings(LogFormat Format, bool Verbose, Option<string> Audit);

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
