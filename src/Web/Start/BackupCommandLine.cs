using Borderless.Web.Backup;

namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>backup</c>.</summary>
internal abstract partial record CommandLine
{
    private static readonly CommandShape BackupShape = new(
        "backup", Seq("--copy", "--verify"), Seq1("--to"), Keys("data_dir", "metadata_db_path"));

    /// <summary>Make a backup of the store.</summary>
    /// <param name="To">The directory of the backup.</param>
    /// <param name="Options">How it is made.</param>
    /// <param name="Words">Where the settings stand.</param>
    public sealed record MakeBackup(string To, BackupOptions Options, CommandWords Words) : CommandLine;

    private static Either<string, CommandLine> ReadBackup(CommandWords words) =>
        words.Value("--to").Filter(dir => dir.Length > 0).ToEither("backup needs --to <directory>")
            .Map<CommandLine>(to => new MakeBackup(to, new BackupOptions(words.Has("--copy"), words.Has("--verify")), words));

    private static string BackupHelp() =>
        $"""
        {Program} backup: makes a copy of the store as it is at one moment.

        usage: {Program} backup --to <directory> [--config <file.toml>] [flags]

        The server may run or not; while a backup runs, nothing that is deleted gives its room back. The directory must be empty,
        or hold an earlier backup of this store, which then becomes the new one; only what is new is brought in. To restore, copy
        the directory and start the server with the copy as data_dir, without metadata_db_path.

          {"--to <directory>",-34} the backup; it and data_dir must not contain one another
          {"--copy",-34} copies bytes also where hard links would do. Links share the disk's blocks with the store, and
          {"",-34} are no help against a bad disk; on another file system bytes are always copied
          {"--verify",-34} reads again also what earlier backups brought, and brings anew what is rotten
          {"--config <file.toml>",-34} settings in TOML; what only the server needs is not asked for
        {BackupShape.HelpOnKeys()}
          {"--help",-34} this text

        Progress goes to standard error, the report to standard output. Ends with 0 when the backup is complete, with 3 when it is
        but for parts that are damaged in the store (each is reported), with 1 when a problem or a signal stopped it, and with 2
        when the command line makes no sense. The same command goes on where it was stopped.
        """;
}
