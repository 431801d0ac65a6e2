using System.Text.Json;

namespace Borderless.Core;

/// <summary>A request for a pre-signed URL, checked.</summary>
/// <param name="Action">What the URL shall permit.</param>
/// <param name="Blob">On which blob; None only for <see cref="BlobAction.Upload"/>, whose blob then gets a new id.</param>
/// <param name="Bucket">Where; None means the default bucket through <c>/upload/…</c> and <c>/files/…</c>.</param>
/// <param name="ExpiresIn">For how many seconds, at least 1; None means <see cref="DefaultExpiry"/>.</param>
public sealed record PresignRequest(BlobAction Action, Option<BlobId> Blob, Option<BucketName> Bucket, Option<long> ExpiresIn)
{
    /// <summary>For a download: content headers that take the place of the blob's own.</summary>
    public ContentHeaders Overrides { get; init; } = ContentHeaders.None;

    /// <summary>What the URL demands of its use. Each name stands once; <see cref="Rule.Once"/> is asked for by <see cref="Once"/>.</summary>
    public Seq<Rule> Rules { get; init; }

    /// <summary>Whether the URL stores once.</summary>
    public bool Once { get; init; }

    /// <summary>The validity of a URL in seconds when the request names none.</summary>
    public const long DefaultExpiry = 900;

    private static readonly Seq<string> Fields =
        Seq("action", "blob_id", "bucket", "expires_in", "response_content_type", "response_content_disposition") + Rule.Names;

    private static readonly Seq<string> NumberRules = Seq("min_size", "max_size", "not_before");
    private static readonly Seq<string> TextRules = Seq("content_type", "sha256", "client_ip", "chunks");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>Reads a JSON object (RFC 8259): <c>action</c>, and optionally <c>blob_id</c>, <c>bucket</c>, <c>expires_in</c>, for a
    /// download <c>response_content_type</c> and <c>response_content_disposition</c>, and the rules (<see cref="Rule.Names"/>): numbers
    /// <c>min_size</c>, <c>max_size</c> and <c>not_before</c>, texts <c>content_type</c>, <c>sha256</c>, <c>client_ip</c> and <c>chunks</c>,
    /// and <c>once</c>, true or false.</summary>
    /// <returns>
    /// The request, or <see cref="StoreError.InvalidJson"/>, <see cref="StoreError.UnknownAction"/>,
    /// <see cref="StoreError.InvalidBlobId"/>, <see cref="StoreError.InvalidBucket"/>, <see cref="StoreError.MissingBlobId"/>,
    /// <see cref="StoreError.InvalidHeader"/>, <see cref="StoreError.InvalidRule"/>.
    /// </returns>
    public static Either<StoreError, PresignRequest> Parse(ReadOnlyMemory<byte> json) =>
        json.IsEmpty ? Invalid("the body is empty; send a JSON object such as {\"action\":\"upload\"}") : ParseText(json);

    private static Either<StoreError, PresignRequest> ParseText(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return FromObject(document.RootElement);
        }
        catch (JsonException error)
        {
            return Invalid(error.LineNumber is { } line
                ? $"the body is not valid JSON at line {line + 1}, byte {error.BytePositionInLine + 1}"
                : "the body names a field twice");
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate or a stray byte in a field's name: JSON by its grammar, but no text.
            return Invalid("the name of a field is not well-formed Unicode");
        }
    }

    private static Either<StoreError, PresignRequest> FromObject(JsonElement root) =>
        from isObject in Pipeline.Require(
            root.ValueKind == JsonValueKind.Object, () => new StoreError.InvalidJson("the body must be a JSON object"))
        from known in KnownFields(root)
        from action in TextField(root, "action").Bind(ActionOf)
        from blob in TextField(root, "blob_id").Bind(text => text.Map(BlobId.Parse).Sequence())
        from bucket in TextField(root, "bucket").Bind(text => text.Map(BucketName.Parse).Sequence())
        from expiresIn in SecondsField(root, "expires_in")
        from named in Pipeline.Require(
            blob.IsSome || action == BlobAction.Upload, () => new StoreError.MissingBlobId(NameOf(action)))
        from overrides in OverridesOf(root, action)
        from rules in RulesOf(root)
        from once in FlagField(root, "once")
        from fitting in PresignRules.Fit(action, rules)
        from storing in Pipeline.Require(
            !once || action is BlobAction.Upload or BlobAction.Update, () => new StoreError.InvalidRule("once", $"does not fit the action {NameOf(action)}"))
        select new PresignRequest(action, blob, bucket, expiresIn) { Overrides = overrides, Rules = rules, Once = once };

    private static Either<StoreError, Seq<Rule>> RulesOf(JsonElement root) =>
        from numbers in NumberRules.Map(name => NumberField(root, name).Bind(text => ReadRule(name, text))).Sequence()
        from texts in TextRules.Map(name => TextField(root, name).Bind(text => ReadRule(name, text))).Sequence()
        select numbers.Somes().ToSeq() + texts.Somes().ToSeq();

    private static Either<StoreError, Option<Rule>> ReadRule(string name, Option<string> text) =>
        text.Match(Some: value => Rule.Read(name, value), None: () => Option<Rule>.None);

    private static Either<StoreError, ContentHeaders> OverridesOf(JsonElement root, BlobAction action) =>
        from type in TextField(root, "response_content_type")
        from disposition in TextField(root, "response_content_disposition")
        from fitting in Pipeline.Require(
            action == BlobAction.Download || (type.IsNone && disposition.IsNone),
            () => new StoreError.InvalidJson("the fields response_content_type and response_content_disposition fit the action download only"))
        from overrides in ContentHeaders.ReadOverrides(OrNull(type), OrNull(disposition))
        select overrides;

    private static string? OrNull(Option<string> text) => text.MatchUnsafe(value => value, () => null);

    /// <summary>The action's name on the wire.</summary>
    public static string NameOf(BlobAction action) => action switch
    {
        BlobAction.Upload => "upload",
        BlobAction.Update => "update",
        BlobAction.Download => "download",
        BlobAction.Delete => "delete",
        BlobAction.Status => "status",
    };

    private static Either<StoreError, BlobAction> ActionOf(Option<string> name) => name.Case switch
    {
        "upload" => BlobAction.Upload,
        "update" => BlobAction.Update,
        "download" => BlobAction.Download,
        "delete" => BlobAction.Delete,
        "status" => BlobAction.Status,
        null => new StoreError.InvalidJson("the field action is missing"),
        _ => new StoreError.UnknownAction(),
    };

    private static Either<StoreError, Unit> KnownFields(JsonElement root) =>
        root.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => !Fields.Contains(name)) is { } unknown
            ? new StoreError.InvalidJson($"the field {Shorten(unknown)} is not known; "
                + Nearest.To(unknown, Fields).Match(Some: nearest => $"the nearest known field is {nearest}", None: () => $"the fields are {string.Join(", ", Fields)}"))
            : unit;

    private static Either<StoreError, Option<string>> TextField(JsonElement root, string name) =>
        (root.TryGetProperty(name, out var value), value.ValueKind) switch
        {
            (false, _) or (true, JsonValueKind.Null) => Option<string>.None,
            (true, JsonValueKind.String) => Text(value).ToEither<StoreError>(
                () => new StoreError.InvalidJson($"the field {name} is not well-formed Unicode")).Map(Some),
            _ => new StoreError.InvalidJson($"the field {name} must be a string"),
        };

    /// <summary>A lone surrogate escape is JSON by its grammar, but no text.</summary>
    private static Option<string> Text(JsonElement value)
    {
        try
        {
            return Optional(value.GetString());
        }
        catch (InvalidOperationException)
        {
            return None;
        }
    }

    /// <summary>The digits of a whole number; what it may be is the rule's to say.</summary>
    private static Either<StoreError, Option<string>> NumberField(JsonElement root, string name) =>
        (root.TryGetProperty(name, out var value), value.ValueKind) switch
        {
            (false, _) or (true, JsonValueKind.Null) => Option<string>.None,
            (true, JsonValueKind.Number) when value.GetRawText() is var digits && digits.All(char.IsAsciiDigit) => Some(digits),
            _ => new StoreError.InvalidJson($"the field {name} must be a whole number"),
        };

    private static Either<StoreError, bool> FlagField(JsonElement root, string name) =>
        (root.TryGetProperty(name, out var value), value.ValueKind) switch
        {
            (false, _) or (true, JsonValueKind.Null or JsonValueKind.False) => false,
            (true, JsonValueKind.True) => true,
            _ => new StoreError.InvalidJson($"the field {name} must be true or false"),
        };

    private static Either<StoreError, Option<long>> SecondsField(JsonElement root, string name) =>
        (root.TryGetProperty(name, out var value), value.ValueKind) switch
        {
            (false, _) or (true, JsonValueKind.Null) => Option<long>.None,
            (true, JsonValueKind.Number) when Seconds(value.GetRawText()) is { IsSome: true } seconds => seconds,
            _ => new StoreError.InvalidJson($"the field {name} must be a positive integer of seconds"),
        };

    /// <summary>Integers beyond 18 digits are cut, as every long wish is.</summary>
    private static Option<long> Seconds(string digits) =>
        !digits.All(char.IsAsciiDigit) || digits == "0"
            ? None
            : digits.Length > 18 ? long.MaxValue : long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);

    private static string Shorten(string name) =>
        new([.. name.Take(40).Select(c => c is >= ' ' and <= '~' ? c : '?')]);

    private static Either<StoreError, PresignRequest> Invalid(string detail) => new StoreError.InvalidJson(detail);
}
