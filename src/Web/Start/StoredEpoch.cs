using Borderless.Web.Storage;
using Microsoft.Data.Sqlite;

namespace Borderless.Web.Start;

/// <summary>The epoch of the bucket that a URL is for, and where it is known from.</summary>
internal sealed record StoredEpoch(long Value, string Source)
{
    /// <summary>The first version of the index that knows epochs.</summary>
    private const int KnownFrom = 2;

    /// <summary>As it was given, else as the store's index has it, which is only looked at, also while a server runs.</summary>
    public static StoredEpoch Of(CommandLine.Explain explain, Seq<Seq<RawSetting>> layers, Option<LinkFacts> link) =>
        explain.Epoch.Case is long given ? new(given, "as given")
        : link.Case is not LinkFacts facts ? new(0, "not looked up")
        : SettingsReader.ReadStorage(layers, DataDirectory.Exists).Match(
            Succ: settings => Read(DataLayout.Of(settings.Storage).IndexPath, facts.Bucket),
            Fail: _ => new(0, "assumed: there is no data_dir to look it up in"));

    private static StoredEpoch Read(string path, BucketName bucket)
    {
        if (!File.Exists(path))
        {
            return new(0, "assumed: the data_dir has no index yet");
        }

        try
        {
            using var connection = StoreIdentity.HasLog(path) ? SqliteSchema.Open(path, SqliteOpenMode.ReadOnly) : StoreIdentity.Immutable(path);
            return SqliteSchema.KnownVersion(connection) < KnownFrom
                ? new(0, "of the index")
                : new(connection.Rows("SELECT coalesce(max(epoch), 0) FROM epochs WHERE bucket = $bucket", ("$bucket", bucket.Value)).Map(row => row.GetInt64(0)).Single(), "of the index");
        }
        catch (Exception error) when (error is IOException or SqliteException or UnauthorizedAccessException)
        {
            return new(0, "assumed: the index cannot be read");
        }
    }
}
