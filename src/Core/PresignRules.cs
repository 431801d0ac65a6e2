namespace Borderless.Core;

/// <summary>Which rules a URL can have: those that mean something for its action, and can hold together.</summary>
internal static class PresignRules
{
    /// <summary>The rules of a URL that is to be minted.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="expires">The last second in which the URL will be valid.</param>
    /// <param name="nonce">For a URL that stores once.</param>
    public static Either<StoreError, LinkRules> Check(PresignRequest request, UnixSeconds expires, string nonce) =>
        from whole in Pipeline.Require(
            !request.Once || Rule.IsNonce(nonce), () => new StoreError.InvalidParameter(nameof(nonce), "must be 16 to 64 characters of A-Z a-z 0-9 - _"))
        let rules = request.Rules + (request.Once ? Seq1<Rule>(new Rule.Once(nonce)) : Empty)
        from known in rules.Map(Carried).Sequence()
        from single in Single(rules)
        from fitting in Fit(request.Action, rules)
        from possible in JudgeSizes(rules)
        from useful in rules.Map(rule => JudgeTime(rule, expires)).Sequence()
        select LinkRules.Of(rules);

    /// <summary>Whether every rule means something for the action.</summary>
    public static Either<StoreError, Unit> Fit(BlobAction action, Seq<Rule> rules) =>
        rules.Find(rule => !rule.Fits(action)).Case is Rule stray
            ? new StoreError.InvalidRule(stray.Name, $"does not fit the action {PresignRequest.NameOf(action)}")
            : unit;

    /// <summary>Two parameters of one name could not be read back.</summary>
    private static Either<StoreError, Unit> Single(Seq<Rule> rules) =>
        rules.GroupBy(rule => rule.Name).FirstOrDefault(same => same.Count() > 1) is { } repeated
            ? new StoreError.InvalidRule(repeated.Key, "may stand once only")
            : unit;

    /// <summary>What cannot be read back cannot be minted.</summary>
    private static Either<StoreError, Unit> Carried(Rule rule) =>
        Rule.IsName(rule.Name)
            ? Rule.Read(rule.Name, rule.Value).Map(_ => unit)
            : new StoreError.InvalidRule(rule.Name, "narrows a URL that is there; of a new one it is expires_in");

    private static Either<StoreError, Unit> JudgeSizes(Seq<Rule> rules) =>
        Pipeline.Require(
            rules.OfType<Rule.MinSize>().All(least => rules.OfType<Rule.MaxSize>().All(most => least.Bytes <= most.Bytes)),
            () => new StoreError.InvalidRule("min_size", "is above max_size, so that no blob could be stored"));

    private static Either<StoreError, Unit> JudgeTime(Rule rule, UnixSeconds expires) =>
        Pipeline.Require(
            rule is not Rule.NotBefore { From: var from } || from <= expires,
            () => new StoreError.InvalidRule("not_before", "is after the URL's expiry, so that it would never be valid"));
}
