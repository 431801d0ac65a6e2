namespace Borderless.Core;

/// <summary>What usually lies behind a URL that cannot be read, or whose signature does not fit. Total, and without signatures or secrets.</summary>
internal static class UrlHints
{
    private static readonly Seq<string> Methods = Seq("GET", "POST", "PUT", "DELETE");

    public static Option<string> OfPath(StoreError error, string path) => error switch
    {
        StoreError.NoSuchRoute when path.Contains('%', StringComparison.Ordinal) => "a path is signed and served without percent-encoding",
        StoreError.NoSuchRoute when path.EndsWith('/') => "the path ends with a slash",
        StoreError.NoSuchRoute when path.Contains("//", StringComparison.Ordinal) => "the path has an empty segment",
        StoreError.NoSuchRoute => "a signed path is /upload/{id}, /files/{id}, /{bucket}/{id} or /{bucket}/{id}/chunks",
        StoreError.InvalidBucket when path.Any(char.IsAsciiLetterUpper) => "upload and files stand in lower case",
        _ => None,
    };

    public static Option<string> OfMissing(LinkQuery query) =>
        query.Find(LinkQuery.Expires).IsRight ? "sig is missing: in a shell a URL needs quotes, as & ends a command"
        : query.Find(LinkQuery.Signature).IsRight ? "expires is missing"
        : "it has neither expires nor sig";

    /// <summary>Of a query that is malformed, the first reason that is found.</summary>
    public static Option<string> OfQuery(string query)
    {
        var pairs = toSeq(query.Split('&').Select(pair => pair.Split('=', 2)).ToArray());
        var names = pairs.Map(pair => pair[0]);
        var narrow = pairs.Find(pair => pair[0] == Narrowing.Parameter && pair.Length == 2).Bind(pair => Percent.Decode(pair[1]));
        return names.Exists(name => name.StartsWith("amp;", StringComparison.Ordinal)) ? "&amp; is HTML; in a URL it is &"
            : names.Exists(name => name.Length == 0) ? "a parameter has no name, as where two & follow each other"
            : names.Exists(name => name.Length > Link.MaxNameLength || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
                ? $"the name of a parameter is 1 to {Link.MaxNameLength} characters of a-z 0-9 _"
            : names.Distinct().Count < names.Count ? "a parameter stands twice"
            : pairs.Exists(pair => pair.Length == 2 && Percent.Decode(pair[1]).IsNone) ? "a value is not percent-encoded UTF-8"
            : narrow.Exists(value => Narrowing.Split(value).Count > Narrowing.MaxLevels) ? $"it has more than {Narrowing.MaxLevels} levels"
            : narrow.IsSome && query.Length > Narrowing.MaxQueryLength ? $"the query of a narrowed URL has more than {Narrowing.MaxQueryLength} bytes"
            : None;
    }

    /// <summary>Of a signature that does not fit: what would make it fit.</summary>
    public static Option<string> OfSignature(KeyRing keys, UnixSeconds now, Link link)
    {
        var id = KeyIdOf(link);
        return keys.All.Find(key => key.Id == id).Match(
            Some: key => now > key.Until ? $"{NameOf(id)} ended at {key.Until} (Unix seconds)" : Seen(keys, key, link),
            None: () => $"there is no {NameOf(id)} here" + OtherKey(keys, id, link).Map(hint => $", and {hint}").IfNone(""));
    }

    private static string NameOf(string id) => id.Length == 0 ? "default key" : NamedKey.IsId(id) ? $"key {id}" : "key of such a name";

    /// <summary>Whether something usual explains why the signature does not fit.</summary>
    public static bool KnowsWhy(KeyRing keys, UnixSeconds now, Link link) =>
        keys.All.Find(key => key.Id == KeyIdOf(link) && now <= key.Until).Exists(key => Usual(keys, key, link).IsSome);

    /// <summary>The name of the key that it means; empty for the default key.</summary>
    private static string KeyIdOf(Link link) =>
        link.Claim.Parameters.Find(parameter => parameter.Name == LinkQuery.KeyId).Map(parameter => parameter.Value).IfNone("");

    private static Option<string> Usual(KeyRing keys, NamedKey key, Link link) =>
        Spelling(key.Key, link) || OtherMethod(key.Key, link) || OtherPath(key.Key, link) || OtherKey(keys, key.Id, link)
            || Added(key.Key, link) || OtherLevels(key.Key, link);

    private static Option<string> Seen(KeyRing keys, NamedKey key, Link link) =>
        Usual(keys, key, link)
            || (link.Levels.IsEmpty
                ? "nothing usual: another secret, a changed path, expiry or parameter, or all levels of a narrowed URL dropped"
                : Some("nothing usual: another secret, a changed path, expiry or parameter, or a level that was changed, dropped or moved"));

    /// <summary>What happens to base64url on its way.</summary>
    private static Option<string> Spelling(SigningKey key, Link link)
    {
        var once = link.Signature.Contains('%', StringComparison.Ordinal) ? Percent.Decode(link.Signature).IfNone(link.Signature) : link.Signature;
        var safe = once.Replace(' ', '-').Replace('+', '-').Replace('/', '_');
        var whole = safe.TrimEnd('=') + "=";
        return !Signing.IsSigned(key, link.Claim, link.Levels, whole) ? None
            : once != link.Signature ? "sig is percent-encoded twice"
            : safe != once ? "sig is plain base64; base64url has - and _ for + and /"
            : safe.EndsWith('=') ? "sig has padding too much"
            : "sig has lost its padding, the = at its end";
    }

    private static Option<string> OtherMethod(SigningKey key, Link link) =>
        Methods.Find(method => Fits(key, link, link.Claim with { Method = method })).Map(method => $"it was signed for {method}");

    private static Option<string> OtherPath(SigningKey key, Link link)
    {
        var (path, blob) = (link.Claim.Path, link.Blob);
        var plain = Seq($"/upload/{blob}", $"/files/{blob}", $"/{link.Bucket}/{blob}", $"/{link.Bucket}/{blob}/{BlobPath.Chunks}");
        return (Seq(path.ToLowerInvariant(), path.ToUpperInvariant(), path.Replace($"{blob}", $"{blob}".ToUpperInvariant(), StringComparison.OrdinalIgnoreCase)) + plain)
            .Bind(other => Methods.Map(method => link.Claim with { Path = other, Method = method }))
            .Find(claim => Fits(key, link, claim))
            .Map(claim => string.Equals(claim.Path, path, StringComparison.OrdinalIgnoreCase)
                ? $"it was signed for {claim.Method} on the same path in other upper and lower case"
                : $"it was signed for {claim.Method} on {claim.Path}");
    }

    private static Option<string> OtherKey(KeyRing keys, string id, Link link) =>
        keys.All.Find(key => key.Id != id && Fits(key.Key, link, link.Claim)).Map(key => $"it was signed with the {NameOf(key.Id)}, which it does not name");

    private static Option<string> Added(SigningKey key, Link link) =>
        link.Claim.Parameters
            .Find(added => Fits(key, link, link.Claim with { Parameters = link.Claim.Parameters.Filter(parameter => parameter.Name != added.Name) }))
            .Map(added => $"the parameter {added.Name} was added after it was signed");

    private static Option<string> OtherLevels(SigningKey key, Link link) =>
        toSeq(Enumerable.Range(0, link.Levels.Count)).Find(kept => Signing.IsSigned(key, link.Claim, link.Levels.Take(kept), link.Signature))
            .Map(kept => $"its signature is that of its first {kept} levels: what follows was added without being signed")
        || Orders(link.Levels).Find(levels => Signing.IsSigned(key, link.Claim, levels, link.Signature)).Map(_ => "its levels stand in another order than they were signed in");

    /// <summary>Each two of the levels exchanged, which finds what was moved by hand.</summary>
    private static Seq<Seq<string>> Orders(Seq<string> levels) => toSeq(
        from one in Enumerable.Range(0, levels.Count)
        from other in Enumerable.Range(one + 1, levels.Count - one - 1)
        select toSeq(levels.Map((at, level) => at == one ? levels[other] : at == other ? levels[one] : level)));

    private static bool Fits(SigningKey key, Link link, Claim claim) => Signing.IsSigned(key, claim, link.Levels, link.Signature);
}
