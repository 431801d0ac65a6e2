namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>fsck</c>.</summary>
internal abstract partial record CommandLine
{
    private static readonly CommandShape FsckShape = new(
        "fsck", Seq("--repair", "--deep", "--json"), Empty, Keys("data_dir", "metadata_db_path", "log_format", "verbose"));

    /// <summary>Check a store, and repair it if asked to.</summary>
    /// <param name="Repair">Whether what is found is repaired.</param>
    /// <param name="Deep">Whether every byte is read.</param>
    /// <param name="Json">Whether the report is JSON.</param>
    /// <param name="Words">Where the settings stand.</param>
    public sealed record Fsck(bool Repair, bool Deep, bool Json, CommandWords Words) : CommandLine;

    private static Either<string, CommandLine> ReadFsck(CommandWords words) =>
        new Fsck(words.Has("--repair"), words.Has("--deep"), words.Has("--json"), words);

    private static string FsckHelp() =>
        $"""
        {Program} fsck: checks the store in data_dir, index against files and counts against sums. Stop the server
        first, and run it as the server's user.

        usage: {Program} fsck [--repair] [--deep] [--json] [--config <file.toml>] [flags]

        Without --repair nothing but the file lock is written. No byte is ever deleted.

          {"--repair",-34} repairs: bytes that are none of their part's are moved to quarantine/, and the part is marked
          {"",-34} damaged, so that the same bytes, uploaded again, heal it; rows and counts are made to agree
          {"--deep",-34} reads every byte and holds it against its digest, and checks the index's own pages,
          {"",-34} which --repair does too
          {"--json",-34} the report as one JSON object
          {"--config <file.toml>",-34} settings in TOML; what only the server needs is not asked for
        {FsckShape.HelpOnKeys()}
          {"--help",-34} this text

        Progress goes to standard error, the report to standard output. Ends with

          {Core.Fsck.Clean,-4} nothing was found; notes, such as files that the janitor will remove, are nothing
          {Core.Fsck.Repaired,-4} all that was found was repaired
          {Core.Fsck.DamageLeft,-4} damage is left, also when there was no --repair; each line says what helps
          {Core.Fsck.CouldNotRun,-4} the check did not come to its end: another process has the store, there is none, a signal, the disk
          {Core.Fsck.BadUsage,-4} the command line makes no sense
        """;
}
