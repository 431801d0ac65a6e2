namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>import</c>.</summary>
internal abstract partial record CommandLine
{
    private static readonly CommandShape ImportShape = new(
        "import",
        Seq1("--link"),
        Seq("--from", "--rename-bucket"),
        Keys("data_dir", "metadata_db_path", "inline_max_bytes", "log_format", "verbose"));

    /// <summary>Bring the blobs of an old data directory into the store.</summary>
    /// <param name="From">The old data directory.</param>
    /// <param name="Link">Whether bytes are linked instead of copied.</param>
    /// <param name="Renames">What buckets of the source are called here.</param>
    /// <param name="Words">Where the settings stand.</param>
    public sealed record Import(string From, bool Link, HashMap<string, BucketName> Renames, CommandWords Words) : CommandLine;

    private static Either<string, CommandLine> ReadImport(CommandWords words) =>
        from source in words.Value("--from").Filter(dir => dir.Length > 0).ToEither("import needs --from <old data_dir>")
        from renames in words.Values.Filter(given => given.Flag == "--rename-bucket").Map(given => Renamed(given.Value)).Sequence()
        select (CommandLine)new Import(source, words.Has("--link"), toHashMap(renames), words);

    private static Either<string, (string, BucketName)> Renamed(string value) =>
        value.Split('=', 2) is [{ Length: > 0 } old, var fresh]
            ? BucketName.Parse(fresh).MapLeft(error => $"--rename-bucket: {error.Message}").Map(name => (old, name))
            : "--rename-bucket needs <old>=<new>";

    private static string ImportHelp() =>
        $"""
        {Program} import: brings the blobs of the Rust original's data directory into data_dir.

        usage: {Program} import --from <old data_dir> [--config <file.toml>] [flags]

        Both layouts are read: full/<uuid>, and content/<sha256> with buckets/ and metadata.db. Nothing in the old directory is
        changed. Stop both servers first. What is there already is left as it is, so that the same command goes on where it was
        stopped. Every byte is on the disk before it counts, whatever durability in the file says.

          {"--from <old data_dir>",-34} the directory to read; it and data_dir must not contain one another
          {"--rename-bucket <old>=<new>",-34} gives a bucket another name, for names that are reserved here; may be repeated
          {"--link",-34} makes hard links instead of copies: source and store then share bytes, and whoever
          {"",-34} changes a file of the source in place damages the store
          {"--config <file.toml>",-34} settings in TOML; what only the server needs is not asked for
        {ImportShape.HelpOnKeys()}
          {"--help",-34} this text

        Progress goes to standard error, the report to standard output. Ends with 0 when the store has every blob of the source,
        with 3 when some blobs were not imported (each is reported with its reason), with 1 when a problem or a signal stopped
        it, and with 2 when the command line makes no sense.
        """;
}
