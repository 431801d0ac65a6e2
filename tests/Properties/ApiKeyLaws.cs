namespace Borderless.Tests.Properties;

public sealed class ApiKeyLaws
{
    [Property]
    public bool A_key_opens_its_own_lock_with_the_scheme_in_any_case(Secret key) =>
        Seq("Bearer", "bearer", "BEARER", "bEaReR").ForAll(scheme =>
            Seq(" ", "  ").ForAll(gap => ApiKey.FromText(key.Text).Check($"{scheme}{gap}{key.Text}").Code() == "ok"));

    [Property]
    public bool One_changed_character_is_another_key(Secret key, int at) =>
        Seq(key.Text.WithOneChanged(at, 'x'), $"{key.Text}x", key.Text[..^1], key.Text[1..], "").ForAll(other =>
            ApiKey.FromText(key.Text).Check($"Bearer {other}").Code() == "invalid_api_key");

    [Property(MaxTest = 500)]
    public Property No_header_makes_it_throw_and_no_foreign_text_opens(Secret key, Hostile header) =>
        Seq(header.Text, $"Bearer {header.Text}", $"{header.Text} {key.Text}").ForAll(text =>
            ApiKey.FromText(key.Text).Check(text).Code()
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
        Assert.Equal("missing_api_key", ApiKey.FromText("s3cret").Check(header).Code());

    [Property]
    public bool It_never_shows_itself(Secret key)
    {
        var (made, right, wrong) = (ApiKey.FromText(key.Text), $"Bearer {key.Text}", $"Bearer x{key.Text}");
        return Seq($"{made}", $"{made.Check(right)}", $"{made.Check(wrong)}", made.Check(wrong).Message()).ForAll(
            text => !text.Contains(key.Text, StringComparison.Ordinal));
    }
}
