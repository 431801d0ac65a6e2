namespace Borderless.Core;

/// <summary>Why a URL is refused: everything, and not only what a store tells first.</summary>
public static partial class Presign
{
    private static readonly Seq<string> Methods = Seq("GET", "HEAD", "POST", "PUT", "DELETE");

    /// <summary>
    /// Lists everything that refuses a URL, in the order in which <see cref="Link.Read"/> and <see cref="Verify"/> judge. For whoever has the
    /// keys: to a client a store tells the first refusal alone. Total: no text makes it throw.
    /// </summary>
    /// <param name="keys">The keys of the store.</param>
    /// <param name="at">When and whence it is used.</param>
    /// <param name="url">The URL, or its request target. Of a URL its origin and a fragment do not count.</param>
    /// <param name="method">The HTTP method in upper case; None means whichever the URL was signed for.</param>
    /// <returns>The explanation. Its refusals are none exactly when the URL is accepted, and the first is what a store answers.</returns>
    public static Explanation Explain(KeyRing keys, Circumstances at, string url, Option<string> method)
    {
        var target = TargetOf(url);
        var signedFor = Methods.Filter(one => Link.Read(one, target).Exists(link => IsSigned(keys, at.Now, link)));
        var judged = (method || signedFor.HeadOrNone() || LikelyMethod(keys, at.Now, target) || Methods.Find(one => IsTaken(one, target))).IfNone(Methods.Head);
        var link = Link.Read(judged, target);
        return new(judged, signedFor, link.ToOption().Map(FactsOf), Refuse(keys, at, judged, target, link));
    }

    /// <summary>Where the signature fits no method: one for which it can be told why, else one that all rules fit, else the first that is served.</summary>
    private static Option<string> LikelyMethod(KeyRing keys, UnixSeconds now, string target)
    {
        var links = Methods.Bind(one => Link.Read(one, target).ToSeq().Map(link => (Method: one, Link: link))).Strict();
        return (links.Find(one => UrlHints.KnowsWhy(keys, now, one.Link)) || links.Find(one => Fits(one.Link)) || links.HeadOrNone()).Map(one => one.Method);
    }

    private static bool Fits(Link link) => FactsOf(link) is var facts && PresignRules.Fit(link.Action, facts.Rules + facts.Levels.Flatten()).IsRight;

    private static bool IsTaken(string method, string target) => Link.Read(method, target).Match(Right: _ => true, Left: error => error is not StoreError.MethodNotAllowed);

    private static Seq<Refusal> Refuse(KeyRing keys, Circumstances at, string method, string target, Either<StoreError, Link> link)
    {
        var (path, text) = target.Split('?', 2) is [var first, .. var rest] ? (first, rest is [var one] ? one : "") : ("", "");
        var action = BlobPath.Parse(path).Bind(parts => Link.ActionOf(method, parts)).ToOption();
        var query = LinkQuery.Read(text);
        var unread = UnreadPath(method, path).Map(error => new Refusal(error, UrlHints.OfPath(error, path)))
            + query.Match(Right: Unread, Left: error => Seq1(new Refusal(error, UrlHints.OfQuery(text))));
        var unsigned = link.ToSeq().Filter(one => !IsSigned(keys, at.Now, one))
            .Map(one => new Refusal(new StoreError.InvalidSignature(), UrlHints.OfSignature(keys, at.Now, one)));
        var later = query.ToSeq().Bind(readable => Later(at, action, readable)).Map(error => new Refusal(error, None));
        return toSeq((unread + unsigned + later).DistinctBy(refusal => refusal.Error).ToArray());
    }

    private static Seq<StoreError> UnreadPath(string method, string path) =>
        BlobPath.Parse(path).Match(
            Right: parts => Error(parts.Bucket()) + Error(Link.ActionOf(method, parts)) + Error(BlobId.Parse(parts.Second)),
            Left: error => Seq1(error));

    private static Seq<Refusal> Unread(LinkQuery query) =>
        (Error(query.Find(LinkQuery.Signature)) + Error(query.Find(LinkQuery.Expires).Bind(Link.ParseExpires)))
            .Map(error => new Refusal(error, error is StoreError.MissingSignature ? UrlHints.OfMissing(query) : Some("expires must be 1 to 12 digits without leading zeros")));

    /// <summary>What is judged once the signature fits.</summary>
    private static Seq<StoreError> Later(Circumstances at, Option<BlobAction> action, LinkQuery query)
    {
        var (signed, expires) = (query.Signed, query.Find(LinkQuery.Expires).Bind(Link.ParseExpires).ToSeq());
        var (own, levels) = (signed.Map(parameter => Rule.Read(parameter.Name, parameter.Value)), query.Levels.Map(Narrowing.ReadLevel));
        var rules = own.Bind(rule => rule.ToSeq().Bind(some => some.ToSeq())) + levels.Bind(level => level.ToSeq().Flatten());
        return Error(JudgeEpoch(at.Epoch, signed))
            + expires.Filter(last => at.Now > last).Map<StoreError>(last => new StoreError.LinkExpired(last))
            + action.ToSeq().Bind(known => signed.Bind(parameter => Error(Known(known, parameter.Name))))
            + own.Bind(Error) + levels.Bind(Error)
            + action.ToSeq().Bind(known => rules.Bind(rule => Error(PresignRules.Fit(known, Seq1(rule)))))
            + toSeq(rules.Bind(rule => Error(LinkRules.Of(Seq1(rule)).JudgeUse(at.Now, at.Client))).OrderBy(Rank).ToArray())
            + (action.Exists(known => known == BlobAction.Download) ? Overrides(signed) : Empty);
    }

    /// <summary>One kind after the other, as <see cref="LinkRules.JudgeUse"/> judges.</summary>
    private static int Rank(StoreError error) => error switch
    {
        StoreError.LinkExpired => 0,
        StoreError.LinkNotYetValid => 1,
        _ => 2,
    };

    private static Seq<StoreError> Overrides(Seq<SignedParameter> signed) =>
        Error(ContentHeaders.ReadOverrides(ValueOf(signed, TypeParameter), null)) + Error(ContentHeaders.ReadOverrides(null, ValueOf(signed, DispositionParameter)));

    private static LinkFacts FactsOf(Link link) => new(
        link.Action, link.Bucket, link.Blob, link.Claim.Expires, ValueOf(link.Claim.Parameters, LinkQuery.KeyId) ?? "",
        Optional(ValueOf(link.Claim.Parameters, LinkQuery.Epoch)).Bind(Rule.ReadNumber),
        link.Claim.Parameters.Bind(parameter => Rule.Read(parameter.Name, parameter.Value).ToSeq().Bind(rule => rule.ToSeq())),
        link.Levels.Map(level => Narrowing.ReadLevel(level).ToSeq().Flatten()));

    private static Seq<StoreError> Error<T>(Either<StoreError, T> outcome) => outcome.Match(Right: _ => Empty, Left: error => Seq1(error));

    /// <summary>A fragment is never sent; of a target, which has no origin, nothing is taken away.</summary>
    private static string TargetOf(string url) =>
        url.Split("://", 2) is [var scheme, var rest] && scheme.Length > 0 && scheme.All(char.IsAsciiLetter)
            ? rest.IndexOfAny(['/', '?', '#']) is >= 0 and var at ? rest[at..].Split('#', 2)[0] : ""
            : url;
}
