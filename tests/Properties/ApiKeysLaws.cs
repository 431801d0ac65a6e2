namespace Borderless.Tests.Properties;

public sealed class ApiKeysLaws
{
    private static readonly Seq<BucketName> Known = Seq("photos", "docs", "default").Map(name => BucketName.Parse(name).RightOrThrow());

    private static ApiKey Named(string name, string text) => ApiKey.FromText(name, text, KeyScopes.Everything);

    [Property]
    public bool A_key_opens_its_own_lock_with_the_scheme_in_any_case(Secret key) =>
        Seq("Bearer", "bearer", "BEARER", "bEaReR").ForAll(scheme =>
            Seq(" ", "  ").ForAll(gap => ApiKeys.OfKey(key.Text).Check($"{scheme}{gap}{key.Text}").Code() == "ok"));

    [Property]
    public bool One_changed_character_is_another_key(Secret key, int at) =>
        Seq(key.Text.WithOneChanged(at, 'x'), $"{key.Text}x", key.Text[..^1], key.Text[1..], "").ForAll(other =>
            ApiKeys.OfKey(key.Text).Check($"Bearer {other}").Code() == "invalid_api_key");

    [Property]
    public bool Of_many_keys_each_opens_wherever_it_stands_and_is_the_one_that_is_found(NonEmptyArray<Secret> secrets)
    {
        var texts = secrets.Get.Select(secret => secret.Text).Distinct().ToArray();
        var keys = ApiKeys.Of(texts.Select((text, at) => Named($"key-{at}", text)).ToArray());
        return texts.Select((text, at) => keys.Check($"Bearer {text}").Match(Right: key => key.Name == $"key-{at}", Left: _ => false)).All(found => found)
            && keys.Check($"Bearer {texts[0]}{texts[^1]}").Code() == "invalid_api_key";
    }

    [Fact]
    public void No_keys_open_to_nobody() => Assert.Equal("invalid_api_key", ApiKeys.Of().Check("Bearer ").Code());

    [Property(MaxTest = 500)]
    public Property No_header_makes_it_throw_and_no_foreign_text_opens(Secret key, Hostile header) =>
        Seq(header.Text, $"Bearer {header.Text}", $"{header.Text} {key.Text}").ForAll(text =>
            ApiKeys.OfKey(key.Text).Check(text).Code()
                == (text.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase) ? "invalid_api_key" : "missing_api_key"))
        .Classify(header.Text.Length == 0, "empty");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("s3cret")]
    [InlineData("Basic s3cret")]
    [InlineData(" Bearer s3cret")]
    [InlineData("Bearer\ts3cret")]
    public void Without_the_scheme_there_is_no_key(string? header) =>
        Assert.Equal("missing_api_key", ApiKeys.OfKey("s3cret").Check(header).Code());

    [Property]
    public bool It_never_shows_itself(Secret key)
    {
        var (made, right, wrong) = (ApiKeys.OfKey(key.Text), $"Bearer {key.Text}", $"Bearer x{key.Text}");
        return Seq($"{made}", $"{made.All}", $"{made.Check(right)}", $"{made.Check(wrong)}", made.Check(wrong).Message()).ForAll(
            text => !text.Contains(key.Text, StringComparison.Ordinal));
    }

    /// <summary>The scopes said as a table: what each word gives, and what a list of buckets takes.</summary>
    [Property]
    public Property What_a_key_may_is_what_its_scopes_say(bool presign, bool admin, bool[] limited)
    {
        var buckets = toSeq(Known.Where((_, at) => at < limited.Length && limited[at]).ToArray());
        var key = ApiKey.FromText("name", "text", new KeyScopes(presign, admin, buckets));
        var bucketsAlone = !presign && !admin && buckets.Count > 0;
        return Known.ForAll(bucket =>
            {
                var reached = buckets.Count == 0 || buckets.Map(name => name.Value).Contains(bucket.Value);
                return key.MayMint(bucket) == (reached && (presign || bucketsAlone))
                    && key.MaySee(bucket) == (reached && (admin || bucketsAlone))
                    && key.MayRevoke(bucket) == (reached && (admin || bucketsAlone))
                    && key.MayDelete(bucket) == (reached && admin);
            })
            .And(key.MaySeeAll == (admin && buckets.Count == 0))
            .And(key.MayMintSomewhere == (presign || bucketsAlone))
            .Classify(bucketsAlone, "buckets alone").Classify(buckets.Count == 0, "everywhere");
    }

    [Property]
    public Property A_limit_never_permits_more(bool presign, bool admin, int which)
    {
        var bucket = Known[(int)((uint)which % 3)];
        var (wide, narrow) = (
            ApiKey.FromText("wide", "a", new KeyScopes(presign, admin, Empty)), ApiKey.FromText("narrow", "b", new KeyScopes(presign, admin, Seq1(bucket))));
        return (Known.ForAll(other =>
                (!narrow.MayMint(other) || wide.MayMint(other)) && (!narrow.MaySee(other) || wide.MaySee(other)) && (!narrow.MayDelete(other) || wide.MayDelete(other)))
            && !narrow.MaySeeAll).When(presign || admin);
    }
}
