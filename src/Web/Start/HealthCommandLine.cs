using System.Globalization;

namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>health</c>.</summary>
internal abstract partial record CommandLine
{
    private const int DefaultTimeout = 3;

    private static readonly CommandShape HealthShape = new("health", Empty, Seq1("--timeout"), Keys("ip_addr", "tls_cert"));

    /// <summary>Ask a running server whether it is ready.</summary>
    /// <param name="Timeout">How long it may take to answer.</param>
    /// <param name="Words">Where the settings stand.</param>
    public sealed record Health(TimeSpan Timeout, CommandWords Words) : CommandLine;

    private static Either<string, CommandLine> ReadHealth(CommandWords words) =>
        from seconds in Flag(words, "--timeout", SecondsOf, "a whole number of seconds from 1 to 3600")
        select (CommandLine)new Health(TimeSpan.FromSeconds(seconds.IfNone(DefaultTimeout)), words);

    private static Option<int> SecondsOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3600 ? seconds : None;

    private static string HealthHelp() =>
        $"""
        {Program} health: asks a running server on this machine whether it takes writes (GET /readyz).

        usage: {Program} health [--timeout <seconds>] [--config <file.toml>] [flags]

        It is asked where the same settings have it listen; a server on all addresses is asked on loopback. Where tls_cert is set it
        is asked by TLS. That file is not read, and the server's certificate is not held against a name, for it is asked by address.

          {"--timeout <seconds>",-34} how long it may take to answer (default: {DefaultTimeout})
          {"--config <file.toml>",-34} settings in TOML; what only the server needs is not asked for
        {HealthShape.HelpOnKeys()}
          {"--help",-34} this text

        Prints one line. Ends with 0 when it is ready, with 1 when it is not, does not answer or the settings do not say where it is,
        and with 2 when the command line makes no sense.
        """;
}
