namespace Borderless.Core;

/// <summary>
/// Narrower URLs, derived without the store: the signature of the wider is the key of the narrower, as in macaroons (Birgisson et al.,
/// NDSS 2014). <c>sig_n = HMAC-SHA256(sig_n-1, "narrow|" + level n)</c>, and only the last signature travels, so that nobody who holds
/// it gets back to a wider one.
/// </summary>
public static class Narrowing
{
    /// <summary>The parameter that carries the levels.</summary>
    public const string Parameter = "narrow";

    /// <summary>The most levels that a URL can have.</summary>
    public const int MaxLevels = 8;

    /// <summary>The longest query of a narrowed URL, in bytes.</summary>
    public const int MaxQueryLength = 4096;

    private const char BetweenLevels = '~';
    private const char BetweenRules = '|';

    /// <summary>Derives a narrower URL. It permits what the wider one permits and every new rule does too.</summary>
    /// <param name="url">The wider URL, or its request target.</param>
    /// <param name="rules">The new rules, at least one, each name once, none of them <see cref="Rule.Once"/>.</param>
    /// <returns>
    /// The URL; or <see cref="StoreError.MissingSignature"/> or <see cref="StoreError.InvalidSignature"/> for one that cannot be read; or
    /// <see cref="StoreError.InvalidRule"/> for rules that no level holds, and where there would be more than <see cref="MaxLevels"/> or a
    /// query of more than <see cref="MaxQueryLength"/> bytes.
    /// </returns>
    public static Either<StoreError, string> Narrow(string url, params ReadOnlySpan<Rule> rules)
    {
        var (level, added) = (Write(rules), toSeq(rules.ToArray()));
        return from readable in ReadLevel(level)
               from same in Pipeline.Require(readable == added, () => Refused("holds a value that cannot be written"))
               from query in LinkQuery.Read(url.Split('?', 2) is [_, var text] ? text : "")
               from signature in query.Find(LinkQuery.Signature)
               from expires in query.Find(LinkQuery.Expires)
               from key in Signing.Decode(signature)
               let levels = query.Levels.Add(level)
               from few in Pipeline.Require(levels.Count <= MaxLevels, () => Refused($"would have more than {MaxLevels} levels"))
               let narrowed = $"{query.Without(LinkQuery.Signature, Parameter)}&{Parameter}={Percent.Encode(Join(levels))}&{LinkQuery.Signature}={Signing.SignLevel(key, level)}"
               from shortEnough in Pipeline.Require(
                   narrowed.Length <= MaxQueryLength, () => Refused($"would make a query of more than {MaxQueryLength} bytes"))
               select $"{url.Split('?', 2)[0]}?{narrowed}";
    }

    /// <summary>The levels of a parameter's value, in order.</summary>
    internal static Seq<string> Split(string value) => toSeq(value.Split(BetweenLevels));

    /// <summary>The rules of all levels.</summary>
    /// <returns>The rules, or <see cref="StoreError.InvalidRule"/>.</returns>
    internal static Either<StoreError, Seq<Rule>> ReadLevels(Seq<string> levels) =>
        levels.Map(ReadLevel).Sequence().Map(rules => rules.Flatten());

    private static string Join(Seq<string> levels) => string.Join(BetweenLevels, levels);

    private static string Write(ReadOnlySpan<Rule> rules) =>
        string.Join(BetweenRules, rules.ToArray().Select(rule => $"{rule.Name}={Percent.Encode(rule.Value)}"));

    /// <summary>The rules of one level.</summary>
    internal static Either<StoreError, Seq<Rule>> ReadLevel(string level)
    {
        var texts = toSeq(level.Split(BetweenRules));
        return from once in Pipeline.Require(
                   texts.Map(text => text.Split('=', 2)[0]).Distinct().Count == texts.Count, () => Refused("names a rule twice in one level"))
               from rules in texts.Map(ReadRule).Sequence()
               select rules;
    }

    private static Either<StoreError, Rule> ReadRule(string text) =>
        from pair in text.Split('=', 2) is [var name, var encoded]
            ? Percent.Decode(encoded).Map(value => (Name: name, Value: value)).ToEither<StoreError>(Malformed())
            : Malformed()
        from known in Rule.Read(pair.Name, pair.Value)
        from rule in known.Filter(rule => rule.FitsLevel).ToEither<StoreError>(Malformed())
        select rule;

    private static StoreError.InvalidRule Malformed() =>
        Refused("must be levels joined by ~, each of name=value joined by |, with the names expires, not_before, min_size, max_size, content_type, sha256, client_ip and chunks");

    private static StoreError.InvalidRule Refused(string detail) => new(Parameter, detail);
}
