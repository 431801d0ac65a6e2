using System.Globalization;

namespace Borderless.Core;

/// <summary>Makes <see cref="AccessSettings"/> of raw values: which keys there are.</summary>
internal static class AccessReader
{
    /// <summary>The shortest secret, in bytes, of a store that others can reach: 128 bits.</summary>
    private const int LeastBytes = 16;

    public static Validation<SettingProblem, AccessSettings> Read(Layers raw, UnixSeconds now, string randomSecret) =>
        (
            Unread(raw),
            ApiKeysOf(raw, Least(raw)),
            SigningKeysOf(raw, Least(raw), now, randomSecret),
            ReceiptKeysOf(raw),
            raw.Integer("max_expiry_secs", 86_400, 1, SettingsReader.Forever))
        .Apply((_, apiKeys, signingKeys, receipts, maxExpiry) => new AccessSettings(apiKeys, signingKeys, receipts.Signer, receipts.Published, maxExpiry));

    private static Validation<SettingProblem, (Option<ReceiptSigner> Signer, ReceiptKeys Published)> ReceiptKeysOf(Layers raw) =>
        raw.Find("receipt_key").Match(
            Some: setting => (
                    from signer in ReceiptSigner.FromPem(setting.Text)
                    from published in ReceiptKeys.FromPem(setting.Text)
                    select (Some(signer), published))
                .ToValidation().MapFail(problem => raw.Problem("receipt_key", problem.Detail)),
            None: () => Success<SettingProblem, (Option<ReceiptSigner>, ReceiptKeys)>((None, ReceiptKeys.None)));

    public static Seq<string> Warnings(Layers raw, UnixSeconds now, KeyRing keys) =>
        raw.Has("presign_hmac_secret") || raw.Has("signing_keys")
            ? EndOf(now, keys)
            : Seq1("presign_hmac_secret is not set: a random one is used, and URLs end with this process");

    /// <summary>When the key that signs now will not any more, and what then.</summary>
    private static Seq<string> EndOf(UnixSeconds now, KeyRing keys) =>
        from signer in keys.Signer(now).ToSeq()
        where signer.Until != NamedKey.NoEnd
        select $"signing_keys: {signer.Id} signs up to and including {Day(signer.Until)} (UTC); " + keys.Signer(signer.Until.Plus(1)).Match(
            Right: next => next.Id.Length == 0 ? "then presign_hmac_secret does" : $"then {next.Id} does",
            Left: _ => "then no URL can be minted, so add a key before");

    private static string Day(UnixSeconds at) =>
        DateTimeOffset.FromUnixTimeSeconds(at.Value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>While domain and address are none, nobody can say whether secrets are long enough for them.</summary>
    private static int Least(Layers raw) =>
        raw.Find("domain").Bind(domain => Origin.Parse(domain.Text)).Exists(origin => !origin.IsLoopback)
        || raw.Find("ip_addr").Bind(at => SettingTexts.ListenAddressOf(at.Text)).Exists(at => !at.IsLocal)
            ? LeastBytes
            : 0;

    /// <summary>Whoever gives raw values reads the files, for nothing here does; a secret that was not read must not pass for one that was not set.</summary>
    private static Validation<SettingProblem, Unit> Unread(Layers raw) =>
        SettingKey.Secrets.Map(key => key + SettingKey.FileSuffix).Filter(raw.Has).Map(key => raw.Problem(key, "names a file that was not read")) is { IsEmpty: false } problems
            ? Fail<SettingProblem, Unit>(problems)
            : unit;

    private static Validation<SettingProblem, ApiKeys> ApiKeysOf(Layers raw, int least) =>
        (DefaultApiKey(raw, least), raw.List("api_keys", text => KeyLists.ApiKeys(text, least)))
            .Apply((one, listed) => one + listed)
            .Bind(all => KeyLists.Distinct(all).MapFail(problem => raw.Problem("api_keys", problem)))
            .Map(all => ApiKeys.Of(all.ToArray()));

    /// <summary>The key without a list; needed where there is no list.</summary>
    private static Validation<SettingProblem, Seq<ApiKey>> DefaultApiKey(Layers raw, int least) =>
        raw.Has("api_keys") && !raw.Has("presign_api_key")
            ? Success<SettingProblem, Seq<ApiKey>>(Empty)
            : raw.Required("presign_api_key", SettingTexts.NonEmpty, "must be text that is not empty; openssl rand -hex 32 makes one")
                .Bind(_ => raw.Required("presign_api_key", SettingTexts.VisibleText, "must be visible ASCII characters, for it travels in a header"))
                .Bind(text => Strong(raw, "presign_api_key", text, least))
                .Map(text => Seq1(ApiKey.FromText(ApiKey.DefaultName, text, KeyScopes.Everything)));

    /// <summary>The named keys in their order and the default key last, so that it verifies old URLs and signs only when all others have ended.</summary>
    private static Validation<SettingProblem, KeyRing> SigningKeysOf(Layers raw, int least, UnixSeconds now, string randomSecret) =>
        (raw.List("signing_keys", text => KeyLists.SigningKeys(text, least)), DefaultSigningKey(raw, least, randomSecret))
            .Apply((listed, one) => KeyRing.Of([.. listed, .. one]))
            .Bind(ring => ring.Signer(now).IsRight
                ? Success<SettingProblem, KeyRing>(ring)
                : Fail<SettingProblem, KeyRing>(raw.Problem("signing_keys", "every key has ended; put one that has not before them, as kid:secret")));

    /// <summary>The signing keys that are set, however short they are; a random one, which only its server knows, is none.</summary>
    public static Validation<SettingProblem, KeyRing> SetSigningKeys(Layers raw, UnixSeconds now) =>
        raw.Has("presign_hmac_secret") || raw.Has("signing_keys")
            ? SigningKeysOf(raw, 0, now, "")
            : Fail<SettingProblem, KeyRing>(raw.Problem("presign_hmac_secret", "is needed, or signing_keys: without a key no signature can be judged"));

    private static Validation<SettingProblem, Seq<NamedKey>> DefaultSigningKey(Layers raw, int least, string randomSecret) =>
        raw.Has("presign_hmac_secret")
            ? raw.Required("presign_hmac_secret", SettingTexts.NonEmpty, "must not be empty")
                .Bind(text => Strong(raw, "presign_hmac_secret", text, least))
                .Map(text => Seq1(NamedKey.Default(SigningKey.FromSecret(text))))
            : Success<SettingProblem, Seq<NamedKey>>(
                raw.Has("signing_keys") ? Empty : Seq1(NamedKey.Default(SigningKey.FromSecret(randomSecret))));

    private static Validation<SettingProblem, string> Strong(Layers raw, string key, string text, int least) =>
        KeyLists.Weakness(text, least).Match(
            Some: problem => Fail<SettingProblem, string>(raw.Problem(key, problem)),
            None: () => Success<SettingProblem, string>(text));
}
