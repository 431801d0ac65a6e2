using System.Globalization;
using System.Net;

namespace Borderless.Web.Start;

/// <summary>The command line behind the word <c>explain</c>.</summary>
internal abstract partial record CommandLine
{
    private static readonly CommandShape ExplainShape = new(
        "explain", Empty, Seq("--method", "--client", "--epoch", "--at"), Keys("data_dir", "metadata_db_path", "presign_hmac_secret", "presign_hmac_secret_file", "signing_keys", "signing_keys_file"))
    { Argument = "<url>" };

    /// <summary>Say why a URL is refused.</summary>
    /// <param name="Url">The URL or its request target; <c>-</c> where it stands on standard input.</param>
    /// <param name="Method">The HTTP method; None means whichever it was signed for.</param>
    /// <param name="Client">Who would use it; null for nobody that is known.</param>
    /// <param name="Epoch">The epoch of its bucket; None means that of the store in data_dir.</param>
    /// <param name="At">When it would be used; None means now.</param>
    /// <param name="Words">Where the settings stand.</param>
    public sealed record Explain(string Url, Option<string> Method, IPAddress? Client, Option<long> Epoch, Option<UnixSeconds> At, CommandWords Words) : CommandLine;

    private static Either<string, CommandLine> ReadExplain(CommandWords words) =>
        from url in words.Argument.ToEither("explain needs a <url>, or - and the URL on standard input")
        from method in Flag(words, "--method", text => text.Length > 0 && text.All(char.IsAsciiLetter) ? Some(text.ToUpperInvariant()) : None, "an HTTP method such as PUT")
        from client in Flag(words, "--client", text => IPAddress.TryParse(text, out var address) ? Some(address) : None, "an address such as 192.0.2.7")
        from epoch in Flag(words, "--epoch", NumberOf, "a whole number")
        from at in Flag(words, "--at", NumberOf, "a time in Unix seconds")
        select (CommandLine)new Explain(
            url, method, client.MatchUnsafe(address => address, () => null), epoch, at.Map(seconds => new UnixSeconds(seconds)), words);

    private static Either<string, Option<T>> Flag<T>(CommandWords words, string flag, Func<string, Option<T>> read, string demand) =>
        words.Value(flag).Match(
            Some: text => read(text).Map(Some).ToEither($"the flag {flag} needs {demand}"),
            None: () => Right<string, Option<T>>(None));

    private static Option<long> NumberOf(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : None;

    private static string ExplainHelp() =>
        $"""
        {Program} explain: says what a pre-signed URL is for, and everything that would refuse it.

        usage: {Program} explain <url> [--method <method>] [--client <address>] [--epoch <n>] [--at <seconds>] [--config <file.toml>] [flags]

        Nothing is asked of a server: the URL is judged as this program's server would, with the keys of the same settings. What only
        the upload shows (size, type, digest) and whether a URL that stores once was used are not judged.

          {"<url>",-33} the URL or its request target; - reads it from standard input, so that it stands in no list of
          {"",-33} processes. Its signature is never printed
          {"--method <method>",-33} as it would be used; without it, the method that it was signed for
          {"--client <address>",-33} whose address a rule client_ip is held against; without it, such a rule refuses
          {"--epoch <n>",-33} the epoch of its bucket, which each revocation raises; without it, that of the store in data_dir, if there is one
          {"--at <seconds>",-33} when it would be used, in Unix seconds (default: now)
          {"--config <file.toml>",-33} settings in TOML; what only the server needs is not asked for
        {ExplainShape.HelpOnKeys()}
          {"--help",-33} this text

        Ends with 0 when the URL would be accepted, with 1 when it would be refused, and with 2 when the command line makes no sense or
        there is no secret to judge with.
        """;
}
