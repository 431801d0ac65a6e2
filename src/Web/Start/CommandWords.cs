namespace Borderless.Web.Start;

/// <summary>What may stand behind the name of the program, or behind a command.</summary>
/// <param name="Name">The command's word; empty for the server itself.</param>
/// <param name="Switches">Flags that stand alone, besides <c>--help</c>.</param>
/// <param name="Values">Flags of the command's own that take a value, besides <c>--config</c>.</param>
/// <param name="Keys">The settings that it takes as flags; others may stand in the same file.</param>
internal sealed record CommandShape(string Name, Seq<string> Switches, Seq<string> Values, Seq<SettingKey> Keys)
{
    /// <summary>What the one word is called that may stand without a flag; None where none may.</summary>
    public Option<string> Argument { get; init; }

    /// <summary>The words of commands, where one may stand in the place of the first argument.</summary>
    public Seq<string> Commands { get; init; } = Empty;

    private const int LongestWord = 15;

    /// <summary>Settings that are on or off, and so are flags without a value.</summary>
    private static readonly Seq<string> SwitchKeys = Seq1("--verbose");

    public Seq<string> AllSwitches => Switches + SwitchKeys.Filter(flag => Keys.Exists(key => key.Flag == flag)) + Seq1("--help");

    public Seq<string> AllValues => Values + Seq1("--config") + Keys.Map(key => key.Flag).Filter(flag => !SwitchKeys.Contains(flag));

    /// <summary>Reads what stands behind the command's word.</summary>
    /// <returns>
    /// The words, or what makes no sense of them. Of that only is shown what can be a flag's name, and a first word of at most 15 letters that
    /// stands behind no flag; the value of a flag is not, for it may be a secret.
    /// </returns>
    public Either<string, CommandWords> Read(Seq<string> args) =>
        Read(args, new CommandWords(None, Empty, Empty, Empty), args.Count);

    /// <summary>The lines of a help text that explain the settings.</summary>
    public string HelpOnKeys() => string.Join('\n', Keys.Map(Line));

    /// <summary>Reads what is left of so many.</summary>
    private Either<string, CommandWords> Read(Seq<string> args, CommandWords read, int all) => args.HeadOrNone().Case switch
    {
        null => read,
        "-h" => Read(args.Tail, With(read, "--help"), all),
        string flag when AllSwitches.Contains(flag) => Read(args.Tail, With(read, flag), all),
        string flag when AllSwitches.Find(name => flag.StartsWith(name + "=", StringComparison.Ordinal)).Case is string name =>
            $"the flag {name} takes no value",
        string flag when flag.StartsWith("--", StringComparison.Ordinal) && flag.Contains('=', StringComparison.Ordinal) =>
            Read(Seq(flag.Split('=', 2)[0], flag.Split('=', 2)[1]) + args.Tail, read, all),
        string flag when AllValues.Contains(flag) => args.Tail.HeadOrNone().Match(
            Some: value => Read(args.Tail.Tail, With(read, flag, value), all),
            None: () => Left<string, CommandWords>($"the flag {flag} needs a value")),
        string word when Argument.IsSome && (word == "-" || !word.StartsWith('-')) => read.Argument.IsSome
            ? $"{Name} takes one {Argument.IfNone("")}"
            : Read(args.Tail, read with { Argument = word }, all),
        string word when args.Count == all && IsWord(word) =>
            (Commands.IsEmpty ? $"{word} is not known to {Name}" : $"{word} is not a command") + Meant(word, Commands),
        string word when Commands.Contains(word) => $"{word} is a command, and must be the first argument",
        string flag => $"{Shown(flag, all - args.Count + 1)} is not known{(Name.Length == 0 ? "" : $" to {Name}")}"
            + Meant(NameOf(flag), AllSwitches + AllValues),
        _ => read,
    };

    private static string Meant(string name, Seq<string> known) =>
        Nearest.To(name, known).Match(Some: nearest => $"; did you mean {nearest}?", None: () => "");

    /// <summary>Whether what stands behind no flag, and so is the value of none, may be shown: it was meant as a command's word.</summary>
    private static bool IsWord(string first) => first.Length is > 0 and <= LongestWord && first.All(char.IsAsciiLetter);

    private CommandWords With(CommandWords read, string flag) =>
        Switches.Contains(flag) || flag == "--help"
            ? read with { Switches = read.Switches.Add(flag) }
            : read with { Settings = read.Settings.Add(new RawSetting(KeyOf(flag), "true", $"flag {flag}")) };

    private CommandWords With(CommandWords read, string flag, string value) =>
        flag == "--config" ? read with { ConfigFile = value }
        : Values.Contains(flag) ? read with { Values = read.Values.Add((flag, value)) }
        : read with { Settings = read.Settings.Add(new RawSetting(KeyOf(flag), value, $"flag {flag}")) };

    private string KeyOf(string flag) => Keys.Find(key => key.Flag == flag).Map(key => key.Name).IfNone("");

    /// <summary>A mistyped flag is shown without what may be a secret behind it, such as in <c>--presign-api-key:secret</c>.</summary>
    private static string Shown(string flag, int place) =>
        flag.StartsWith("--", StringComparison.Ordinal)
            ? $"the flag {NameOf(flag)}"
            : $"argument {place}, which does not begin with --,";

    /// <summary>The beginning that can be a flag's name.</summary>
    private static string NameOf(string flag) => string.Concat(flag.TakeWhile(c => char.IsAsciiLetter(c) || c is '-' or '_'));

    private static string Line(SettingKey key) =>
        $"  {(SwitchKeys.Contains(key.Flag) ? key.Flag : key.Flag + " <value>"),-34} {key.Help} ({key.Variable}; default: {key.Default})";
}

/// <summary>What stood behind a command, taken apart.</summary>
/// <param name="ConfigFile">The TOML file to read, if any.</param>
/// <param name="Settings">The settings that stand on the command line.</param>
/// <param name="Switches">The command's own flags without a value, as they were given.</param>
/// <param name="Values">The command's own flags with their values, as they were given.</param>
internal sealed record CommandWords(
    Option<string> ConfigFile, Seq<RawSetting> Settings, Seq<string> Switches, Seq<(string Flag, string Value)> Values)
{
    /// <summary>The word that stood without a flag. It may be a secret.</summary>
    public Option<string> Argument { get; init; }

    public bool Has(string flag) => Switches.Contains(flag);

    /// <summary>The value of a flag, of several the last.</summary>
    public Option<string> Value(string flag) => Values.Filter(given => given.Flag == flag).LastOrNone().Map(given => given.Value);
}
