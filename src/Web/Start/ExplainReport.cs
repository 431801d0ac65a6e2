using System.Globalization;

namespace Borderless.Web.Start;

/// <summary>What <c>explain</c> prints.</summary>
internal static class ExplainReport
{
    public const int CouldNotRun = 2;

    public static int ExitCode(Explanation explanation) => explanation.Refusals.IsEmpty ? 0 : 1;

    public static Seq<string> Lines(Explanation explanation, Circumstances at, StoredEpoch epoch) =>
        explanation.Says.ToSeq().Bind(facts => Facts(facts, at.Now, epoch))
        + Seq(
            $"method: {Printable.Text(explanation.Method)}",
            $"signed for: {(explanation.SignedFor.IsEmpty ? "no method here" : string.Join(", ", explanation.SignedFor))}")
        + explanation.Refusals.Map(refusal => $"refused: {refusal.Error.Code}: {refusal.Error.Message}{Aside(refusal, at)}")
        + Seq1(explanation.Refusals.IsEmpty ? "result: it would be accepted" : $"result: it would be refused with {explanation.Refusals.Head.Error.Code}");

    private static Seq<string> Facts(LinkFacts facts, UnixSeconds now, StoredEpoch epoch) =>
        Seq(
            $"action: {PresignRequest.NameOf(facts.Action)}", $"bucket: {facts.Bucket}", $"blob: {facts.Blob}",
            $"expires: {DateOf(facts.Expires)}, {Distance(facts.Expires, now)}",
            $"key: {(facts.KeyId.Length == 0 ? "the default key" : Printable.Text(facts.KeyId))}",
            $"epoch: {facts.Epoch.IfNone(0)}; that of its bucket: {epoch.Value} ({epoch.Source})")
        + facts.Rules.Map(rule => $"rule: {Text(rule)}")
        + facts.Levels.Map((at, rules) => $"level {at + 1}: {string.Join(", ", rules.Map(Text))}").ToSeq();

    private static string Aside(Refusal refusal, Circumstances at) =>
        refusal.Error is StoreError.ClientNotAllowed && at.Client is null
            ? " (no --client was given)"
            : refusal.Hint.Map(hint => $" ({hint})").IfNone("");

    private static string Text(Rule rule) => rule switch
    {
        Rule.NotBefore { From: var from } => $"{rule.Name}={rule.Value} ({DateOf(from)})",
        Rule.Expires { At: var last } => $"{rule.Name}={rule.Value} ({DateOf(last)})",
        _ => $"{rule.Name}={rule.Value}",
    };

    /// <summary>RFC 3339 in UTC; a URL may name any second, and a date ends with the year 9999.</summary>
    private static string DateOf(UnixSeconds time) => time.Value <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds(time.Value).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : $"{time} (Unix seconds)";

    private static string Distance(UnixSeconds time, UnixSeconds now) =>
        time >= now ? $"in {Duration(time.Value - now.Value)}" : $"{Duration(now.Value - time.Value)} ago";

    private static string Duration(long seconds) => seconds switch
    {
        < 60 => $"{seconds} s",
        < 3600 => $"{seconds / 60} min {seconds % 60} s",
        < 86_400 => $"{seconds / 3600} h {seconds / 60 % 60} min",
        _ => $"{seconds / 86_400} d {seconds / 3600 % 24} h",
    };
}
