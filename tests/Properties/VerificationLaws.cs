using System.Text.RegularExpressions;

namespace Borderless.Tests.Properties;

public sealed class VerificationLaws
{
    private static readonly Seq<string> All = Seq(
        "ok", "no_such_route", "invalid_bucket", "method_not_allowed", "invalid_blob_id", "missing_signature", "invalid_signature", "link_revoked",
        "link_expired", "link_not_yet_valid", "client_not_allowed", "unknown_parameter", "invalid_rule", "invalid_header");

    private static string WithUpperEscapes(string text) => Regex.Replace(text, "%[0-9A-Fa-f]{2}", escape => escape.Value.ToUpperInvariant());

    [Property(MaxTest = 500)]
    public Property What_is_signed_verifies_with_every_combination_of_rules_key_epoch_and_levels(RuledUrl url, Use use)
    {
        var grant = url.Open(use.At with { Epoch = url.Epoch }, url.Target);
        return (grant.Match(
                Right: one => one.Rules.All == url.AllRules && one.SignedUntil.Value == url.Expires && one.Action == url.Action,
                Left: error => error.Code is "link_expired" or "link_not_yet_valid" or "client_not_allowed"))
            .Classify(grant.IsRight, "granted").Classify(url.AllRules.Count > 4, "many rules").Classify(url.Kid.Length > 0 && url.Epoch > 0, "key and epoch");
    }

    [Property(MaxTest = 40)]
    public Property Every_changed_character_of_the_target_refuses(RuledUrl url, char any)
    {
        var target = url.Target;
        return Enumerable.Range(0, target.Length)
            .SelectMany(at => Seq(any, '0', 'a', '~', '&').Map(c => target.WithOneChanged(at, c)))
            .Append(target + any).Append(target[..^1])
            .Where(changed => WithUpperEscapes(changed) != WithUpperEscapes(target))
            .All(changed => !url.Open(default, changed).WasSigned())
            .Classify(!url.Levels.IsEmpty, "narrowed");
    }

    [Property(MaxTest = 200)]
    public Property Another_key_or_method_refuses(RuledUrl url, int at)
    {
        var other = url with { Secret = url.Secret.Length == 0 ? "x" : url.Secret.WithOneChanged(at, 'x') };
        var methods = Seq("GET", "HEAD", "POST", "PUT", "DELETE").Filter(method =>
            Link.Read(method, url.Target).Bind(link => Presign.Verify(url.Ring, default, link)).WasSigned());
        return (!other.Open(default, url.Target).WasSigned()
                && !(url with { Kid = url.Kid + "x" }).Open(default, url.Target).WasSigned()
                && methods == (url.Method == "GET" ? Seq("GET", "HEAD") : Seq1(url.Method)))
            .Classify(!url.Levels.IsEmpty, "narrowed");
    }

    /// <summary>A query of hostile values under a signature that fits, so that nothing but verification stands between them and a grant.</summary>
    [Property(MaxTest = 1000)]
    public Property Verification_never_throws(RuledUrl url, Hostile value, Hostile raw, Use use, int which)
    {
        var name = (Rule.Names + Seq("kid", "epoch", "narrow", "response_content_type", "response_content_disposition"))[(int)((uint)which % 13)];
        var signed = url.Claim with { Parameters = url.Claim.Parameters.Filter(p => p.Name != name).Add(new SignedParameter(name, value.Text)) };
        var targets = Seq(
            Presign.UrlOf(SigningKey.FromSecret(url.Secret), "", signed), NarrowingLaws.Written(url, Narrowed(value.Text)),
            NarrowingLaws.Written(url, [.. url.Levels.Map(level => level.Text), value.Text]), $"{url.Target}&{name}={raw.Text}",
            url.Target.Replace("sig=", $"{name}={raw.Text}&sig=", StringComparison.Ordinal), url.Target.WithOneChanged(which, raw.Text.FirstOrDefault('~')));
        var codes = targets.Map(target => url.Open(use.At, target).Code());
        var narrowed = targets.Map(target => Narrowing.Narrow(target, new Rule.MaxSize(1)).Code()).Add(Narrowing.Narrow(raw.Text, new Rule.MaxSize(1)).Code());
        return (codes.ForAll(All.AsEnumerable().Contains) && narrowed.ForAll(code => code is "ok" or "invalid_rule" or "missing_signature" or "invalid_signature"))
            .Classify(codes.Exists(code => code is "invalid_rule" or "invalid_header"), "right signature, wrong rule");
    }

    private static string[] Narrowed(string text) => [.. text.Split('~').Take(Narrowing.MaxLevels)];

    /// <summary>Once path and method are right, whoever has no signature is told that and nothing else, whatever else is wrong.</summary>
    [Property(MaxTest = 1000)]
    public Property An_unsigned_url_is_told_nothing_but_that(RuledUrl url, Use use, Words odd, int which)
    {
        var name = (Rule.Names + Seq("kid", "epoch", "mystery", "response_content_type"))[(int)((uint)which % 12)];
        var forged = url with
        {
            Secret = url.Secret + "x",
            Levels = Empty,
        };
        var claim = forged.Claim with { Parameters = forged.Claim.Parameters.Filter(p => p.Name != name).Add(new SignedParameter(name, odd.Text)) };
        var targets = Seq(
            forged.Target, forged.Narrowed(url.Levels), Presign.UrlOf(SigningKey.FromSecret(forged.Secret), "", claim),
            NarrowingLaws.Written(forged, ["mystery=1"]), NarrowingLaws.Written(forged, [odd.Text]), Without(url.Target, "sig"), Without(url.Target, "expires"),
            url.Target + "&a=1", url.Target + "&a=%", url.Target + "&sig=1", url.Claim.Path, $"{url.Claim.Path}?{name}={Uri.EscapeDataString(odd.Text)}");
        var codes = targets.Map(target => url.Open(use.At with { Epoch = use.At.Epoch + 1 }, target).Code());
        return codes.ForAll(code => code is "missing_signature" or "invalid_signature")
            .Classify(codes.Exists(code => code == "invalid_signature"), "wrong").Classify(codes.Exists(code => code == "missing_signature"), "none");
    }

    private static string Without(string target, string name) =>
        $"{target.Split('?')[0]}?{string.Join('&', target.Split('?')[1].Split('&').Where(pair => !pair.StartsWith($"{name}=", StringComparison.Ordinal)))}";
}
