namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>import</c>.</summary>
internal abstract partial record CommandLine
{
    private static readonly Seq<string> ImportSwitches = Seq("--help", "--link", "--verbose");

    /// <summary>The settings that an import has; the server's others may stand in the same file.</summary>
    private static readonly Seq<SettingKey> ImportKeys =
        SettingKey.All.Filter(key => key.Name is "data_dir" or "metadata_db_path" or "durability" or "inline_max_bytes" or "log_format" or "verbose");

    private static Seq<string> ImportFlags =>
        Seq("--from", "--rename-bucket", "--config") + ImportSwitches + ImportKeys.Map(key => key.Flag);

    /// <summary>Bring the blobs of an old data directory into the store.</summary>
    /// <param name="From">The old data directory.</param>
    /// <param name="Link">Whether bytes are linked instead of copied.</param>
    /// <param name="Renames">What buckets of the source are called here.</param>
    /// <param name="ConfigFile">The TOML file to read, if any.</param>
    /// <param name="Flags">The settings that stand on the command line.</param>
    public sealed record Import(
        string From, bool Link, HashMap<string, BucketName> Renames, Option<string> ConfigFile, Seq<RawSetting> Flags) : CommandLine;

    private static CommandLine ParseImport(Seq<string> args, Import read) => args.HeadOrNone().Case switch
    {
        null => read.From.Length > 0 ? read : new Usage("import needs --from <old data_dir>"),
        "--help" or "-h" => new Print(ImportHelp()),
        "--link" => ParseImport(args.Tail, read with { Link = true }),
        "--verbose" => ParseImport(args.Tail, read with { Flags = read.Flags.Add(new RawSetting("verbose", "true", "flag --verbose")) }),
        string flag when ImportSwitches.Find(name => flag.StartsWith(name + "=", StringComparison.Ordinal)).Case is string name =>
            new Usage($"the flag {name} takes no value"),
        string flag when flag.StartsWith("--", StringComparison.Ordinal) && flag.Contains('=', StringComparison.Ordinal) =>
            ParseImport(Seq(flag.Split('=', 2)[0], flag.Split('=', 2)[1]) + args.Tail, read),
        string flag when ImportFlags.Contains(flag) => args.Tail.HeadOrNone().Match(
            Some: value => With(read, flag, value).Match(
                Right: more => ParseImport(args.Tail.Tail, more),
                Left: problem => new Usage(problem)),
            None: () => new Usage($"the flag {flag} needs a value")),
        string flag => new Usage($"{Shown(flag)} is not known to import; did you mean {Nearest.To(flag, ImportFlags)}?"),
        _ => read,
    };

    private static Either<string, Import> With(Import read, string flag, string value) => flag switch
    {
        "--from" => value.Length == 0 ? "the flag --from needs a value" : read with { From = value },
        "--config" => read with { ConfigFile = value },
        "--rename-bucket" => Renamed(read, value),
        _ => read with { Flags = read.Flags.Add(new RawSetting(ImportKeys.First(key => key.Flag == flag).Name, value, $"flag {flag}")) },
    };

    private static Either<string, Import> Renamed(Import read, string value) =>
        value.Split('=', 2) is [{ Length: > 0 } old, var fresh]
            ? BucketName.Parse(fresh)
                .MapLeft(error => $"--rename-bucket: {error.Message}")
                .Map(name => read with { Renames = read.Renames.AddOrUpdate(old, name) })
            : "--rename-bucket needs <old>=<new>";

    private static string ImportHelp() =>
        $"""
        {Program} import: brings the blobs of the Rust original's data directory into data_dir.

        usage: {Program} import --from <old data_dir> [--config <file.toml>] [flags]

        Both layouts are read: full/<uuid>, and content/<sha256> with buckets/ and metadata.db. Nothing in the old directory is
        changed. Stop both servers first. What is there already is left as it is, so that the same command goes on where it was
        stopped. Every byte is on the disk before it counts, whatever durability says.

          {"--from <old data_dir>",-33} the directory to read; it and data_dir must not contain one another
          {"--rename-bucket <old>=<new>",-33} gives a bucket another name, for names that are reserved here; may be repeated
          {"--link",-33} makes hard links instead of copies: source and store then share bytes, and whoever
          {"",-33} changes a file of the source in place damages the store
          {"--config <file.toml>",-33} settings in TOML; what only the server needs is not asked for
        {string.Join('\n', ImportKeys.Map(Line))}
          {"--help",-33} this text

        Progress goes to standard error, the report to standard output. Ends with 0 when the store has every blob of the source,
        with 3 when some blobs were not imported (each is reported with its reason), with 1 when a problem or a signal stopped
        it, and with 2 when the command line makes no sense.
        """;
}
