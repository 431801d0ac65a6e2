using System.Reflection;

namespace Borderless.Web.Start;

/// <summary>What the command line asks for.</summary>
internal abstract partial record CommandLine
{
    private const string Program = "borderless-web";

    private static readonly CommandShape ServerShape = new("", Seq1("--version"), Empty, SettingKey.All)
    {
        Commands = Seq("import", "backup", "fsck", "explain", "health"),
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

    public static CommandLine Parse(Seq<string> args) => args.HeadOrNone().Case switch
    {
        "import" => Command(ImportShape, args.Tail, ImportHelp, ReadImport),
        "backup" => Command(BackupShape, args.Tail, BackupHelp, ReadBackup),
        "fsck" => Command(FsckShape, args.Tail, FsckHelp, ReadFsck, Core.Fsck.BadUsage),
        "explain" => Command(ExplainShape, args.Tail, ExplainHelp, ReadExplain),
        "health" => Command(HealthShape, args.Tail, HealthHelp, ReadHealth),
        _ => Command(ServerShape, args, Help, words => words.Has("--version") ? new Print($"{Program} {Version}") : new Serve(words)),
    };

    /// <summary>A command whose words make sense, its help, or what makes no sense.</summary>
    private static CommandLine Command(
        CommandShape shape, Seq<string> args, Func<string> help, Func<CommandWords, Either<string, CommandLine>> make, int badUsage = 2) =>
        shape.Read(args)
            .Bind(words => words.Has("--help") ? new Print(help()) : make(words))
            .IfLeft(problem => new Usage(problem, $"{(shape.Name.Length == 0 ? Program : $"{Program} {shape.Name}")} --help", badUsage));

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
}
