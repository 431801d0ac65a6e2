namespace Borderless.Tests.Properties;

public sealed class ContentHeadersLaws
{
    private static bool IsVisible(char c) => c is '\t' || (c >= 0x20 && c <= 0x7e);

    [Property(MaxTest = 300)]
    public Property Clean_values_are_kept_byte_for_byte_and_others_are_refused(Hostile type, Hostile disposition)
    {
        var bad = type.Text.Any(c => !IsVisible(c)) ? "content-type" : disposition.Text.Any(c => !IsVisible(c)) ? "content-disposition" : "";
        return ContentHeaders.Read(type.Text, disposition.Text).Match(
                Right: kept => bad.Length == 0 && kept.Type.IfNone("") == type.Text && kept.Disposition.IfNone("") == disposition.Text,
                Left: error => error is StoreError.InvalidHeader refused && refused.Header == bad)
            .Classify(bad.Length == 0, "clean")
            .Classify(bad == "content-disposition", "bad disposition only");
    }

    [Property(MaxTest = 300)]
    public Property An_override_is_kept_as_a_header_is_unless_a_space_or_tab_stands_at_an_end(Hostile value, bool before, bool after)
    {
        var text = $"{(before ? "\t" : "")}{value.Text}{(after ? " " : "")}";
        var bare = text.Length == 0 || (text[0] is not (' ' or '\t') && text[^1] is not (' ' or '\t'));
        var kept = ContentHeaders.Read(text, text).IsRight && bare;
        return (ContentHeaders.ReadOverrides(text, null).IsRight == kept && ContentHeaders.ReadOverrides(null, text).IsRight == kept)
            .Classify(kept, "kept")
            .Classify(!bare, "padded");
    }

    [Property]
    public bool One_character_decides(char c, int at)
    {
        var text = "text/plain; charset=utf-8".WithOneChanged(at, c);
        return ContentHeaders.Read(text, null).IsRight == text.All(IsVisible) && ContentHeaders.Read(null, text).IsRight == text.All(IsVisible);
    }

    [Theory]
    [InlineData('\u001f', false)]
    [InlineData(' ', true)]
    [InlineData('~', true)]
    [InlineData('\u007f', false)]
    [InlineData('\u0080', false)]
    [InlineData('\t', true)]
    [InlineData('\n', false)]
    [InlineData('\r', false)]
    [InlineData('\0', false)]
    public void The_bounds_are_as_documented(char c, bool kept) => Assert.Equal(kept, ContentHeaders.Read($"a{c}", $"b{c}").IsRight);

    [Fact]
    public void A_refusal_says_what_it_came_in_and_how_a_name_is_written()
    {
        Assert.Equal("the header content-type may hold visible ASCII characters, spaces and tabs only", ContentHeaders.Read("é", null).Message());
        Assert.StartsWith("the header content-disposition ", ContentHeaders.Read(null, "é").Message(), StringComparison.Ordinal);
        Assert.StartsWith("the field response_content_type ", ContentHeaders.ReadOverrides("é", null).Message(), StringComparison.Ordinal);
        Assert.StartsWith("the field response_content_disposition ", ContentHeaders.ReadOverrides(null, "é").Message(), StringComparison.Ordinal);
        Assert.All(
            [ContentHeaders.Read(null, "é"), ContentHeaders.ReadOverrides(null, "é")],
            refused => Assert.EndsWith("filename*=UTF-8''<percent-encoded UTF-8> (RFC 8187)", refused.Message(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ContentHeaders.MaxLength, true)]
    [InlineData(ContentHeaders.MaxLength + 1, false)]
    public void A_value_has_a_longest_length_wherever_it_stands(int length, bool kept)
    {
        var value = new string('a', length);

        Assert.Equal(kept, ContentHeaders.Read(value, null).IsRight && ContentHeaders.Read(null, value).IsRight);
        Assert.Equal(kept, ContentHeaders.ReadOverrides(value, null).IsRight && ContentHeaders.ReadOverrides(null, value).IsRight);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_empty_header_is_an_absent_one(string? value)
    {
        var kept = ContentHeaders.Read(value, value).RightOrThrow();
        Assert.True(kept.Type.IsNone && kept.Disposition.IsNone);
    }
}
