using System.Globalization;

namespace Borderless.Web.Storage;

/// <summary>The names of everything in the data directory, in one place.</summary>
internal sealed record DataLayout(string Root, string IndexPath)
{
    public const string TemporarySuffix = ".tmp";

    private const string IndexName = "metadata.db";

    public string Identity => Path.Combine(Root, "store.json");

    public string Lock => Path.Combine(Root, "lock");

    public string RemovalLock => Path.Combine(Root, "gc.lock");

    /// <summary>Says that the directory is a backup: without <see cref="Identity"/> one that did not end.</summary>
    public string BackupMark => Path.Combine(Root, "backup.json");

    /// <summary>The index while it is made, until it is whole.</summary>
    public string NewIndex => IndexPath + ".new";

    public string Temporary => Path.Combine(Root, "tmp");

    public string Parts => Path.Combine(Root, "parts");

    /// <summary>Where fsck puts bytes that are none of their part's.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Where the scrub was.</summary>
    public string ScrubPlace => Path.Combine(Root, "scrub.json");

    public string View => Path.Combine(Root, ReadingView.Directory);

    /// <summary>Where the index is, for the index's log is what needs its room.</summary>
    public string Ballast => IndexPath == Path.Combine(Root, IndexName) ? Path.Combine(Root, "ballast") : IndexPath + "-ballast";

    public string PartsIdentity => Path.Combine(Parts, ".store");

    /// <summary>An index that is a link is named by where it leads, for there SQLite keeps its log.</summary>
    public static DataLayout Of(StorageSettings settings)
    {
        var index = settings.IndexPath.IfNone(Path.Combine(settings.DataDir, IndexName));
        return new(settings.DataDir, new FileInfo(index).LinkTarget is null ? index : Posix.RealPath(index).IfNone(index));
    }

    public string TemporaryFile(string nonce) => Path.Combine(Temporary, nonce + TemporarySuffix);

    public string PartDirectory(int number) => Path.Combine(Parts, number.ToString("D4", CultureInfo.InvariantCulture));

    public string PartFile(Digest digest, PartPlace.File file) => Path.Combine(PartDirectory(file.Directory), $"{digest}-{file.Nonce}");

    /// <summary>The digest and nonce that a file in a part directory is named by.</summary>
    public static Option<(Digest Sha256, string Nonce)> ParsePartName(string name) =>
        name.Length > 65 && name[64] == '-' && name.Take(64).All(char.IsAsciiHexDigitLower)
            ? (Digest.From(Convert.FromHexString(name.AsSpan(0, 64))), name[65..])
            : None;

    public static Option<int> ParsePartDirectory(string name) =>
        name.Length >= 4 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : None;
}
