using System.Reflection;

namespace Borderless.Web.Start;

/// <summary>What the command line asks for.</summary>
internal abstract partial record CommandLine
{
    private const string Program = "borderless-web";

    /// <summary>The flags that stand alone.</summary>
    private static readonly Seq<string> Switches = Seq("--help", "--version", "--verbose");

    private CommandLine()
    {
    }

    /// <summary>Run the server.</summary>
    /// <param name="ConfigFile">The TOML file to read, if any.</param>
    /// <param name="Flags">The settings that stand on the command line.</param>
    public sealed record Serve(Option<string> ConfigFile, Seq<RawSetting> Flags) : CommandLine;

    /// <summary>Print a text and end.</summary>
    public sealed record Print(string Text) : CommandLine;

    /// <summary>The command line makes no sense: say so and end with 2.</summary>
    public sealed record Usage(string Problem) : CommandLine;

    public static string Version =>
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static CommandLine Parse(Seq<string> args) =>
        args.HeadOrNone() == "import" ? ParseImport(args.Tail, new Import("", false, [], None, Empty)) : Parse(args, new Serve(None, Empty));

    private static CommandLine Parse(Seq<string> args, Serve read) => args.HeadOrNone().Case switch
    {
        null => read,
        "--help" or "-h" => new Print(Help()),
        "--version" => new Print($"{Program} {Version}"),
        "--verbose" => Parse(args.Tail, read with { Flags = read.Flags.Add(new RawSetting("verbose", "true", "flag --verbose")) }),
        string flag when Switches.Find(name => flag.StartsWith(name + "=", StringComparison.Ordinal)).Case is string name =>
            new Usage($"the flag {name} takes no value"),
        string flag when flag.StartsWith("--", StringComparison.Ordinal) && flag.Contains('=', StringComparison.Ordinal) =>
            Parse(Seq(flag.Split('=', 2)[0], flag.Split('=', 2)[1]) + args.Tail, read),
        string flag when flag == "--config" || SettingKey.All.Exists(key => key.Flag == flag) =>
            args.Tail.HeadOrNone().Match(
                Some: value => Parse(args.Tail.Tail, With(read, flag, value)),
                None: () => new Usage($"the flag {flag} needs a value")),
        string flag => new Usage(
            $"{Shown(flag)} is not known; did you mean {Nearest.To(flag, SettingKey.All.Map(key => key.Flag) + Seq("--config", "--help", "--version"))}?"),
        _ => read,
    };

    /// <summary>A mistyped flag is shown without what may be a secret behind it, such as in <c>--presign-api-key:secret</c>.</summary>
    private static string Shown(string flag) =>
        flag.StartsWith("--", StringComparison.Ordinal)
            ? $"the flag {string.Concat(flag.TakeWhile(c => char.IsAsciiLetter(c) || c is '-' or '_'))}"
            : "an argument that does not begin with --";

    private static Serve With(Serve read, string flag, string value) =>
        flag == "--config"
            ? read with { ConfigFile = value }
            : read with { Flags = read.Flags.Add(new RawSetting(SettingKey.All.First(key => key.Flag == flag).Name, value, $"flag {flag}")) };

    private static string Help() =>
        $"""
        {Program} {Version}: a small object store behind pre-signed URLs.

        usage: {Program} [--config <file.toml>] [flags]
               {Program} import --from <old data_dir> [flags]    moves in from the Rust original; import --help explains it

        Of each setting the first source that has it wins: the file, the flag, the environment variable, the default.

          {"--config <file.toml>",-33} settings in TOML
        {string.Join('\n', SettingKey.All.Map(Line))}
          {"--help",-33} this text
          {"--version",-33} the version
        """;

    private static string Line(SettingKey key) =>
        $"  {(Switches.Contains(key.Flag) ? key.Flag : key.Flag + " <value>"),-33} {key.Help} ({key.Variable}; default: {key.Default})";
}
