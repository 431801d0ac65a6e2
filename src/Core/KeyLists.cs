using System.Globalization;
using System.Text;

namespace Borderless.Core;

/// <summary>
/// Reads lists of keys. Entries are separated by commas or line ends; blanks around them do not count, nor do empty ones. A problem
/// names its entry, or tells its place where the name may be the secret.
/// </summary>
internal static class KeyLists
{
    private const long LastSecondOfDay = 24 * 3600 - 1;

    /// <summary>From this length on, in characters, a name may be a secret that stands in the wrong place.</summary>
    private const int LongForAName = 16;

    private static readonly char[] Separators = [',', '\n', '\r'];

    /// <summary>Reads <c>kid:secret[:last-day]</c> entries.</summary>
    /// <param name="text">The list.</param>
    /// <param name="least">The length in bytes that a secret must have.</param>
    public static Validation<string, Seq<NamedKey>> SigningKeys(string text, int least) =>
        Entries(text).Map(entry => SigningKeyOf(entry, least)) is { IsEmpty: false } keys
            ? keys.Sequence().Bind(read => Judged(
                read, Twice(read.Map(key => key.Id)).Select(kid => Some($"the kid {Shown(kid)} stands there twice; each key needs its own")).ToArray()))
            : Fail<string, Seq<NamedKey>>("must hold at least one key, kid:secret or kid:secret:last-day");

    /// <summary>Reads <c>name:key:scope[+scope]</c> entries.</summary>
    /// <param name="text">The list.</param>
    /// <param name="least">The length in bytes that a key must have.</param>
    public static Validation<string, Seq<ApiKey>> ApiKeys(string text, int least) =>
        Entries(text).Map(entry => ApiKeyOf(entry, least)) is { IsEmpty: false } keys
            ? keys.Sequence()
            : Fail<string, Seq<ApiKey>>("must hold at least one key, name:key:scope[+scope]");

    /// <summary>The secrets of the examples, which everybody knows.</summary>
    private static readonly Seq<string> Published = Seq("super-secret-hmac-secret", "secret-api-key");

    /// <summary>What is wrong with a secret of a store that others can reach, and what to do. That one is empty is told otherwise.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="least">How many bytes it must have at least; 0 where others cannot reach the store.</param>
    public static Option<string> Weakness(string secret, int least) =>
        secret.Length > 0 && Encoding.UTF8.GetByteCount(secret) < least
            ? $"must have at least {least} bytes where domain or ip_addr is not this machine alone; openssl rand -hex 32 makes one"
        : least > 0 && Published.Contains(secret)
            ? "is that of the examples, which everybody knows; openssl rand -hex 32 makes one"
        : None;

    /// <summary>All keys, or a problem for each name that stands there again, and for each key that another name has too.</summary>
    public static Validation<string, Seq<ApiKey>> Distinct(Seq<ApiKey> keys) =>
        Judged(
            keys,
            [
                .. Twice(keys.Map(key => key.Name)).Select(name => Some($"the name {Shown(name)} stands there twice; each key needs its own")),
                .. keys.SelectMany((one, at) => keys.Skip(at + 1).Where(other => other.Name != one.Name && other.IsSameKeyAs(one))
                    .Select(other => Some($"{Shown(one.Name)} and {Shown(other.Name)} have the same key; each needs its own"))),
            ]);

    /// <summary>Where names and keys were swapped, a name is a secret.</summary>
    private static string Shown(string name) => name.Length < LongForAName ? name : $"of {name.Length} characters";

    private static IEnumerable<string> Twice(Seq<string> names) =>
        names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()).Select(group => group.Key);

    private static Seq<Entry> Entries(string text) =>
        toSeq(text.Split(Separators, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select((entry, index) => new Entry(index + 1, entry.Split(':')))
            .ToArray());

    private static Validation<string, NamedKey> SigningKeyOf(Entry entry, int least) => entry.Parts switch
    {
        [var kid, var secret, .. [] or [_]] => Judged(
            new NamedKey(kid, SigningKey.FromSecret(secret), entry.Parts is [_, _, var day] ? LastSecondOf(day).IfNone(NamedKey.NoEnd) : NamedKey.NoEnd),
            Rule(NamedKey.IsId(kid), $"entry {entry.Place}: its kid must be 1 to {NamedKey.MaxIdLength} of A-Z a-z 0-9 - . _"),
            Rule(IsTrimmed(secret), $"{entry.Label(NamedKey.IsId)}: its secret must not be empty, nor begin or end with a blank"),
            Weakness(secret, least).Map(problem => $"{entry.Label(NamedKey.IsId)}: its secret {problem}"),
            Rule(entry.Parts is not [_, _, var last] || LastSecondOf(last).IsSome, $"{entry.Label(NamedKey.IsId)}: its last day must be a date such as 2027-01-31")),
        _ => Fail<string, NamedKey>($"entry {entry.Place} must be kid:secret or kid:secret:last-day; a secret holds neither , nor :"),
    };

    private static Validation<string, ApiKey> ApiKeyOf(Entry entry, int least) => entry.Parts switch
    {
        [var name, var key, var scopes] => Judged(
            ApiKey.FromText(name, key, ScopesOf(scopes).IfNone(KeyScopes.Everything)),
            Rule(ApiKey.IsName(name), $"entry {entry.Place}: its name must be 1 to {ApiKey.MaxNameLength} of a-z 0-9 - _"),
            Rule(SettingTexts.VisibleText(key).IsSome, $"{entry.Label(ApiKey.IsName)}: its key must be visible ASCII characters, for it travels in a header"),
            Weakness(key, least).Map(problem => $"{entry.Label(ApiKey.IsName)}: its key {problem}"),
            Rule(ScopesOf(scopes).IsSome, $"{entry.Label(ApiKey.IsName)}: its scopes must be of presign, admin and bucket=<name>, joined by +")),
        _ => Fail<string, ApiKey>($"entry {entry.Place} must be name:key:scope[+scope]; a key holds neither , nor :"),
    };

    private static Option<KeyScopes> ScopesOf(string text) =>
        toSeq(text.Split('+')).Fold(
            Some(new KeyScopes(Presign: false, Admin: false, Empty)),
            (read, word) => read.Bind(scopes => word switch
            {
                "presign" => Some(scopes with { Presign = true }),
                "admin" => Some(scopes with { Admin = true }),
                _ when word.StartsWith("bucket=", StringComparison.Ordinal) =>
                    BucketName.Parse(word["bucket=".Length..]).ToOption().Map(bucket => scopes with { Buckets = scopes.Buckets.Add(bucket) }),
                _ => None,
            }));

    /// <summary>The last second of a day in UTC.</summary>
    private static Option<UnixSeconds> LastSecondOf(string day) =>
        DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? new UnixSeconds(new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeSeconds() + LastSecondOfDay)
            : None;

    private static bool IsTrimmed(string secret) => secret.Length > 0 && secret.Trim().Length == secret.Length;

    private static Option<string> Rule(bool holds, string problem) => holds ? None : problem;

    private static Validation<string, T> Judged<T>(T value, params Option<string>[] problems) =>
        problems.Somes().ToArray() is { Length: > 0 } found ? Fail<string, T>(toSeq(found)) : Success<string, T>(value);

    /// <summary>One entry, by its place from 1 on, and what the colons separate.</summary>
    private sealed record Entry(int Place, string[] Parts)
    {
        /// <summary>Name first and secret second; where the name looks more like a secret than the secret does, they may have been swapped.</summary>
        public string Label(Func<string, bool> isName) =>
            isName(Parts[0]) && (Parts[0].Length < LongForAName || Parts[1].Length >= LongForAName) ? Parts[0] : $"entry {Place}";

        public override string ToString() => $"entry {Place}";
    }
}
