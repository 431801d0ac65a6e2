using System.Reflection;

namespace Borderless.Web.Start;

/// <summary>What the command line asks for.</summary>
internal abstract partial record CommandLine
{
    private const string Program = "borderless-web";

    private static Seq<Subcommand> Subcommands => Seq(
        new Subcommand(ImportShape, ImportHelp, ReadImport),
        new Subcommand(BackupShape, BackupHelp, ReadBackup),
        new Subcommand(FsckShape, FsckHelp, ReadFsck, Core.Fsck.BadUsage),
        new Subcommand(ExplainShape, ExplainHelp, ReadExplain),
        new Subcommand(HealthShape, HealthHelp, ReadHealth));

    private static CommandShape ServerShape => new("", Seq1("--version"), Empty, SettingKey.All)
    {
        Commands = Subcommands.Map(command => command.Shape.Name),
    };

    private CommandLine()
    {
    }

    /// <summary>Run the server.</summary>
    /// <param name="Words">Where its settings stand.</param>
    public sealed record Serve(CommandWords Words) : CommandLine;

    /// <summary>Print a text and end.</summary>
    public sealed record Print(string Text) : CommandLine;

    /// <summary>The command line makes no sense: say so, name the help that explains it, and end with this code.</summary>
    public sealed record Usage(string Problem, string HelpCommand, int Code) : CommandLine;

    public static string Version =>
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static CommandLine Parse(Seq<string> args) =>
        args.HeadOrNone().Bind(word => Subcommands.Find(command => command.Shape.Name == word)).Match(
            Some: command => command.Parse(args.Tail),
            None: () => new Subcommand(
                ServerShape, Help, words => words.Has("--version") ? new Print($"{Program} {Version}") : new Serve(words)).Parse(args));

    /// <summary>The settings of these names.</summary>
    private static Seq<SettingKey> Keys(params string[] names) => SettingKey.All.Filter(key => names.Contains(key.Name));

    private static string Help() =>
        $"""
        {Program} {Version}: a small object store behind pre-signed URLs.

        usage: {Program} [--config <file.toml>] [flags]
               {Program} import --from <old data_dir> [flags]    moves in from the Rust original; import --help explains it
               {Program} backup --to <directory> [flags]         copies the store, also while it serves; backup --help explains it
               {Program} fsck [--repair] [--deep] [flags]        checks a store; fsck --help explains it
               {Program} explain <url> [flags]                   says why a URL is refused; explain --help explains it
               {Program} health [flags]                          asks a running server whether it is ready; health --help explains it

        Of each setting the first source that has it wins: the file, the flag, the environment variable, the default.

          {"--config <file.toml>",-34} settings in TOML
        {ServerShape.HelpOnKeys()}
          {"--help",-34} this text
          {"--version",-34} the version
        """;

    /// <summary>What the program can be asked for by a word, or by none.</summary>
    /// <param name="Shape">What may stand behind the word.</param>
    /// <param name="Help">Its help text.</param>
    /// <param name="Make">What the words ask for, or what makes no sense of them.</param>
    /// <param name="BadUsage">The code with which the process ends then.</param>
    private sealed record Subcommand(CommandShape Shape, Func<string> Help, Func<CommandWords, Either<string, CommandLine>> Make, int BadUsage = 2)
    {
        public CommandLine Parse(Seq<string> args) =>
            Shape.Read(args)
                .Bind(words => words.Has("--help") ? new Print(Help()) : Make(words))
                .IfLeft(problem => new Usage(problem, $"{(Shape.Name.Length == 0 ? Program : $"{Program} {Shape.Name}")} --help", BadUsage));
    }
}
