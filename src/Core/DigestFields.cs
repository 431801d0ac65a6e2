using System.Text.RegularExpressions;

namespace Borderless.Core;

/// <summary>The sha-256 member of <c>content-digest</c> and <c>repr-digest</c> (RFC 9530, dictionaries of RFC 8941 section 3.2).</summary>
public static partial class DigestFields
{
    private const string Algorithm = "sha-256";

    // The grammar of RFC 8941 section 4.2 has no recursion. Groups are atomic: a refusal takes no longer than reading did.
    private const string Key = @"(?>[a-z*][a-z0-9_\-.*]*)";
    private const string Bytes = @":[A-Za-z0-9+/=]*:";
    private const string Number = @"-?(?:[0-9]{1,12}\.[0-9]{1,3}|[0-9]{1,15})(?![0-9.])";
    private const string Text = @"""(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[""\\])*""";
    private const string Token = @"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*";
    private const string Item = $"(?>{Bytes}|{Number}|{Text}|{Token}|\\?[01])";
    private const string Parameters = $"(?>(?:; *{Key}(?:={Item})?)*)";
    private const string InnerList = $@"(?>\( *(?:{Item}{Parameters}(?: +{Item}{Parameters})*)? *\))";
    private const string Member = $"(?>(?<key>{Key})(?:=(?:(?<item>{Item})|{InnerList}))?{Parameters})";

    /// <summary>Reads a field; other algorithms are passed over, and of a repeated member the last one counts.</summary>
    /// <param name="header">The field's name, for the error.</param>
    /// <param name="value">The field's value, several lines joined with commas; null when there is none.</param>
    /// <returns>
    /// The digest; None when the field or the member is absent; or <see cref="StoreError.InvalidHeader"/> when the field is no
    /// dictionary or the member is no byte sequence of 32 bytes.
    /// </returns>
    public static Either<StoreError, Option<Digest>> Read(string header, string? value) =>
        Members(value ?? "").Case switch
        {
            Seq<(string Key, string Item)> members => members.Filter(member => member.Key == Algorithm) switch
            {
                { IsEmpty: true } => Option<Digest>.None,
                var found => DigestOf(found.Last.Item).Map(Some).ToEither<StoreError>(
                    new StoreError.InvalidHeader(header, "must hold the 32 bytes of a SHA-256 digest, as 'sha-256=:<base64>:'")),
            },
            _ => new StoreError.InvalidHeader(header, "must be a dictionary such as 'sha-256=:<base64>:'"),
        };

    /// <summary>The field's value with this digest as its only member.</summary>
    public static string Write(Digest digest) => $"{Algorithm}=:{Convert.ToBase64String(digest.Bytes)}:";

    /// <summary>Compares the digests that a client sent with the one of what arrived.</summary>
    /// <returns>Nothing, or <see cref="StoreError.DigestMismatch"/>.</returns>
    public static Either<StoreError, Unit> Check(Seq<Digest> expected, Digest actual) =>
        Pipeline.Require(expected.ForAll(digest => digest.Equals(actual)), () => new StoreError.DigestMismatch());

    [GeneratedRegex($@"\A *(?:{Member}(?:[ \t]*,[ \t]*{Member})*)? *\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Dictionary();

    [GeneratedRegex($@"\G *{Member}[ \t]*,?[ \t]*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex NextMember();

    /// <summary>The members in order; the item is empty where the value is an inner list or left out.</summary>
    private static Option<Seq<(string Key, string Item)>> Members(string value) =>
        Dictionary().IsMatch(value)
            ? toSeq(NextMember().Matches(value).Select(one => (one.Groups["key"].Value, one.Groups["item"].Value)).ToArray())
            : None;

    private static Option<Digest> DigestOf(string item) =>
        item is [':', .. var base64, ':'] && Decode(base64) is { Length: Digest.Length } bytes ? Digest.From(bytes) : None;

    /// <summary>Padding that was left out is put back (RFC 8941 section 4.2.7).</summary>
    private static byte[]? Decode(string base64)
    {
        var digits = base64.TrimEnd('=');
        var padded = digits.PadRight((digits.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return base64.Length <= padded.Length && Convert.TryFromBase64String(padded, bytes, out var count) ? bytes[..count] : null;
    }
}
